"""A module of the tests' own: events, handlers and jobs that write down what they saw."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from tests.factories.shop import NOW

from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.events import Event
from mercer.platform.jobs.declaration import Job
from mercer.platform.jobs.registry import Registry, registry_of
from mercer.platform.jobs.schema import job_note, jobs
from mercer.platform.jobs.worker import Worker
from mercer.platform.module import Handler, Module
from mercer.platform.outbox import outbox
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

SEEN = sa.table("seen", sa.column("who"), sa.column("what"))


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    number: int


@dataclass(frozen=True, kw_only=True)
class Forgotten(Event):
    number: int


async def see(context: Context, who: str, what: int) -> None:
    """Write down what somebody saw, in the job's transaction."""
    await context.db.execute(sa.insert(SEEN).values(who=who, what=what))


async def first(context: Context, event: Happened) -> None:
    await see(context, "first", event.number)


async def second(context: Context, event: Happened) -> None:
    await see(context, "second", event.number)


def known(*declared: Job, handlers: Sequence[Handler] = (first, second)) -> Registry:
    """A registry of these jobs, and of handlers of `Happened`."""
    return registry_of([Module(name="tests", handlers={Happened: handlers}, jobs=declared)])


@dataclass(frozen=True)
class Row:
    """What is stored of a job."""

    id: int
    name: str
    status: str
    attempts: int
    args: Any
    scheduled_at: Any
    error: str | None
    done: int | None
    total: int | None


@dataclass
class Ground:
    """A database of a test's own, with the table that handlers write to."""

    settings: Settings
    database: Database
    more: list[Database] = field(default_factory=list)

    def context(self, **changes: Any) -> Context:
        return Context(self.settings, self.database, NOW, **changes)

    def worker(self, registry: Registry, **changes: Any) -> Worker:
        chosen: dict[str, Any] = {"now": self.context, "at_once": 4, "drain_s": 10, **changes}
        return Worker(registry=registry, **chosen)

    async def announce(self, *numbers: int) -> None:
        """Commit events with these numbers, each in its own transaction."""
        for number in numbers:
            async with transaction(self.context()) as context:
                context.announce(Happened(number=number))

    async def enqueue(self, job: Job, **arguments: Any) -> None:
        async with transaction(self.context()) as context:
            context.enqueue(job, **arguments)

    async def sql(self, statement: str, **values: Any) -> Sequence[Any]:
        """Carry out a statement. Returns its rows, if it has any."""
        async with self.database.transaction() as connection:
            result = await connection.execute(sa.text(statement), values)
            return result.all() if result.returns_rows else []

    async def seen(self, who: str) -> list[int]:
        """What somebody saw, by number."""
        return [row.what for row in await self.sql("SELECT what FROM seen WHERE who = :who ORDER BY what", who=who)]

    async def jobs(self) -> list[Row]:
        """All jobs, the oldest first."""
        columns = (jobs.c.id, jobs.c.task_name.label("name"), jobs.c.status, jobs.c.attempts, jobs.c.args)
        notes = (jobs.c.scheduled_at, job_note.c.error, job_note.c.done, job_note.c.total)
        joined = jobs.outerjoin(job_note, job_note.c.job_id == jobs.c.id)
        async with self.database.transaction() as connection:
            rows = await connection.execute(sa.select(*columns, *notes).select_from(joined).order_by(jobs.c.id))
            return [Row(**row._mapping) for row in rows]

    async def log(self) -> list[tuple[int | None, str, Any]]:
        """The outbox: position, name and payload, in the order of writing."""
        rows = sa.select(outbox.c.position, outbox.c.name, outbox.c.payload).order_by(outbox.c.id)
        async with self.database.transaction() as connection:
            return [tuple(row) for row in await connection.execute(rows)]


@asynccontextmanager
async def prepared(settings: Settings, *, connections: int = 20) -> AsyncIterator[Ground]:
    assert settings.database_url is not None
    roomy = settings.model_copy(update={"write_connections": connections, "read_connections": 2})
    database = Database(roomy, url=settings.database_url)
    await database.open()
    ground = Ground(roomy, database)
    await ground.sql("CREATE TABLE IF NOT EXISTS seen (who text NOT NULL, what bigint NOT NULL)")
    try:
        yield ground
    finally:
        await database.close()
