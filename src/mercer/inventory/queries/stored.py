"""The stock's SQL for the write side. Variants come staged: their rows are the catalogue's."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.inventory.models import Warehouse
from mercer.inventory.queries.notes import MovementNote
from mercer.platform.staging import stage

_WAREHOUSES = sa.text("""
    MERGE INTO inventory.warehouse w USING staged_warehouse s ON w.code = s.code
    WHEN NOT MATCHED THEN INSERT (code, name, country) VALUES (s.code, s.name, s.country)
    WHEN MATCHED AND (w.name, w.country) IS DISTINCT FROM (s.name, s.country)
    THEN UPDATE SET name = s.name, country = s.country, version = w.version + 1
    RETURNING merge_action() AS action, w.code
""")
_CHANNELS_GONE = sa.text("""
    DELETE FROM inventory.warehouse_channel c USING inventory.warehouse w, staged_warehouse s
    WHERE w.id = c.warehouse_id AND s.code = w.code AND NOT EXISTS (
        SELECT FROM staged_warehouse_channel k WHERE k.warehouse = w.code AND k.channel_id = c.channel_id
    )
    RETURNING w.code
""")
_CHANNELS = sa.text("""
    WITH added AS (
        INSERT INTO inventory.warehouse_channel (warehouse_id, channel_id)
        SELECT w.id, s.channel_id FROM staged_warehouse_channel s JOIN inventory.warehouse w ON w.code = s.warehouse
        WHERE NOT EXISTS (
            SELECT FROM inventory.warehouse_channel c WHERE c.warehouse_id = w.id AND c.channel_id = s.channel_id
        )
        RETURNING warehouse_id
    )
    SELECT DISTINCT w.code FROM added JOIN inventory.warehouse w ON w.id = added.warehouse_id
""")
_WAREHOUSE_IDS = sa.text("""
    SELECT code, id, archived_at IS NOT NULL AS is_archived FROM inventory.warehouse
    WHERE code = ANY(:codes) ORDER BY id FOR SHARE
""")
_LOCKED_STOCK = sa.text("""
    SELECT s.ordinal, k.allocated + k.held - k.backorder_limit AS reserved
    FROM inventory.stock k JOIN staged_level s ON s.variant_id = k.variant_id AND s.warehouse_id = k.warehouse_id
    ORDER BY k.variant_id, k.warehouse_id FOR UPDATE OF k
""")
_LEVELS = sa.text("""
    WITH merged AS (
        MERGE INTO inventory.stock k USING (SELECT * FROM staged_level WHERE NOT ordinal = ANY(:refused)) s
        ON k.variant_id = s.variant_id AND k.warehouse_id = s.warehouse_id
        WHEN NOT MATCHED THEN
            INSERT (variant_id, warehouse_id, product_id, on_hand)
            VALUES (s.variant_id, s.warehouse_id, s.product_id, s.on_hand)
        WHEN MATCHED AND k.on_hand <> s.on_hand THEN UPDATE SET on_hand = s.on_hand
        RETURNING merge_action() AS action, new.variant_id, new.warehouse_id,
            new.on_hand - coalesce(old.on_hand, 0) AS delta
    ), noted AS (
        INSERT INTO inventory.movement (variant_id, warehouse_id, kind, on_hand, reason, at, actor_kind, actor_id)
        SELECT variant_id, warehouse_id, 'adjusted', delta, :reason, :at, :actor_kind, :actor_id
        FROM merged WHERE delta <> 0
    )
    SELECT action, variant_id FROM merged
""")


class LevelRow(NamedTuple):
    """A stock level with ids. `ordinal` tells those of one call apart."""

    ordinal: int
    variant_id: UUID
    warehouse_id: UUID
    product_id: UUID
    on_hand: int


async def load_warehouses(connection: AsyncConnection, codes: Iterable[str]) -> dict[str, tuple[UUID, bool]]:
    """The ids of warehouses, by code, and whether they are archived: they stay so until the transaction ends."""
    rows = await connection.execute(_WAREHOUSE_IDS, {"codes": list(codes)})
    return {row.code: (row.id, row.is_archived) for row in rows}


async def write_warehouses(
    connection: AsyncConnection, warehouses: Sequence[Warehouse], *, channels: dict[str, UUID]
) -> tuple[set[str], set[str]]:
    """Write warehouses and whom they serve. Returns the codes of those created, and of those changed."""
    rows = ((each.code, each.name, each.country) for each in warehouses)
    await stage(connection, "staged_warehouse", {"code": "text", "name": "text", "country": "text"}, rows)
    served = ((each.code, channels[channel]) for each in warehouses for channel in dict.fromkeys(each.channels))
    await stage(connection, "staged_warehouse_channel", {"warehouse": "text", "channel_id": "uuid"}, served)
    merged = (await connection.execute(_WAREHOUSES)).all()
    created = {row.code for row in merged if row.action == "INSERT"}
    gone = (await connection.scalars(_CHANNELS_GONE)).all()
    added = (await connection.scalars(_CHANNELS)).all()
    return created, {*(row.code for row in merged), *gone, *added} - created


async def stage_levels(connection: AsyncConnection, rows: Iterable[LevelRow]) -> dict[int, int]:
    """Stage levels and lock their rows. Returns, by ordinal, how many of the stored ones must stay on hand."""
    columns = {
        "ordinal": "integer",
        "variant_id": "uuid",
        "warehouse_id": "uuid",
        "product_id": "uuid",
        "on_hand": "integer",
    }
    await stage(connection, "staged_level", columns, rows)
    return {row.ordinal: row.reserved for row in await connection.execute(_LOCKED_STOCK)}


async def write_levels(
    connection: AsyncConnection, *, refused: Iterable[int], note: MovementNote
) -> tuple[list[UUID], list[UUID]]:
    """Write the staged levels but those refused. Returns the variants of those created, and of those changed."""
    merged = (await connection.execute(_LEVELS, {"refused": list(refused), **note._asdict()})).all()
    created = [row.variant_id for row in merged if row.action == "INSERT"]
    return created, [row.variant_id for row in merged if row.action == "UPDATE"]
