"""The verbs by which staff take stock to another warehouse, and let more be sold than there is."""

from collections.abc import Sequence
from uuid import UUID

from mercer.inventory.errors import TransferInvalid
from mercer.inventory.models import Adjustment, BackorderLimit, MovementKind, Transfer
from mercer.inventory.queries.stock import set_backorder_limit
from mercer.inventory.rules.values import adjusted, check_backorder_limit, check_quantity, check_transfer
from mercer.inventory.service.locking import Locked, Move, lock, move, told_reason
from mercer.inventory.service.telling import tell_changed
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.values.ids import new_id


async def transfer_stock(
    context: Context, *, from_id: UUID, to_id: UUID, transfers: Sequence[Transfer], reason: str
) -> list[UUID]:
    """Take so many of each variant from a warehouse to another; all or none.

    Returns the movements: what leaves, in the order given, then what arrives. Never takes what is sold or held. Raises
    `VariantNotFound`, `WarehouseNotFound`, `WarehouseClosed`, `InsufficientStock`, and what is wrong with a value.
    """
    reason = told_reason(reason)
    if from_id == to_id:
        raise TransferInvalid().at("toWarehouseId")
    for index, transfer in enumerate(transfers):
        try:
            check_transfer(transfer)
        except DomainError as error:
            raise error.at("lines", str(index), "quantity") from None
    changes = [
        Adjustment(variant_id=each.variant_id, warehouse_id=warehouse_id, delta=sign * each.quantity)
        for warehouse_id, sign in ((from_id, -1), (to_id, 1))
        for each in transfers
    ]
    locked = await _lock(context, changes)
    moves: list[Move] = []
    for index, change in enumerate(changes):
        try:
            adjusted(locked.level(change), change)
        except DomainError as error:
            raise error.at("lines", str(index % len(transfers)), "quantity") from None
        moves.append((change, change.delta, MovementKind.TRANSFERRED))
    return await move(context, moves=moves, locked=locked, reason=reason, subject_id=new_id(context.now))


async def set_backorders(context: Context, *, limit: BackorderLimit) -> None:
    """Say how many of a variant a warehouse may sell beyond what is on hand.

    Raises `VariantNotFound`, `WarehouseNotFound`, `WarehouseClosed`, `BackordersPromised`, `QuantityInvalid`.
    """
    try:
        check_quantity(limit.limit)
    except DomainError as error:
        raise error.at("limit") from None
    try:
        locked = await lock(context, places=[limit], name="limits")
    except DomainError as error:
        raise error.at(*error.path[2:]) from None
    level = locked.level(limit)
    try:
        check_backorder_limit(level, limit)
    except DomainError as error:
        raise error.at("limit") from None
    if limit.limit == level.backorder_limit:
        return
    await set_backorder_limit(context.db, limit, limit.limit)
    field = f"stock.{locked.warehouses[limit.warehouse_id].code}.backorderLimit"
    context.record("ProductVariant", limit.variant_id, {field: (level.backorder_limit, limit.limit)})
    tell_changed(context, {limit.variant_id: locked.variants[limit.variant_id].product_id})


async def _lock(context: Context, changes: Sequence[Adjustment]) -> Locked:
    """Lock the levels of both warehouses: first what leaves, then what arrives."""
    count = len(changes) // 2
    try:
        return await lock(context, places=changes, name="lines")
    except DomainError as error:
        if len(error.path) > 1:
            index = int(error.path[1])
            warehouse = "fromWarehouseId" if index < count else "toWarehouseId"
            is_warehouse = error.path[2:] == ("warehouseId",)
            raise error.at(
                *((warehouse,) if is_warehouse else ("lines", str(index % count), *error.path[2:]))
            ) from None
        raise
