"""The SQL by which staff change levels. Every change of a quantity and its movement are one statement."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.inventory.models import LockedLevel, MovementKind, Place
from mercer.inventory.queries.notes import MovementNote
from mercer.inventory.tables import stock

# In the order in which they are locked, so that two who bring opposite orders do not wait for each other.
_MISSING = sa.text("""
    INSERT INTO inventory.stock (variant_id, warehouse_id, product_id)
    SELECT variant_id, warehouse_id, product_id
    FROM unnest(cast(:variants AS uuid[]), cast(:warehouses AS uuid[]), cast(:products AS uuid[]))
        AS given(variant_id, warehouse_id, product_id)
    ORDER BY variant_id, warehouse_id
    ON CONFLICT DO NOTHING
""")
_LOCKED = sa.text("""
    SELECT k.variant_id, k.warehouse_id, k.on_hand, k.allocated + k.held - k.backorder_limit AS reserved,
        k.backorder_limit
    FROM inventory.stock k
    JOIN unnest(cast(:variants AS uuid[]), cast(:warehouses AS uuid[])) AS given(variant_id, warehouse_id)
    ON k.variant_id = given.variant_id AND k.warehouse_id = given.warehouse_id
    ORDER BY k.variant_id, k.warehouse_id FOR UPDATE OF k
""")
_MOVED = sa.text("""
    WITH given AS (
        SELECT * FROM unnest(
            cast(:variants AS uuid[]), cast(:warehouses AS uuid[]), cast(:deltas AS integer[]), cast(:kinds AS text[])
        ) WITH ORDINALITY AS given(variant_id, warehouse_id, delta, kind, place)
    ), moved AS (
        UPDATE inventory.stock k SET on_hand = k.on_hand + g.delta FROM given g
        WHERE k.variant_id = g.variant_id AND k.warehouse_id = g.warehouse_id
        RETURNING g.*
    )
    INSERT INTO inventory.movement
        (variant_id, warehouse_id, kind, on_hand, subject_id, reason, at, actor_kind, actor_id)
    SELECT variant_id, warehouse_id, kind, delta, :subject, :reason, :at, :actor_kind, :actor_id
    FROM moved ORDER BY place
    RETURNING id, variant_id, warehouse_id
""")


async def lock_levels(
    connection: AsyncConnection, places: Sequence[Place], *, products: Mapping[UUID, UUID]
) -> dict[tuple[UUID, UUID], LockedLevel]:
    """Lock the levels of variants in warehouses; those that there are not yet begin with nothing.

    `products` says whose each variant is.
    """
    given = {"variants": [each.variant_id for each in places], "warehouses": [each.warehouse_id for each in places]}
    await connection.execute(_MISSING, given | {"products": [products[each.variant_id] for each in places]})
    return {
        (row.variant_id, row.warehouse_id): LockedLevel(
            variant_id=row.variant_id,
            warehouse_id=row.warehouse_id,
            on_hand=row.on_hand,
            reserved=row.reserved,
            backorder_limit=row.backorder_limit,
        )
        for row in await connection.execute(_LOCKED, given)
    }


async def move(
    connection: AsyncConnection,
    moves: Sequence[tuple[Place, int, MovementKind]],
    *,
    note: MovementNote,
    subject_id: UUID | None = None,
) -> list[UUID]:
    """Change how many are on hand in levels that are locked. Returns the movements' ids, in this order."""
    given = {
        "variants": [place.variant_id for place, _, _ in moves],
        "warehouses": [place.warehouse_id for place, _, _ in moves],
        "deltas": [delta for _, delta, _ in moves],
        "kinds": [kind.value for _, _, kind in moves],
        "subject": subject_id,
    }
    rows = await connection.execute(_MOVED, given | note._asdict())
    ids = {(row.variant_id, row.warehouse_id): row.id for row in rows}
    return [ids[place.variant_id, place.warehouse_id] for place, _, _ in moves]


async def set_backorder_limit(connection: AsyncConnection, place: Place, limit: int) -> None:
    """Write how many may be sold beyond what is on hand, at a level that is locked."""
    level = sa.and_(stock.c.variant_id == place.variant_id, stock.c.warehouse_id == place.warehouse_id)
    await connection.execute(sa.update(stock).where(level).values(backorder_limit=limit))
