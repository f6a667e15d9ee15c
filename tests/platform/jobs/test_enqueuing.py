"""Jobs are enqueued in the transaction that needs them."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from tests.platform.jobs.things import Ground, known, see

from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.platform.jobs.declaration import job
from mercer.platform.observability.statements import counting_statements
from mercer.platform.transactions import transaction


@job()
async def count(context: Context, *, number: int) -> None:
    await see(context, "count", number)


@job()
async def name(context: Context, *, id: UUID) -> None:
    await see(context, "name", id.int)


async def test_a_commit_enqueues_and_a_rollback_does_not(ground: Ground) -> None:
    await ground.enqueue(count, number=1)
    with suppress(DomainError):
        async with transaction(ground.context()) as context:
            context.enqueue(count, number=2)
            raise DomainError
    assert [each.args["arguments"] for each in await ground.jobs()] == [{"number": 1}]


async def test_jobs_of_one_transaction_are_one_statement(ground: Ground) -> None:
    with counting_statements() as statements:
        async with transaction(ground.context()) as context:
            for number in range(50):
                context.enqueue(count, number=number)
    assert statements.total == 1
    assert [each.args["arguments"]["number"] for each in await ground.jobs()] == list(range(50))


async def test_a_job_knows_the_request_and_the_trace_that_it_belongs_to(ground: Ground) -> None:
    origin = Origin(request_id="abc", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    async with transaction(ground.context(origin=origin)) as context:
        context.enqueue(count, number=1)
    (stored,) = await ground.jobs()
    assert (stored.args["request_id"], stored.args["traceparent"]) == ("abc", origin.traceparent)


async def test_arguments_arrive_as_they_are_declared(ground: Ground) -> None:
    await ground.enqueue(name, id=UUID(int=7))
    assert await ground.worker(known(name)).work_off() == 1
    assert await ground.seen("name") == [7]


async def test_a_job_does_not_run_before_its_time(ground: Ground) -> None:
    await ground.enqueue(count, number=1, at=datetime(2001, 1, 1, tzinfo=UTC))
    await ground.enqueue(count, number=2, at=datetime(2999, 1, 1, tzinfo=UTC))
    assert await ground.worker(known(count)).work_off() == 1
    assert await ground.seen("count") == [1]
    assert [each.status for each in await ground.jobs()] == ["succeeded", "todo"]
