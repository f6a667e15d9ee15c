"""What opens an order without signing in."""

from uuid import UUID

from mercer.orders.errors import OrderNotFound
from mercer.orders.queries import tokens as queries
from mercer.orders.rules import order_of_token as opened_by
from mercer.orders.rules import order_token as signed
from mercer.platform.context import Context


async def order_token(context: Context, *, order_id: UUID) -> str:
    """What opens the order: for its buyer's eyes, as in a mail to him."""
    return signed(order_id, (await queries.load_keys(context.db))[0])


async def order_of_token(context: Context, *, token: str) -> UUID:
    """The order that a token opens. Raises `OrderNotFound`."""
    order_id = opened_by(token, await queries.load_keys(context.db))
    if order_id is None:
        raise OrderNotFound().at("token")
    return order_id
