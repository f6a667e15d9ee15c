"""A cart on its way to becoming an order."""

from uuid import UUID

from mercer.cart.errors import (
    AddressMissing,
    CartEmpty,
    EmailMissing,
    LinesUnavailable,
    ShippingMethodMissing,
    ShippingMethodUnavailable,
    UnavailableLine,
)
from mercer.cart.models import Cart, CartState, ReadyCart
from mercer.cart.queries import carts as queries
from mercer.cart.queries.writing import mark_converted, write_cart
from mercer.cart.rules.pricing import changes_between, name_in
from mercer.cart.rules.states import check_changeable
from mercer.cart.service.access import open_cart
from mercer.cart.service.pricing import price_cart, refresh_cart
from mercer.orders.models import NewOrderLine, NewOrderShipping
from mercer.platform.context import Context
from mercer.totals.models import PricedBasket


async def prepare_cart(context: Context, *, cart_id: UUID) -> ReadyCart:
    """Lock a cart and price it again, so that it can be bought as it is. What it costs now is stored.

    Of one that was bought before, `order_id` is the order; only that and what does not change is to be relied on.
    Raises `CartNotFound`, `CartOfOtherChannel`, `CartExpired`, `CartEmpty`, `EmailMissing`, `AddressMissing`,
    `LinesUnavailable`, `ShippingMethodMissing`, `ShippingMethodUnavailable`, `TotalTooLarge`.
    """
    cart = await open_cart(context, cart_id=cart_id)
    if cart.state is CartState.CONVERTED:
        priced = await queries.load_priced(context.db, cart.id)
        assert priced is not None, "what was bought had a price"
        return _ready(cart, cart, priced)
    check_changeable(cart.state)
    _check_complete(cart)
    now = await price_cart(context, cart=cart)
    _check_buyable(cart, now)
    if now.pricing_revision != cart.pricing_revision:
        await write_cart(context.db, now, priced_at=context.now)
    assert now.priced is not None
    return _ready(cart, now, now.priced)


async def store_prices(context: Context, *, cart_id: UUID) -> None:
    """Price an active cart of whoever asks again, and store what it costs now, if that is another than before."""
    await refresh_cart(context, cart=await open_cart(context, cart_id=cart_id))


async def convert_cart(context: Context, *, cart_id: UUID, order_id: UUID) -> None:
    """Note which order was made of a cart that was prepared in this transaction."""
    converted = await mark_converted(context.db, cart_id, order_id=order_id, now=context.now)
    assert converted, "a cart is converted in the transaction that prepared it"


def _check_complete(cart: Cart) -> None:
    if not cart.lines:
        raise CartEmpty
    if cart.email is None:
        raise EmailMissing
    if cart.shipping_address is None:
        raise AddressMissing


def _check_buyable(cart: Cart, now: Cart) -> None:
    unavailable = [
        UnavailableLine(line_id=line.id, variant_id=line.variant_id, sku=line.sku, problem=line.problem)
        for line in now.lines
        if line.problem is not None
    ]
    if unavailable:
        raise LinesUnavailable(lines=tuple(unavailable))
    if cart.shipping_method_id is None:
        raise ShippingMethodMissing
    if now.shipping_method_id is None:
        raise ShippingMethodUnavailable(method_id=cart.shipping_method_id)


def _ready(shown: Cart, now: Cart, priced: PricedBasket) -> ReadyCart:
    assert now.email is not None
    assert now.shipping_address is not None
    by_id = {line.id: line for line in priced.lines}
    return ReadyCart(
        id=now.id,
        order_id=now.order_id,
        channel_id=now.channel_id,
        currency=now.currency,
        tax_mode=priced.mode,
        language=now.language,
        email=now.email,
        customer_id=now.customer_id,
        token_hash=now.token_hash,
        shipping_address=now.shipping_address,
        billing_address=now.billing_address or now.shipping_address,
        lines=tuple(
            NewOrderLine(
                id=line.id,
                variant_id=line.variant_id,
                product_id=line.product_id,
                sku=line.sku,
                product_name=name_in(line.product_name, line.product_name_translations, now.language),
                variant_name=name_in(line.variant_name, line.variant_name_translations, now.language) or None,
                weight_grams=line.weight_grams,
                priced=by_id[line.id],
                tax_class_id=line.tax_class_id,
            )
            for line in now.lines
            if line.product_id is not None
        ),
        shipping=_shipping(now, priced),
        priced=priced,
        changes=changes_between(shown, now, priced.mode),
    )


def _shipping(cart: Cart, priced: PricedBasket) -> NewOrderShipping | None:
    for offer in cart.offers:
        if offer.method_id == cart.shipping_method_id and priced.shipping is not None:
            return NewOrderShipping(
                method_id=offer.method_id,
                code=offer.code,
                name=name_in(offer.name, offer.translations, cart.language),
                priced=priced.shipping,
                tax_class_id=offer.tax_class_id,
            )
    return None
