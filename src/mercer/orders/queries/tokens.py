"""The SQL of the secrets that tokens of orders are made with."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.orders import tables
from mercer.orders.models import TokenKey


async def load_keys(connection: AsyncConnection) -> list[TokenKey]:
    """All keys, the one that signs first."""
    key = tables.token_key
    rows = await connection.execute(sa.select(key.c.inner, key.c.outer).order_by(key.c.id.desc()))
    return [TokenKey(inner=bytes(row.inner), outer=bytes(row.outer)) for row in rows]
