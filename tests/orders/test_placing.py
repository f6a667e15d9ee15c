"""Orders as they are written: numbers, copies, states, and what cannot be changed of them."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from tests.factories.shop import NOW
from tests.fulfilment.buying import buy
from tests.selling import Selling

from mercer.ledger.models import Account
from mercer.orders import service
from mercer.orders.errors import (
    LineShippedAlready,
    OrderCancelledBefore,
    OrderLineNotFound,
    OrderNotFound,
    OrderShipped,
    OrderStatusConflict,
)
from mercer.orders.models import FulfilmentStatus, OrderStatus, TimelineKind
from mercer.payments.models import PaymentStanding, PaymentStatus
from mercer.platform.context import Context
from mercer.platform.transactions import in_transaction, transaction

TIMELINE = "SELECT kind FROM orders.timeline WHERE order_id = :id ORDER BY at, id"
LEDGER = """
    SELECT t.kind, e.account, e.amount FROM ledger.transaction t JOIN ledger.entry e ON e.transaction_id = t.id
    WHERE t.order_id = :id ORDER BY t.at, t.kind, e.account
"""


def standing(order_id: UUID, amount: int, *, captured: int = 0, status: PaymentStatus) -> PaymentStanding:
    return PaymentStanding(
        order_id=order_id,
        amount=amount,
        currency="USD",
        authorized=0,
        captured=captured,
        refunded=0,
        surplus=0,
        pending=0,
        is_closed=False,
        status=status,
        latest=None,
    )


async def test_numbers_follow_each_other_in_each_channel(selling: Selling) -> None:
    bought = [await buy(selling, {"MUG-1-R": 1}) for _ in range(2)]
    german = await buy(selling, {"MUG-1-B": 1}, channel="eu")
    assert [order.number for order in bought] == ["US-1001", "US-1002"]
    assert german.number == "EU-1001"


async def test_numbers_have_no_gaps_and_no_doubles_where_many_are_placed(racing: Selling) -> None:
    """The first order of a channel begins its numbers, also where twenty are the first."""
    await racing.rows("SELECT 1")
    async with transaction(racing.context) as context:
        await context.db.execute(sa.text("UPDATE inventory.stock SET on_hand = 100"))
    bought = await racing.at_once(buy(racing, {"GLASS-1": 1}) for _ in range(20))
    assert sorted(order.number for order in bought) == [f"US-{1001 + place}" for place in range(20)]


async def test_a_number_is_given_back_when_the_order_is_not_written(selling: Selling) -> None:
    """What is refused after the number was given takes it back."""
    await buy(selling, {"MUG-1-R": 1})
    with pytest.raises(OrderCancelledBefore):
        await in_transaction(selling.context, lambda context: _place_and_fail(context, selling))
    assert (await buy(selling, {"MUG-1-R": 1})).number == "US-1002"


async def _place_and_fail(context: Context, selling: Selling) -> None:
    await context.db.execute(sa.text("UPDATE orders.number_series SET next = next + 1"))
    raise OrderCancelledBefore(reason=str(selling.channels))


async def test_a_cart_becomes_one_order(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 1})
    with pytest.raises(DBAPIError, match="uq_order_cart_id"):
        await selling.rows(
            """INSERT INTO orders."order" SELECT (jsonb_populate_record(o, jsonb_build_object(
                'id', uuidv7(), 'number', 'US-9'))).* FROM orders."order" o WHERE id = :id RETURNING 1""",
            id=bought.id,
        )


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE orders."order" SET total_gross = total_gross',
        """UPDATE orders."order" SET number = 'US-1'""",
        'UPDATE orders."order" SET cart_id = NULL',
        'DELETE FROM orders."order"',
        "UPDATE orders.line SET quantity = quantity + 1",
        "UPDATE orders.line SET unit_net = 0, unit_gross = 0, unit_tax = 0",
        "DELETE FROM orders.line",
        "UPDATE orders.tax_line SET amount = 0",
        "DELETE FROM orders.tax_line",
        "UPDATE orders.shipping_line SET name = 'x'",
        "UPDATE orders.timeline SET at = now()",
        "DELETE FROM orders.timeline",
        "TRUNCATE orders.timeline",
    ],
)
async def test_what_was_agreed_on_stays(selling: Selling, change: str) -> None:
    await buy(selling, {"MUG-1-R": 1})
    with pytest.raises(DBAPIError) as raised:
        await selling.rows(change)
    assert isinstance(raised.value.orig, psycopg.errors.RestrictViolation)


async def test_a_covered_order_opens_once(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 2}, paid=None)
    async with transaction(selling.context) as context:
        head = await service.lock_order(context, order_id=bought.id)
    assert (head.status, head.expires_at is not None) == (OrderStatus.PENDING_PAYMENT, True)
    covered = standing(bought.id, head.total_gross, captured=head.total_gross, status=PaymentStatus.PAID)
    for _ in range(2):
        async with transaction(selling.context) as context:
            after = await service.follow_payment(context, order_id=bought.id, standing=covered)
        assert (after.status, after.placed_at, after.expires_at) == (OrderStatus.OPEN, NOW, None)
    assert [name for name, _ in await selling.events() if name.startswith("orders.")] == [
        "orders.OrderPaymentChanged",
        "orders.OrderPlaced",
    ]
    assert await selling.rows(TIMELINE, id=bought.id) == [("created",), ("payment_changed",), ("placed",)]
    assert await selling.rows(LEDGER, id=bought.id) == [
        ("sale", Account.RECEIVABLE, head.total_gross),
        ("sale", Account.SALES, -head.subtotal_net),
        ("sale", Account.SHIPPING, -head.shipping_net),
        ("sale", Account.TAX, -head.total_tax),
    ]


async def test_an_order_that_is_not_covered_waits(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 2}, paid=None)
    declined = standing(bought.id, 100, status=PaymentStatus.FAILED)
    async with transaction(selling.context) as context:
        after = await service.follow_payment(context, order_id=bought.id, standing=declined)
    assert (after.status, after.payment_status) == (OrderStatus.PENDING_PAYMENT, PaymentStatus.FAILED)
    assert await selling.rows(LEDGER, id=bought.id) == []


async def test_shipping_counts_and_completes(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 2, "GLASS-1": 1})
    mug, glass = bought.lines["MUG-1-R"], bought.lines["GLASS-1"]

    async def ship(**shipped: int) -> tuple[str, str]:
        async with transaction(selling.context) as context:
            named = {{"mug": mug, "glass": glass}[name]: quantity for name, quantity in shipped.items()}
            head = await service.follow_fulfilment(context, order_id=bought.id, shipped=named)
        return head.status.value, head.fulfilment_status.value

    assert await ship(mug=1) == ("open", "partial")
    with pytest.raises(LineShippedAlready) as raised:
        await ship(mug=2, glass=1)
    assert raised.value.remaining == 1
    async with transaction(selling.context) as context:
        assert [line.shipped_quantity for line in await service.find_lines(context, order_id=bought.id)] == [1, 0]
    with pytest.raises(OrderLineNotFound):
        async with transaction(selling.context) as context:
            await service.follow_fulfilment(context, order_id=bought.id, shipped={uuid4(): 1})
    assert await ship(mug=1, glass=1) == ("completed", "fulfilled")
    with pytest.raises(OrderStatusConflict) as conflict:
        await ship(mug=1)
    assert conflict.value.status is OrderStatus.COMPLETED
    assert ("orders.OrderCompleted", {"order_id": str(bought.id)}) in await selling.events()


async def test_what_is_shipped_on_a_promise_completes_when_the_money_comes(selling: Selling) -> None:
    bought = await buy(selling, {"GLASS-1": 1}, paid=PaymentStatus.AUTHORIZED)
    async with transaction(selling.context) as context:
        shipped = {bought.lines["GLASS-1"]: 1}
        head = await service.follow_fulfilment(context, order_id=bought.id, shipped=shipped)
    assert (head.status, head.fulfilment_status) == (OrderStatus.OPEN, FulfilmentStatus.FULFILLED)
    paid = standing(bought.id, head.total_gross, captured=head.total_gross, status=PaymentStatus.PAID)
    async with transaction(selling.context) as context:
        head = await service.follow_payment(context, order_id=bought.id, standing=paid)
    assert head.status is OrderStatus.COMPLETED


async def test_cancelling(selling: Selling) -> None:
    """Once, with its reason; the sale is taken back in the ledger."""
    bought = await buy(selling, {"MUG-1-R": 1})
    for _ in range(2):
        async with transaction(selling.context) as context:
            head = await service.cancel(context, order_id=bought.id, reason=" Out of stock ")
        assert (head.status, head.fulfilment_status) == (OrderStatus.CANCELLED, FulfilmentStatus.CANCELLED)
        assert (head.cancel_reason, head.cancelled_at) == ("Out of stock", NOW)
    with pytest.raises(OrderCancelledBefore) as raised:
        async with transaction(selling.context) as context:
            await service.cancel(context, order_id=bought.id, reason="Another")
    assert raised.value.reason == "Out of stock"
    sums = await selling.rows(
        "SELECT account, sum(e.amount) FROM ledger.entry e JOIN ledger.transaction t ON t.id = transaction_id "
        "WHERE order_id = :id AND account <> 'provider_clearing' AND t.kind <> 'capture' GROUP BY 1",
        id=bought.id,
    )
    assert {amount for _, amount in sums} == {0}
    assert [name for name, _ in await selling.events()].count("orders.OrderCancelled") == 1
    assert (await selling.audit())[-1][0] == "Order"


async def test_what_is_shipped_is_not_cancelled(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 2})
    async with transaction(selling.context) as context:
        await service.follow_fulfilment(context, order_id=bought.id, shipped={bought.lines["MUG-1-R"]: 1})
    with pytest.raises(OrderShipped):
        async with transaction(selling.context) as context:
            await service.cancel(context, order_id=bought.id, reason="Too late")
    with pytest.raises(OrderNotFound):
        async with transaction(selling.context) as context:
            await service.cancel(context, order_id=uuid4(), reason="None")


async def test_overdue_orders_are_claimed_once(racing: Selling) -> None:
    bought = [await buy(racing, {"MUG-1-R": 1}, paid=None) for _ in range(3)]
    later = replace(racing.context, now=NOW.replace(hour=14))

    async def claim() -> list[UUID]:
        async with transaction(later) as context:
            return await service.claim_overdue(context, most=2)

    assert await racing.at_once([claim() for _ in range(0)]) == []
    found = [id_ for claimed in await asyncio.gather(claim(), claim(), claim()) for id_ in claimed]
    found += await claim()
    assert sorted(found) == sorted(order.id for order in bought)
    async with transaction(racing.context) as context:
        assert await service.claim_overdue(context, most=10) == []


async def test_the_whole_order_for_mails(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 2, "GLASS-1": 1})
    async with transaction(selling.context) as context:
        whole = await service.find_whole_order(context, order_id=bought.id)
        assert whole is not None
        assert await service.order_of_token(context, token=whole.token) == bought.id
        assert whole.token == await service.order_token(context, order_id=bought.id)
        await service.note(context, order_id=bought.id, kind=TimelineKind.NOTE, data={"text": "Hello"})
        with pytest.raises(OrderNotFound):
            await service.order_of_token(context, token="0" * 64)
        assert await service.find_whole_order(context, order_id=uuid4()) is None
    assert [(line.sku, line.quantity, line.remaining) for line in whole.lines] == [("MUG-1-R", 2, 2), ("GLASS-1", 1, 1)]
    assert whole.total.gross == whole.head.total_gross
    assert whole.shipping_address is not None
    assert whole.shipping_address.city == "New York"
