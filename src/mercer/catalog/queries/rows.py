"""One row at a time: locked, then written."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[str, Any]
Table = sa.Table


async def lock(connection: AsyncConnection, table: sa.Table, id: UUID) -> Row | None:
    """The row, which nobody else changes or refers to anew until the transaction ends."""
    rows = await connection.execute(sa.select(table).where(table.c.id == id).with_for_update())
    return _plain(rows.mappings().one_or_none())


async def lock_many(connection: AsyncConnection, table: sa.Table, ids: Collection[UUID]) -> dict[UUID, Row]:
    """The rows by id, locked in the order of ids, as everybody does who locks several."""
    wanted = table.c.id == sa.any_(sa.cast(list(ids), ARRAY(sa.Uuid)))
    rows = await connection.execute(sa.select(table).where(wanted).order_by(table.c.id).with_for_update())
    return {row["id"]: dict(row) for row in rows.mappings()}


async def refer_to(connection: AsyncConnection, table: sa.Table, id: UUID) -> Row | None:
    """The row, which stays until the transaction ends: it is about to be referred to."""
    statement = sa.select(table).where(table.c.id == id).with_for_update(key_share=True, read=True)
    return _plain((await connection.execute(statement)).mappings().one_or_none())


async def refer_to_many(connection: AsyncConnection, table: sa.Table, ids: Collection[UUID]) -> set[UUID]:
    """Those of these ids whose row is there, and stays until the transaction ends."""
    wanted = table.c.id == sa.any_(sa.cast(list(ids), ARRAY(sa.Uuid)))
    statement = sa.select(table.c.id).where(wanted).order_by(table.c.id).with_for_update(key_share=True, read=True)
    return set((await connection.scalars(statement)).all())


async def find(connection: AsyncConnection, column: sa.Column[Any], value: Any) -> UUID | None:
    """The id of a row that has this value in this column."""
    return await connection.scalar(sa.select(column.table.c.id).where(column == value).limit(1))


async def parent_of(connection: AsyncConnection, column: sa.Column[Any], id: UUID) -> UUID | None:
    """What the row of this id refers to in this column."""
    return await connection.scalar(sa.select(column).where(column.table.c.id == id))


async def ids_in(connection: AsyncConnection, column: sa.Column[Any], parent: UUID | None) -> Sequence[UUID]:
    """The ids of the rows that refer to this in this column, in their order."""
    table = column.table
    statement = sa.select(table.c.id).where(column.is_not_distinct_from(parent))
    return (await connection.scalars(statement.order_by(table.c.position, table.c.id))).all()


async def rows_in(connection: AsyncConnection, column: sa.Column[Any], parent: UUID) -> Sequence[Row]:
    """The rows that refer to this in this column, in their order."""
    table = column.table
    statement = sa.select(table).where(column == parent).order_by(table.c.position, table.c.id)
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def count_in(connection: AsyncConnection, column: sa.Column[Any], value: UUID) -> int:
    """How many rows have this value in this column."""
    return (await connection.execute(sa.select(sa.func.count()).where(column == value))).scalar_one()


async def insert(connection: AsyncConnection, table: sa.Table, values: Mapping[str, Any]) -> UUID:
    """Write a new row. Returns its id."""
    id: UUID = (await connection.execute(sa.insert(table).values(**values).returning(table.c.id))).scalar_one()
    return id


async def insert_last(connection: AsyncConnection, column: sa.Column[Any], values: Mapping[str, Any]) -> UUID:
    """Write a new row, the last of those that refer to the same in this column. Returns its id."""
    table = column.table
    last = sa.select(sa.func.coalesce(sa.func.max(table.c.position) + 1, 0))
    last = last.where(column.is_not_distinct_from(values[column.name]))
    assert isinstance(table, sa.Table)
    return await insert(connection, table, {**values, "position": last.scalar_subquery()})


async def insert_many(connection: AsyncConnection, table: sa.Table, values: Sequence[Mapping[str, Any]]) -> None:
    """Write new rows."""
    if values:
        await connection.execute(sa.insert(table), list(values))


async def update(connection: AsyncConnection, table: sa.Table, id: UUID, values: Mapping[str, Any]) -> None:
    """Change a row."""
    await connection.execute(sa.update(table).where(table.c.id == id).values(**values))


async def update_each(
    connection: AsyncConnection,
    table: sa.Table,
    ids: Sequence[UUID],
    values: Mapping[str, Any],
    *,
    is_version_kept: bool = False,
) -> None:
    """Change rows alike, and count their versions on."""
    counted = {} if is_version_kept else {"version": table.c.version + 1}
    wanted = table.c.id == sa.any_(sa.cast(list(ids), ARRAY(sa.Uuid)))
    await connection.execute(sa.update(table).where(wanted).values(**values, **counted))


async def put_in_order(connection: AsyncConnection, table: sa.Table, ids: Sequence[UUID]) -> None:
    """Number the rows by the order of these ids."""
    named = sa.cast(list(ids), ARRAY(sa.Uuid))
    places = sa.func.array_position(named, table.c.id) - 1
    await connection.execute(sa.update(table).where(table.c.id == sa.any_(named)).values(position=places))


async def delete(connection: AsyncConnection, table: sa.Table, id: UUID) -> None:
    """Delete a row, with what belongs to it."""
    await connection.execute(sa.delete(table).where(table.c.id == id))


async def delete_unless_used(connection: AsyncConnection, table: sa.Table, id: UUID) -> bool:
    """Delete a row, with what belongs to it, unless a row that stays refers to it; say which it was."""
    try:
        async with connection.begin_nested():
            await delete(connection, table, id)
    except sa.exc.IntegrityError:
        return False
    return True


async def delete_in(connection: AsyncConnection, column: sa.Column[Any], value: UUID) -> None:
    """Delete the rows that have this value in this column."""
    await connection.execute(sa.delete(column.table).where(column == value))


async def list_values(
    connection: AsyncConnection, wanted: sa.Column[Any], column: sa.Column[Any], value: UUID
) -> set[UUID]:
    """What stands in one column of the rows that have this value in another."""
    return set((await connection.scalars(sa.select(wanted).where(column == value))).all())


def _plain(row: sa.RowMapping | None) -> Row | None:
    return None if row is None else dict(row)
