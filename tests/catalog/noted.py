"""What a transaction left behind besides its rows, and a short way to ask for ids."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from mercer.platform.context import Context

_IDS = {
    "product": "SELECT id FROM catalog.product WHERE slug = :key",
    "variant": "SELECT id FROM catalog.variant WHERE sku = :key",
    "category": "SELECT id FROM catalog.category WHERE slug = :key",
    "type": "SELECT id FROM catalog.product_type WHERE code = :key",
    "attribute": "SELECT id FROM catalog.attribute WHERE code = :key",
    "choice": "SELECT id FROM catalog.attribute_choice WHERE code = :key",
    "channel": "SELECT id FROM channels.channel WHERE code = :key",
    "option": "SELECT id FROM catalog.option WHERE name = :key",
    "value": "SELECT id FROM catalog.option_value WHERE name = :key",
    "media": "SELECT id FROM catalog.media WHERE path = :key",
}
NOBODY = UUID(int=7)
"""An id that nothing has."""


async def fetch(context: Context, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    async with context.database.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(sa.text(sql), values)]


async def id_of(context: Context, kind: str, key: str) -> UUID:
    """The id of the thing of this kind that is called so."""
    rows = await fetch(context, _IDS[kind], key=key)
    assert len(rows) == 1
    found: UUID = rows[0][0]
    return found


async def audited(context: Context) -> list[tuple[str, dict[str, Any]]]:
    """What the audit says: each thing's type, and its fields before and after."""
    return [tuple(row) for row in await fetch(context, "SELECT entity, changes FROM platform.audit ORDER BY id")]


async def announced(context: Context) -> list[str]:
    """The names of the events that were announced, without their module, in order."""
    rows = await fetch(context, "SELECT name FROM platform.outbox WHERE name <> '' ORDER BY id")
    return [name.removeprefix("catalog.") for (name,) in rows]


async def outdated(context: Context) -> set[str]:
    """The tags of the answers that were outdated."""
    return {tag for (tags,) in await fetch(context, "SELECT tags FROM platform.outbox") for tag in tags}
