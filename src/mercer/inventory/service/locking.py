"""How levels are locked that staff change, and how what moves is written and told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from mercer.catalog.errors import VariantNotFound
from mercer.catalog.models import LockedVariant
from mercer.catalog.service import keep_variants
from mercer.inventory.errors import LevelGivenTwice, LevelsTooMany, WarehouseClosed, WarehouseNotFound
from mercer.inventory.models import KnownWarehouse, LockedLevel, MovementKind, Place
from mercer.inventory.queries import stock as queries
from mercer.inventory.queries.warehouses import find_warehouses
from mercer.inventory.rules.values import MOST_LEVELS, check_reason
from mercer.inventory.service.telling import note_of, tell_changed
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.platform.scopes import check_scope

Move = tuple[Place, int, MovementKind]


@dataclass(frozen=True, kw_only=True)
class Locked:
    """Levels that nobody else changes now, and what they are of."""

    variants: Mapping[UUID, LockedVariant]
    warehouses: Mapping[UUID, KnownWarehouse]
    levels: Mapping[tuple[UUID, UUID], LockedLevel]

    def level(self, place: Place) -> LockedLevel:
        """The level as it is now."""
        return self.levels[place.variant_id, place.warehouse_id]


def told_reason(reason: str) -> str:
    """The reason without spaces around it. Raises `ReasonInvalid`."""
    try:
        return check_reason(reason)
    except DomainError as error:
        raise error.at("reason") from None


async def lock(context: Context, *, places: Sequence[Place], name: str) -> Locked:
    """Lock the levels, which begin with nothing where there are none. What is wrong stands at `name` and its place.

    Raises `LevelsTooMany`, `VariantNotFound`, `WarehouseNotFound`, `ScopeExceeded`, `WarehouseClosed`,
    `LevelGivenTwice`.
    """
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
        check_scope(context, "stock.manage", warehouse_id=place.warehouse_id)
        if warehouse.is_archived:
            raise WarehouseClosed(warehouse=warehouse.code).at(*at, "warehouseId")
        if (place.variant_id, place.warehouse_id) in seen:
            raise LevelGivenTwice().at(*at)
        seen.add((place.variant_id, place.warehouse_id))
    products = {variant.id: variant.product_id for variant in variants.values()}
    levels = await queries.lock_levels(context.db, places, products=products)
    return Locked(variants=variants, warehouses=warehouses, levels=levels)


async def move(
    context: Context, *, moves: Sequence[Move], locked: Locked, reason: str, subject_id: UUID | None = None
) -> list[UUID]:
    """Write what moves, note it in the audit and tell of it. Returns the movements, in this order."""
    if not moves:
        return []
    movements = await queries.move(context.db, moves, note=note_of(context, reason), subject_id=subject_id)
    for place, delta, _ in moves:
        before = locked.level(place).on_hand
        field = f"stock.{locked.warehouses[place.warehouse_id].code}.onHand"
        context.record("ProductVariant", place.variant_id, {field: (before, before + delta)}, reason=reason)
    tell_changed(context, {place.variant_id: locked.variants[place.variant_id].product_id for place, _, _ in moves})
    return movements
