"""What opens an order without signing in."""

from uuid import UUID

from mercer.identity.errors import TooManyAttempts
from mercer.identity.models import Surface
from mercer.identity.service import count_wrong
from mercer.orders.errors import OrderNotFound
from mercer.orders.queries import heads
from mercer.orders.queries import tokens as queries
from mercer.orders.rules.names import order_of_token as opened_by
from mercer.orders.rules.names import order_token as signed
from mercer.platform.actors import ActorKind
from mercer.platform.context import Context
from mercer.platform.rate_limits import TooManyRequests
from mercer.platform.transactions import transaction


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

    It is called outside a transaction. Nobody guesses 128 bits; who tries is counted by his address, and held up. What
    is right opens the order all the same. Raises `TooManyRequests`.
    """
    async with transaction(context) as inner:
        found = await _opened(inner, number=number, token=token)
    if found is None and token is not None:
        try:
            async with transaction(context) as inner:
                await count_wrong(inner, surface=Surface.ORDER_LOOK_UP)
        except TooManyAttempts as held_up:
            raise TooManyRequests(wait_s=int((held_up.retry_at - context.now).total_seconds()) + 1) from None
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
