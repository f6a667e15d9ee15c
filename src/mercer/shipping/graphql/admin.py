"""Shipping as the admin API shows it."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
import strawberry

from mercer.channels.graphql.admin import Channel
from mercer.platform.graphql.scalars import Translations
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    computed,
    many,
    one,
    page,
    view,
)
from mercer.platform.graphql.views.operators import IdOperators
from mercer.shipping import models, tables
from mercer.shipping.rules import MOST_AREAS, MOST_TIERS
from mercer.values.graphql.money import decimal_amount

VERSION = "Send it with a change, which is refused if somebody else made one in the meantime."
_BY_ID = Argument(strawberry.ID, lambda row, given: row.c.id == given.value)
_BY_CODE = Argument(str, lambda row, given: row.c.code == given.value)

strawberry.enum(models.RateBasis, name="ShippingRateBasis", description=models.RateBasis.__doc__)


@view(tables.area)
class ShippingArea:
    """A country, or a part of it."""

    country: str = column(description="ISO 3166-1, two letters.")
    region: str | None = column()
    postal_from: str | None = column(description="What postal codes begin with, at least.")
    postal_to: str | None = column(description="What they begin with, at most.")


def _serves(zone: Row, channel: Row) -> sa.ColumnElement[bool]:
    serving = tables.zone_channel.alias()
    return channel.c.id.in_(sa.select(serving.c.channel_id).where(serving.c.zone_id == zone.c.id))


@view(tables.zone)
class ShippingZone:
    """Places that a shop ships to in the same ways, and the channels that it does so for."""

    id: strawberry.ID = column()
    code: str = column()
    name: str = column()
    areas: list[ShippingArea] = many(
        on=lambda zone, area: area.c.zone_id == zone.c.id,
        order_by=lambda area: (area.c.country, area.c.id),
        most=MOST_AREAS,
    )
    channels: list[Channel] = many(on=_serves, order_by=lambda channel: (channel.c.code,))
    methods: list["ShippingMethod"] = many(
        on=lambda zone, method: method.c.zone_id == zone.c.id,
        order_by=lambda method: (method.c.position, method.c.id),
    )
    version: int = column(description=VERSION)


def _of_tier(tier: Row, name: str) -> sa.ColumnElement[object]:
    """A column of the method that the tier is of."""
    method = tables.method.alias()
    return sa.select(method.c[name]).where(method.c.id == tier.c.method_id).scalar_subquery()


def _start(tier: Row, basis: models.RateBasis) -> sa.ColumnElement[object]:
    is_of_basis = _of_tier(tier, "basis") == sa.literal_column(f"'{basis.value}'")
    if basis is models.RateBasis.WEIGHT:
        return sa.case((is_of_basis, sa.cast(tier.c.starts_at, sa.Integer)))
    return sa.case((is_of_basis, decimal_amount(tier.c.starts_at, _of_tier(tier, "currency"))))  # type: ignore[arg-type]


@view(tables.tier, key="method_id")
class ShippingTier:
    """What a method costs from a weight or value on, up to the next tier."""

    from_weight_grams: int | None = computed(
        lambda tier: _start(tier, models.RateBasis.WEIGHT), description="Where the price depends on the weight."
    )
    from_value: Decimal | None = computed(
        lambda tier: _start(tier, models.RateBasis.VALUE), description="Where the price depends on the value."
    )
    amount: Decimal = computed(lambda tier: decimal_amount(tier.c.amount, _of_tier(tier, "currency")), total=True)  # type: ignore[arg-type]


def _money(name: str, description: str | None = None) -> Decimal | None:
    """The column's minor units, in the method's currency."""
    shown: Decimal | None = computed(
        lambda method: decimal_amount(method.c[name], method.c.currency), description=description
    )
    return shown


@view(tables.method)
class ShippingMethod:
    """A way of delivery to a zone in a channel, and what it costs. Limits are inclusive; null: there is none."""

    id: strawberry.ID = column()
    zone: ShippingZone | None = one(on=lambda method, zone: zone.c.id == method.c.zone_id)
    channel: Channel | None = one(on=lambda method, channel: channel.c.id == method.c.channel_id)
    code: str = column(description="Of the same code the most specific zone's method is offered.")
    name: str = column()
    name_translations: Translations = column()
    description: str = column()
    description_translations: Translations = column()
    carrier: str | None = column()
    tax_class_id: strawberry.ID | None = column(description="Null, or one that is no more: the default class.")
    basis: models.RateBasis = column(description="What its price depends on.")
    currency: str = column(description="The channel's, ISO 4217.")
    amount: Decimal | None = _money("amount", "When it is flat.")
    tiers: list[ShippingTier] = many(
        on=lambda method, tier: tier.c.method_id == method.c.id,
        order_by=lambda tier: (tier.c.starts_at,),
        most=MOST_TIERS,
    )
    free_from: Decimal | None = _money("free_from", "From what value of the goods on it costs nothing.")
    least_weight_grams: int | None = column()
    most_weight_grams: int | None = column()
    least_value: Decimal | None = _money("least_value")
    most_value: Decimal | None = _money("most_value")
    position: int = column(description="The place among those that cost the same, smallest first.")
    archived_at: datetime | None = column(description="Since when it is not offered. Null: it is.")
    version: int = column(description=VERSION)


@strawberry.type
class Query:
    shipping_zone: ShippingZone | None = one(arguments={"id": _BY_ID, "code": _BY_CODE}, needs="shipping.read")
    shipping_zones: Connection[ShippingZone] = page(needs="shipping.read")
    shipping_method: ShippingMethod | None = one(arguments={"id": _BY_ID}, needs="shipping.read")
    shipping_methods: Connection[ShippingMethod] = page(needs="shipping.read")


_BY_CODES = {"CODE": Sort(lambda row: row.c.code)}

LISTINGS: Listings = {
    ShippingZone: Listing(sorts=_BY_CODES, default_order=AskedOrder("CODE", SortDirection.ASC)),
    ShippingMethod: Listing(
        filters={
            "zone": Filter(IdOperators, lambda method, given: given.compared(method.c.zone_id)),
            "channel": Filter(IdOperators, lambda method, given: given.compared(method.c.channel_id)),
        },
        sorts=_BY_CODES,
        default_order=AskedOrder("CODE", SortDirection.ASC),
    ),
}
