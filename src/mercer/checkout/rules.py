"""What a buyer is told of his payment, and what he must have agreed to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from mercer.cart.models import CartChange, CartChangeKind
from mercer.checkout.errors import CartChanged, ExpectedTotalInvalid
from mercer.checkout.models import Outcome, OutcomeKind
from mercer.payments.models import AttemptState, PaymentStanding
from mercer.values.currency import to_decimal, to_minor

ENDED = frozenset({AttemptState.FAILED, AttemptState.CANCELLED, AttemptState.EXPIRED, AttemptState.VOIDED})
"""Attempts that bring nothing any more."""

NOT_PAID = "The payment was not completed."
"""What is said of an attempt that ended without a reason."""


def outcome_of(standing: PaymentStanding) -> Outcome:
    """What the buyer is told of an order whose payment stands so."""
    told = Outcome(kind=OutcomeKind.ORDERED, order_id=standing.order_id)
    latest = standing.latest
    if standing.is_covered or standing.is_closed or latest is None:
        return told
    told = replace(told, attempt_id=latest.id)
    if latest.state is AttemptState.REQUIRES_ACTION:
        return replace(
            told,
            kind=OutcomeKind.ACTION_REQUIRED,
            redirect_url=latest.redirect_url,
            client_secret=latest.client_secret,
        )
    if latest.state in ENDED:
        decline = latest.decline
        return replace(
            told,
            kind=OutcomeKind.DECLINED,
            is_retryable=decline is None or decline.is_retryable,
            message=NOT_PAID if decline is None else decline.message,
        )
    return told


def charging_until(standing: PaymentStanding) -> datetime | None:
    """Until when somebody is expected to be calling the provider. None: nobody is."""
    latest = standing.latest
    if latest is None or latest.state is not AttemptState.CREATED or standing.is_covered or standing.is_closed:
        return None
    return latest.charging_until


def check_expected(expected: Decimal, *, total: int, currency: str, changes: Sequence[CartChange]) -> None:
    """Raise `CartChanged` if the total in minor units is not what was expected; `ExpectedTotalInvalid`."""
    agreed = to_minor(expected, currency)
    if agreed is None or agreed < 0:
        raise ExpectedTotalInvalid().at("expectedTotal")
    if agreed != total:
        asked = to_decimal(total, currency)
        of_parts = [each for each in changes if each.kind is not CartChangeKind.TOTAL]
        of_all = CartChange(kind=CartChangeKind.TOTAL, before=to_decimal(agreed, currency), after=asked)
        raise CartChanged(changes=(*of_parts, of_all))
