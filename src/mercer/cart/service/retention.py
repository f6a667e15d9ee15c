"""Carts that nobody uses any more."""

from datetime import timedelta

from mercer.cart.queries import writing as queries
from mercer.platform.context import Context

GUESTS_FOR = timedelta(days=30)
CUSTOMERS_FOR = timedelta(days=180)


async def expire_carts(context: Context, *, limit: int = 1_000) -> bool:
    """End active carts that were not changed for long, and forget who they were of. Returns whether there may be more.

    What an order was made of is not active. Their holds ended long ago.
    """
    ended = await queries.expire_carts(
        context.db, guests=context.now - GUESTS_FOR, customers=context.now - CUSTOMERS_FOR, limit=limit
    )
    return ended == limit
