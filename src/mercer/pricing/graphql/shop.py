"""Prices as the shop API shows them: what is listed in the channel."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
import strawberry

from mercer.catalog.graphql.binds import NOW
from mercer.catalog.graphql.caching import OF_PRODUCTS
from mercer.channels.graphql.binds import CHANNEL
from mercer.platform.graphql.views import (
    Cached,
    Filter,
    Given,
    Listing,
    Row,
    Sort,
    column,
    computed,
    embedded,
    one,
    request,
)
from mercer.platform.graphql.views.operators import DecimalOperators
from mercer.pricing import tables
from mercer.values.graphql.money import decimal_amount

IS_TAX_INCLUDED = request("is_tax_included", sa.Boolean)
CURRENCY_SCALE = request("currency_scale", sa.Integer)
_LARGEST = sa.literal_column(str(2**63 - 1), type_=sa.BigInteger)


@strawberry.type(description="What one unit costs.")
class Price:
    amount: Decimal = computed(lambda row: decimal_amount(row.c.amount, row.c.currency), total=True)
    currency: str = column(description="ISO 4217.")
    is_tax_included: bool = computed(lambda _: IS_TAX_INCLUDED, total=True)


@strawberry.type(description="What one unit of a variant costs.")
class VariantPrice(Price):
    before: Decimal | None = computed(
        lambda row: decimal_amount(row.c.before_amount, row.c.currency),
        description="The struck-out amount beside it, if any.",
    )


def _price(row: Row, name: str) -> Mapping[str, sa.ColumnElement[object]]:
    return {"amount": row.c[name], "currency": row.c.currency}


@strawberry.type(description="The lowest and the highest price of a product's variants.")
class PriceRange:
    start: Price = embedded(lambda row: _price(row, "start_amount"), total=True)
    stop: Price = embedded(lambda row: _price(row, "stop_amount"), total=True)


def _is_listed(listed: Row) -> sa.ColumnElement[bool]:
    """Whether this is what is listed in the channel now."""
    return sa.and_(
        listed.c.channel_id == CHANNEL,
        listed.c.valid_from <= NOW,
        sa.or_(listed.c.valid_until.is_(None), listed.c.valid_until > NOW),
    )


def _is_range_of(product: Row, listed: Row) -> sa.ColumnElement[bool]:
    return sa.and_(listed.c.product_id == product.c.id, _is_listed(listed), listed.c.start_amount.is_not(None))


def _is_price_of(variant: Row, listed: Row) -> sa.ColumnElement[bool]:
    return sa.and_(listed.c.variant_id == variant.c.id, _is_listed(listed))


@strawberry.type
class ProductPrices:
    """What pricing adds to a product."""

    price_range: PriceRange | None = one(
        tables.listed_range, on=_is_range_of, description="Null when nothing has a price."
    )


@strawberry.type
class VariantPrices:
    """What pricing adds to a variant."""

    price: VariantPrice | None = one(
        tables.listed, on=_is_price_of, description="Null when it has none in this channel."
    )


def _costs(product: Row, given: Given) -> sa.ColumnElement[bool]:
    """Whether any variant's price lies within bounds that are exact amounts in the channel's currency."""
    listed = tables.listed.alias()
    asked = [listed.c.product_id == product.c.id, _is_listed(listed), listed.c.is_sold]
    if "gte" in given:
        asked.append(listed.c.amount >= _minor(sa.func.ceil(given["gte"].value * CURRENCY_SCALE)))
    if "lte" in given:
        asked.append(listed.c.amount <= _minor(sa.func.floor(given["lte"].value * CURRENCY_SCALE)))
    return sa.exists().select_from(listed).where(*asked)


def _minor(amount: sa.ColumnElement[object]) -> sa.ColumnElement[int]:
    """Whole minor units, within what a column holds."""
    return sa.cast(sa.func.greatest(sa.func.least(amount, _LARGEST), -_LARGEST), sa.BigInteger)


def _next_price() -> sa.ColumnElement[datetime | None]:
    """When the next scheduled price begins or ends in the channel."""
    starting, ending = tables.scheduled_price.alias(), tables.scheduled_price.alias()
    begins = sa.select(sa.func.min(starting.c.valid_from)).where(
        starting.c.channel_id == CHANNEL, starting.c.valid_from > NOW
    )
    ends = sa.select(sa.func.min(ending.c.valid_until)).where(
        ending.c.channel_id == CHANNEL, ending.c.valid_until > NOW
    )
    return sa.func.least(begins.scalar_subquery(), ends.scalar_subquery())


CACHED = Cached(
    tables=dict.fromkeys((tables.listed, tables.listed_range, tables.scheduled_price), OF_PRODUCTS),
    changes_at={tables.listed: _next_price, tables.listed_range: _next_price},
)

PRODUCTS = Listing(
    filters={"price": Filter(DecimalOperators, _costs)},
    sorts={
        "PRICE": Sort(
            value=lambda listed: sa.func.coalesce(listed.c.start_amount, _LARGEST, type_=sa.BigInteger()),
            descending=lambda listed: sa.func.coalesce(
                listed.c.start_amount, sa.literal_column("-1"), type_=sa.BigInteger()
            ),
            table=tables.listed_range,
            on=lambda product, listed: sa.and_(listed.c.product_id == product.c.id, _is_listed(listed)),
            key="product_id",
        )
    },
)
