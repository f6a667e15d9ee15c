"""Stock as the admin API shows it: in every warehouse."""

import sqlalchemy as sa
import strawberry

from mercer.channels.graphql.admin import Channel
from mercer.inventory import tables
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
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


def _serves(warehouse: Row, channel: Row) -> sa.ColumnElement[bool]:
    serving = tables.warehouse_channel.alias()
    return channel.c.id.in_(sa.select(serving.c.channel_id).where(serving.c.warehouse_id == warehouse.c.id))


@view(tables.warehouse)
class Warehouse:
    """A place that goods are shipped from."""

    id: strawberry.ID = column()
    code: str = column()
    name: str = column()
    country: str = column(description="ISO 3166-1, two letters.")
    channels: list[Channel] = many(on=_serves, order_by=lambda channel: (channel.c.code,))


@view(tables.stock)
class StockLevel:
    """How many of a variant a warehouse has, and what of them is spoken for."""

    warehouse: Warehouse | None = one(on=lambda stock, warehouse: warehouse.c.id == stock.c.warehouse_id)
    on_hand: int = column()
    allocated: int = column(description="Sold, not yet shipped.")
    held: int = column(description="Reserved for buyers in checkout.")
    backorder_limit: int = column(description="How many may be sold beyond what is on hand.")
    available: int = computed(lambda stock: stock.c.on_hand - stock.c.allocated - stock.c.held, total=True)


@strawberry.type
class VariantStock:
    """What inventory adds to a variant."""

    stock: list[StockLevel] = many(
        on=lambda variant, stock: stock.c.variant_id == variant.c.id, order_by=lambda stock: (stock.c.warehouse_id,)
    )


@strawberry.type
class Query:
    warehouse: Warehouse | None = one(
        arguments={
            "id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value),
            "code": Argument(str, lambda row, given: row.c.code == given.value),
        }
    )
    warehouses: Connection[Warehouse] = page()


LISTINGS: Listings = {
    Warehouse: Listing(
        sorts={"CODE": Sort(lambda row: row.c.code)}, default_order=AskedOrder("CODE", SortDirection.ASC)
    ),
}
