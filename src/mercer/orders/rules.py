"""What orders may do, and what opens them."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from mercer.orders.errors import NoteInvalid, OrderStatusConflict, ReasonInvalid
from mercer.orders.models import FulfilmentStatus, OrderStatus, TokenKey, TransitionCause
from mercer.payments.models import PaymentStatus

FIRST_NUMBER = 1001
UNPAID_FOR = timedelta(hours=1)
"""How long goods are set aside for an order that is not paid."""

CLAIMED_FOR = timedelta(minutes=10)
"""How long whoever cancels an order that was not paid is left to it."""

LONGEST_REASON = 500
LONGEST_NOTE = 2000
_MAC_BYTES = 16
_ID_BYTES = 16
_TOKEN_LENGTH = 2 * (_ID_BYTES + _MAC_BYTES)

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
        raise OrderStatusConflict(status=before.value)


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


def prefix_of(channel_code: str) -> str:
    """What the numbers of a channel's orders begin with: `US-`."""
    return f"{channel_code.upper()}-"


def order_token(order_id: UUID, key: TokenKey) -> str:
    """What opens an order without signing in: its id and a signature, in hexadecimal.

    The signature is NMAC with SHA-256 (Bellare, Canetti, Krawczyk 1996), half of it; PostgreSQL computes the same.
    """
    return (order_id.bytes + _signature(order_id.bytes, key)).hex()


def order_of_token(token: str, keys: Sequence[TokenKey]) -> UUID | None:
    """The order that a token opens. None if none of the keys signed it."""
    if len(token) != _TOKEN_LENGTH or not token.isascii():
        return None
    try:
        shown = bytes.fromhex(token)
    except ValueError:
        return None
    order_id, signature = shown[:_ID_BYTES], shown[_ID_BYTES:]
    # All are compared, so that the time tells nothing of which one it was.
    matches = [hmac.compare_digest(signature, _signature(order_id, key)) for key in keys]
    return UUID(bytes=order_id) if any(matches) else None


def _signature(message: bytes, key: TokenKey) -> bytes:
    inner = hashlib.sha256(key.inner + message).digest()
    return hashlib.sha256(key.outer + inner).digest()[:_MAC_BYTES]


def check_reason(reason: str) -> str:
    """The reason without spaces around it. Raises `ReasonInvalid`."""
    reason = reason.strip()
    if not reason or not reason.isprintable() or len(reason) > LONGEST_REASON:
        raise ReasonInvalid
    return reason


def check_note(text: str) -> str:
    """The note without spaces around it. Raises `NoteInvalid`."""
    text = text.strip()
    unfit = any(unicodedata.category(each) in {"Cc", "Cs"} for each in text if each != "\n")
    if not text or len(text) > LONGEST_NOTE or unfit:
        raise NoteInvalid
    return text
