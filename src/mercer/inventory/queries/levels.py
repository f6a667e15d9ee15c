"""How levels are locked that buyers want something of: holds first, then levels by variant and warehouse."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.inventory.models import Supply
from mercer.inventory.queries.notes import MovementNote

# Everything that is decided upon is read as it is after the wait for its lock: locking reads see what was committed
# meanwhile. The holder's own holds are locked with the levels that they are of, in whatever warehouse.
_LOCKED = sa.text("""
    WITH own AS (
        SELECT variant_id, warehouse_id, quantity FROM inventory.hold WHERE holder_id = :holder
        ORDER BY variant_id, warehouse_id FOR UPDATE
    ), place AS (
        SELECT given.variant_id, c.warehouse_id
        FROM unnest(cast(:variants AS uuid[])) AS given(variant_id), inventory.warehouse_channel c
        WHERE c.channel_id = :channel
        UNION SELECT variant_id, warehouse_id FROM own
    ), level AS (
        SELECT k.variant_id, k.warehouse_id, k.on_hand - k.allocated - k.held AS free, k.backorder_limit
        FROM inventory.stock k JOIN place p ON p.variant_id = k.variant_id AND p.warehouse_id = k.warehouse_id
        ORDER BY k.variant_id, k.warehouse_id FOR UPDATE OF k
    )
    SELECT l.variant_id, l.warehouse_id, l.free, l.backorder_limit, coalesce(o.quantity, 0) AS own, w.code, w.country,
        EXISTS (
            SELECT FROM inventory.warehouse_channel c WHERE c.warehouse_id = w.id AND c.channel_id = :channel
        ) AS is_serving
    FROM level l JOIN inventory.warehouse w ON w.id = l.warehouse_id
    LEFT JOIN own o ON o.variant_id = l.variant_id AND o.warehouse_id = l.warehouse_id
""")
_AVAILABLE = sa.text("""
    SELECT k.variant_id, sum(greatest(k.on_hand - k.allocated - k.held + k.backorder_limit + coalesce((
        SELECT sum(h.quantity) FROM inventory.hold h
        WHERE h.variant_id = k.variant_id AND h.warehouse_id = k.warehouse_id
            AND (h.expires_at <= :now OR h.holder_id = cast(:holder AS uuid))
    ), 0), 0))::bigint AS available
    FROM inventory.stock k JOIN inventory.warehouse_channel c ON c.warehouse_id = k.warehouse_id
    WHERE k.variant_id = ANY(:variants) AND c.channel_id = :channel
    GROUP BY k.variant_id
""")

# Waits for nobody, whatever it locks first: a level that somebody is just changing is left for the next time.
_SWEPT = """
    WITH due AS MATERIALIZED ({due}), level AS (
        SELECT k.variant_id, k.warehouse_id
        FROM inventory.stock k JOIN due d ON d.variant_id = k.variant_id AND d.warehouse_id = k.warehouse_id
        ORDER BY k.variant_id, k.warehouse_id FOR UPDATE OF k SKIP LOCKED
    ), expired AS (
        SELECT h.holder_id, h.variant_id, h.warehouse_id
        FROM inventory.hold h JOIN level l ON l.variant_id = h.variant_id AND l.warehouse_id = h.warehouse_id
        WHERE h.expires_at <= :now AND h.holder_id IS DISTINCT FROM cast(:holder AS uuid)
        FOR UPDATE OF h SKIP LOCKED
    ), gone AS (
        DELETE FROM inventory.hold h USING expired e
        WHERE h.holder_id = e.holder_id AND h.variant_id = e.variant_id AND h.warehouse_id = e.warehouse_id
        RETURNING h.holder_id, h.variant_id, h.warehouse_id, h.quantity
    ), freed AS (
        SELECT variant_id, warehouse_id, sum(quantity)::integer AS quantity FROM gone GROUP BY variant_id, warehouse_id
    ), moved AS (
        UPDATE inventory.stock k SET held = k.held - f.quantity FROM freed f
        WHERE k.variant_id = f.variant_id AND k.warehouse_id = f.warehouse_id
        RETURNING k.variant_id, k.warehouse_id, k.product_id, f.quantity
    ), noted AS (
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, held, subject_id, reason, at, actor_kind, actor_id)
        SELECT variant_id, warehouse_id, 'hold_released', -quantity, holder_id, :reason, :at, :actor_kind, :actor_id
        FROM gone
    )
    SELECT variant_id, warehouse_id, product_id, quantity FROM moved
"""
_SWEPT_ANY = sa.text(
    _SWEPT.format(
        due="""
            SELECT DISTINCT variant_id, warehouse_id FROM (
                SELECT variant_id, warehouse_id FROM inventory.hold WHERE expires_at <= :now
                ORDER BY expires_at LIMIT :limit
            ) AS oldest
        """
    )
)
_SWEPT_OF = sa.text(
    _SWEPT.format(
        due="""
            SELECT DISTINCT h.variant_id, h.warehouse_id
            FROM inventory.hold h JOIN inventory.warehouse_channel c ON c.warehouse_id = h.warehouse_id
            WHERE h.variant_id = ANY(:variants) AND c.channel_id = :channel AND h.expires_at <= :now
        """
    )
)


class LockedSupply(NamedTuple):
    """What can be promised at a level that nobody else changes now."""

    supply: Supply
    is_serving: bool
    """Whether its warehouse serves the channel. Where it does not, there is only a hold to let go of."""


class Freed(NamedTuple):
    """How many nobody has a claim to any more."""

    variant_id: UUID
    warehouse_id: UUID
    product_id: UUID
    quantity: int


async def lock_supplies(
    connection: AsyncConnection, *, holder_id: UUID, channel_id: UUID, variant_ids: Collection[UUID]
) -> list[LockedSupply]:
    """Lock what there is of these variants in warehouses that serve the channel, and all that the holder holds."""
    given = {"holder": holder_id, "channel": channel_id, "variants": list(variant_ids)}
    return [
        LockedSupply(
            Supply(
                variant_id=row.variant_id,
                warehouse_id=row.warehouse_id,
                code=row.code,
                country=row.country,
                free=row.free + row.own,
                backorder_limit=row.backorder_limit,
                own=row.own,
            ),
            row.is_serving,
        )
        for row in await connection.execute(_LOCKED, given)
    ]


async def sweep_holds(connection: AsyncConnection, *, now: datetime, limit: int, note: MovementNote) -> list[Freed]:
    """Let go of some holds that have expired: where so many of the oldest are."""
    rows = await connection.execute(_SWEPT_ANY, {"now": now, "limit": limit, "holder": None} | note._asdict())
    return [Freed(*row) for row in rows]


async def sweep_holds_of(
    connection: AsyncConnection,
    *,
    holder_id: UUID,
    channel_id: UUID,
    variant_ids: Collection[UUID],
    now: datetime,
    note: MovementNote,
) -> list[Freed]:
    """Let go of what others hold of these variants, and has expired. The holder has locked their levels."""
    given = {"holder": holder_id, "channel": channel_id, "variants": list(variant_ids), "now": now}
    return [Freed(*row) for row in await connection.execute(_SWEPT_OF, given | note._asdict())]


async def find_available(
    connection: AsyncConnection,
    *,
    channel_id: UUID,
    variant_ids: Sequence[UUID],
    holder_id: UUID | None,
    now: datetime,
) -> dict[UUID, int]:
    """How many of each variant can be had now. Holds that have expired hold nothing."""
    given = {"channel": channel_id, "variants": list(variant_ids), "holder": holder_id, "now": now}
    return {row.variant_id: row.available for row in await connection.execute(_AVAILABLE, given)}
