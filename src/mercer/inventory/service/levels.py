"""The verbs by which staff change what is on hand."""

from collections.abc import Sequence
from uuid import UUID

from mercer.inventory.models import Adjustment, Count, MovementKind
from mercer.inventory.rules.values import adjusted, check_adjustment, check_quantity, counted
from mercer.inventory.service.locking import Move, lock, move, told_reason
from mercer.platform.context import Context
from mercer.platform.errors import DomainError


async def adjust_stock(context: Context, *, adjustments: Sequence[Adjustment], reason: str) -> list[UUID]:
    """Change how many are on hand, by so many; all or none. Returns the movements, in the order given.

    Where nothing lay before, what is added begins a level. Raises `VariantNotFound`, `WarehouseNotFound`,
    `WarehouseClosed`, `InsufficientStock`, and what is wrong with a value.
    """
    reason = told_reason(reason)
    for index, adjustment in enumerate(adjustments):
        try:
            check_adjustment(adjustment)
        except DomainError as error:
            raise error.at("adjustments", str(index), "delta") from None
    locked = await lock(context, places=adjustments, name="adjustments")
    moves: list[Move] = []
    for index, adjustment in enumerate(adjustments):
        try:
            adjusted(locked.level(adjustment), adjustment)
        except DomainError as error:
            raise error.at("adjustments", str(index), "delta") from None
        moves.append((adjustment, adjustment.delta, MovementKind(adjustment.kind.value)))
    return await move(context, moves=moves, locked=locked, reason=reason)


async def count_stock(context: Context, *, counts: Sequence[Count], reason: str) -> list[UUID]:
    """Set how many are on hand to what was counted; all or none. Returns the movements of levels that differed.

    Raises `StockMoved` where there are not as many as were expected, `VariantNotFound`, `WarehouseNotFound`,
    `WarehouseClosed`, `InsufficientStock`, and what is wrong with a value.
    """
    reason = told_reason(reason)
    for index, count in enumerate(counts):
        try:
            check_quantity(count.on_hand)
        except DomainError as error:
            raise error.at("counts", str(index), "onHand") from None
    locked = await lock(context, places=counts, name="counts")
    moves: list[Move] = []
    for index, count in enumerate(counts):
        level = locked.level(count)
        try:
            delta = counted(level, count) - level.on_hand
        except DomainError as error:
            raise error.at("counts", str(index), "onHand") from None
        if delta:
            moves.append((count, delta, MovementKind.ADJUSTED))
    return await move(context, moves=moves, locked=locked, reason=reason)
