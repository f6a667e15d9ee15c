"""The worker on the servers that the settings name: it runs what the modules declare."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx2

from mercer.modules import MODULES
from mercer.platform.cache.answers import Answers
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.http.outgoing import outgoing
from mercer.platform.jobs.registry import Registry, registry_of
from mercer.platform.jobs.worker import Worker
from mercer.platform.settings import Settings
from mercer.platform.valkey import Valkey

STATEMENT_TIMEOUT_MS = 600_000
"""Nobody waits for a job's answer, and one statement may change thousands of rows."""

CONNECTIONS_BESIDE = 3
"""Connections for the worker itself: dispatcher, heartbeat, cron."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def registry() -> Registry:
    """All jobs and handlers of all modules. Raises `JobsInvalid`."""
    return registry_of(MODULES)


@asynccontextmanager
async def working(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    registry: Callable[[], Registry] = registry,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> AsyncIterator[Worker]:
    """A worker, connected, that does nothing yet. `clock` is where its jobs' contexts have `now` from,
    `transport` how they call others, if not by network.

    Raises `JobsInvalid`.
    """
    known = registry()
    assert settings.database_url is not None, "whoever starts a worker says which database to use"
    assert settings.valkey_url is not None
    at_once = settings.jobs_at_once
    # Each job may need a second connection: to report progress, or for what it keeps after a rollback.
    connections = {"read_connections": 2, "write_connections": 2 * at_once + CONNECTIONS_BESIDE}
    patient = settings.model_copy(update={"statement_timeout_ms": STATEMENT_TIMEOUT_MS, **connections})
    database, valkey = Database(patient, url=settings.database_url), Valkey(settings.valkey_url)
    answers, http = Answers(valkey), outgoing(transport)

    def context() -> Context:
        now = clock()
        return Context(settings, database, now, binds={"now": now}, valkey=valkey, answers=answers, http=http)

    await database.open()
    await answers.open()
    try:
        yield Worker(context, known, at_once=at_once, drain_s=settings.drain_seconds)
    finally:
        # What is under way may still tell others through Valkey.
        await database.close()
        await answers.close()
        await http.aclose()
        await valkey.close()
