"""The verbs by which staff change what is on hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from mercer.catalog.errors import VariantNotFound
from mercer.catalog.models import LockedVariant
from mercer.catalog.service import keep_variants
from mercer.inventory.errors import LevelGivenTwice, LevelsTooMany, WarehouseClosed, WarehouseNotFound
from mercer.inventory.models import Adjustment, Count, KnownWarehouse, LockedLevel, MovementKind, Place
from mercer.inventory.queries import stock as queries
from mercer.inventory.queries.warehouses import find_warehouses
from mercer.inventory.rules.values import MOST_LEVELS, adjusted, check_adjustment, check_quantity, check_reason, counted
from mercer.inventory.service.telling import note_of, tell_changed
from mercer.platform.context import Context
from mercer.platform.errors import DomainError

Move = tuple[Place, int, MovementKind]


@dataclass(frozen=True, kw_only=True)
class _Locked:
    """Levels that nobody else changes now, and what they are of."""

    variants: Mapping[UUID, LockedVariant]
    warehouses: Mapping[UUID, KnownWarehouse]
    levels: Mapping[tuple[UUID, UUID], LockedLevel]

    def level(self, place: Place) -> LockedLevel:
        return self.levels[place.variant_id, place.warehouse_id]


async def adjust_stock(context: Context, *, adjustments: Sequence[Adjustment], reason: str) -> list[UUID]:
    """Change how many are on hand, by so many; all or none. Returns the movements, in the order given.

    Where nothing lay before, what is added begins a level. Raises `VariantNotFound`, `WarehouseNotFound`,
    `WarehouseClosed`, `InsufficientStock`, and what is wrong with a value.
    """
    reason = _reason(reason)
    for index, adjustment in enumerate(adjustments):
        try:
            check_adjustment(adjustment)
        except DomainError as error:
            raise error.at("adjustments", str(index), "delta") from None
    locked = await _lock(context, adjustments, "adjustments")
    moves: list[Move] = []
    for index, adjustment in enumerate(adjustments):
        try:
            adjusted(locked.level(adjustment), adjustment)
        except DomainError as error:
            raise error.at("adjustments", str(index), "delta") from None
        moves.append((adjustment, adjustment.delta, MovementKind(adjustment.kind.value)))
    return await _move(context, moves, locked, reason)


async def count_stock(context: Context, *, counts: Sequence[Count], reason: str) -> list[UUID]:
    """Set how many are on hand to what was counted; all or none. Returns the movements of levels that differed.

    Raises `StockMoved` where there are not as many as were expected, `VariantNotFound`, `WarehouseNotFound`,
    `WarehouseClosed`, `InsufficientStock`, and what is wrong with a value.
    """
    reason = _reason(reason)
    for index, count in enumerate(counts):
        try:
            check_quantity(count.on_hand)
        except DomainError as error:
            raise error.at("counts", str(index), "onHand") from None
    locked = await _lock(context, counts, "counts")
    moves: list[Move] = []
    for index, count in enumerate(counts):
        level = locked.level(count)
        try:
            delta = counted(level, count) - level.on_hand
        except DomainError as error:
            raise error.at("counts", str(index), "onHand") from None
        if delta:
            moves.append((count, delta, MovementKind.ADJUSTED))
    return await _move(context, moves, locked, reason)


def _reason(reason: str) -> str:
    try:
        return check_reason(reason)
    except DomainError as error:
        raise error.at("reason") from None


async def _lock(context: Context, places: Sequence[Place], name: str) -> _Locked:
    """Lock the levels, which begin with nothing where there are none. What is wrong stands at `name` and its place."""
    if not 0 < len(places) <= MOST_LEVELS:
        raise LevelsTooMany().at(name)
    variants = await keep_variants(context, variant_ids=[place.variant_id for place in places])
    warehouses = await find_warehouses(context.db, {place.warehouse_id for place in places})
    seen = set[tuple[UUID, UUID]]()
    for index, place in enumerate(places):
        at = (name, str(index))
        if place.variant_id not in variants:
            raise VariantNotFound(id=place.variant_id).at(*at, "variantId")
        if (warehouse := warehouses.get(place.warehouse_id)) is None:
            raise WarehouseNotFound(id=place.warehouse_id).at(*at, "warehouseId")
        if warehouse.is_archived:
            raise WarehouseClosed(warehouse=warehouse.code).at(*at, "warehouseId")
        if (place.variant_id, place.warehouse_id) in seen:
            raise LevelGivenTwice().at(*at)
        seen.add((place.variant_id, place.warehouse_id))
    products = {variant.id: variant.product_id for variant in variants.values()}
    levels = await queries.lock_levels(context.db, places, products=products)
    return _Locked(variants=variants, warehouses=warehouses, levels=levels)


async def _move(context: Context, moves: Sequence[Move], locked: _Locked, reason: str) -> list[UUID]:
    """Write what moves, and note it."""
    if not moves:
        return []
    movements = await queries.move(context.db, moves, note=note_of(context, reason))
    for place, delta, _ in moves:
        before = locked.level(place).on_hand
        field = f"stock.{locked.warehouses[place.warehouse_id].code}.onHand"
        context.record("ProductVariant", place.variant_id, {field: (before, before + delta)}, reason=reason)
    tell_changed(context, {place.variant_id: locked.variants[place.variant_id].product_id for place, _, _ in moves})
    return movements
