"""Pricing a cart anew: everything that its price depends on is asked for once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from mercer.cart.models import Cart, CartLine
from mercer.cart.queries import carts as queries
from mercer.cart.queries.carts import Key
from mercer.cart.queries.writing import write_cart
from mercer.cart.rules import pricing as rules
from mercer.cart.rules.pricing import Known, Place, Rates
from mercer.cart.rules.states import is_active
from mercer.catalog.service import find_sellable
from mercer.channels.service import find_channel
from mercer.platform.context import Context
from mercer.pricing.service import find_listed
from mercer.shipping.models import ShippingOffer
from mercer.shipping.service import find_methods
from mercer.tax.service import find_taxes
from mercer.totals.service import price_basket

PROGRAM = Key(customer_id=None, token_hash=None, is_program=True)
_DEFAULT_CLASS = UUID(int=0)
"""What tax takes for the default class: one that is not there."""


async def price_cart(context: Context, *, cart: Cart) -> Cart:
    """The cart as it would cost now. Nothing is written. Raises `TotalTooLarge`."""
    channel = await find_channel(context, channel_id=cart.channel_id)
    place = rules.place_of(cart, channel)
    cart, amounts = await _described(context, cart)
    offers = await _offers(context, cart, amounts)
    shipping = next((offer for offer in offers if offer.method_id == cart.shipping_method_id), None)
    shipping_class_id = None if shipping is None else shipping.tax_class_id or _DEFAULT_CLASS
    rates: Rates = {}
    if place is not None:
        cart, rates = await _taxed(context, cart, place, shipping_class_id)
    known = Known(
        channel=channel,
        place=place,
        is_estimated=cart.shipping_address is None,
        amounts=amounts,
        offers=offers,
        shipping=shipping,
        shipping_class_id=shipping_class_id,
        rates=rates,
    )
    return rules.with_prices(cart, known, price_basket(rules.basket_of(cart, known)))


async def refresh_cart(context: Context, *, cart: Cart) -> None:
    """Store what an active cart costs now, if that is another than before. It need not be locked yet."""
    if not is_active(cart.state):
        return
    now = await price_cart(context, cart=cart)
    if now.pricing_revision == cart.pricing_revision:
        return
    locked = await queries.lock_cart(context.db, cart.id, PROGRAM)
    if locked is None or not is_active(locked.state):
        return
    if locked.revision != cart.revision:
        now = await price_cart(context, cart=locked)
    await write_cart(context.db, now, priced_at=context.now)


async def _described(context: Context, cart: Cart) -> tuple[Cart, Mapping[UUID, int]]:
    """The cart with its lines as their variants are now, and what one of each costs."""
    ids = [line.variant_id for line in cart.lines]
    if not ids:
        return cart, {}
    sellable = await find_sellable(context, variant_ids=ids, channel_id=cart.channel_id)
    listed = await find_listed(context, variant_ids=ids, channel_id=cart.channel_id)
    lines = [rules.described(line, sellable.get(line.variant_id), listed.get(line.variant_id)) for line in cart.lines]
    return replace(cart, lines=tuple(lines)), {id_: price.amount for id_, price in listed.items()}


async def _offers(context: Context, cart: Cart, amounts: Mapping[UUID, int]) -> Sequence[ShippingOffer]:
    """The shipping methods that it can choose from: none before it has an address, and something to deliver."""
    address = cart.shipping_address
    if address is None or not rules.bought(cart.lines):
        return ()
    return await find_methods(
        context,
        channel_id=cart.channel_id,
        country=address.country,
        region=address.region,
        postal_code=address.postal_code,
        weight_grams=rules.weight_of(cart.lines),
        value=rules.value_of(cart.lines, amounts),
    )


async def _taxed(context: Context, cart: Cart, place: Place, shipping_class_id: UUID | None) -> tuple[Cart, Rates]:
    """The cart with its lines' tax classes, and the rates of all classes that there are in it."""
    product_ids = list(dict.fromkeys(line.product_id for line in rules.bought(cart.lines) if line.product_id))
    if not product_ids and shipping_class_id is None:
        return cart, {}
    taxes = await find_taxes(
        context,
        product_ids=product_ids,
        country=place.country,
        region=place.region,
        postal_code=place.postal_code,
        class_ids=[] if shipping_class_id is None else [shipping_class_id],
    )
    if not product_ids:
        return cart, taxes.rates
    lines = [_with_class(line, taxes.classes) for line in cart.lines]
    return replace(cart, lines=tuple(lines)), taxes.rates


def _with_class(line: CartLine, classes: Mapping[UUID, UUID]) -> CartLine:
    class_id = None if line.product_id is None else classes.get(line.product_id)
    return replace(line, tax_class_id=class_id)
