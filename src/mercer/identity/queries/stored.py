"""The SQL by which many customers are stored at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.staging import stage

_COLUMNS = {
    "email": "text",
    "email_key": "text",
    "name": "text",
    "language": "text",
    "created_at": "timestamptz",
}
# In one order everywhere, so that two imports do not wait for each other in a circle.
_INSERT = sa.text("""
    INSERT INTO identity.customer (email, email_key, name, language, created_at, updated_at)
    SELECT s.email, s.email_key, s.name, s.language, s.created_at, :now FROM staged_customer s
    WHERE NOT EXISTS (SELECT FROM identity.customer c WHERE c.email_key = s.email_key)
    ORDER BY s.email_key ON CONFLICT (email_key) DO NOTHING
""")
_IDS = sa.text("SELECT c.email_key, c.id FROM identity.customer c JOIN staged_customer s ON s.email_key = c.email_key")


async def store_customers(
    connection: AsyncConnection, rows: Iterable[Sequence[Any]], *, now: datetime
) -> dict[str, UUID]:
    """Add those customers that are not there. Returns the ids of all of them, by key."""
    await stage(connection, "staged_customer", _COLUMNS, rows)
    await connection.execute(_INSERT, {"now": now})
    return {row.email_key: row.id for row in await connection.execute(_IDS)}
