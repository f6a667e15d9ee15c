"""The warehouses' SQL."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.inventory.models import KnownWarehouse, NewWarehouse
from mercer.inventory.tables import stock, warehouse, warehouse_channel


async def find_warehouses(
    connection: AsyncConnection, ids: Iterable[UUID], *, is_changed: bool = False
) -> dict[UUID, KnownWarehouse]:
    """Warehouses by id, which stay as they are until the transaction ends; or are the caller's to change."""
    channels = sa.select(sa.func.array_agg(warehouse_channel.c.channel_id)).where(
        warehouse_channel.c.warehouse_id == warehouse.c.id
    )
    found = sa.select(warehouse, channels.scalar_subquery().label("channel_ids"))
    locked = found.where(warehouse.c.id.in_(list(ids))).order_by(warehouse.c.id).with_for_update(read=not is_changed)
    return {
        row.id: KnownWarehouse(
            id=row.id,
            code=row.code,
            name=row.name,
            country=row.country,
            channel_ids=tuple(sorted(row.channel_ids or ())),
            is_archived=row.archived_at is not None,
            version=row.version,
        )
        for row in await connection.execute(locked)
    }


async def insert_warehouse(connection: AsyncConnection, new: NewWarehouse) -> UUID | None:
    """Write a new warehouse. Returns its id; None if its code is taken."""
    made = insert(warehouse).values(code=new.code, name=new.name, country=new.country)
    found: UUID | None = (
        await connection.scalars(made.on_conflict_do_nothing().returning(warehouse.c.id))
    ).one_or_none()
    if found is not None:
        await _serve(connection, found, new.channel_ids)
    return found


async def update_warehouse(
    connection: AsyncConnection, before: KnownWarehouse, after: KnownWarehouse, *, now: datetime
) -> None:
    """Write what a warehouse is now. Being archived keeps the time at which it began."""
    changed = sa.update(warehouse).where(warehouse.c.id == after.id)
    await connection.execute(
        changed.values(
            name=after.name,
            country=after.country,
            archived_at=sa.func.coalesce(warehouse.c.archived_at, now) if after.is_archived else None,
            version=after.version,
        )
    )
    gone = set(before.channel_ids) - set(after.channel_ids)
    if gone:
        served = warehouse_channel.c
        await connection.execute(
            sa.delete(warehouse_channel).where(served.warehouse_id == after.id, served.channel_id.in_(list(gone)))
        )
    await _serve(connection, after.id, set(after.channel_ids) - set(before.channel_ids))


async def count_used(connection: AsyncConnection, warehouse_id: UUID) -> int:
    """Of how many variants something lies there, or can be ordered."""
    columns = stock.c
    used = sa.or_(columns.on_hand != 0, columns.allocated != 0, columns.held != 0, columns.backorder_limit != 0)
    query = sa.select(sa.func.count()).where(columns.warehouse_id == warehouse_id, used)
    count: int = (await connection.scalars(query)).one()
    return count


async def _serve(connection: AsyncConnection, warehouse_id: UUID, channel_ids: Collection[UUID]) -> None:
    if channel_ids:
        rows = [{"warehouse_id": warehouse_id, "channel_id": channel_id} for channel_id in sorted(channel_ids)]
        await connection.execute(sa.insert(warehouse_channel), rows)
