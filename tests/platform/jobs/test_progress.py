"""Progress, and how a running job learns that nobody wants it any more."""

import asyncio

import pytest
from tests.platform.jobs.things import Ground, known, see

from mercer.platform.context import Context
from mercer.platform.jobs import queue
from mercer.platform.jobs.declaration import job
from mercer.platform.jobs.errors import JobCancelled
from mercer.platform.jobs.progress import report


async def test_outside_a_job_it_does_nothing(ground: Ground) -> None:
    await report(ground.context(), done=1)
    assert await ground.sql("SELECT * FROM platform.job_note") == []


async def test_it_is_seen_while_the_job_runs(ground: Ground) -> None:
    told, go_on = asyncio.Event(), asyncio.Event()

    @job()
    async def climb(context: Context) -> None:
        await report(context, done=1, total=3)
        told.set()
        await go_on.wait()
        await report(context, done=3, total=3)

    await ground.enqueue(climb)
    working = asyncio.create_task(ground.worker(known(climb)).work_off())
    await told.wait()
    (stored,) = await ground.jobs()
    assert (stored.status, stored.done, stored.total) == ("doing", 1, 3)
    go_on.set()
    await working
    (stored,) = await ground.jobs()
    assert (stored.status, stored.done, stored.total) == ("succeeded", 3, 3)


async def test_a_cancelled_job_stops_and_leaves_nothing_behind(ground: Ground) -> None:
    raised: list[JobCancelled] = []

    @job()
    async def climb(context: Context) -> None:
        await see(context, "climb", 1)
        await report(context, done=1)
        async with ground.database.transaction() as connection:
            assert context.job_id is not None
            assert await queue.request_cancellation(connection, context.job_id, now=context.now) is False
            assert await queue.request_cancellation(connection, context.job_id, now=context.now) is True
        with pytest.raises(JobCancelled) as cancelled:
            await report(context, done=2)
        raised.append(cancelled.value)
        raise cancelled.value

    await ground.enqueue(climb)
    await ground.worker(known(climb)).work_off()
    (stored,) = await ground.jobs()
    assert (stored.status, stored.done, len(raised)) == ("aborted", 1, 1)
    assert await ground.seen("climb") == []


async def test_a_job_that_does_not_look_runs_to_its_end(ground: Ground) -> None:
    @job()
    async def climb(context: Context) -> None:
        await see(context, "climb", 1)
        async with ground.database.transaction() as connection:
            assert context.job_id is not None
            await queue.request_cancellation(connection, context.job_id, now=context.now)

    await ground.enqueue(climb)
    await ground.worker(known(climb)).work_off()
    assert [each.status for each in await ground.jobs()] == ["succeeded"]
    assert await ground.seen("climb") == [1]
