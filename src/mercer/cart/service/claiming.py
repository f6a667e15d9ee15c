"""How a guest's cart becomes a customer's, and takes in the one that he had."""

from dataclasses import replace
from uuid import UUID

from mercer.cart.models import Cart
from mercer.cart.queries import carts as queries
from mercer.cart.queries.carts import Key
from mercer.cart.queries.writing import mark_merged, write_cart
from mercer.cart.rules.lines import merged
from mercer.cart.service.pricing import price_cart
from mercer.identity.service import find_customer
from mercer.inventory.service import release_holds
from mercer.platform.context import Context
from mercer.values.ids import new_id


async def claim_cart(context: Context, *, key: Key) -> None:
    """Make the guest's cart that a customer shows the token of his own: the token opens nothing any more.

    The active cart that he had in the channel goes into it, line by line; its id leads there. Two devices at once
    do it one after the other. Without a token, or one of a cart that is nobody's and active, nothing is done.
    """
    channel_id: UUID | None = context.binds.get("channel")
    if key.customer_id is None or key.token_hash is None or channel_id is None:
        return
    if await queries.find_unclaimed(context.db, key.token_hash, channel_id=channel_id) is None:
        return
    await queries.lock_ownership(context.db, key.customer_id)
    own, unclaimed = await queries.lock_own(context.db, key, channel_id=channel_id)
    if unclaimed is None:
        return
    cart = replace(
        unclaimed,
        customer_id=key.customer_id,
        token_hash=None,
        email=unclaimed.email or await _email_of(context, key.customer_id),
        updated_at=context.now,
        notices=(),
    )
    if own is not None:
        cart = await _take_in(context, cart, own)
    await write_cart(context.db, await price_cart(context, cart=cart), priced_at=context.now)


async def _take_in(context: Context, cart: Cart, own: Cart) -> Cart:
    """The cart with all of another, which is none of its own any more. What the cart says itself stays."""
    merger = merged(cart.lines, own.lines, new_id=lambda: new_id(context.now))
    await release_holds(context, holder_id=own.id)
    await mark_merged(context.db, own.id, into=cart.id)
    cart = replace(cart, lines=merger.lines, notices=merger.notices, email=cart.email or own.email)
    if cart.shipping_address is not None:
        return cart
    return replace(
        cart,
        shipping_address=own.shipping_address,
        billing_address=own.billing_address,
        shipping_method_id=own.shipping_method_id,
        shipping_method_name=own.shipping_method_name,
    )


async def _email_of(context: Context, customer_id: UUID) -> str | None:
    customer = await find_customer(context, customer_id=customer_id)
    return None if customer is None else customer.email
