"""Carts as they are shown: priced again first, if what they cost is outdated."""

from uuid import UUID

from mercer.cart.queries import carts as queries
from mercer.cart.service.access import key_of, see_cart
from mercer.cart.service.claiming import claim_cart
from mercer.cart.service.pricing import refresh_cart
from mercer.platform.context import Context


async def find_cart(context: Context, *, cart_id: UUID) -> UUID | None:
    """The cart of whoever asks, or the one that it went into, in the request's channel. None for all others."""
    cart = await see_cart(context, cart_id=cart_id)
    if cart is None:
        return None
    await refresh_cart(context, cart=cart)
    return cart.id


async def find_own_cart(context: Context, *, channel_id: UUID) -> UUID | None:
    """The active cart of whoever asks in a channel: the customer's, or the one that a guest shows the token of."""
    key = key_of(context)
    await claim_cart(context, key=key)
    cart_id = await queries.find_own(context.db, key, channel_id=channel_id)
    return None if cart_id is None else await find_cart(context, cart_id=cart_id)
