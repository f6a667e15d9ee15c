"""Buying, as a shopper does, and what staff do about it: by the verbs that the APIs call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec

from mercer.cart import service as cart
from mercer.cart.models import GivenAddress, LineRequest
from mercer.catalog.models import VariantKey
from mercer.changes.service import cancel_order
from mercer.checkout.service import complete_cart, follow_payment_of
from mercer.demo.models import DemoParcel, DemoPerson, DemoPurchase
from mercer.fulfilment.models import ShippedLine
from mercer.fulfilment.service import create_shipment
from mercer.inventory.models import StockLevel
from mercer.inventory.service import store_levels
from mercer.orders.service import find_lines, find_order
from mercer.payments.models import PaymentRequest
from mercer.payments.service import receive_manual
from mercer.platform.actors import GUEST, Actor, ActorKind
from mercer.platform.context import Context
from mercer.platform.transactions import in_transaction, transaction
from mercer.shipping.service import find_methods
from mercer.values.currency import to_decimal

At = Callable[[datetime], Context]
"""The context of what happens at a moment: outside a transaction, and such that providers can be called."""

RETURN_URL = "http://localhost:3000/checkout"
_PACKING = timedelta(hours=3)
_TRANSFER = "Bank transfer"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is bought."""

    channel_id: UUID
    variants: Mapping[str, VariantKey]
    """By SKU."""
    weights: Mapping[str, int]
    """In grams, by SKU."""
    levels: Sequence[StockLevel]
    """What lies on its shelves."""


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Who buys something."""

    person: DemoPerson
    customer_id: UUID | None
    """None: a guest."""


async def buy(context: Context, purchase: DemoPurchase, buyer: Buyer, place: Place) -> UUID:
    """Have somebody buy something. Returns the order."""
    person = buyer.person
    shopper = GUEST if buyer.customer_id is None else Actor(kind=ActorKind.CUSTOMER, id=buyer.customer_id)
    context = context.with_actor(shopper).with_binds({"language": person.language})
    wanted = [LineRequest(variant_id=place.variants[sku].id, quantity=many) for sku, many in purchase.lines.items()]
    async with transaction(context) as inner:
        created = await cart.create_cart(inner, channel_id=place.channel_id, lines=wanted)
    if created.token is not None:
        context = replace(context, origin=replace(context.origin, cart_token=created.token))
    address = GivenAddress(**msgspec.structs.asdict(person.address))
    async with transaction(context) as inner:
        await cart.set_customer(inner, cart_id=created.cart_id, email=person.email)
        await cart.set_addresses(inner, cart_id=created.cart_id, shipping=address)
        method_id = await _method(inner, purchase, person, place)
        await cart.set_shipping_method(inner, cart_id=created.cart_id, method_id=method_id)
        ready = await cart.prepare_cart(inner, cart_id=created.cart_id)
    assert ready.priced.total.gross is not None
    expected = to_decimal(ready.priced.total.gross, ready.currency)
    outcome = await complete_cart(context, cart_id=created.cart_id, expected_total=expected, payment=_payment(purchase))
    return outcome.order_id


async def follow_up(at: At, placed: datetime, order_id: UUID, purchase: DemoPurchase, place: Place) -> None:
    """What became of an order: its money came in, it was shipped, or it was cancelled."""
    if purchase.received is not None:
        context = at(placed + timedelta(days=purchase.received))
        order = await in_transaction(context, partial(find_order, order_id=order_id))
        assert order is not None
        amount = to_decimal(order.total_gross, order.currency)
        async with transaction(context) as inner:
            await receive_manual(inner, order_id=order_id, amount=amount, reference=f"{_TRANSFER} {order.number}")
            await follow_payment_of(inner, order_id=order_id)
    for parcel in purchase.parcels:
        await _ship(at(placed + timedelta(days=parcel.after)), order_id, parcel, place)
    if purchase.cancelled is not None:
        await cancel_order(at(placed + _PACKING), order_id=order_id, reason=purchase.cancelled)


async def _ship(context: Context, order_id: UUID, parcel: DemoParcel, place: Place) -> None:
    """Ship a parcel, and have as much come in as leaves: the shelves are as full as the shop's files say."""
    async with transaction(context) as inner:
        lines = await find_lines(inner, order_id=order_id)
        leaving = {line.id: parcel.lines.get(line.sku, 0) if parcel.lines else line.remaining for line in lines}
        await create_shipment(
            inner,
            order_id=order_id,
            lines=[ShippedLine(order_line_id=id_, quantity=many) for id_, many in leaving.items() if many],
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
        )
        shipped = {line.sku for line in lines if leaving[line.id]}
        await store_levels(inner, levels=[level for level in place.levels if level.sku in shipped])


async def _method(context: Context, purchase: DemoPurchase, person: DemoPerson, place: Place) -> UUID:
    offers = await find_methods(
        context,
        channel_id=place.channel_id,
        country=person.address.country,
        region=person.address.region,
        postal_code=person.address.postal_code,
        weight_grams=sum(place.weights[sku] * many for sku, many in purchase.lines.items()),
        value=0,
    )
    return next(offer.method_id for offer in offers if offer.code == purchase.method)


def _payment(purchase: DemoPurchase) -> PaymentRequest:
    if purchase.card is None:
        return PaymentRequest(provider="manual")
    return PaymentRequest(provider="simulator", token=purchase.card, return_url=RETURN_URL)
