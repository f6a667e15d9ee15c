"""What stands in the database, and whether anything wrote to it."""

from typing import Any

import sqlalchemy as sa

from mercer.platform.context import Context
from mercer.platform.tables import metadata


async def fetch(context: Context, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    async with context.database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(sa.text(sql))]


async def stamps(context: Context) -> dict[str, list[tuple[Any, ...]]]:
    """Where each row of each table stands and which transaction wrote it: alike only if nothing was written."""
    return {
        table.fullname: await fetch(context, f"SELECT ctid::text, xmin::text FROM {table.fullname} ORDER BY ctid")
        for table in metadata.sorted_tables
    }
