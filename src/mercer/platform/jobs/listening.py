"""Hearing of new jobs at once: a hint, which may be lost.

Of events nobody is told so. PostgreSQL lets one transaction at a time commit with a notification, and that one waits
for the disk: with sixteen writers that halved what all of them could commit. The dispatcher looks often instead.
"""

from collections.abc import Callable

import psycopg
from psycopg_pool import PoolTimeout

from mercer.platform.context import Context
from mercer.platform.errors import DatabaseUnavailable

JOBS = "procrastinate_any_queue_v1"
"""Where procrastinate's triggers tell of each new job."""


async def listen(context: Context, *, on_job: Callable[[], None]) -> None:
    """Tell of new jobs until the connection is lost, then raise `DatabaseUnavailable`."""
    try:
        async with context.database.reads.connection() as connection:
            try:
                await connection.execute(f"LISTEN {JOBS}".encode())
                on_job()  # what came before we listened
                async for _ in connection.notifies():
                    on_job()
            finally:
                await connection.execute("UNLISTEN *")
    except (psycopg.OperationalError, PoolTimeout) as fault:
        raise DatabaseUnavailable from fault
