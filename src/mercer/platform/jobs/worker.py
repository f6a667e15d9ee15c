"""A worker: runs jobs, dispatches events, keeps cron, and takes over from workers that died.

It goes on through outages of PostgreSQL and Valkey. Asked to stop, it begins nothing new, lets what runs finish, and
gives back what takes too long.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from mercer.platform.context import Context
from mercer.platform.errors import DatabaseUnavailable
from mercer.platform.jobs import queue, running
from mercer.platform.jobs.cron import enqueue_due, next_tick
from mercer.platform.jobs.declaration import Job
from mercer.platform.jobs.dispatching import dispatch, is_waiting
from mercer.platform.jobs.listening import listen
from mercer.platform.jobs.queue import Claimed
from mercer.platform.jobs.registry import Registry

log = structlog.get_logger("mercer.worker")

POLL_S = 0.25
"""How long new work may go unseen when nobody tells of it."""

BEAT_S = 5.0
"""How often a worker says that it lives."""

SILENT_FOR = timedelta(seconds=30)
"""After how long a worker that says nothing is taken for dead."""

UNKNOWN_ATTEMPTS = 8
"""How often jobs that nobody knows are taken over from dead workers."""

TICK_S = 1.0
"""How often a worker looks at the clock for cron's jobs."""

LAST_STEP_S = 5.0
"""How long the last heartbeat may take when a worker ends."""

PAUSE_S = 1.0
"""How long to wait after a fault before going on."""


@dataclass
class Worker:
    """One of any number. `now` gives its context at this moment; `at_once` says how many jobs it runs at a time."""

    now: Callable[[], Context]
    registry: Registry
    at_once: int
    drain_s: float
    """How long jobs may still run once it is asked to stop."""

    number: int | None = None
    _running: dict[asyncio.Task[None], int] = field(default_factory=dict)
    """The jobs that run, with their numbers."""
    _has_unheard: bool = False
    """Whether jobs may have been claimed of which we never heard."""
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _tick_at: float = 0.0
    _news_of_events: asyncio.Event = field(default_factory=asyncio.Event)
    _news_of_jobs: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        """Begin to stop."""
        self._stopping.set()
        self._news_of_events.set()
        self._news_of_jobs.set()

    async def run(self) -> None:
        """Work until asked to stop."""
        steps = ((self._beat, BEAT_S), (self._tick, TICK_S))
        beside = [asyncio.create_task(self._kept(step, every=every)) for step, every in steps]
        listening = asyncio.create_task(self._kept(self._listen, every=PAUSE_S))
        log.info("worker_started", jobs=len(self.registry.jobs), at_once=self.at_once)
        try:
            await asyncio.gather(self._dispatching(), self._working())
            await self._drain()
        finally:
            self._over.set()
            for task in (cut_short := [listening, *self._running]):
                task.cancel()
            await asyncio.gather(*cut_short, return_exceptions=True)
            await asyncio.wait(beside, timeout=LAST_STEP_S)
            await self._unregister()
            log.info("worker_stopped")

    async def work_off(self) -> int:
        """Dispatch and run all that is ready, and all that comes of it, then return how many jobs were run."""
        number = await self._registered()
        done = 0
        while True:
            while await dispatch(self.now(), self.registry.handlers):
                pass
            async with self.now().database.transaction() as connection:
                claimed = await queue.claim(connection, worker=number, most=self.at_once)
            if not claimed:
                await self._unregister()
                return done
            await asyncio.gather(*(running.run(self.now(), self.registry.jobs, each) for each in claimed))
            done += len(claimed)

    async def _kept(self, step: Callable[[], Awaitable[None]], *, every: float) -> None:
        """Do this over and over, whatever goes wrong."""
        while not self._over.is_set():
            await self._tried(step)
            await _happens(self._over, within=every)

    async def _tried(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except DatabaseUnavailable:
            await _happens(self._over, within=PAUSE_S)
        except Exception:
            log.exception("worker_faltered", step=step.__name__)
            await _happens(self._over, within=PAUSE_S)

    async def _dispatching(self) -> None:
        while not self._stopping.is_set():
            await self._tried(self._dispatch)
            await _happens(self._news_of_events, within=POLL_S)
            self._news_of_events.clear()

    async def _dispatch(self) -> None:
        while not self._stopping.is_set() and await is_waiting(self.now()):
            if not await dispatch(self.now(), self.registry.handlers):
                return
            self._news_of_jobs.set()

    async def _working(self) -> None:
        while not self._stopping.is_set():
            await self._tried(self._begin_jobs)
            await _happens(self._news_of_jobs, within=POLL_S)
            self._news_of_jobs.clear()

    async def _begin_jobs(self) -> None:
        """Begin what is ready, as far as there is room."""
        number = await self._registered()
        while not self._stopping.is_set() and (room := self.at_once - len(self._running)):
            for each in await self._claim(number, most=room):
                task = asyncio.create_task(running.run(self.now(), self.registry.jobs, each))
                self._running[task] = each.id
                task.add_done_callback(self._ended)
            if self.at_once > len(self._running):
                return

    async def _claim(self, number: int, *, most: int) -> list[Claimed]:
        """Take jobs. When it stays unknown whether they were taken, they are given back at the next attempt."""
        try:
            async with self.now().database.transaction() as connection:
                if self._has_unheard:
                    await queue.give_back_unheard(connection, worker=number, running=self._running.values())
                claimed = await queue.claim(connection, worker=number, most=most)
        except BaseException:
            self._has_unheard = True
            raise
        self._has_unheard = False
        return claimed

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._news_of_jobs.set()

    async def _drain(self) -> None:
        if self._running:
            log.info("worker_drains", jobs=len(self._running))
            await asyncio.wait(self._running, timeout=self.drain_s)

    async def _registered(self) -> int:
        if self.number is None:
            async with self.now().database.transaction() as connection:
                self.number = await queue.register(connection)
        return self.number

    async def _unregister(self) -> None:
        number, self.number = self.number, None
        if number is not None:
            with suppress(DatabaseUnavailable):  # others will find out by themselves
                async with self.now().database.transaction() as connection:
                    await queue.unregister(connection, number)

    async def _beat(self) -> None:
        """Say that we live, and take the jobs of those who do not."""
        attempts = {name: job.attempts for name, job in self.registry.jobs.items()}
        async with self.now().database.transaction() as connection:
            if self.number is not None and not await queue.beat(connection, self.number):
                log.warning("worker_was_given_up")
                self.number = None
        async with self.now().database.transaction() as connection:
            taken = await queue.take_from_dead(
                connection, silent_for=SILENT_FOR, attempts=attempts, at_most=UNKNOWN_ATTEMPTS
            )
        if taken:
            log.warning("jobs_taken_from_dead_worker", job_ids=taken)
            self._news_of_jobs.set()

    async def _tick(self) -> None:
        """Enqueue cron's jobs when their time comes. At the start, those whose time came while no worker ran."""
        regular: list[Job] = [job for job in self.registry.jobs.values() if job.cron is not None]
        context = self.now()
        if not regular or context.now.timestamp() <= self._tick_at:
            return
        async with context.database.transaction() as connection:
            if await enqueue_due(connection, regular, now=context.now):
                self._news_of_jobs.set()
        self._tick_at = min(next_tick(job.cron, context.now) for job in regular if job.cron is not None)

    async def _listen(self) -> None:
        """Hear at once of new jobs, as long as the connection lasts. Nothing depends on it."""
        if self.now().settings.prepared_statements:  # otherwise a pooler stands between, which passes on none
            await listen(self.now(), on_job=self._news_of_jobs.set)


async def _happens(event: asyncio.Event, *, within: float) -> None:
    """Wait for an event, but no longer than so many seconds."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), within)
