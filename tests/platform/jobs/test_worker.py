"""A worker as a whole: what it begins, how it stops, what it survives, whom it replaces."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.platform.gate import Gate
from tests.platform.jobs.things import Ground, first, known, prepared, see

from mercer.platform.context import Context
from mercer.platform.errors import OutcomeUnknown
from mercer.platform.jobs import queue, running
from mercer.platform.jobs.declaration import Job, job
from mercer.platform.jobs.worker import Worker
from mercer.platform.observability.statements import counting_statements
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction
from mercer.worker import working


class Hall:
    """A job that waits inside until it is let go, and tells who is there."""

    def __init__(self) -> None:
        self.inside: set[int] = set()
        self.most = 0
        self.entered: asyncio.Queue[int] = asyncio.Queue()
        self.open = asyncio.Event()

        @job()
        async def enter(context: Context, *, number: int) -> None:
            await see(context, "enter", number)
            self.inside.add(number)
            self.most = max(self.most, len(self.inside))
            self.entered.put_nowait(number)
            await self.open.wait()
            self.inside.remove(number)

        self.job: Job = enter


@asynccontextmanager
async def running_worker(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    """A worker at work. It is stopped at the end, if it still runs."""
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        worker.stop()
        await task


async def test_it_runs_as_many_at_a_time_as_it_may(ground: Ground) -> None:
    hall = Hall()
    for number in range(5):
        await ground.enqueue(hall.job, number=number)
    async with running_worker(ground.worker(known(hall.job), at_once=3)):
        first_three = {await hall.entered.get() for _ in range(3)}
        assert (first_three, hall.entered.empty()) == ({0, 1, 2}, True)
        hall.open.set()
        assert {await hall.entered.get() for _ in range(2)} == {3, 4}
    assert hall.most == 3
    assert {each.status for each in await ground.jobs()} == {"succeeded"}


async def test_events_reach_handlers(ground: Ground) -> None:
    arrived: asyncio.Queue[int] = asyncio.Queue()

    async def hear(_context: Context, event: object) -> None:
        arrived.put_nowait(event.number)  # type: ignore[attr-defined]

    async with running_worker(ground.worker(known(handlers=[hear]))):
        await ground.announce(1, 2, 3)
        assert {await arrived.get() for _ in range(3)} == {1, 2, 3}


async def test_stopping_lets_jobs_finish_and_begins_none(ground: Ground) -> None:
    hall = Hall()
    await ground.enqueue(hall.job, number=1)
    worker = ground.worker(known(hall.job))
    async with running_worker(worker) as task:
        await hall.entered.get()
        worker.stop()
        await ground.enqueue(hall.job, number=2)
        await ground.announce(1)
        hall.open.set()
        await task
    assert [each.status for each in await ground.jobs()] == ["succeeded", "todo"]
    assert [position for position, _, _ in await ground.log()] == [None]
    assert await ground.sql("SELECT * FROM procrastinate.procrastinate_workers") == []


async def test_jobs_that_take_too_long_are_given_back(ground: Ground) -> None:
    hall = Hall()
    await ground.enqueue(hall.job, number=1)
    async with running_worker(ground.worker(known(hall.job), drain_s=0.0)):
        await hall.entered.get()
    (stored,) = await ground.jobs()
    assert (stored.status, stored.attempts, await ground.seen("enter")) == ("todo", 0, [])
    hall.open.set()
    assert await ground.worker(known(hall.job)).work_off() == 1
    assert await ground.seen("enter") == [1]


@job(attempts=2)
async def note(context: Context, *, number: int) -> None:
    await see(context, "note", number)


async def die(ground: Ground, *, most: int = 10) -> list[int]:
    """Have a worker claim jobs and never be heard of again."""
    async with ground.database.transaction() as connection:
        claimed = await queue.claim(connection, worker=await queue.register(connection), most=most)
    await ground.sql("UPDATE procrastinate.procrastinate_workers SET last_heartbeat = now() - interval '31 s'")
    return [each.id for each in claimed]


async def test_the_jobs_of_a_dead_worker_are_run_by_another(ground: Ground) -> None:
    await ground.enqueue(note, number=1)
    await die(ground)
    worker = ground.worker(known(note))
    assert await worker.work_off() == 0
    await worker._beat()
    assert await worker.work_off() == 1
    (stored,) = await ground.jobs()
    assert (stored.status, stored.attempts, stored.error) == ("succeeded", 2, queue.WORKER_DIED)


async def test_a_job_that_kills_its_workers_is_a_dead_letter(ground: Ground) -> None:
    await ground.enqueue(note, number=1)
    for status in ("todo", "failed"):
        await die(ground)
        await ground.worker(known(note))._beat()
        assert [each.status for each in await ground.jobs()] == [status]


async def test_a_cancelled_job_of_a_dead_worker_stays_cancelled(ground: Ground) -> None:
    await ground.enqueue(note, number=1)
    (id,) = await die(ground)
    async with ground.database.transaction() as connection:
        await queue.request_cancellation(connection, id, now=ground.context().now)
    await ground.worker(known(note))._beat()
    assert [each.status for each in await ground.jobs()] == ["aborted"]


async def test_the_jobs_of_living_workers_are_theirs(ground: Ground) -> None:
    await ground.enqueue(note, number=1)
    async with ground.database.transaction() as connection:
        await queue.claim(connection, worker=await queue.register(connection), most=1)
    await ground.worker(known(note))._beat()
    assert [(each.status, each.attempts) for each in await ground.jobs()] == [("doing", 0)]


async def test_several_that_find_a_dead_one_take_over_once(ground: Ground) -> None:
    for number in range(10):
        await ground.enqueue(note, number=number)
    await die(ground)
    await asyncio.gather(*(ground.worker(known(note))._beat() for _ in range(5)))
    assert [(each.status, each.attempts) for each in await ground.jobs()] == [("todo", 1)] * 10


async def test_a_worker_that_was_given_up_goes_on_under_a_new_number(ground: Ground) -> None:
    worker = ground.worker(known(note))
    before = await worker._registered()
    await ground.sql("DELETE FROM procrastinate.procrastinate_workers")
    await worker._beat()
    assert await worker._registered() != before


async def test_cron_is_asked_about_only_when_a_time_has_come(ground: Ground) -> None:
    clock = [ground.context().now + timedelta(seconds=1)]

    @job(cron="0 * * * *")
    async def hourly(_context: Context) -> None:
        """Do nothing, every hour."""

    worker = ground.worker(known(hourly), now=lambda: replace(ground.context(), now=clock[0]))
    await worker._tick()
    assert await worker.work_off() == 1
    with counting_statements() as statements:
        clock[0] += timedelta(minutes=58)
        await worker._tick()
    assert statements.total == 0
    clock[0] += timedelta(minutes=2)
    await worker._tick()
    assert await worker.work_off() == 1


async def test_it_works_without_notifications(ground: Ground) -> None:
    hall = Hall()
    pooled = ground.settings.model_copy(update={"prepared_statements": False})
    worker = ground.worker(known(hall.job), now=lambda: replace(ground.context(), settings=pooled))
    async with running_worker(worker):
        await ground.enqueue(hall.job, number=1)
        assert await hall.entered.get() == 1
        hall.open.set()


async def test_it_goes_on_when_postgresql_was_away(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE_S", 0.01)
    hall = Hall()
    assert ground.settings.database_url is not None
    async with Gate(ground.settings.database_url) as gate:
        through = ground.settings.model_copy(update={"database_url": gate.url})
        async with prepared(through) as far, running_worker(far.worker(known(hall.job))):
            await ground.enqueue(hall.job, number=1)
            assert await hall.entered.get() == 1
            await gate.shut()
            hall.open.set()
            await ground.enqueue(hall.job, number=2)
            await gate.open()
            # The first was rolled back with its connection; both are done now.
            assert {await hall.entered.get(), await hall.entered.get()} == {1, 2}
    assert await ground.seen("enter") == [1, 2]


async def test_it_starts_without_its_servers(fresh: Settings) -> None:
    assert fresh.database_url is not None
    async with Gate(fresh.database_url) as gate:
        await gate.shut()
        away = {"database_url": gate.url, "valkey_url": "unix:///nowhere/valkey.sock"}
        async with (
            working(fresh.model_copy(update=away), registry=lambda: known(handlers=[first])) as worker,
            running_worker(worker) as task,
            prepared(fresh) as ground,
        ):
            async with transaction(ground.context()) as context:
                context.outdate("catalog")
            await ground.announce(1)
            await gate.open()
            while await ground.seen("first") != [1]:
                assert not task.done()
            assert [position for position, _, _ in await ground.log()] == [1, 2]


async def test_jobs_whose_claim_was_committed_unheard_are_run(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is lost during the commit of a claim, which took place: nobody knows that the job is his."""
    hall = Hall()
    claim, losses = queue.claim, iter([True])

    async def claim_and_be_cut_off(connection: AsyncConnection, **asked: Any) -> list[queue.Claimed]:
        claimed = await claim(connection, **asked)
        if claimed and len(hall.inside) == 1 and next(losses, False):
            await connection.commit()
            raise OutcomeUnknown
        return claimed

    monkeypatch.setattr(queue, "claim", claim_and_be_cut_off)
    await ground.enqueue(hall.job, number=1)
    async with running_worker(ground.worker(known(hall.job))):
        assert await hall.entered.get() == 1
        await ground.enqueue(hall.job, number=2)
        assert await hall.entered.get() == 2
        hall.open.set()
    assert next(losses, None) is None
    assert [(each.status, each.attempts) for each in await ground.jobs()] == [("succeeded", 1)] * 2
    assert await ground.seen("enter") == [1, 2]
