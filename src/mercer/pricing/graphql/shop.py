"""Prices as the shop API shows them: what is listed in the channel."""

from collections.abc import Mapping
from decimal import Decimal

import sqlalchemy as sa
import strawberry

from mercer.channels.graphql.binds import CHANNEL
from mercer.platform.graphql.views import Filter, Given, Listing, Row, Sort, column, computed, embedded, one, request
from mercer.platform.graphql.views.operators import DecimalOperators
from mercer.pricing import tables
from mercer.pricing.graphql.money import decimal_amount

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


def _is_range_of(product: Row, listed: Row) -> sa.ColumnElement[bool]:
    return sa.and_(
        listed.c.product_id == product.c.id, listed.c.channel_id == CHANNEL, listed.c.start_amount.is_not(None)
    )


def _is_price_of(variant: Row, listed: Row) -> sa.ColumnElement[bool]:
    return sa.and_(listed.c.variant_id == variant.c.id, listed.c.channel_id == CHANNEL)


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
    asked = [listed.c.product_id == product.c.id, listed.c.channel_id == CHANNEL]
    if "gte" in given:
        asked.append(listed.c.amount >= _minor(sa.func.ceil(given["gte"].value * CURRENCY_SCALE)))
    if "lte" in given:
        asked.append(listed.c.amount <= _minor(sa.func.floor(given["lte"].value * CURRENCY_SCALE)))
    return sa.exists().select_from(listed).where(*asked)


def _minor(amount: sa.ColumnElement[object]) -> sa.ColumnElement[int]:
    """Whole minor units, within what a column holds."""
    return sa.cast(sa.func.greatest(sa.func.least(amount, _LARGEST), -_LARGEST), sa.BigInteger)


PRODUCTS = Listing(
    filters={"price": Filter(DecimalOperators, _costs)},
    sorts={
        "PRICE": Sort(
            value=lambda listed: sa.func.coalesce(listed.c.start_amount, _LARGEST, type_=sa.BigInteger()),
            descending=lambda listed: sa.func.coalesce(
                listed.c.start_amount, sa.literal_column("-1"), type_=sa.BigInteger()
            ),
            table=tables.listed_range,
            on=lambda product, listed: sa.and_(listed.c.product_id == product.c.id, listed.c.channel_id == CHANNEL),
            key="product_id",
        )
    },
)
