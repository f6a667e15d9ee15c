"""Which state may follow which."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from mercer.orders.errors import OrderStatusConflict
from mercer.orders.models import FulfilmentStatus, OrderStatus, TransitionCause
from mercer.payments.models import PaymentStatus

UNPAID_FOR = timedelta(hours=1)
"""How long goods are set aside for an order that is not paid."""

UNPAID_AT_MOST = timedelta(hours=24)
"""How long they are, however often somebody tries to pay it."""

CLAIMED_FOR = timedelta(minutes=10)
"""How long whoever cancels an order that was not paid is left to it."""

_S, _C = OrderStatus, TransitionCause
TRANSITIONS: Mapping[tuple[OrderStatus, OrderStatus], frozenset[TransitionCause]] = {
    (_S.DRAFT, _S.PENDING_PAYMENT): frozenset({_C.STAFF}),
    (_S.DRAFT, _S.CANCELLED): frozenset({_C.STAFF}),
    (_S.PENDING_PAYMENT, _S.OPEN): frozenset({_C.PAYMENT}),
    (_S.PENDING_PAYMENT, _S.CANCELLED): frozenset({_C.STAFF, _C.EXPIRY}),
    (_S.OPEN, _S.ON_HOLD): frozenset({_C.STAFF}),
    (_S.ON_HOLD, _S.OPEN): frozenset({_C.STAFF}),
    (_S.OPEN, _S.COMPLETED): frozenset({_C.FULFILMENT, _C.PAYMENT}),
    (_S.OPEN, _S.CANCELLED): frozenset({_C.STAFF}),
    (_S.ON_HOLD, _S.CANCELLED): frozenset({_C.STAFF}),
}
"""Which status may follow which, and by what. What is not here does not happen."""

SETTLED = frozenset({PaymentStatus.PAID, PaymentStatus.OVERPAID, PaymentStatus.PARTIALLY_REFUNDED})
"""Nothing is owed any more."""


def check_transition(before: OrderStatus, after: OrderStatus, *, by: TransitionCause) -> None:
    """Raise `OrderStatusConflict` if the status may not change so."""
    if by not in TRANSITIONS.get((before, after), frozenset()):
        raise OrderStatusConflict(status=before)


def status_after_payment(
    before: OrderStatus, *, is_covered: bool, payment: PaymentStatus, fulfilment: FulfilmentStatus
) -> OrderStatus:
    """The status once it is known where the payment stands. A cancelled order stays cancelled, whatever comes in."""
    if before is OrderStatus.PENDING_PAYMENT:
        return OrderStatus.OPEN if is_covered else before
    return status_after_shipping(before, payment=payment, fulfilment=fulfilment)


def status_after_shipping(before: OrderStatus, *, payment: PaymentStatus, fulfilment: FulfilmentStatus) -> OrderStatus:
    """An open order is complete once all of it is shipped and paid."""
    is_complete = fulfilment is FulfilmentStatus.FULFILLED and payment in SETTLED
    return OrderStatus.COMPLETED if before is OrderStatus.OPEN and is_complete else before


def fulfilment_of(lines: Iterable[tuple[int, int]]) -> FulfilmentStatus:
    """How much is shipped, of lines as pairs of their quantity and what is shipped of it."""
    pairs = list(lines)
    if all(shipped == quantity for quantity, shipped in pairs):
        return FulfilmentStatus.FULFILLED if pairs else FulfilmentStatus.NOT_REQUIRED
    return FulfilmentStatus.PARTIAL if any(shipped for _, shipped in pairs) else FulfilmentStatus.UNFULFILLED
