"""What the simulator does with a payment: by its token, its facts and the time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from mercer.simulator.errors import SimulatedRequestInvalid, SimulatedStateInvalid
from mercer.simulator.models import Behaviour, FactKind, NewFact, Order, Payment, Refusal

DELAY = timedelta(seconds=30)
"""How long what is in process stays so."""

PATIENCE = timedelta(minutes=30)
"""How long the buyer has to approve a payment."""

LATENESS = timedelta(minutes=10)
REORDERING = timedelta(seconds=2)

OTHER_CURRENCY = "XTS"
"""ISO 4217: for tests."""

MOST = 10**15
LONGEST = 2_000

OUTCOMES = frozenset(
    {
        Behaviour.OK,
        Behaviour.DECLINE,
        Behaviour.DECLINE_HARD,
        Behaviour.THREE_D_SECURE,
        Behaviour.DELAYED,
        Behaviour.DELAYED_DECLINE,
    }
)

INSUFFICIENT = Refusal(code="insufficient_funds", message="The card has insufficient funds.", is_retryable=True)
STOLEN = Refusal(code="stolen_card", message="The card was refused.", is_retryable=False)
NOT_APPROVED = Refusal(code="authentication_failed", message="The payment was not approved.", is_retryable=True)
TOKEN_UNKNOWN = Refusal(code="token_unknown", message="The simulator does not know this token.", is_retryable=True)
REFUND_REFUSED = Refusal(code="refund_refused", message="The card takes no money back.", is_retryable=False)


class Sums(NamedTuple):
    """A payment's money."""

    authorized: int
    captured: int
    refunded: int
    """What was given back, or is being given back."""


def parse_token(token: str) -> frozenset[Behaviour] | None:
    """What a token makes the simulator do. None if it does not know it, or it says two outcomes."""
    try:
        found = frozenset(Behaviour(word) for word in token.split("+"))
    except ValueError:
        return None
    return found if len(found & OUTCOMES) <= 1 else None


def check_order(order: Order) -> None:
    """Raise `SimulatedRequestInvalid`."""
    texts = [order.key, order.reference, order.label, order.token]
    if not all(0 < len(text) <= LONGEST and "\0" not in text for text in texts):
        raise SimulatedRequestInvalid
    if not (0 < order.amount <= MOST and len(order.currency) == 3 and order.currency.isascii()):  # noqa: PLR2004 — ISO
        raise SimulatedRequestInvalid
    address = order.return_url
    if address is not None and not (len(address) <= LONGEST and address.startswith(("http://", "https://"))):
        raise SimulatedRequestInvalid


def first_facts(order: Order, behaviours: frozenset[Behaviour] | None, *, now: datetime) -> list[NewFact]:
    """What happens to a payment at once."""
    if behaviours is None:
        return [_refused(order, TOKEN_UNKNOWN, now)]
    if Behaviour.DECLINE in behaviours:
        return [_refused(order, INSUFFICIENT, now)]
    if Behaviour.DECLINE_HARD in behaviours:
        return [_refused(order, STOLEN, now)]
    if Behaviour.THREE_D_SECURE in behaviours:
        return [_plain(FactKind.REQUIRES_ACTION, order, now)]
    if behaviours & {Behaviour.DELAYED, Behaviour.DELAYED_DECLINE}:
        return [_plain(FactKind.PROCESSING, order, now)]
    return success_facts(
        order.amount, order.currency, behaviours, is_captured_at_once=order.is_captured_at_once, now=now
    )


def success_facts(
    amount: int, currency: str, behaviours: frozenset[Behaviour], *, is_captured_at_once: bool, now: datetime
) -> list[NewFact]:
    """The money is there: authorised, and captured if it is to be."""
    amount += (Behaviour.AMOUNT_LIE_MORE in behaviours) - (Behaviour.AMOUNT_LIE in behaviours)
    currency = OTHER_CURRENCY if Behaviour.CURRENCY_LIE in behaviours else currency
    authorized = NewFact(kind=FactKind.AUTHORIZED, amount=amount, currency=currency, at=now)
    if not is_captured_at_once or Behaviour.AUTHORIZE_ONLY in behaviours:
        return [authorized]
    return [authorized, NewFact(kind=FactKind.CAPTURED, amount=amount, currency=currency, at=now)]


def due_facts(payment: Payment, *, now: datetime) -> list[NewFact]:
    """What has happened to a payment by now, and is not written yet."""
    found: list[NewFact] = []
    kinds = {fact.kind for fact in payment.facts}
    if payment.settles_at is not None and payment.settles_at <= now and kinds == {FactKind.PROCESSING}:
        if Behaviour.DELAYED_DECLINE in payment.behaviours:
            found.append(_fact(FactKind.DECLINED, payment, payment.settles_at, refusal=INSUFFICIENT))
        else:
            found += _success(payment, payment.settles_at)
    if payment.expires_at is not None and payment.expires_at <= now and kinds == {FactKind.REQUIRES_ACTION}:
        found.append(_fact(FactKind.EXPIRED, payment, payment.expires_at))
    return found + _due_refunds(payment, now)


def decide(payment: Payment, *, is_approved: bool, now: datetime) -> list[NewFact]:
    """What the buyer's word makes of a payment; nothing if nobody waits for it."""
    if {fact.kind for fact in payment.facts} != {FactKind.REQUIRES_ACTION}:
        return []
    return _success(payment, now) if is_approved else [_fact(FactKind.DECLINED, payment, now, refusal=NOT_APPROVED)]


def capture(payment: Payment, amount: int, *, now: datetime) -> list[NewFact]:
    """Take what is authorised, or a part. Raises `SimulatedStateInvalid`."""
    sums = sums_of(payment.facts)
    if not 0 < amount <= sums.authorized - sums.captured or is_over(payment):
        raise SimulatedStateInvalid
    return [_fact(FactKind.CAPTURED, payment, now, amount=amount)]


def void(payment: Payment, *, now: datetime) -> list[NewFact]:
    """Release what is authorised, or call off what is under way. Raises `SimulatedStateInvalid`."""
    sums = sums_of(payment.facts)
    is_open = sums.authorized > sums.captured or {fact.kind for fact in payment.facts} <= {
        FactKind.REQUIRES_ACTION,
        FactKind.PROCESSING,
    }
    if not is_open or is_over(payment):
        raise SimulatedStateInvalid
    return [_fact(FactKind.VOIDED, payment, now, amount=sums.authorized - sums.captured)]


def refund(payment: Payment, amount: int, currency: str, *, key: str, now: datetime) -> list[NewFact]:
    """Give money back. Raises `SimulatedStateInvalid`."""
    sums = sums_of(payment.facts)
    captured = [fact for fact in payment.facts if fact.kind is FactKind.CAPTURED]
    if not captured or not 0 < amount <= sums.captured - sums.refunded or captured[0].currency != currency:
        raise SimulatedStateInvalid
    kind, refusal = FactKind.REFUNDED, None
    if Behaviour.REFUND_FAILS in payment.behaviours:
        kind, refusal = FactKind.REFUND_FAILED, REFUND_REFUSED
    elif Behaviour.REFUND_PENDING in payment.behaviours:
        kind = FactKind.REFUND_PENDING
    return [NewFact(kind=kind, amount=amount, currency=currency, at=now, refund_key=key, refusal=refusal)]


def sums_of(facts: Iterable[NewFact]) -> Sums:
    """A payment's money by its facts."""
    facts = list(facts)
    decided = {fact.refund_key for fact in facts if fact.kind in {FactKind.REFUNDED, FactKind.REFUND_FAILED}}
    pending = [fact.amount for fact in facts if fact.kind is FactKind.REFUND_PENDING and fact.refund_key not in decided]
    return Sums(
        authorized=sum(fact.amount for fact in facts if fact.kind is FactKind.AUTHORIZED),
        captured=sum(fact.amount for fact in facts if fact.kind is FactKind.CAPTURED),
        refunded=sum(pending) + sum(fact.amount for fact in facts if fact.kind is FactKind.REFUNDED),
    )


def is_over(payment: Payment) -> bool:
    """Whether nothing can be captured any more."""
    ends = {FactKind.DECLINED, FactKind.VOIDED, FactKind.EXPIRED}
    return any(fact.kind in ends for fact in payment.facts)


def deliveries(behaviours: frozenset[Behaviour], count: int, *, now: datetime) -> list[tuple[int, datetime | None]]:
    """When each of so many facts is told, by its place: now, later, twice, or never."""
    if Behaviour.WEBHOOK_DROPPED in behaviours:
        return []
    times: list[tuple[int, datetime | None]] = [(place, None) for place in range(count)]
    if Behaviour.WEBHOOK_LATE in behaviours:
        times = [(place, now + LATENESS) for place in range(count)]
    if Behaviour.WEBHOOK_REORDERED in behaviours:
        times = [(place, (at or now) + REORDERING * (count - 1 - place)) for place, at in times]
    return times * 2 if Behaviour.WEBHOOK_TWICE in behaviours else times


def _due_refunds(payment: Payment, now: datetime) -> list[NewFact]:
    done = {fact.refund_key for fact in payment.facts if fact.kind is FactKind.REFUNDED}
    return [
        NewFact(
            kind=FactKind.REFUNDED,
            amount=fact.amount,
            currency=fact.currency,
            at=fact.at + DELAY,
            refund_key=fact.refund_key,
        )
        for fact in payment.facts
        if fact.kind is FactKind.REFUND_PENDING and fact.at + DELAY <= now and fact.refund_key not in done
    ]


def _success(payment: Payment, at: datetime) -> list[NewFact]:
    return success_facts(
        payment.amount,
        payment.currency,
        payment.behaviours,
        is_captured_at_once=payment.is_captured_at_once,
        now=at,
    )


def _plain(kind: FactKind, order: Order, now: datetime) -> NewFact:
    return NewFact(kind=kind, amount=order.amount, currency=order.currency, at=now)


def _refused(order: Order, refusal: Refusal, now: datetime) -> NewFact:
    return NewFact(kind=FactKind.DECLINED, amount=order.amount, currency=order.currency, at=now, refusal=refusal)


def _fact(
    kind: FactKind, payment: Payment, at: datetime, *, amount: int | None = None, refusal: Refusal | None = None
) -> NewFact:
    authorized = [fact for fact in payment.facts if fact.kind is FactKind.AUTHORIZED]
    currency = authorized[0].currency if authorized else payment.currency
    moved = payment.amount if amount is None else amount
    return NewFact(kind=kind, amount=moved, currency=currency, at=at, refusal=refusal)
