"""Hearing of new work at once: a hint, which may be lost."""

from collections.abc import Callable

import psycopg
from psycopg_pool import PoolTimeout

from mercer.platform.context import Context
from mercer.platform.errors import DatabaseUnavailable

JOBS = "procrastinate_any_queue_v1"
"""Where procrastinate's triggers tell of each new job."""

EVENTS = "mercer_outbox"


async def listen(context: Context, *, on_job: Callable[[], None], on_event: Callable[[], None]) -> None:
    """Tell of new work until the connection is lost, then raise `DatabaseUnavailable`."""
    heard = {JOBS: on_job, EVENTS: on_event}
    try:
        async with context.database.reads.connection() as connection:
            try:
                for channel in heard:
                    await connection.execute(f"LISTEN {channel}".encode())
                for tell in heard.values():
                    tell()  # of what came before we listened
                async for notification in connection.notifies():
                    heard[notification.channel]()
            finally:
                await connection.execute("UNLISTEN *")
    except (psycopg.OperationalError, PoolTimeout) as fault:
        raise DatabaseUnavailable from fault
