"""What becomes of a job: done once, tried again, dead, lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import structlog
from structlog.testing import capture_logs
from tests.platform.jobs.things import Ground, Row, known, see

from mercer.platform.actors import SYSTEM, Origin
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, TransactionBroken
from mercer.platform.jobs import queue, running
from mercer.platform.jobs.declaration import Job, Transaction, job
from mercer.platform.jobs.queue import Claimed
from mercer.platform.transactions import transaction

SECRET = "jane@example.org"


@dataclass(eq=False)
class MailRefused(DomainError):
    """The mail was refused."""

    address: str


@job(attempts=3)
async def count(context: Context, *, number: int) -> None:
    await see(context, "count", number)


@job(attempts=3)
async def refuse(context: Context) -> None:
    await see(context, "refuse", 1)
    raise MailRefused(SECRET)


@job(attempts=1)
async def crash(context: Context) -> None:
    await see(context, "crash", 1)
    raise KeyError(SECRET)


@job(transaction=Transaction.MANUAL)
async def call_outside(context: Context) -> None:
    for number in (1, 2):
        async with transaction(context) as inner:
            await see(inner, "outside", number)


@asynccontextmanager
async def claiming(ground: Ground) -> AsyncIterator[Claimed]:
    """The next job, claimed by a worker."""
    async with ground.database.transaction() as connection:
        (claimed,) = await queue.claim(connection, worker=await queue.register(connection), most=1)
    yield claimed


async def run(ground: Ground, *jobs: Job) -> Row:
    """Run the next job once. Returns what is stored of it."""
    async with claiming(ground) as claimed:
        await running.run(ground.context(), known(*jobs).jobs, claimed)
    return next(each for each in await ground.jobs() if each.id == claimed.id)


async def test_a_job_is_done_in_one_transaction(ground: Ground) -> None:
    await ground.enqueue(count, number=1)
    stored = await run(ground, count)
    assert (stored.status, stored.attempts, stored.error) == ("succeeded", 1, None)
    assert await ground.seen("count") == [1]


async def test_an_expected_error_is_tried_again_and_leaves_nothing_behind(ground: Ground) -> None:
    await ground.enqueue(refuse)
    stored = await run(ground, refuse)
    assert (stored.status, stored.attempts) == ("todo", 1)
    assert stored.scheduled_at is not None
    assert stored.error == "MailRefused: The mail was refused."
    assert await ground.seen("refuse") == []


async def test_the_last_attempt_makes_a_dead_letter(ground: Ground) -> None:
    await ground.enqueue(refuse)
    for attempt in (1, 2, 3):
        await ground.sql("UPDATE procrastinate.procrastinate_jobs SET scheduled_at = NULL")
        stored = await run(ground, refuse)
        assert (stored.attempts, stored.status) == (attempt, "failed" if attempt == 3 else "todo")


async def test_a_crash_tells_staff_where_to_look_and_nothing_personal(ground: Ground) -> None:
    async with transaction(ground.context(origin=Origin(request_id="abc"))) as context:
        context.enqueue(crash)
    stored = await run(ground, crash)
    assert (stored.status, stored.error) == ("failed", "KeyError. The log says more, under the id abc.")


@pytest.mark.parametrize("arguments", [{}, {"number": "one"}, {"number": 1, "more": 2}, {"number": None}])
async def test_arguments_of_another_version_make_a_dead_letter(ground: Ground, arguments: dict[str, object]) -> None:
    await ground.enqueue(count, **arguments)
    stored = await run(ground, count)
    assert (stored.status, stored.attempts) == ("failed", 1)
    assert stored.error is not None
    assert stored.error.startswith("ArgumentsUnknown: ")


@pytest.mark.parametrize("args", ["[]", "7", "null", '"x"', "{}", '{"arguments": [1]}'])
async def test_rows_written_by_hand_make_dead_letters(ground: Ground, args: str) -> None:
    await ground.sql(
        "INSERT INTO procrastinate.procrastinate_jobs (queue_name, task_name, args) "
        "VALUES ('default', 'platform.count', CAST(:args AS jsonb))",
        args=args,
    )
    stored = await run(ground, count)
    assert (stored.status, stored.error and stored.error.partition(":")[0]) == ("failed", "ArgumentsUnknown")


async def test_a_job_that_nobody_knows_is_a_dead_letter(ground: Ground) -> None:
    await ground.enqueue(count, number=1)
    stored = await run(ground)
    assert (stored.status, stored.error) == (
        "failed",
        "JobUnknown: No job of this name is known to this version of Mercer.",
    )


async def test_an_event_that_nobody_knows_is_a_dead_letter(ground: Ground) -> None:
    await ground.announce(1)
    worker = ground.worker(known())
    await ground.sql("UPDATE platform.outbox SET name = 'catalog.Unheard'")
    async with ground.database.transaction() as connection:
        arguments = {"name": "catalog.Unheard", "payload": {}, "position": 1}
        await queue.put(connection, [queue.entry("handle:platform.first", arguments, Origin())])
    assert await worker.work_off() == 1
    (stored,) = await ground.jobs()
    assert (stored.status, stored.error and stored.error.partition(":")[0]) == ("failed", "EventUnknown")


async def test_a_payload_of_another_version_is_tried_again_then_dead(ground: Ground) -> None:
    async with ground.database.transaction() as connection:
        arguments = {"name": "platform.Happened", "payload": {"number": "x"}, "position": 1}
        await queue.put(connection, [queue.entry("handle:platform.first", arguments, Origin())])
    stored = await run(ground)
    assert (stored.status, stored.error and stored.error.partition(".")[0]) == ("todo", "ValidationError")


async def test_the_job_knows_who_and_when(ground: Ground) -> None:
    seen: list[Context] = []

    @job()
    async def look(context: Context) -> None:
        seen.append(context)

    origin = Origin(request_id="abc", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    async with transaction(ground.context(origin=origin)) as context:
        context.enqueue(look)
    with capture_logs([structlog.contextvars.merge_contextvars]) as logs:
        await run(ground, look)
    (found,) = seen
    assert (found.actor, found.now, found.job_id) == (SYSTEM, ground.context().now, (await ground.jobs())[0].id)
    assert (found.origin.operation, found.origin.request_id) == ("platform.look", "abc")
    assert found.origin.traceparent is not None
    assert found.origin.traceparent.split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    (line,) = [each for each in logs if each["event"] == "job_done"]
    assert (line["job"], line["attempt"]) == ("platform.look", 1)


async def test_what_a_job_leaves_behind_is_written_with_it(ground: Ground) -> None:
    @job()
    async def pass_on(context: Context) -> None:
        context.enqueue(count, number=5)

    await ground.enqueue(pass_on)
    assert await ground.worker(known(pass_on, count)).work_off() == 2
    assert await ground.seen("count") == [5]


async def test_a_manual_job_opens_its_own_transactions(ground: Ground) -> None:
    await ground.enqueue(call_outside)
    assert (await run(ground, call_outside)).status == "succeeded"
    assert await ground.seen("outside") == [1, 2]


async def test_a_transient_fault_is_tried_again(ground: Ground) -> None:
    @job()
    async def collide(_context: Context) -> None:
        raise TransactionBroken

    await ground.enqueue(collide)
    assert (await run(ground, collide)).status == "todo"


async def test_of_two_runs_of_one_job_only_one_has_effects(ground: Ground) -> None:
    """A worker that was taken for dead goes on while another has its job."""
    await ground.enqueue(count, number=1)
    async with claiming(ground) as claimed:
        await asyncio.gather(*(running.run(ground.context(), known(count).jobs, claimed) for _ in range(5)))
    assert await ground.seen("count") == [1]
    (stored,) = await ground.jobs()
    assert (stored.status, stored.attempts) == ("succeeded", 1)


async def test_a_failure_does_not_touch_a_job_that_another_worker_has(ground: Ground) -> None:
    await ground.enqueue(refuse)
    async with claiming(ground) as claimed:
        await ground.sql("UPDATE procrastinate.procrastinate_jobs SET worker_id = NULL")
        await running.run(ground.context(), known(refuse).jobs, claimed)
    (stored,) = await ground.jobs()
    assert (stored.status, stored.attempts, stored.error) == ("doing", 0, None)


async def test_a_cancelled_run_gives_its_job_back(ground: Ground) -> None:
    begun = asyncio.Event()

    @job()
    async def wait(context: Context) -> None:
        await see(context, "wait", 1)
        begun.set()
        await asyncio.Event().wait()

    await ground.enqueue(wait)
    async with claiming(ground) as claimed:
        task = asyncio.create_task(running.run(ground.context(), known(wait).jobs, claimed))
        await begun.wait()
        task.cancel()
        await asyncio.wait([task])
    (stored,) = await ground.jobs()
    assert (stored.status, stored.attempts) == ("todo", 0)
    assert await ground.seen("wait") == []
