"""Events through the outbox, the dispatcher and a handler: how many each second, and how long each is on its way."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median, quantiles
from time import perf_counter

import psycopg

from bench.server import ROOT
from mercer.cli.terminal import say
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.events import Event
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

WRITERS = 4
LONE = 10
"""How many events are announced alone, one after the other, when the rush is over."""

WORKS = b"works"
"""What the worker says when it begins."""


@dataclass(frozen=True, kw_only=True)
class Announced(Event):
    number: int


@dataclass(frozen=True, kw_only=True)
class EventFigures:
    """What was measured. The lag is from an event's commit until its handler begins."""

    events: int
    announced_per_second: float
    """While they were written, each in a transaction of its own, beside the worker."""
    handled_per_second: float
    """From the first transaction to the last handler."""
    median_lag_s: float
    p95_lag_s: float
    longest_lag_s: float
    lone_lag_s: float
    """Of one event alone, with nothing else to do: the median of several."""


@dataclass
class Times:
    """When events were committed, and when their handlers began: by one clock, that of the machine."""

    committed: dict[int, float] = field(default_factory=dict)
    handled: dict[int, float] = field(default_factory=dict)

    def lags(self) -> list[float]:
        """A handler may begin before the writer has heard of its own commit: that is no lag."""
        return [max(0.0, self.handled[number] - at) for number, at in self.committed.items()]


async def run_events(settings: Settings, count: int = 2_000) -> EventFigures:
    """Announce so many events, each in a transaction of its own, beside a worker's process with one handler.

    `settings.database_url` names a database that is nobody else's: what waits in it is thrown away.
    """
    assert settings.database_url is not None
    _throw_away_waiting(settings.database_url)
    database = Database(settings, url=settings.database_url)
    await database.open()
    rush, lone = Times(), Times()

    async def announce(times: Times, number: int) -> None:
        async with transaction(Context(settings, database, datetime.now(UTC))) as inner:
            inner.announce(Announced(number=number))
        times.committed[number] = perf_counter()

    async def write(first: int) -> None:
        for number in range(first, count, WRITERS):
            await announce(rush, number)

    try:
        async with _working(settings) as worker:
            began = perf_counter()
            hearing = asyncio.create_task(_hear(worker, rush, count))
            await asyncio.gather(*(write(first) for first in range(WRITERS)))
            announced = perf_counter()
            await hearing
            for number in range(count, count + LONE):
                await announce(lone, number)
                await _hear(worker, lone, number + 1 - count)
    finally:
        await database.close()
    lags = rush.lags()
    return EventFigures(
        events=count,
        announced_per_second=count / (announced - began),
        handled_per_second=count / (max(rush.handled.values()) - began),
        median_lag_s=median(lags),
        p95_lag_s=quantiles(lags, n=20)[-1],
        longest_lag_s=max(lags),
        lone_lag_s=median(lone.lags()),
    )


@asynccontextmanager
async def _working(settings: Settings) -> AsyncIterator[Process]:
    """Run the worker's process for as long as the body."""
    assert settings.database_url is not None
    assert settings.valkey_url is not None
    addresses = {"MERCER_DATABASE_URL": settings.database_url, "MERCER_VALKEY_URL": settings.valkey_url}
    # Not as a main module: handlers are called by the name of theirs.
    command = (sys.executable, "-c", "from bench.doors.worker import main; main()")
    environment = {**os.environ, **addresses}
    worker = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=DEVNULL, stdout=PIPE, env=environment)
    try:
        if await _line(worker) != WORKS:
            raise RuntimeError("the worker did not begin")
        yield worker
    finally:
        if worker.returncode is None:
            worker.terminate()
        await worker.wait()


async def _hear(worker: Process, times: Times, count: int) -> None:
    """Note which events the worker handles, until there are so many."""
    while len(times.handled) < count:
        number, at = (await _line(worker)).split()
        times.handled.setdefault(int(number), float(at))


async def _line(worker: Process) -> bytes:
    assert worker.stdout is not None
    while line := await worker.stdout.readline():
        if not line.startswith(b"{"):
            return line.strip()
        say(line.decode().strip())  # of its log
    raise RuntimeError("the worker ended")


def _throw_away_waiting(database_url: str) -> None:
    """What seeding left to be done would be measured too; and the worker knows no other handler than the bench's."""
    with psycopg.connect(database_url) as connection:
        connection.execute("TRUNCATE platform.outbox, procrastinate.procrastinate_jobs CASCADE")
