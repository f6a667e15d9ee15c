"""The SQL of timelines: they only grow."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.orders import tables


async def insert_entry(connection: AsyncConnection, entry: dict[str, Any]) -> UUID:
    """Note what happened to an order. Returns the entry."""
    written = sa.insert(tables.timeline).values(**entry).returning(tables.timeline.c.id)
    entry_id: UUID = (await connection.execute(written)).scalar_one()
    return entry_id
