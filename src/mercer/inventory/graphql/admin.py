"""Stock as the admin API shows it: in every warehouse."""

from datetime import datetime

import sqlalchemy as sa
import strawberry

from mercer.catalog.graphql.admin import ProductVariant
from mercer.channels.graphql.admin import Channel
from mercer.inventory import models, tables
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Given,
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
from mercer.platform.graphql.views.operators import DateTimeOperators, IdOperators

strawberry.enum(models.MovementKind, name="StockMovementKind", description=models.MovementKind.__doc__)


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
    archived_at: datetime | None = column(description="Since when it is closed. Null: it is open.")
    version: int = column()


@view(tables.stock)
class StockLevel:
    """How many of a variant a warehouse has, and what of them is spoken for."""

    warehouse: Warehouse | None = one(on=lambda stock, warehouse: warehouse.c.id == stock.c.warehouse_id)
    on_hand: int = column()
    allocated: int = column(description="Sold, not yet shipped.")
    held: int = column(description="Reserved for buyers in checkout.")
    backorder_limit: int = column(description="How many may be sold beyond what is on hand.")
    available: int = computed(lambda stock: stock.c.on_hand - stock.c.allocated - stock.c.held, total=True)


@view(tables.movement)
class StockMovement:
    """What changed in how many of a variant a warehouse has. A level is the sum of its movements, always."""

    id: strawberry.ID = column()
    kind: models.MovementKind = column()
    variant: ProductVariant | None = one(on=lambda movement, variant: variant.c.id == movement.c.variant_id)
    warehouse: Warehouse | None = one(on=lambda movement, warehouse: warehouse.c.id == movement.c.warehouse_id)
    on_hand: int = column(description="By how much it changed, as all that follow.")
    allocated: int = column()
    held: int = column()
    reason: str | None = column()
    moved_at: datetime = column("at")
    actor_kind: str = column(description="What moved it: `staff`, `system`, an `api_key` …")
    actor_id: strawberry.ID | None = column()
    level: StockLevel | None = one(
        on=lambda movement, level: sa.and_(
            level.c.variant_id == movement.c.variant_id, level.c.warehouse_id == movement.c.warehouse_id
        ),
        description="How many there are now.",
    )


@strawberry.type
class VariantStock:
    """What inventory adds to a variant."""

    stock: list[StockLevel] = many(
        on=lambda variant, stock: stock.c.variant_id == variant.c.id,
        order_by=lambda stock: (stock.c.warehouse_id,),
        needs="stock.read",
    )


@strawberry.type
class Query:
    warehouse: Warehouse | None = one(
        arguments={
            "id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value),
            "code": Argument(str, lambda row, given: row.c.code == given.value),
        },
        needs="stock.read",
    )
    warehouses: Connection[Warehouse] = page(needs="stock.read")
    stock_movements: Connection[StockMovement] = page(needs="stock.read", description="The ledger of stock.")


@strawberry.input(description="Movements of any of these kinds.")
class MovementKindOperators:
    in_: list[models.MovementKind] | None = strawberry.field(name="in", default=strawberry.UNSET)


def _is_of_kind(movement: Row, given: Given) -> sa.ColumnElement[bool]:
    if "in" not in given:
        return sa.true()
    kinds = [item.constant.value for item in given["in"].items]
    return sa.or_(sa.false(), *(movement.c.kind == sa.literal_column(f"'{each}'") for each in kinds))


LISTINGS: Listings = {
    Warehouse: Listing(
        sorts={"CODE": Sort(lambda row: row.c.code)}, default_order=AskedOrder("CODE", SortDirection.ASC)
    ),
    StockMovement: Listing(
        filters={
            "variant": Filter(IdOperators, lambda movement, given: given.compared(movement.c.variant_id)),
            "warehouse": Filter(IdOperators, lambda movement, given: given.compared(movement.c.warehouse_id)),
            "kind": Filter(MovementKindOperators, _is_of_kind),
            "movedAt": Filter(DateTimeOperators, lambda movement, given: given.compared(movement.c.at)),
        },
        sorts={"MOVED_AT": Sort(lambda movement: movement.c.at)},
        default_order=AskedOrder("MOVED_AT", SortDirection.DESC),
    ),
}
