"""Orders to ship: agreed on, set aside, and paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from tests.selling import Selling

from mercer.inventory.models import StockRequest
from mercer.inventory.service import allocate_stock
from mercer.orders.models import NewOrder, NewOrderLine, NewOrderShipping
from mercer.orders.service import follow_payment, place_order
from mercer.payments.models import PaymentStanding, PaymentStatus
from mercer.platform.context import Context
from mercer.platform.transactions import transaction
from mercer.totals.models import PricedBasket
from mercer.totals.service import price_basket
from mercer.values.address import Address
from mercer.values.basket import Basket, BasketLine, BasketShipping, TaxMode, TaxRate
from mercer.values.ids import new_id

PRICE = 1250
VAT = TaxRate(name="VAT", jurisdiction="DE", rate=Decimal("0.19"))
SALES_TAX = TaxRate(name="Sales tax", jurisdiction="US-NY", rate=Decimal("0.08875"))
NEW_YORK = Address(
    first_name="Ada",
    last_name="Lovelace",
    line1="1 Main St",
    line2="Apt 2",
    city="New York",
    region="NY",
    postal_code="10001",
    country="US",
)
COLOGNE = Address(
    first_name="Jörg", last_name="Weiß", line1="Hauptstr. 1", city="Köln", postal_code="50667", country="DE"
)


@dataclass(frozen=True)
class Bought:
    """An order, and its lines by SKU."""

    id: UUID
    number: str
    lines: Mapping[str, UUID]


async def buy(
    selling: Selling,
    items: Mapping[str, int],
    *,
    channel: str = "us",
    paid: PaymentStatus | None = PaymentStatus.PAID,
    language: str = "en",
    email: str = "ada@example.org",
) -> Bought:
    """A guest's order of these quantities. `paid=None`: nobody has paid, nor promised to."""
    async with transaction(selling.context) as context:
        return await _buy(context, selling, items, channel=channel, paid=paid, language=language, email=email)


async def _buy(
    context: Context,
    selling: Selling,
    items: Mapping[str, int],
    *,
    channel: str,
    paid: PaymentStatus | None,
    language: str,
    email: str,
) -> Bought:
    is_american = channel == "us"
    ids = {sku: new_id(context.now) for sku in items}
    priced = _price(items, ids, is_american=is_american)
    order_id, channel_id = new_id(context.now), UUID(selling.channels[channel])
    address = NEW_YORK if is_american else COLOGNE
    await allocate_stock(
        context,
        holder_id=order_id,
        order_id=order_id,
        channel_id=channel_id,
        country=address.country,
        lines=[
            StockRequest(line_id=ids[sku], variant_id=UUID(selling.variants[sku]), quantity=quantity)
            for sku, quantity in items.items()
        ],
    )
    assert priced.shipping is not None
    placed = await place_order(
        context,
        order=NewOrder(
            id=order_id,
            cart_id=new_id(context.now),
            channel_id=channel_id,
            language=language,
            email=email,
            customer_id=None,
            cart_token_hash=b"\x01" * 32,
            shipping_address=address,
            billing_address=address,
            lines=_lines(selling, items, priced),
            shipping=NewOrderShipping(
                method_id=new_id(context.now), code="standard", name="Standard", priced=priced.shipping
            ),
            totals=priced,
        ),
    )
    if paid is not None:
        await pay(context, order_id=order_id, priced=priced, status=paid)
    return Bought(order_id, placed.number, ids)


async def pay(context: Context, *, order_id: UUID, priced: PricedBasket, status: PaymentStatus) -> None:
    """All of an order's money came in."""
    total = priced.total.gross or 0
    standing = PaymentStanding(
        order_id=order_id,
        amount=total,
        currency=priced.currency,
        authorized=0,
        captured=total,
        refunded=0,
        surplus=0,
        pending=0,
        is_closed=False,
        status=status,
        latest=None,
    )
    await follow_payment(context, order_id=order_id, standing=standing)


def _price(items: Mapping[str, int], ids: Mapping[str, UUID], *, is_american: bool) -> PricedBasket:
    rates = (SALES_TAX if is_american else VAT,)
    return price_basket(
        Basket(
            currency="USD" if is_american else "EUR",
            mode=TaxMode.NET if is_american else TaxMode.GROSS,
            lines=[
                BasketLine(id=ids[sku], quantity=quantity, unit_amount=PRICE, rates=rates)
                for sku, quantity in items.items()
            ],
            shipping=BasketShipping(amount=490, rates=rates),
        )
    )


def _lines(selling: Selling, items: Mapping[str, int], priced: PricedBasket) -> Sequence[NewOrderLine]:
    return [
        NewOrderLine(
            id=line.id,
            variant_id=UUID(selling.variants[sku]),
            product_id=UUID(next(iter(selling.products.values()))),
            sku=sku,
            product_name=f"Product {sku}",
            variant_name="Red" if sku == "MUG-1-R" else None,
            weight_grams=300,
            priced=line,
        )
        for sku, line in zip(items, priced.lines, strict=True)
    ]


SHIP = """mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) {
    __typename
    ... on Shipment { id carrier trackingNumber trackingUrl createdAt actorKind
        warehouse { code } order { number status fulfilmentStatus }
        lines { quantity orderLine { sku shippedQuantity } } }
    ... on Error { code path }
    ... on InvalidInput { fields { path } }
    ... on OrderStatusConflict { status }
    ... on OrderNotPaid { paymentStatus }
    ... on OrderLineNotFound { id }
    ... on LineShippedAlready { remaining }
    ... on NotAllocated { lineId allocated }
    ... on LinesInSeveralWarehouses { warehouseIds }
} }"""


def asked(bought: Bought, items: Mapping[str, int] | None = None, **others: str | None) -> dict[str, object]:
    """The input for a shipment of these quantities, or of all that is left."""
    lines = None
    if items is not None:
        lines = [{"orderLineId": str(bought.lines[sku]), "quantity": quantity} for sku, quantity in items.items()]
    return {"orderId": str(bought.id), "lines": lines, **others}


STANDING = """
    SELECT o.status, o.fulfilment_status,
        (SELECT jsonb_object_agg(l.sku, l.shipped_quantity) FROM orders.line l WHERE l.order_id = o.id),
        (SELECT count(*) FROM fulfilment.shipment s WHERE s.order_id = o.id)
    FROM orders."order" o WHERE o.id = :id
"""
"""An order's states, what is shipped of each line, and its shipments."""


async def standing(selling: Selling, bought: Bought) -> tuple[str, str, dict[str, int], int]:
    [found] = await selling.rows(STANDING, id=bought.id)
    status, fulfilment, shipped, shipments = found
    return status, fulfilment, shipped, shipments


def at_noon(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
