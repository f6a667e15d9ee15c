"""Many rows on their way into tables: by COPY into a temporary table, from where single statements take them on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy.ext.asyncio import AsyncConnection


async def stage(
    connection: AsyncConnection, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]
) -> None:
    """Fill a temporary table, `columns` being the SQL type of each; it goes with the transaction.

    One of the same name, left by an earlier call, is replaced.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    definition = ", ".join(f"{column} {type_}" for column, type_ in columns.items())
    async with driver.cursor() as cursor:
        await cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        await cursor.execute(f"CREATE TEMPORARY TABLE {name} ({definition}) ON COMMIT DROP")
        async with cursor.copy(f"COPY pg_temp.{name} FROM STDIN") as copy:
            for row in rows:
                await copy.write_row(row)
        await cursor.execute(f"ANALYZE pg_temp.{name}")
