"""Who buys a cart, where it goes, and how."""

from dataclasses import replace
from uuid import UUID

from mercer.cart.errors import AddressMissing, ShippingMethodUnavailable
from mercer.cart.models import Cart, GivenAddress
from mercer.cart.queries.writing import write_cart
from mercer.cart.rules.addresses import read_addresses
from mercer.cart.rules.emails import read_email
from mercer.cart.service.access import change_cart
from mercer.cart.service.pricing import price_cart
from mercer.cart.service.stock import hold_lines
from mercer.platform.context import Context


async def set_customer(context: Context, *, cart_id: UUID, email: str) -> UUID:
    """Say whom mails about the order go to. Returns the cart's id. Raises `EmailInvalid`, and as `change_cart`."""
    read = read_email(email)
    cart = await change_cart(context, cart_id=cart_id)
    await _write(context, replace(cart, email=read))
    return cart.id


async def set_addresses(
    context: Context, *, cart_id: UUID, shipping: GivenAddress, billing: GivenAddress | None = None
) -> UUID:
    """Say where a cart goes, and who pays; without `billing` the same. From now on its stock is held.

    Returns the cart's id. Raises `InvalidInput`, `InsufficientStock`, and as `change_cart`.
    """
    to, by = read_addresses(shipping, billing)
    before = await change_cart(context, cart_id=cart_id)
    cart = await _priced(context, replace(before, shipping_address=to, billing_address=by))
    await hold_lines(context, cart=cart, wanted={line.variant_id for line in cart.lines})
    await write_cart(context.db, cart, priced_at=context.now)
    return cart.id


async def set_shipping_method(context: Context, *, cart_id: UUID, method_id: UUID) -> UUID:
    """Choose how a cart is delivered. Returns its id.

    Raises `AddressMissing`, `ShippingMethodUnavailable`, and as `change_cart`.
    """
    before = await change_cart(context, cart_id=cart_id)
    if before.shipping_address is None:
        raise AddressMissing
    cart = await _priced(context, replace(before, shipping_method_id=method_id))
    if all(offer.method_id != method_id for offer in cart.offers):
        raise ShippingMethodUnavailable(method_id=method_id).at("methodId")
    await write_cart(context.db, cart, priced_at=context.now)
    return cart.id


async def _write(context: Context, cart: Cart) -> None:
    await write_cart(context.db, await _priced(context, cart), priced_at=context.now)


async def _priced(context: Context, cart: Cart) -> Cart:
    """A cart that its buyer changed, as it costs now."""
    language = context.binds.get("language", cart.language)
    return await price_cart(context, cart=replace(cart, notices=(), language=language, updated_at=context.now))
