"""Whatever transactions, dispatchers, workers and readers do to each other: what was committed reaches everybody.

Transactions on connections of their own write early and commit late, roll back, or lose their connection. Dispatchers,
workers and readers run among them, alone and together, and are killed in the middle. Afterwards each committed event
has reached each handler, every reader has seen it once and in order, and nobody has seen one that was rolled back.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.platform.jobs.things import Ground, Happened, first, known, second

from mercer.platform.context import Context
from mercer.platform.errors import DatabaseUnavailable
from mercer.platform.jobs import queue, running
from mercer.platform.jobs.cursors import next_events
from mercer.platform.jobs.declaration import Job
from mercer.platform.jobs.dispatching import dispatch
from mercer.platform.transactions import transaction, write_effects

EXAMPLES = int(os.environ.get("EXAMPLES", "50"))
REGISTRY = known(handlers=(first, second))
READERS = ("search", "webhooks")
KILL_DISPATCHERS = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE relation = 'platform.dispatcher'::regclass AND pid <> pg_backend_pid() AND mode = 'RowExclusiveLock'
"""
RESET = """
TRUNCATE platform.outbox, platform.cursor, platform.job_note, seen, procrastinate.procrastinate_jobs,
    procrastinate.procrastinate_workers, procrastinate.procrastinate_events CASCADE
"""

small = st.integers(1, 5)
slot = st.integers(0, 4)
reader = st.sampled_from(READERS)
beside = st.one_of(
    st.tuples(st.just("dispatch"), small),
    st.tuples(st.just("dispatch_killed"), small),
    st.tuples(st.just("dispatch_cut_off"), small),
    st.tuples(st.just("work"), small),
    st.tuples(st.just("work_killed"), small),
    st.tuples(st.just("take_over")),
    st.tuples(st.just("read"), reader, small),
    st.tuples(st.just("read_killed"), reader, small),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), slot, small),
        st.tuples(st.just("commit"), slot),
        st.tuples(st.just("roll_back"), slot),
        st.tuples(st.just("cut_off"), slot),
        beside,
        st.tuples(st.just("together"), st.lists(beside, min_size=2, max_size=4)),
    ),
    max_size=30,
)


class Killed(BaseException):
    """The process is no more."""


def _dying(job: Job) -> Job:
    """This job, in a process that is killed when the job has written all it writes."""

    async def run(context: Context, *, name: str, payload: dict[str, Any], position: int) -> None:
        await job.run(context, name=name, payload=payload, position=position)
        raise Killed

    return replace(job, run=run)


DYING = {name: _dying(job) for name, job in REGISTRY.jobs.items()}


@dataclass
class Open:
    """A transaction that has written events, and is not committed yet."""

    manager: AbstractAsyncContextManager[Context]
    context: Context
    numbers: list[int] = field(default_factory=list)


@dataclass
class World:
    """What a run of steps does, and what should come of it."""

    ground: Ground
    open: dict[int, Open] = field(default_factory=dict)
    committed: list[int] = field(default_factory=list)
    read_by: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    next_number: int = 0

    async def do(self, step: Any) -> None:
        name, *arguments = step
        await getattr(self, name)(*arguments)

    async def write(self, slot: int, count: int) -> None:
        if slot not in self.open:
            manager = transaction(self.ground.context())
            self.open[slot] = Open(manager, await manager.__aenter__())
        here = self.open[slot]
        for _ in range(count):
            here.context.announce(Happened(number=self.next_number))
            here.context.outdate("catalog")
            here.numbers.append(self.next_number)
            self.next_number += 1
        await write_effects(here.context)
        here.context.effects.forget()

    async def commit(self, slot: int) -> None:
        if here := self.open.pop(slot, None):
            await here.manager.__aexit__(None, None, None)
            self.committed += here.numbers

    async def roll_back(self, slot: int) -> None:
        if here := self.open.pop(slot, None):
            fault = RuntimeError()
            with suppress(RuntimeError):
                await here.manager.__aexit__(RuntimeError, fault, None)

    async def cut_off(self, slot: int) -> None:
        """The connection is lost; the commit that follows fails."""
        if here := self.open.pop(slot, None):
            pid = (await here.context.db.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()
            await self.ground.sql("SELECT pg_terminate_backend(:pid)", pid=pid)
            with suppress(DatabaseUnavailable):
                await here.manager.__aexit__(None, None, None)
                raise AssertionError("a transaction without a connection was committed")

    async def dispatch(self, most: int) -> None:
        with suppress(DatabaseUnavailable):  # another step may cut off every dispatcher there is
            await dispatch(self.ground.context(), REGISTRY.handlers, most=most)

    async def dispatch_killed(self, most: int) -> None:
        """Killed after all is written, before the commit."""
        with suppress(Killed):
            await dispatch(self.ground.context(answers=_Answers(self._die)), REGISTRY.handlers, most=most)

    async def dispatch_cut_off(self, most: int) -> None:
        with suppress(DatabaseUnavailable):
            await dispatch(self.ground.context(answers=_Answers(self._cut_off)), REGISTRY.handlers, most=most)

    async def work(self, most: int) -> None:
        await asyncio.gather(
            *(running.run(self.ground.context(), REGISTRY.jobs, each) for each in await self._claimed(most))
        )

    async def work_killed(self, most: int) -> None:
        """Killed with jobs that it has claimed only, and with others just before their commit; soon taken for dead."""
        claimed = await self._claimed(most)
        for each in claimed[::2]:
            with suppress(Killed):
                await running._attempt(self.ground.context(job_id=each.id), DYING, each)
        await self.ground.sql(
            "UPDATE procrastinate.procrastinate_workers SET last_heartbeat = now() - interval '1 h' "
            "WHERE id = ANY(:workers)",
            workers=[each.worker for each in claimed],
        )

    async def take_over(self) -> None:
        await self.ground.worker(REGISTRY)._beat()

    async def read(self, reader: str, most: int) -> None:
        async with next_events(self.ground.context(), reader=reader, most=most) as (_, events):
            numbers = [event.payload["number"] for event in events]
        self.read_by[reader] += numbers

    async def read_killed(self, reader: str, most: int) -> None:
        with suppress(Killed):
            async with next_events(self.ground.context(), reader=reader, most=most):
                raise Killed

    async def together(self, steps: list[Any]) -> None:
        # Readers of one name take turns, each in one transaction: which of them notes first is up to chance here.
        reading = set()
        chosen = [step for step in steps if step[0] != "read" or not (step[1] in reading or reading.add(step[1]))]  # type: ignore[func-returns-value]
        await asyncio.gather(*(self.do(step) for step in chosen))

    async def settle(self) -> None:
        """Let everything come to its end."""
        for slot in list(self.open):
            await (self.commit(slot) if slot % 2 else self.roll_back(slot))
        await self.take_over()
        await self.ground.worker(REGISTRY).work_off()
        for name in READERS:
            before = -1
            while before < len(self.read_by[name]):
                before = len(self.read_by[name])
                await self.read(name, 5)

    async def _claimed(self, most: int) -> list[queue.Claimed]:
        async with self.ground.database.transaction() as connection:
            return await queue.claim(connection, worker=await queue.register(connection), most=most)

    async def _die(self) -> None:
        raise Killed

    async def _cut_off(self) -> None:
        await self.ground.sql(KILL_DISPATCHERS)


class _Answers:
    """What the dispatcher tells of outdated answers, just before it commits."""

    def __init__(self, told: Any) -> None:
        self._told = told

    async def outdate(self, _tags: Collection[str]) -> None:
        await self._told()


@pytest.mark.timeout(900)
@given(steps=steps)
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_was_committed_reaches_everybody_and_nothing_else_anybody(ground: Ground, steps: list[Any]) -> None:
    await ground.sql(RESET)
    await ground.sql("UPDATE platform.dispatcher SET position = 0")
    world = World(ground)
    for step in steps:
        await world.do(step)
    await world.settle()
    log = sorted((position or 0, payload["number"]) for position, name, payload in await ground.log() if name)
    positions = sorted(position or 0 for position, _, _ in await ground.log())
    assert positions == list(range(1, len(positions) + 1))
    assert sorted(number for _, number in log) == sorted(world.committed)
    for name in ("first", "second"):
        assert await ground.seen(name) == sorted(world.committed)
    for name in READERS:
        assert world.read_by[name] == [number for _, number in log]
    assert {each.status for each in await ground.jobs()} <= {"succeeded"}
