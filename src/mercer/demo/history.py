"""Plausible past orders in any number, to measure with.

Each is decided by its number alone: the first thousand are the same whether there are a million or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from random import Random
from typing import NamedTuple
from uuid import UUID

from mercer.catalog.models import VariantKey
from mercer.demo import content, shop
from mercer.identity.models import NewCustomer
from mercer.orders.models import FulfilmentStatus, OrderStatus, PastLine, PastOrder, PastShipping
from mercer.payments.models import PaymentStatus
from mercer.totals.models import PricedLine
from mercer.totals.service import price_basket
from mercer.values.address import Address
from mercer.values.basket import Basket, BasketLine, TaxMode, TaxRate

_SEED = "history"
_FIRST_DAY = datetime(2024, 11, 1, tzinfo=UTC)
_SECONDS = 730 * 86_400
"""How long after it the newest orders are from."""

_CUSTOMERS = 60_000
_REGULAR = 0.7
"""The share of orders that are of customers. Others are guests'."""
_LOYALTY = 2.0
"""How much more often the first customers buy than the last ones."""
_SHIPPED_AFTER = timedelta(days=2)
_MOST_OF_A_LINE = (1, 1, 1, 1, 2, 2, 3, 6)
_LINES = (1, 1, 1, 2, 2, 3, 4)

_O, _P, _F = OrderStatus, PaymentStatus, FulfilmentStatus
_STATES = (
    (800, _O.COMPLETED, _P.PAID, _F.FULFILLED),
    (40, _O.COMPLETED, _P.PARTIALLY_REFUNDED, _F.FULFILLED),
    (45, _O.OPEN, _P.PAID, _F.UNFULFILLED),
    (15, _O.OPEN, _P.AUTHORIZED, _F.UNFULFILLED),
    (15, _O.OPEN, _P.PAID, _F.PARTIAL),
    (5, _O.ON_HOLD, _P.PAID, _F.UNFULFILLED),
    (10, _O.PENDING_PAYMENT, _P.FAILED, _F.UNFULFILLED),
    (40, _O.CANCELLED, _P.REFUNDED, _F.CANCELLED),
    (30, _O.CANCELLED, _P.FAILED, _F.CANCELLED),
)
_WEIGHTS = [weight for weight, *_ in _STATES]


class Spot(NamedTuple):
    """A place that things were sent to."""

    country: str
    region: str | None
    city: str
    postal_code: str


SPOTS: Mapping[str, Sequence[Spot]] = {
    "us": (
        Spot("US", "NY", "Albany", "12207"),
        Spot("US", "CA", "Oakland", "94612"),
        Spot("US", "TX", "Houston", "77002"),
        Spot("US", "WA", "Spokane", "99201"),
        Spot("US", "OR", "Eugene", "97401"),
        Spot("US", "FL", "Tampa", "33602"),
        Spot("US", "MA", "Worcester", "01608"),
    ),
    "eu": (
        Spot("DE", None, "Leipzig", "04109"),
        Spot("DE", None, "Hamburg", "20095"),
        Spot("DE", None, "Freiburg", "79098"),
        Spot("DE", None, "Kiel", "24103"),
        Spot("AT", None, "Graz", "8010"),
        Spot("FR", None, "Nantes", "44000"),
        Spot("NL", None, "Utrecht", "3511"),
        Spot("BE", None, "Gent", "9000"),
        Spot("PL", None, "Gdańsk", "80-831"),
        Spot("CH", None, "Bern", "3011"),
        Spot("GB", None, "York", "YO1 7HH"),
    ),
}
"""By channel."""

_FIRST_NAMES = ("Ada", "Ben", "Clara", "David", "Elif", "Frida", "Georg", "Hanna", "Ivan", "Julia", "Karim", "Lena")
_LAST_NAMES = (
    "Adler",
    "Bakker",
    "Clark",
    "Dietz",
    "Evans",
    "Fischer",
    "Garcia",
    "Huber",
    "Ivanova",
    "Jansen",
    "Keller",
)
_STREETS = ("Main Street", "Harbour Road", "Mill Lane", "Station Road", "Park Avenue", "Church Street", "High Street")
_SHIPPING = {"us": 695, "eu": 490}


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What past orders stand on: what is known of the shop that they are seeded into."""

    channels: Mapping[str, UUID]
    """By code."""
    variants: Mapping[str, VariantKey]
    """By SKU. What is not there is sold without a variant."""
    rates: Mapping[Spot, tuple[TaxRate, ...]]


class Sold(NamedTuple):
    """A thing that could be bought in a channel."""

    sku: str
    name: str
    variant: str
    weight: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class Bought:
    """A past order that wants for its customer's id."""

    order: PastOrder
    customer: NewCustomer | None
    """None: a guest."""


def bought(number: int, ground: Ground) -> Bought:
    """The past order with this number, counted from 0."""
    dice = Random(f"{_SEED}/{number}")  # noqa: S311 — nothing here is secret
    channel = dice.choice(sorted(SPOTS))
    terms = next(each for each in content.shop().channels if each.code == channel)
    spot = dice.choice(SPOTS[channel])
    at = _FIRST_DAY + timedelta(seconds=dice.randrange(_SECONDS))
    _, status, payment, fulfilment = dice.choices(_STATES, weights=_WEIGHTS)[0]
    name = dice.choice(_FIRST_NAMES), dice.choice(_LAST_NAMES)
    customer = _customer(dice, terms.languages[0]) if dice.random() < _REGULAR else None
    address = Address(
        first_name=name[0],
        last_name=name[1],
        line1=f"{dice.randint(1, 200)} {dice.choice(_STREETS)}",
        city=spot.city,
        region=spot.region,
        postal_code=spot.postal_code,
        country=spot.country,
    )
    rates = ground.rates[spot]
    things = dice.sample(_things(channel), k=dice.choice(_LINES))
    is_partial = fulfilment is FulfilmentStatus.PARTIAL
    lines = [
        _line(thing, 2 if is_partial else dice.choice(_MOST_OF_A_LINE), terms.currency, terms.tax_mode, rates, ground)
        for thing in things
    ]
    delivery = _price(terms.currency, terms.tax_mode, _SHIPPING[channel], 1, rates)
    is_cancelled = status is OrderStatus.CANCELLED
    was_placed = payment is not PaymentStatus.FAILED
    order = PastOrder(
        external_id=f"{_SEED}:{number}",
        number=f"{channel.upper()}-H{number:07d}",
        channel_id=ground.channels[channel],
        currency=terms.currency,
        tax_mode=terms.tax_mode,
        status=status,
        payment_status=payment,
        fulfilment_status=fulfilment,
        created_at=at,
        placed_at=at + timedelta(seconds=2) if was_placed else None,
        cancelled_at=at + _SHIPPED_AFTER if is_cancelled else None,
        cancel_reason="Not wanted any more." if is_cancelled else None,
        language=terms.languages[0],
        email=customer.email if customer else f"guest{number}@example.com",
        lines=[_shipped(line, fulfilment) for line in lines],
        shipping=PastShipping(code="standard", name="Standard", total=delivery.total, taxes=delivery.taxes),
        shipping_address=address,
        billing_address=address,
    )
    return Bought(order=order, customer=customer)


def _customer(dice: Random, language: str) -> NewCustomer:
    number = int(_CUSTOMERS * dice.random() ** _LOYALTY)
    return NewCustomer(
        email=f"customer{number}@example.com", name=f"Customer {number}", language=language, since=_FIRST_DAY
    )


def _line(
    thing: Sold, quantity: int, currency: str, mode: TaxMode, rates: tuple[TaxRate, ...], ground: Ground
) -> PastLine:
    priced = _price(currency, mode, thing.amount, quantity, rates)
    variant = ground.variants.get(thing.sku)
    return PastLine(
        sku=thing.sku,
        product_name=thing.name,
        variant_name=thing.variant or None,
        variant_id=variant.id if variant else None,
        product_id=variant.product_id if variant else None,
        quantity=quantity,
        weight_grams=thing.weight,
        unit=priced.unit,
        total=priced.total,
        taxes=priced.taxes,
    )


def _shipped(line: PastLine, fulfilment: FulfilmentStatus) -> PastLine:
    if fulfilment is FulfilmentStatus.FULFILLED:
        return _with_shipped(line, line.quantity)
    return _with_shipped(line, 1) if fulfilment is FulfilmentStatus.PARTIAL else line


def _with_shipped(line: PastLine, quantity: int) -> PastLine:
    return replace(line, shipped_quantity=quantity)


@lru_cache(maxsize=50_000)
def _price(currency: str, mode: TaxMode, amount: int, quantity: int, rates: tuple[TaxRate, ...]) -> PricedLine:
    """A line by itself: nothing of these orders depends on other lines, and the same is sold over and over."""
    line = BasketLine(id=UUID(int=0), quantity=quantity, unit_amount=amount, rates=rates)
    return price_basket(Basket(currency=currency, mode=mode, lines=[line])).lines[0]


@cache
def _things(channel: str) -> list[Sold]:
    """What the demonstration shop sells in a channel."""
    found = []
    for item in shop.items():
        amounts = {price.sku: price.amount for price in item.prices if price.channel == channel}
        for variant in item.product.variants:
            if (amount := amounts.get(variant.sku)) is not None:
                weight = variant.weight_grams or 0
                found.append(Sold(variant.sku, item.product.name or "", variant.name or "", weight, amount))
    return found
