"""What commands that store many things have in common."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

import mercer.modules  # noqa: F401 — registers every module's tables
from mercer.cli.terminal import say
from mercer.platform import migrations
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.embedded import shared_servers
from mercer.platform.settings import Settings

INTERRUPTED = 130

_STATEMENT_TIMEOUT_MS = 600_000
"""Nobody waits for an answer, and thousands of rows on a busy machine may take longer than a request may."""

_OBJECTS_BETWEEN_SEARCHES = 200_000


@asynccontextmanager
async def bulk_context(settings: Settings, *, command: str) -> AsyncIterator[Context]:
    """The context of a command on a migrated database: that of a running `mercer up`, or one run meanwhile.

    What it stored is analysed at its end, so that the first questions after it are planned for what is there.
    """
    async with shared_servers(settings, command=command, say=say) as servers:
        await asyncio.to_thread(migrations.upgrade, servers.database_url, say=say)
        async with connected(servers.within(settings)) as context:
            yield context
            await context.database.analyze()


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Context]:
    """The context of a command on the database that `settings.database_url` names, already migrated."""
    assert settings.database_url is not None, "whoever runs or finds the servers says which database to use"
    patient = settings.model_copy(update={"statement_timeout_ms": _STATEMENT_TIMEOUT_MS})
    database = Database(patient, url=settings.database_url)
    try:
        yield Context(patient, database, datetime.now(UTC))
    finally:
        await database.close()


@contextmanager
def rare_cycle_search() -> Iterator[None]:
    """Rows make next to no circular garbage, and searching them all for it takes up to half the time."""
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
