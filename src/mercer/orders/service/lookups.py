"""Orders as other modules see them."""

from uuid import UUID

from mercer.orders.errors import OrderNotFound
from mercer.orders.models import OrderHead, OrderLine, WholeOrder
from mercer.orders.queries import heads, whole
from mercer.orders.rules.names import order_token
from mercer.platform.context import Context


async def lock_order(context: Context, *, order_id: UUID) -> OrderHead:
    """An order that nobody else changes before the transaction ends. Raises `OrderNotFound`."""
    found = await heads.lock_order(context.db, order_id)
    if found is None:
        raise OrderNotFound().at("id")
    return found


async def find_order(context: Context, *, order_id: UUID) -> OrderHead | None:
    """Where an order stands now, or None. It is not locked."""
    return await heads.find_order(context.db, order_id)


async def find_order_of_cart(context: Context, *, cart_id: UUID) -> OrderHead | None:
    """The order that a cart became, or None."""
    return await heads.find_order_of_cart(context.db, cart_id)


async def find_order_of_number(context: Context, *, number: str) -> OrderHead | None:
    """The order with this number, or None."""
    return await heads.find_order_of_number(context.db, number)


async def find_lines(context: Context, *, order_id: UUID) -> tuple[OrderLine, ...]:
    """An order's lines, in their order. One statement."""
    return await whole.find_lines(context.db, order_id)


async def find_whole_order(context: Context, *, order_id: UUID) -> WholeOrder | None:
    """An order with all that was agreed on, for mails and documents. Two statements."""
    found = await whole.find_whole_order(context.db, order_id)
    if found is None:
        return None
    order, key = found
    return WholeOrder(**order, lines=await whole.find_lines(context.db, order_id), token=order_token(order_id, key))
