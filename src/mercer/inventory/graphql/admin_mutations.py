"""The mutations by which staff open and close warehouses, and change what lies in them."""

import strawberry

from mercer.catalog.errors import VariantNotFound
from mercer.catalog.graphql.admin import ProductVariant
from mercer.channels.errors import ChannelNotFound
from mercer.inventory import models, service
from mercer.inventory.errors import (
    BackordersPromised,
    InsufficientStock,
    StockMoved,
    WarehouseClosed,
    WarehouseCodeTaken,
    WarehouseNotEmpty,
    WarehouseNotFound,
)
from mercer.inventory.graphql.admin import StockMovement, Warehouse
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, VersionConflict
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, mutation, row, rows

MANAGE = "stock.manage"

strawberry.enum(models.AdjustmentKind, name="StockAdjustmentKind", description=models.AdjustmentKind.__doc__)


@strawberry.input(description="A new warehouse.")
class WarehouseCreateInput:
    code: str = strawberry.field(description="What imports name it by. It never changes.")
    name: str
    country: str = strawberry.field(description="ISO 3166-1, two letters.")
    channel_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The channels that it ships to."
    )


@strawberry.input(description="What is to be another in a warehouse. What is left out, or null, stays as it is.")
class WarehouseUpdateInput:
    name: str | None = None
    country: str | None = strawberry.field(default=None, description="ISO 3166-1, two letters.")
    channel_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="All the channels that it ships to."
    )


@strawberry.input(description="How many more of a variant a warehouse has than before.")
class StockAdjustmentInput:
    variant_id: strawberry.ID
    warehouse_id: strawberry.ID
    delta: int = strawberry.field(description="Negative where there are fewer.")
    kind: models.AdjustmentKind = models.AdjustmentKind.ADJUSTED


@strawberry.input(description="As for several at once, with the reason.")
class StockAdjustInput(StockAdjustmentInput):
    reason: str = strawberry.field(description="Why, for the audit and the ledger.")


@strawberry.input(description="How many of a variant were counted in a warehouse.")
class StockCountInput:
    variant_id: strawberry.ID
    warehouse_id: strawberry.ID
    on_hand: int
    expected: int | None = strawberry.field(
        default=None, description="How many there were when counting began. Where it moved since, nothing is set."
    )


@strawberry.input(description="How many of a variant a warehouse may sell beyond what is on hand.")
class StockBackorderInput:
    variant_id: strawberry.ID
    warehouse_id: strawberry.ID
    limit: int = strawberry.field(description="0: none.")


@strawberry.input(description="So many of a variant.")
class StockTransferLineInput:
    variant_id: strawberry.ID
    quantity: int


@strawberry.input(description="What is taken from a warehouse to another.")
class StockTransferInput:
    from_warehouse_id: strawberry.ID
    to_warehouse_id: strawberry.ID
    lines: list[StockTransferLineInput]
    reason: str = strawberry.field(description="Why, for the audit and the ledger.")


@strawberry.type(description="Stock that was taken from a warehouse to another.")
class StockTransferred:
    movements: list[StockMovement] = strawberry.field(description="What left, in the order given; then what arrived.")


@strawberry.type(description="Stock that was adjusted.")
class StockAdjusted:
    movements: list[StockMovement] = strawberry.field(description="In the order given.")


@strawberry.type(description="Stock that was counted.")
class StockCounted:
    movements: list[StockMovement] = strawberry.field(description="Of what differed from what was known.")
    variants: list[ProductVariant] = strawberry.field(description="All that were counted, in the order given.")


@mutation(WarehouseCodeTaken, ChannelNotFound, needs=MANAGE)
async def warehouse_create(context: Context, input: WarehouseCreateInput) -> Warehouse:
    """Open a warehouse."""
    new = models.NewWarehouse(
        code=input.code,
        name=input.name,
        country=input.country,
        channel_ids=tuple(given_id(each) for each in input.channel_ids),
    )
    return row(Warehouse, await service.create_warehouse(context, warehouse=new))


@mutation(WarehouseNotFound, ChannelNotFound, VersionConflict, needs=MANAGE)
async def warehouse_update(
    context: Context, id: strawberry.ID, input: WarehouseUpdateInput, version: int | None = None
) -> Warehouse:
    """Change what is said of a warehouse, or the channels that it ships to."""
    changes = models.WarehouseChanges(
        name=input.name,
        country=input.country,
        channel_ids=None if input.channel_ids is None else tuple(given_id(each) for each in input.channel_ids),
    )
    warehouse_id = given_id(id)
    await service.update_warehouse(context, warehouse_id=warehouse_id, changes=changes, version=version)
    return row(Warehouse, warehouse_id)


@mutation(WarehouseNotFound, WarehouseNotEmpty, VersionConflict, needs=MANAGE)
async def warehouse_archive(context: Context, id: strawberry.ID, version: int | None = None) -> Warehouse:
    """Close a warehouse that is empty."""
    warehouse_id = given_id(id)
    await service.archive_warehouse(context, warehouse_id=warehouse_id, version=version)
    return row(Warehouse, warehouse_id)


@mutation(WarehouseNotFound, VersionConflict, needs=MANAGE)
async def warehouse_restore(context: Context, id: strawberry.ID, version: int | None = None) -> Warehouse:
    """Open a warehouse again that was closed."""
    warehouse_id = given_id(id)
    await service.restore_warehouse(context, warehouse_id=warehouse_id, version=version)
    return row(Warehouse, warehouse_id)


@mutation(VariantNotFound, WarehouseNotFound, WarehouseClosed, InsufficientStock, needs=MANAGE, key=Key.REQUIRED)
async def stock_adjust(context: Context, input: StockAdjustInput) -> StockMovement:
    """Change how many of a variant a warehouse has, by so many. Never below what is sold or held."""
    try:
        [movement] = await service.adjust_stock(context, adjustments=[_adjustment(input)], reason=input.reason)
    except DomainError as error:
        # One adjustment stands in the arguments without a place in a list.
        raise error.at("input", *(error.path[2:] if error.path[:1] == ("adjustments",) else error.path)) from None
    return row(StockMovement, movement)


@mutation(VariantNotFound, WarehouseNotFound, WarehouseClosed, InsufficientStock, needs=MANAGE, key=Key.REQUIRED)
async def stock_adjust_many(context: Context, adjustments: list[StockAdjustmentInput], reason: str) -> StockAdjusted:
    """Change how many of several variants warehouses have, 250 at most: all of them, or none."""
    movements = await service.adjust_stock(
        context, adjustments=[_adjustment(each) for each in adjustments], reason=reason
    )
    return StockAdjusted(movements=rows(StockMovement, movements))


@mutation(
    VariantNotFound, WarehouseNotFound, WarehouseClosed, InsufficientStock, StockMoved, needs=MANAGE, key=Key.REQUIRED
)
async def stock_set(context: Context, counts: list[StockCountInput], reason: str) -> StockCounted:
    """Set how many there are to what was counted, 250 levels at most: all of them, or none."""
    given = [
        models.Count(
            variant_id=given_id(each.variant_id),
            warehouse_id=given_id(each.warehouse_id),
            on_hand=each.on_hand,
            expected=each.expected,
        )
        for each in counts
    ]
    movements = await service.count_stock(context, counts=given, reason=reason)
    variants = dict.fromkeys(count.variant_id for count in given)
    return StockCounted(
        movements=rows(StockMovement, movements),
        variants=rows(ProductVariant, list(variants)),
    )


@mutation(VariantNotFound, WarehouseNotFound, WarehouseClosed, InsufficientStock, needs=MANAGE, key=Key.REQUIRED)
async def stock_transfer(context: Context, input: StockTransferInput) -> StockTransferred:
    """Take up to 125 variants from a warehouse to another: all of them, or none. Never what is sold or held."""
    try:
        movements = await service.transfer_stock(
            context,
            from_id=given_id(input.from_warehouse_id),
            to_id=given_id(input.to_warehouse_id),
            transfers=[
                models.Transfer(variant_id=given_id(line.variant_id), quantity=line.quantity) for line in input.lines
            ],
            reason=input.reason,
        )
    except DomainError as error:
        raise error.at("input", *error.path) from None
    return StockTransferred(movements=rows(StockMovement, movements))


@mutation(VariantNotFound, WarehouseNotFound, WarehouseClosed, BackordersPromised, needs=MANAGE)
async def stock_backorder_set(context: Context, input: StockBackorderInput) -> ProductVariant:
    """Say how many of a variant a warehouse may sell beyond what is on hand."""
    limit = models.BackorderLimit(
        variant_id=given_id(input.variant_id), warehouse_id=given_id(input.warehouse_id), limit=input.limit
    )
    try:
        await service.set_backorders(context, limit=limit)
    except DomainError as error:
        raise error.at("input", *error.path) from None
    return row(ProductVariant, limit.variant_id)


def _adjustment(given: StockAdjustmentInput) -> models.Adjustment:
    return models.Adjustment(
        variant_id=given_id(given.variant_id),
        warehouse_id=given_id(given.warehouse_id),
        delta=given.delta,
        kind=given.kind,
    )
