"""The SQL of holds and allocations. Every change of a quantity, what it is for and its movement are one statement.

Rows of holds and allocations are locked before the levels that they are of, these by variant and warehouse.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.inventory.models import Allocation, Place
from mercer.inventory.queries.notes import MovementNote

# `fits` is false where a guard refused. The levels are locked, so that it does not happen: it would be a hold that
# another transaction of the same holder made meanwhile.
_HELD = sa.text("""
    WITH given AS (
        SELECT * FROM unnest(
            cast(:variants AS uuid[]), cast(:warehouses AS uuid[]), cast(:quantities AS integer[]),
            cast(:owns AS integer[])
        ) AS given(variant_id, warehouse_id, quantity, own)
    ), moved AS (
        UPDATE inventory.stock k SET held = k.held + g.quantity - g.own FROM given g
        WHERE k.variant_id = g.variant_id AND k.warehouse_id = g.warehouse_id AND (
            g.quantity <= g.own OR k.on_hand - k.allocated - k.held + k.backorder_limit >= g.quantity - g.own
        )
        RETURNING k.variant_id, k.warehouse_id, k.product_id, g.quantity - g.own AS delta
    ), kept AS (
        INSERT INTO inventory.hold AS h (holder_id, variant_id, warehouse_id, quantity, expires_at)
        SELECT :holder, variant_id, warehouse_id, quantity, :until FROM given WHERE quantity > 0
        ON CONFLICT (holder_id, variant_id, warehouse_id)
        DO UPDATE SET quantity = excluded.quantity, expires_at = excluded.expires_at
        RETURNING h.variant_id, h.warehouse_id, coalesce(old.quantity, 0) AS own
    ), gone AS (
        DELETE FROM inventory.hold h USING given g
        WHERE h.holder_id = :holder AND g.quantity = 0
            AND h.variant_id = g.variant_id AND h.warehouse_id = g.warehouse_id
        RETURNING h.variant_id, h.warehouse_id, h.quantity AS own
    ), noted AS (
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, held, subject_id, reason, at, actor_kind, actor_id)
        SELECT variant_id, warehouse_id, CASE WHEN delta > 0 THEN 'held' ELSE 'hold_released' END, delta,
            :holder, :reason, :at, :actor_kind, :actor_id
        FROM moved WHERE delta <> 0
    )
    SELECT g.variant_id, m.product_id, m.delta,
        m.product_id IS NOT NULL AND coalesce(k.own, d.own, 0) = g.own AS fits
    FROM given g
    LEFT JOIN moved m ON m.variant_id = g.variant_id AND m.warehouse_id = g.warehouse_id
    LEFT JOIN kept k ON k.variant_id = g.variant_id AND k.warehouse_id = g.warehouse_id
    LEFT JOIN gone d ON d.variant_id = g.variant_id AND d.warehouse_id = g.warehouse_id
""")
_HOLDS_RELEASED = sa.text("""
    WITH gone AS (
        DELETE FROM inventory.hold WHERE holder_id = :holder RETURNING variant_id, warehouse_id, quantity
    ), level AS (
        SELECT k.variant_id, k.warehouse_id, g.quantity
        FROM inventory.stock k JOIN gone g ON g.variant_id = k.variant_id AND g.warehouse_id = k.warehouse_id
        ORDER BY k.variant_id, k.warehouse_id FOR UPDATE OF k
    ), moved AS (
        UPDATE inventory.stock k SET held = k.held - l.quantity FROM level l
        WHERE k.variant_id = l.variant_id AND k.warehouse_id = l.warehouse_id
        RETURNING k.variant_id, k.warehouse_id, k.product_id, l.quantity
    ), noted AS (
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, held, subject_id, reason, at, actor_kind, actor_id)
        SELECT variant_id, warehouse_id, 'hold_released', -quantity, :holder, :reason, :at, :actor_kind, :actor_id
        FROM moved
    )
    SELECT variant_id, product_id FROM moved
""")
_ALLOCATED = sa.text("""
    WITH given AS (
        SELECT * FROM unnest(
            cast(:lines AS uuid[]), cast(:variants AS uuid[]), cast(:warehouses AS uuid[]),
            cast(:quantities AS integer[])
        ) AS given(line_id, variant_id, warehouse_id, quantity)
    ), gone AS (
        DELETE FROM inventory.hold WHERE holder_id = :holder RETURNING variant_id, warehouse_id, quantity
    ), wanted AS (
        SELECT variant_id, warehouse_id, sum(allocated) AS allocated, sum(own) AS own FROM (
            SELECT variant_id, warehouse_id, quantity AS allocated, 0 AS own FROM given
            UNION ALL SELECT variant_id, warehouse_id, 0, quantity FROM gone
        ) AS each GROUP BY variant_id, warehouse_id
    ), moved AS (
        UPDATE inventory.stock k SET allocated = k.allocated + w.allocated, held = k.held - w.own FROM wanted w
        WHERE k.variant_id = w.variant_id AND k.warehouse_id = w.warehouse_id AND (
            w.allocated = 0 OR k.on_hand - k.allocated - k.held + w.own + k.backorder_limit >= w.allocated
        )
        RETURNING k.variant_id, k.warehouse_id, k.product_id, w.allocated, w.own
    ), set_aside AS (
        INSERT INTO inventory.allocation (order_id, line_id, variant_id, warehouse_id, quantity, at)
        SELECT :order, line_id, variant_id, warehouse_id, quantity, :at FROM given
    ), noted AS (
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, allocated, held, subject_id, reason, at, actor_kind, actor_id)
        SELECT m.variant_id, m.warehouse_id, v.kind, v.allocated, v.held, v.subject_id, :reason, :at, :actor_kind,
            :actor_id
        FROM moved m, LATERAL (
            VALUES
                ('hold_released', 0, -m.own, cast(:holder AS uuid)),
                ('allocated', m.allocated, 0, cast(:order AS uuid))
        ) AS v(kind, allocated, held, subject_id)
        WHERE v.allocated <> 0 OR v.held <> 0
    )
    SELECT w.variant_id, m.product_id
    FROM wanted w LEFT JOIN moved m ON m.variant_id = w.variant_id AND m.warehouse_id = w.warehouse_id
""")
_RELEASED = sa.text("""
    WITH open AS (
        SELECT id, line_id, variant_id, warehouse_id, quantity - shipped - released AS quantity
        FROM inventory.allocation
        WHERE order_id = :order AND (cast(:lines AS uuid[]) IS NULL OR line_id = ANY(:lines))
            AND quantity > shipped + released
        ORDER BY variant_id, warehouse_id, id FOR UPDATE
    ), closed AS (
        UPDATE inventory.allocation a SET released = a.released + o.quantity FROM open o WHERE a.id = o.id
    ), level AS (
        SELECT k.variant_id, k.warehouse_id, o.quantity
        FROM inventory.stock k JOIN (
            SELECT variant_id, warehouse_id, sum(quantity)::integer AS quantity
            FROM open GROUP BY variant_id, warehouse_id
        ) AS o ON o.variant_id = k.variant_id AND o.warehouse_id = k.warehouse_id
        ORDER BY k.variant_id, k.warehouse_id FOR UPDATE OF k
    ), moved AS (
        UPDATE inventory.stock k SET allocated = k.allocated - l.quantity FROM level l
        WHERE k.variant_id = l.variant_id AND k.warehouse_id = l.warehouse_id
        RETURNING k.variant_id, k.warehouse_id, k.product_id, l.quantity
    ), noted AS (
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, allocated, subject_id, reason, at, actor_kind, actor_id)
        SELECT variant_id, warehouse_id, 'allocation_released', -quantity, :order, :reason, :at, :actor_kind, :actor_id
        FROM moved
    )
    SELECT o.line_id, o.variant_id, o.warehouse_id, o.quantity, m.product_id
    FROM open o JOIN moved m ON m.variant_id = o.variant_id AND m.warehouse_id = o.warehouse_id
    ORDER BY o.line_id, o.warehouse_id
""")
# Nothing moves unless everything is there: what is written depends on `verdict`, which looks at locked rows.
_SHIPPED = sa.text("""
    WITH given AS (
        SELECT * FROM unnest(cast(:lines AS uuid[]), cast(:quantities AS integer[])) AS given(line_id, wanted)
    ), open AS (
        SELECT a.id, a.line_id, a.variant_id, a.warehouse_id, a.quantity - a.shipped - a.released AS quantity, g.wanted
        FROM inventory.allocation a JOIN given g ON g.line_id = a.line_id
        WHERE a.order_id = :order AND a.quantity > a.shipped + a.released
            AND (cast(:warehouse AS uuid) IS NULL OR a.warehouse_id = :warehouse)
        ORDER BY a.variant_id, a.warehouse_id, a.id FOR UPDATE OF a
    ), taken AS (
        SELECT id, line_id, variant_id, warehouse_id, least(quantity, wanted - before)::integer AS quantity FROM (
            SELECT *, coalesce(sum(quantity) OVER (
                PARTITION BY line_id ORDER BY warehouse_id, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), 0) AS before FROM open
        ) AS each WHERE wanted > before
    ), level AS (
        SELECT k.variant_id, k.warehouse_id, k.on_hand, t.quantity
        FROM inventory.stock k JOIN (
            SELECT variant_id, warehouse_id, sum(quantity)::integer AS quantity
            FROM taken GROUP BY variant_id, warehouse_id
        ) AS t ON t.variant_id = k.variant_id AND t.warehouse_id = k.warehouse_id
        ORDER BY k.variant_id, k.warehouse_id FOR UPDATE OF k
    ), verdict AS (
        SELECT NOT EXISTS (SELECT FROM level WHERE on_hand < quantity) AND NOT EXISTS (
            SELECT FROM given g
            WHERE g.wanted > coalesce((SELECT sum(t.quantity) FROM taken t WHERE t.line_id = g.line_id), 0)
        ) AS is_all_there
    ), closed AS (
        UPDATE inventory.allocation a SET shipped = a.shipped + t.quantity FROM taken t, verdict
        WHERE a.id = t.id AND is_all_there
    ), moved AS (
        UPDATE inventory.stock k SET on_hand = k.on_hand - l.quantity, allocated = k.allocated - l.quantity
        FROM level l, verdict
        WHERE k.variant_id = l.variant_id AND k.warehouse_id = l.warehouse_id AND is_all_there
        RETURNING k.variant_id, k.warehouse_id, k.product_id, l.quantity
    ), noted AS (
        INSERT INTO inventory.movement
            (variant_id, warehouse_id, kind, on_hand, allocated, subject_id, reason, at, actor_kind, actor_id)
        SELECT variant_id, warehouse_id, 'shipped', -quantity, -quantity, :shipment, :reason, :at, :actor_kind,
            :actor_id
        FROM moved
    )
    SELECT g.line_id, g.wanted, t.variant_id, t.warehouse_id, coalesce(t.quantity, 0) AS quantity,
        l.on_hand, l.quantity AS of_level, m.product_id
    FROM given g LEFT JOIN taken t ON t.line_id = g.line_id
    LEFT JOIN level l ON l.variant_id = t.variant_id AND l.warehouse_id = t.warehouse_id
    LEFT JOIN moved m ON m.variant_id = t.variant_id AND m.warehouse_id = t.warehouse_id
    ORDER BY g.line_id, t.warehouse_id
""")

Products = dict[UUID, UUID]
"""Whose the variants are of which something changed."""


class KeptHold(NamedTuple):
    """How many a holder is to hold at a level, and how many he holds now."""

    place: Place
    quantity: int
    own: int


class Leaving(NamedTuple):
    """What leaves for a line from one of its levels, or would."""

    line_id: UUID
    wanted: int
    """Of the line."""
    variant_id: UUID | None
    """None: nothing is set aside for the line."""
    warehouse_id: UUID | None
    quantity: int
    on_hand: int | None
    of_level: int | None
    """How many leave from there, for all lines."""
    product_id: UUID | None
    """None: nothing left."""


async def write_holds(
    connection: AsyncConnection, holds: Sequence[KeptHold], *, holder_id: UUID, until: datetime, note: MovementNote
) -> Products | None:
    """Write what a holder holds at levels that are locked. None: a guard refused, and all is to be rolled back."""
    given: dict[str, Any] = {
        "variants": [each.place.variant_id for each in holds],
        "warehouses": [each.place.warehouse_id for each in holds],
        "quantities": [each.quantity for each in holds],
        "owns": [each.own for each in holds],
        "holder": holder_id,
        "until": until,
    }
    rows = (await connection.execute(_HELD, given | note._asdict())).all()
    if not all(row.fits for row in rows):
        return None
    return {row.variant_id: row.product_id for row in rows if row.delta}


async def release_holds(connection: AsyncConnection, *, holder_id: UUID, note: MovementNote) -> Products:
    rows = await connection.execute(_HOLDS_RELEASED, {"holder": holder_id} | note._asdict())
    return {row.variant_id: row.product_id for row in rows}


async def write_allocations(
    connection: AsyncConnection,
    allocations: Sequence[Allocation],
    *,
    order_id: UUID,
    holder_id: UUID,
    note: MovementNote,
) -> Products | None:
    """Set aside at levels that are locked, and let go of all that the holder holds. None: a guard refused."""
    given: dict[str, Any] = {
        "lines": [each.line_id for each in allocations],
        "variants": [each.variant_id for each in allocations],
        "warehouses": [each.warehouse_id for each in allocations],
        "quantities": [each.quantity for each in allocations],
        "order": order_id,
        "holder": holder_id,
    }
    rows = (await connection.execute(_ALLOCATED, given | note._asdict())).all()
    if any(row.product_id is None for row in rows):
        return None
    return {row.variant_id: row.product_id for row in rows}


async def release_allocations(
    connection: AsyncConnection, *, order_id: UUID, line_ids: Sequence[UUID] | None, note: MovementNote
) -> tuple[tuple[Allocation, ...], Products]:
    given = {"order": order_id, "lines": None if line_ids is None else list(line_ids)}
    rows = (await connection.execute(_RELEASED, given | note._asdict())).all()
    return tuple(map(_allocation, rows)), {row.variant_id: row.product_id for row in rows}


async def ship(
    connection: AsyncConnection,
    *,
    order_id: UUID,
    shipment_id: UUID,
    lines: Mapping[UUID, int],
    warehouse_id: UUID | None,
    note: MovementNote,
) -> list[Leaving]:
    """Let all of this leave, or nothing."""
    given: dict[str, Any] = {
        "order": order_id,
        "shipment": shipment_id,
        "lines": list(lines),
        "quantities": list(lines.values()),
        "warehouse": warehouse_id,
    }
    return [Leaving(*row) for row in await connection.execute(_SHIPPED, given | note._asdict())]


def _allocation(row: Any) -> Allocation:
    return Allocation(
        line_id=row.line_id, variant_id=row.variant_id, warehouse_id=row.warehouse_id, quantity=row.quantity
    )
