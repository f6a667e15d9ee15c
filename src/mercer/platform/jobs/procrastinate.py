"""Procrastinate's queue on a connection of ours: what it does is part of our transaction."""

import re
from functools import cache
from typing import Any

from procrastinate import types
from procrastinate.connector import BaseAsyncConnector
from procrastinate.manager import JobManager
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy.ext.asyncio import AsyncConnection as Connection

from mercer.platform.jobs.schema import QUEUE
from mercer.platform.observability.statements import count_statement

_NAME = re.compile(r"\bprocrastinate_\w+")


async def queue_on(connection: Connection) -> JobManager:
    """The queue's operations in the transaction of this connection. They raise the driver's errors."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, AsyncConnection)
    return JobManager(_Joined(driver))


class _Joined(BaseAsyncConnector):
    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection

    async def execute_query_async(self, query: str, **arguments: Any) -> None:
        await self.execute_query_all_async(query, **arguments)

    async def execute_query_one_async(self, query: str, **arguments: Any) -> dict[str, Any]:
        return (await self.execute_query_all_async(query, **arguments))[0]

    async def execute_query_all_async(self, query: str, **arguments: Any) -> list[dict[str, Any]]:
        count_statement()
        values = {name: _adapted(value) for name, value in arguments.items()}
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_qualified(query), values)
            return await cursor.fetchall() if cursor.description else []


@cache
def _qualified(query: str) -> bytes:
    """Its names with their schema, so that no connection needs a search path."""
    return _NAME.sub(lambda name: f"{QUEUE}.{name[0]}", query).encode()


def _adapted(value: Any) -> Any:
    if isinstance(value, dict):
        return Jsonb(value)
    if isinstance(value, types.JobToDefer):
        return tuple(_adapted(item) for item in value)
    return [_adapted(item) for item in value] if isinstance(value, list) else value
