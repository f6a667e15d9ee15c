"""What is old is forgotten; dead letters wait."""

from datetime import UTC, datetime, timedelta

from tests.platform.jobs.things import Ground, known, see

from mercer.operations import jobs, service
from mercer.operations.models import Forgotten
from mercer.platform import idempotency
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.platform.idempotency import Keyed
from mercer.platform.jobs.declaration import job
from mercer.platform.jobs.progress import report
from mercer.platform.transactions import transaction


@job(attempts=1)
async def succeed(context: Context) -> None:
    await report(context, done=1)
    await see(context, "succeed", 1)


@job(attempts=1)
async def fail(_context: Context) -> None:
    raise DomainError


async def clean(ground: Ground, *, days: int) -> Forgotten:
    """Clean up, so many days from now."""
    async with transaction(ground.context()) as context:
        object.__setattr__(context, "now", datetime.now(UTC) + timedelta(days=days))
        return await service.forget_old(context)


async def test_jobs_that_ended_are_forgotten_after_days_and_dead_letters_after_months(ground: Ground) -> None:
    for each in (succeed, fail):
        await ground.enqueue(each)
    await ground.worker(known(succeed, fail)).work_off()
    await ground.enqueue(succeed)
    assert (await clean(ground, days=2)).jobs == 0
    assert (await clean(ground, days=4)).jobs == 1
    assert [each.status for each in await ground.jobs()] == ["failed", "todo"]
    assert (await clean(ground, days=91)).jobs == 1
    assert [each.status for each in await ground.jobs()] == ["todo"]
    assert await ground.sql("SELECT * FROM platform.job_note") == []


async def test_requests_are_forgotten_after_a_week(ground: Ground) -> None:
    request = Keyed(actor="staff:1", key="k", field="f", fingerprint="x")
    async with ground.database.transaction() as connection:
        await idempotency.begin(connection, request, now=datetime.now(UTC))
    assert (await clean(ground, days=6)).requests == 0
    assert (await clean(ground, days=8)).requests == 1


async def test_it_is_done_every_hour(ground: Ground) -> None:
    await ground.enqueue(jobs.clean_up)
    assert await ground.worker(known(jobs.clean_up)).work_off() == 1
    assert jobs.clean_up.cron == "17 * * * *"
