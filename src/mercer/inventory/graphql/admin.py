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
    within_warehouses,
)
from mercer.platform.graphql.views.operators import BooleanOperators, DateTimeOperators, IdOperators

READ = "stock.read"

strawberry.enum(models.MovementKind, name="StockMovementKind", description=models.MovementKind.__doc__)


def _is_seen(row: Row) -> sa.ColumnElement[bool]:
    return within_warehouses(READ, row.c.warehouse_id)


def _serves(warehouse: Row, channel: Row) -> sa.ColumnElement[bool]:
    serving = tables.warehouse_channel.alias()
    return channel.c.id.in_(sa.select(serving.c.channel_id).where(serving.c.warehouse_id == warehouse.c.id))


def _of_level(stock: Row, row: Row) -> sa.ColumnElement[bool]:
    return sa.and_(row.c.variant_id == stock.c.variant_id, row.c.warehouse_id == stock.c.warehouse_id)


def _is_open(allocation: Row) -> sa.ColumnElement[bool]:
    return allocation.c.quantity > allocation.c.shipped + allocation.c.released


@view(tables.warehouse, rows=lambda warehouse: within_warehouses(READ, warehouse.c.id))
class Warehouse:
    """A place that goods are shipped from."""

    id: strawberry.ID = column()
    code: str = column()
    name: str = column()
    country: str = column(description="ISO 3166-1, two letters.")
    channels: list[Channel] = many(on=_serves, order_by=lambda channel: (channel.c.code,))
    archived_at: datetime | None = column(description="Since when it is closed. Null: it is open.")
    version: int = column()


@view(tables.hold, rows=_is_seen)
class StockHold:
    """Stock that waits for a buyer."""

    holder_id: strawberry.ID = column(description="The cart.")
    variant: ProductVariant | None = one(on=lambda hold, variant: variant.c.id == hold.c.variant_id)
    warehouse: Warehouse | None = one(on=lambda hold, warehouse: warehouse.c.id == hold.c.warehouse_id)
    quantity: int = column()
    expires_at: datetime = column(description="Until when it waits. Soon after, it is anybody's again.")


@view(tables.allocation, rows=_is_seen)
class StockAllocation:
    """Stock that is set aside for a line of an order, in a warehouse."""

    id: strawberry.ID = column()
    order_id: strawberry.ID = column()
    line_id: strawberry.ID = column()
    variant: ProductVariant | None = one(on=lambda allocation, variant: variant.c.id == allocation.c.variant_id)
    warehouse: Warehouse | None = one(on=lambda allocation, warehouse: warehouse.c.id == allocation.c.warehouse_id)
    quantity: int = column(description="How many were set aside at first.")
    shipped: int = column(description="How many of them have left.")
    released: int = column(description="How many of them were let go of.")
    allocated_at: datetime = column("at")


@view(tables.stock, rows=_is_seen)
class StockLevel:
    """How many of a variant a warehouse has, and what of them is spoken for."""

    warehouse: Warehouse | None = one(on=lambda stock, warehouse: warehouse.c.id == stock.c.warehouse_id)
    on_hand: int = column()
    allocated: int = column(description="Sold, not yet shipped.")
    held: int = column(description="Reserved for buyers in checkout.")
    backorder_limit: int = column(description="How many may be sold beyond what is on hand.")
    available: int = computed(lambda stock: stock.c.on_hand - stock.c.allocated - stock.c.held, total=True)
    holds: list[StockHold] = many(on=_of_level, order_by=lambda hold: (hold.c.expires_at, hold.c.holder_id))
    allocations: list[StockAllocation] = many(
        on=lambda stock, allocation: sa.and_(_of_level(stock, allocation), _is_open(allocation)),
        order_by=lambda allocation: (allocation.c.id,),
        description="What has not left yet.",
    )


@view(tables.movement, rows=_is_seen)
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
    subject_id: strawberry.ID | None = column(description="What it was for: a cart, an order, a shipment, a transfer.")
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
        needs=READ,
    )


@strawberry.type
class Query:
    warehouse: Warehouse | None = one(
        arguments={
            "id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value),
            "code": Argument(str, lambda row, given: row.c.code == given.value),
        },
        needs=READ,
    )
    warehouses: Connection[Warehouse] = page(needs=READ)
    stock_movements: Connection[StockMovement] = page(needs=READ, description="The ledger of stock.")
    stock_holds: Connection[StockHold] = page(needs=READ, description="What waits for buyers.")
    stock_allocations: Connection[StockAllocation] = page(
        needs=READ, description="What is, or was, set aside for orders."
    )


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
            "subjectId": Filter(IdOperators, lambda movement, given: given.compared(movement.c.subject_id)),
            "movedAt": Filter(DateTimeOperators, lambda movement, given: given.compared(movement.c.at)),
        },
        sorts={"MOVED_AT": Sort(lambda movement: movement.c.at)},
        default_order=AskedOrder("MOVED_AT", SortDirection.DESC),
    ),
    StockAllocation: Listing(
        filters={
            "orderId": Filter(IdOperators, lambda allocation, given: given.compared(allocation.c.order_id)),
            "variant": Filter(IdOperators, lambda allocation, given: given.compared(allocation.c.variant_id)),
            "warehouse": Filter(IdOperators, lambda allocation, given: given.compared(allocation.c.warehouse_id)),
            "isOpen": Filter(BooleanOperators, lambda allocation, given: given.compared(_is_open(allocation))),
        },
        sorts={"ALLOCATED_AT": Sort(lambda allocation: allocation.c.at)},
        default_order=AskedOrder("ALLOCATED_AT", SortDirection.DESC),
    ),
    StockHold: Listing(
        filters={
            "holderId": Filter(IdOperators, lambda hold, given: given.compared(hold.c.holder_id)),
            "variant": Filter(IdOperators, lambda hold, given: given.compared(hold.c.variant_id)),
            "warehouse": Filter(IdOperators, lambda hold, given: given.compared(hold.c.warehouse_id)),
        },
        sorts={"EXPIRES_AT": Sort(lambda hold: hold.c.expires_at)},
        default_order=AskedOrder("EXPIRES_AT", SortDirection.ASC),
    ),
}
