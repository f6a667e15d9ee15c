"""The verbs by which imports and seeds store warehouses and levels."""

from collections.abc import Sequence
from uuid import UUID

from mercer.catalog.errors import VariantUnknown
from mercer.catalog.models import VariantKey
from mercer.catalog.service import find_variants
from mercer.channels.errors import ChannelUnknown
from mercer.channels.service import list_channels
from mercer.inventory.errors import LevelRepeated, QuantityReserved, WarehouseClosed, WarehouseUnknown
from mercer.inventory.events import WarehouseCreated, WarehouseUpdated
from mercer.inventory.models import StockLevel, Warehouse
from mercer.inventory.queries import stored as queries
from mercer.inventory.queries.stored import LevelRow
from mercer.inventory.rules.values import check_quantity, check_warehouse
from mercer.inventory.service.telling import note_of, tell_changed
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.values.stored import Rejection, Stored


async def store_warehouses(context: Context, *, warehouses: Sequence[Warehouse]) -> Stored:
    """Create or update warehouses and the channels that they ship to, by code; of the same code the last one counts.

    One that is faulty refuses all. Raises `WarehouseInvalid`, `ChannelUnknown`.
    """
    channels = {channel.code: channel.id for channel in await list_channels(context)}
    given = {warehouse.code: warehouse for warehouse in warehouses}
    for warehouse in given.values():
        check_warehouse(warehouse)
        for channel in warehouse.channels:
            if channel not in channels:
                raise ChannelUnknown(channel=channel)
    created, updated = await queries.write_warehouses(context.db, list(given.values()), channels=channels)
    if created or updated:
        ids = await queries.load_warehouses(context.db, created | updated)
        for code in sorted(created):
            context.announce(WarehouseCreated(warehouse_id=ids[code][0]))
        for code in sorted(updated):
            context.announce(WarehouseUpdated(warehouse_id=ids[code][0]))
        context.outdate("catalog")
    return Stored(created=len(created), updated=len(updated), unchanged=len(given) - len(created) - len(updated))


async def store_levels(context: Context, *, levels: Sequence[StockLevel]) -> Stored:
    """Set what is on hand, some thousands of levels at a time. A faulty one is rejected; the others are stored.

    What changed stands among the movements, not in the audit.
    """
    variants = await find_variants(context, skus=[level.sku for level in levels])
    warehouses = await queries.load_warehouses(context.db, {level.warehouse for level in levels})
    rejected: dict[int, DomainError] = {}
    rows: dict[tuple[UUID, UUID], LevelRow] = {}
    for index, level in enumerate(levels):
        try:
            row = _row(level, index, variants, warehouses)
            if rows.setdefault((row.variant_id, row.warehouse_id), row) is not row:
                raise LevelRepeated(sku=level.sku, warehouse=level.warehouse)
        except DomainError as error:
            rejected[index] = error.with_traceback(None)
    reserved = await queries.stage_levels(context.db, rows.values())
    refused = {index for index, least in reserved.items() if levels[index].on_hand < least}
    for index in refused:
        rejected[index] = QuantityReserved(on_hand=levels[index].on_hand, reserved=reserved[index])
    created, updated = await queries.write_levels(context.db, refused=refused, note=note_of(context, None))
    changed = {*created, *updated}
    tell_changed(context, {each.id: each.product_id for each in variants.values() if each.id in changed})
    return Stored(
        created=len(created),
        updated=len(updated),
        unchanged=len(levels) - len(rejected) - len(created) - len(updated),
        rejected=tuple(Rejection(index=index, error=rejected[index]) for index in sorted(rejected)),
    )


def _row(
    level: StockLevel, ordinal: int, variants: dict[str, VariantKey], warehouses: dict[str, tuple[UUID, bool]]
) -> LevelRow:
    check_quantity(level.on_hand)
    if (variant := variants.get(level.sku)) is None:
        raise VariantUnknown(sku=level.sku)
    if level.warehouse not in warehouses:
        raise WarehouseUnknown(warehouse=level.warehouse)
    warehouse_id, is_archived = warehouses[level.warehouse]
    if is_archived:
        raise WarehouseClosed(warehouse=level.warehouse)
    return LevelRow(ordinal, variant.id, warehouse_id, variant.product_id, level.on_hand)
