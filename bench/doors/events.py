"""Events through the outbox and a handler: how many each second, and how long each takes on its way."""

import asyncio
import statistics
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

import sqlalchemy as sa

from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.events import Event
from mercer.platform.jobs.registry import registry_of
from mercer.platform.jobs.worker import Worker
from mercer.platform.module import Module
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

AT_ONCE = 8
WRITERS = 4


@dataclass(frozen=True, kw_only=True)
class Announced(Event):
    number: int


@dataclass(frozen=True, kw_only=True)
class EventFigures:
    """What was measured. The lag is from an event's commit until its handler begins."""

    events: int
    announced_per_second: float
    """While they were written, each in a transaction of its own, and worked off beside it."""
    handled_per_second: float
    median_lag_s: float
    longest_lag_s: float
    lone_lag_s: float
    """Of one event alone, with nothing else to do: the median of several."""


class _Times:
    def __init__(self) -> None:
        self.committed: dict[int, float] = {}
        self.handled: dict[int, float] = {}
        self.seen = asyncio.Event()

    async def take(self, _context: Context, event: Announced) -> None:
        self.handled.setdefault(event.number, perf_counter())
        self.seen.set()

    def lags(self) -> list[float]:
        return [max(0.0, self.handled[number] - at) for number, at in self.committed.items()]

    async def until(self, count: int) -> None:
        while len(self.handled) < count:
            self.seen.clear()
            await self.seen.wait()


async def run_events(settings: Settings, count: int = 2_000) -> EventFigures:
    """Announce so many events, each in a transaction of its own, beside a worker that hands each to one handler.

    `settings.database_url` names a migrated database in which no jobs wait, best an empty one.
    """
    assert settings.database_url is not None
    roomy = settings.model_copy(update={"write_connections": 2 * AT_ONCE + WRITERS + 3, "read_connections": 2})
    database = Database(roomy, url=settings.database_url)
    await database.open()
    times, lone = _Times(), _Times()

    def context() -> Context:
        return Context(roomy, database, datetime.now(UTC))

    def worker(times: _Times) -> Worker:
        registry = registry_of([Module(name="bench", handlers={Announced: [times.take]})])
        return Worker(context, registry, at_once=AT_ONCE, drain_s=10)

    async def announce(times: _Times, numbers: range) -> None:
        for number in numbers:
            async with transaction(context()) as inner:
                inner.announce(Announced(number=number))
            times.committed[number] = perf_counter()

    try:
        async with database.transaction() as connection:
            waiting = sa.text("SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE status = 'todo'")
            if (await connection.execute(waiting)).scalar_one():
                raise RuntimeError("jobs wait in this database, which a worker that knows only the bench's would bury")
        running = asyncio.create_task((busy := worker(times)).run())
        began = perf_counter()
        await asyncio.gather(*(announce(times, range(first, count, WRITERS)) for first in range(WRITERS)))
        announced = perf_counter()
        await times.until(count)
        ended = perf_counter()
        busy.stop()
        await running
        running = asyncio.create_task((idle := worker(lone)).run())
        for number in range(10):
            await announce(lone, range(number, number + 1))
            await lone.until(number + 1)
        idle.stop()
        await running
    finally:
        await database.close()
    lags = times.lags()
    return EventFigures(
        events=count,
        announced_per_second=count / (announced - began),
        handled_per_second=count / (ended - began),
        median_lag_s=statistics.median(lags),
        longest_lag_s=max(lags),
        lone_lag_s=statistics.median(lone.lags()),
    )
