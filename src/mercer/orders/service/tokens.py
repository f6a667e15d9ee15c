"""What opens an order without signing in."""

from uuid import UUID

from mercer.orders.errors import OrderNotFound
from mercer.orders.queries import heads
from mercer.orders.queries import tokens as queries
from mercer.orders.rules.names import order_of_token as opened_by
from mercer.orders.rules.names import order_token as signed
from mercer.platform.actors import ActorKind
from mercer.platform.context import Context
from mercer.platform.rate_limits import Limit, check_rate
from mercer.platform.transactions import transaction

WRONG_TOKENS = Limit(per_minute=30)
"""How often somebody may show what opens nothing. Nobody guesses 128 bits; this keeps those off who try."""


async def order_token(context: Context, *, order_id: UUID) -> str:
    """What opens the order: for its buyer's eyes, as in a mail to him."""
    return signed(order_id, (await queries.load_keys(context.db))[0])


async def order_of_token(context: Context, *, token: str) -> UUID:
    """The order that a token opens. Raises `OrderNotFound`."""
    order_id = opened_by(token, await queries.load_keys(context.db))
    if order_id is None:
        raise OrderNotFound().at("token")
    return order_id


async def open_order(context: Context, *, number: str | None, token: str | None) -> UUID | None:
    """The order that a token opens, or the customer's own with this number. None where neither opens one.

    It is called outside a transaction. Raises `TooManyRequests`.
    """
    async with transaction(context) as inner:
        found = await _opened(inner, number=number, token=token)
    if found is None and token is not None and context.valkey is not None:
        await check_rate(
            context.valkey, WRONG_TOKENS, what="wrong order tokens", actor=context.actor, origin=context.origin
        )
    return found


async def _opened(context: Context, *, number: str | None, token: str | None) -> UUID | None:
    if token is not None:
        order_id = opened_by(token, await queries.load_keys(context.db))
        order = None if order_id is None else await heads.find_order(context.db, order_id)
        is_right = order is not None and number in {None, order.number}
        return order_id if is_right else None
    if number is None or context.actor.kind is not ActorKind.CUSTOMER:
        return None
    order = await heads.find_order_of_number(context.db, number)
    return None if order is None or order.customer_id != context.actor.id else order.id
