"""Stock as the shop API shows it: what warehouses that serve the channel can ship."""

import sqlalchemy as sa
import strawberry

from mercer.catalog.graphql import shop as catalog
from mercer.channels.graphql.binds import CHANNEL
from mercer.inventory import tables
from mercer.platform.graphql.views import EVERYTHING, Cached, Filter, Given, Listing, Row, computed, related_any
from mercer.platform.graphql.views.operators import BooleanOperators

_MOST = sa.literal_column(str(2**31 - 1), type_=sa.Integer)
"""What an Int of GraphQL can say."""


def _stock_of(variant: Row, stock: Row) -> sa.ColumnElement[bool]:
    """Stock of the variant in a warehouse that serves the channel."""
    serving = tables.warehouse_channel.alias()
    warehouses = sa.select(serving.c.warehouse_id).where(serving.c.channel_id == CHANNEL)
    return sa.and_(stock.c.variant_id == variant.c.id, stock.c.warehouse_id.in_(warehouses))


def available(variant: Row) -> sa.ColumnElement[int]:
    """How many can be bought now from what is on hand."""
    stock = tables.stock.alias()
    free = sa.func.greatest(stock.c.on_hand - stock.c.allocated - stock.c.held, sa.literal_column("0"))
    total = sa.func.least(sa.func.coalesce(sa.func.sum(free), sa.literal_column("0")), _MOST)
    return sa.select(total).select_from(stock).where(_stock_of(variant, stock)).scalar_subquery()


def is_available(variant: Row) -> sa.ColumnElement[bool]:
    """Whether at least one can be bought now, on hand or on back-order."""
    stock = tables.stock.alias()
    promised = stock.c.on_hand - stock.c.allocated - stock.c.held + stock.c.backorder_limit
    return sa.exists().select_from(stock).where(_stock_of(variant, stock), promised > sa.literal_column("0"))


OF_STOCK = "stock"
"""What lists that ask for availability are chosen by."""


@strawberry.type
class VariantStock:
    """What inventory adds to a variant."""

    available: int = computed(available, total=True, description="How many can be bought now from stock.")
    is_available: bool = computed(
        is_available, total=True, description="Whether at least one can be bought now, from stock or on back-order."
    )


def _any_available(product: Row, given: Given) -> sa.ColumnElement[bool]:
    return given.compared(related_any(catalog.Product, "variants", product, is_available))


CACHED = Cached(tables={tables.stock: OF_STOCK, tables.warehouse_channel: EVERYTHING})

PRODUCTS = Listing(filters={"isAvailable": Filter(BooleanOperators, _any_available)})
