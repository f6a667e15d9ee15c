"""Taxes as the admin API shows them."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
import strawberry

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
    many,
    one,
    page,
    view,
)
from mercer.platform.graphql.views.operators import DateTimeOperators, IdOperators
from mercer.tax import tables
from mercer.tax.rules import MOST_AREAS

VERSION = "Send it with a change, which is refused if somebody else made one in the meantime."
_BY_ID = Argument(strawberry.ID, lambda row, given: row.c.id == given.value)
_BY_CODE = Argument(str, lambda row, given: row.c.code == given.value)


@view(tables.tax_class)
class TaxClass:
    """Goods, or services, that are taxed alike."""

    id: strawberry.ID = column()
    code: str = column()
    name: str = column()
    is_default: bool = column(description="Whether it is that of all products that were given none.")
    version: int = column(description=VERSION)


@view(tables.area)
class TaxArea:
    """A country, or a part of it. The longest postal code decides, then the region, then the country."""

    country: str = column(description="ISO 3166-1, two letters.")
    region: str | None = column()
    postal_from: str | None = column(description="What postal codes begin with, at least.")
    postal_to: str | None = column(description="What they begin with, at most.")


@view(tables.zone)
class TaxZone:
    """Places where the same rates hold. Its code is the jurisdiction of its taxes."""

    id: strawberry.ID = column()
    code: str = column()
    name: str = column()
    areas: list[TaxArea] = many(
        on=lambda zone, area: area.c.zone_id == zone.c.id,
        order_by=lambda area: (area.c.country, area.c.id),
        most=MOST_AREAS,
    )
    rates: list["TaxRate"] = many(
        on=lambda zone, rate: rate.c.zone_id == zone.c.id,
        order_by=lambda rate: (rate.c.name, rate.c.id),
    )
    version: int = column(description=VERSION)


@view(tables.rate)
class TaxRate:
    """A tax at a rate, from a moment on until another. Of several names they add up."""

    id: strawberry.ID = column()
    zone: TaxZone | None = one(on=lambda rate, zone: zone.c.id == rate.c.zone_id)
    tax_class: TaxClass | None = one(on=lambda rate, tax_class: tax_class.c.id == rate.c.tax_class_id)
    name: str = column()
    rate: Decimal = column(description="0.19 is 19 per cent.")
    begins_at: datetime | None = column("valid_from", description="Null: it has always held.")
    ends_at: datetime | None = column("valid_until", description="From when on it holds no longer.")
    version: int = column(description=VERSION)


def _is_class_of(product: Row, tax_class: Row) -> sa.ColumnElement[bool]:
    given, default = tables.product_tax_class.alias(), tables.tax_class.alias()
    own = sa.select(given.c.tax_class_id).where(given.c.product_id == product.c.id).scalar_subquery()
    usual = sa.select(default.c.id).where(default.c.is_default).scalar_subquery()
    return tax_class.c.id == sa.func.coalesce(own, usual)


@strawberry.type
class ProductTaxes:
    """What taxes add to a product."""

    tax_class: TaxClass | None = one(
        on=_is_class_of, needs="taxes.read", description="The default one, if it was given none."
    )


@strawberry.type
class Query:
    tax_class: TaxClass | None = one(arguments={"id": _BY_ID, "code": _BY_CODE}, needs="taxes.read")
    tax_classes: Connection[TaxClass] = page(needs="taxes.read")
    tax_zone: TaxZone | None = one(arguments={"id": _BY_ID, "code": _BY_CODE}, needs="taxes.read")
    tax_zones: Connection[TaxZone] = page(needs="taxes.read")
    tax_rate: TaxRate | None = one(arguments={"id": _BY_ID}, needs="taxes.read")
    tax_rates: Connection[TaxRate] = page(needs="taxes.read", description="Those that hold, held, or will hold.")


_CODES = Listing(sorts={"CODE": Sort(lambda row: row.c.code)}, default_order=AskedOrder("CODE", SortDirection.ASC))

LISTINGS: Listings = {
    TaxClass: _CODES,
    TaxZone: _CODES,
    TaxRate: Listing(
        filters={
            "zone": Filter(IdOperators, lambda rate, given: given.compared(rate.c.zone_id)),
            "taxClass": Filter(IdOperators, lambda rate, given: given.compared(rate.c.tax_class_id)),
            "beginsAt": Filter(DateTimeOperators, lambda rate, given: given.compared(rate.c.valid_from)),
        },
        sorts={"NAME": Sort(lambda rate: rate.c.name)},
        default_order=AskedOrder("NAME", SortDirection.ASC),
    ),
}
