"""Orders decided on: which status follows which, and what opens an order."""

from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercer.orders.errors import NoteInvalid, OrderStatusConflict, ReasonInvalid
from mercer.orders.models import FulfilmentStatus, OrderStatus, TokenKey, TransitionCause
from mercer.orders.rules.names import order_of_token, order_token, prefix_of
from mercer.orders.rules.states import (
    TRANSITIONS,
    check_transition,
    fulfilment_of,
    status_after_payment,
    status_after_shipping,
)
from mercer.orders.rules.texts import check_note, check_reason
from mercer.payments.models import PaymentStatus

KEY = TokenKey(inner=bytes(range(32)), outer=bytes(range(32, 64)))
OTHER_KEY = TokenKey(inner=bytes(32), outer=bytes(32))
ORDER = UUID("019aa000-0000-7000-8000-000000000001")

ALLOWED = {
    ("draft", "pending_payment", "staff"),
    ("draft", "cancelled", "staff"),
    ("pending_payment", "open", "payment"),
    ("pending_payment", "cancelled", "staff"),
    ("pending_payment", "cancelled", "expiry"),
    ("open", "on_hold", "staff"),
    ("on_hold", "open", "staff"),
    ("open", "completed", "fulfilment"),
    ("open", "completed", "payment"),
    ("open", "cancelled", "staff"),
    ("on_hold", "cancelled", "staff"),
}


@pytest.mark.parametrize(("before", "after", "by"), [*product(OrderStatus, OrderStatus, TransitionCause)])
def test_every_transition(before: OrderStatus, after: OrderStatus, by: TransitionCause) -> None:
    if (before.value, after.value, by.value) in ALLOWED:
        check_transition(before, after, by=by)
    else:
        with pytest.raises(OrderStatusConflict) as raised:
            check_transition(before, after, by=by)
        assert raised.value.status is before


def test_nothing_leads_on_from_an_end() -> None:
    assert {before for before, _ in TRANSITIONS}.isdisjoint({OrderStatus.CANCELLED, OrderStatus.COMPLETED})


@pytest.mark.parametrize(
    ("before", "is_covered", "payment", "fulfilment"),
    [*product(OrderStatus, (0, 1), PaymentStatus, FulfilmentStatus)],
)
def test_every_status_after_a_payment(
    before: OrderStatus, is_covered: int, payment: PaymentStatus, fulfilment: FulfilmentStatus
) -> None:
    """Covered opens; shipped and settled completes; nothing else moves, and what moves may."""
    after = status_after_payment(before, is_covered=bool(is_covered), payment=payment, fulfilment=fulfilment)
    settled = payment.value in {"paid", "overpaid", "partially_refunded"}
    if before is OrderStatus.PENDING_PAYMENT and is_covered:
        assert after is OrderStatus.OPEN
    elif before is OrderStatus.OPEN and fulfilment is FulfilmentStatus.FULFILLED and settled:
        assert after is OrderStatus.COMPLETED
    else:
        assert after is before
    if after is not before:
        check_transition(before, after, by=TransitionCause.PAYMENT)


@pytest.mark.parametrize(("before", "payment", "fulfilment"), [*product(OrderStatus, PaymentStatus, FulfilmentStatus)])
def test_every_status_after_a_shipment(
    before: OrderStatus, payment: PaymentStatus, fulfilment: FulfilmentStatus
) -> None:
    after = status_after_shipping(before, payment=payment, fulfilment=fulfilment)
    if after is not before:
        assert (before, after) == (OrderStatus.OPEN, OrderStatus.COMPLETED)
        check_transition(before, after, by=TransitionCause.FULFILMENT)


def test_how_much_is_shipped() -> None:
    assert fulfilment_of([]) is FulfilmentStatus.NOT_REQUIRED
    assert fulfilment_of([(2, 0), (1, 0)]) is FulfilmentStatus.UNFULFILLED
    assert fulfilment_of([(2, 1), (1, 0)]) is FulfilmentStatus.PARTIAL
    assert fulfilment_of([(2, 2), (1, 0)]) is FulfilmentStatus.PARTIAL
    assert fulfilment_of([(2, 2), (1, 1)]) is FulfilmentStatus.FULFILLED


def test_a_token_opens_its_order_and_no_other() -> None:
    token = order_token(ORDER, KEY)
    assert len(token) == 64
    assert order_of_token(token, [KEY]) == ORDER
    assert order_of_token(token.upper(), [KEY]) == ORDER
    assert order_of_token(token, [OTHER_KEY, KEY]) == ORDER
    assert order_of_token(token, [OTHER_KEY]) is None
    assert order_of_token(token, []) is None
    other = UUID(int=ORDER.int + 1)
    assert order_of_token(other.hex + token[32:], [KEY]) is None


@pytest.mark.parametrize("wrong", ["", "0", "g" * 64, "0" * 63, "0" * 65, "é" * 64, " " * 64, "00" * 5000, "0" * 64])
def test_what_is_no_token_opens_nothing(wrong: str) -> None:
    assert order_of_token(wrong, [KEY]) is None


@given(st.uuids(), st.integers(0, 255))
def test_no_bit_of_a_token_can_be_another(order_id: UUID, bit: int) -> None:
    token = int(order_token(order_id, KEY), 16) ^ (1 << bit)
    assert order_of_token(f"{token:064x}", [KEY]) is None


def test_numbers_begin_with_the_channel() -> None:
    assert prefix_of("us") == "US-"
    assert prefix_of("de-b2b") == "DE-B2B-"


def test_reasons_and_notes() -> None:
    assert check_reason(" Changed his mind. ") == "Changed his mind."
    assert check_note(" Call him.\nTwice. ") == "Call him.\nTwice."
    for wrong in ("", "  ", "x" * 501, "a\nb", "a\0b", "\u202e"):
        with pytest.raises(ReasonInvalid):
            check_reason(wrong)
    for wrong in ("", " \n ", "x" * 2001, "a\0b", "a\rb", "\ud800"):
        with pytest.raises(NoteInvalid):
            check_note(wrong)
