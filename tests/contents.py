"""All that stands in a database, to compare: what it says, and which transaction wrote it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.tables import metadata

Rows = dict[str, list[tuple[str, ...]]]

_NATURAL_KEYS = {
    "channels.channel": ["code"],
    "catalog.product_type": ["code"],
    "catalog.attribute": ["code"],
    "catalog.attribute_choice": ["attribute_id", "code"],
    "catalog.category": ["slug"],
    "catalog.product": ["slug"],
    "catalog.option": ["product_id", "name"],
    "catalog.option_value": ["option_id", "name"],
    "catalog.variant": ["sku"],
    "catalog.media": ["product_id", "path"],
    "inventory.warehouse": ["code"],
    "identity.customer": ["email_key"],
    "orders.order": ["number"],
    "orders.line": ["order_id", "position"],
}


async def contents(connection: AsyncConnection) -> Rows:
    """Each table's rows, with natural keys for ids: alike in two databases that say the same.

    Rows of logs have no key but their id, which is left out.
    """
    names: dict[UUID, str] = {}
    found: Rows = {}
    for table in metadata.sorted_tables:
        if table.schema == "platform":
            continue  # what was announced on the way is told in other portions
        rows = (await connection.execute(sa.select(table))).mappings().all()
        for row in rows:
            if "id" in row and table.fullname in _NATURAL_KEYS:
                key = (_named(row[column], names) for column in _NATURAL_KEYS[table.fullname])
                names[row["id"]] = f"{table.name}:{'/'.join(key)}"
        found[table.fullname] = sorted(_told(dict(row), names) for row in rows)
    return found


async def stamps(connection: AsyncConnection) -> Rows:
    """Where each row of each table stands, and which transaction wrote it: alike only if nothing was written."""
    found: Rows = {}
    for table in metadata.sorted_tables:
        places = sa.text(f"SELECT ctid::text, xmin::text FROM {table.fullname} ORDER BY ctid")
        found[table.fullname] = [tuple(row) for row in await connection.execute(places)]
    return found


async def fetch(connection: AsyncConnection, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return [tuple(row) for row in await connection.execute(sa.text(sql))]


def _told(row: Mapping[str, Any], names: dict[UUID, str]) -> tuple[str, ...]:
    is_known = row.get("id") is None or row["id"] in names
    return tuple(_named(value, names) for name, value in row.items() if is_known or name != "id")


def _named(value: Any, names: dict[UUID, str]) -> str:
    return names.get(value, str(value)) if isinstance(value, UUID) else str(value)
