"""The imports' own SQL: all data are other modules'."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

_LONG_STATEMENTS = sa.text("SET LOCAL statement_timeout = '10min'")


async def allow_long_statements(connection: AsyncConnection) -> None:
    """Let the transaction's statements take longer than a request's may: they concern thousands of rows."""
    await connection.execute(_LONG_STATEMENTS)
