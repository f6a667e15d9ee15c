"""Jobs in the admin API: looked at, tried again, cancelled."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.callers import Caller, admin_caller
from tests.platform.jobs.things import Ground, known, see

from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.platform.jobs import queue
from mercer.platform.jobs.declaration import job
from mercer.platform.jobs.progress import report
from mercer.platform.transactions import transaction

JOBS = """query ($filter: JobFilter) { jobs(filter: $filter) { totalCount nodes {
    id name status attempts error done total arguments requestId
} } }"""
JOB = """query ($id: ID!) { job(id: $id) {
    status attempts scheduledAt createdAt startedAt finishedAt cancelRequestedAt
} }"""
RETRY = """mutation ($id: ID!) { jobRetry(id: $id) {
    __typename ... on Job { status attempts } ... on Error { code path } ... on JobStateInvalid { current }
} }"""
CANCEL = """mutation ($id: ID!) { jobCancel(id: $id) {
    __typename ... on Job { status cancelRequestedAt } ... on Error { code path } ... on JobStateInvalid { current }
} }"""


@job(attempts=1)
async def fail(context: Context, *, number: int, email: str, of: UUID) -> None:  # noqa: ARG001
    raise DomainError


@job()
async def count(context: Context, *, number: int) -> None:
    await see(context, "count", number)


async def nodes(admin: Caller, **filters: Any) -> list[Any]:
    found: list[Any] = (await admin(JOBS, {"filter": filters}))["jobs"]["nodes"]
    return found


async def enqueued(ground: Ground) -> str:
    """The id of a job that waits."""
    await ground.enqueue(count, number=1)
    return str(UUID(int=(await ground.jobs())[-1].id))


async def test_staff_see_what_became_of_a_job_and_nothing_personal(admin: Caller, ground: Ground) -> None:
    async with transaction(ground.context(origin=Origin(request_id="abc"))) as context:
        context.enqueue(fail, number=7, email="jane@example.org", of=UUID(int=5))
    await ground.worker(known(fail)).work_off()
    (found,) = await nodes(admin)
    assert UUID(found.pop("id")).int == (await ground.jobs())[0].id
    assert found == {
        "name": "operations.fail",
        "status": "FAILED",
        "attempts": 1,
        "error": "DomainError: A failure the caller can act on. Its docstring is its message, its fields are what the "
        "caller needs to know.",
        "done": None,
        "total": None,
        "arguments": {"number": 7, "of": str(UUID(int=5))},
        "requestId": "abc",
    }


async def test_staff_see_the_event_of_a_handler(admin: Caller, ground: Ground) -> None:
    await ground.announce(7)
    await ground.worker(known()).work_off()
    found = await nodes(admin, name={"eq": "handle:platform.first"})
    assert [(each["status"], each["arguments"]["payload"]) for each in found] == [("SUCCEEDED", {"number": 7})]


async def test_a_job_tells_when(admin: Caller, ground: Ground) -> None:
    id = await enqueued(ground)
    waiting = (await admin(JOB, {"id": id}))["job"]
    assert {name for name, value in waiting.items() if value is not None} == {"status", "attempts", "createdAt"}
    await ground.worker(known(count)).work_off()
    done = (await admin(JOB, {"id": id}))["job"]
    assert (done["status"], done["attempts"]) == ("SUCCEEDED", 1)
    assert done["createdAt"] <= done["startedAt"] <= done["finishedAt"]


async def test_they_are_listed_by_status_the_newest_first(admin: Caller, ground: Ground) -> None:
    for number in range(3):
        await ground.enqueue(fail, number=number, email="", of=UUID(int=0))
    await ground.worker(known(fail)).work_off()
    id = await enqueued(ground)
    assert [each["status"] for each in await nodes(admin)] == ["QUEUED", "FAILED", "FAILED", "FAILED"]
    failed = await nodes(admin, status={"eq": "FAILED"})
    assert [each["arguments"]["number"] for each in failed] == [2, 1, 0]
    assert [each["id"] for each in await nodes(admin, status={"in": ["QUEUED", "RUNNING"]})] == [id]
    assert await nodes(admin, status={"in": []}) == []


async def test_pages_of_jobs(admin: Caller, ground: Ground) -> None:
    for number in range(5):
        await ground.enqueue(count, number=number)
    page = "query ($after: String) { jobs(first: 2, after: $after) { nodes { arguments } pageInfo { endCursor } } }"
    seen: list[int] = []
    after = None
    while len(seen) < 5:
        found = (await admin(page, {"after": after}))["jobs"]
        seen += [node["arguments"]["number"] for node in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
    assert seen == [4, 3, 2, 1, 0]


async def test_a_dead_letter_is_tried_again_with_all_of_its_attempts(admin: Caller, ground: Ground) -> None:
    await ground.enqueue(fail, number=1, email="", of=UUID(int=0))
    await ground.worker(known(fail)).work_off()
    id = (await nodes(admin))[0]["id"]
    assert (await admin(RETRY, {"id": id}))["jobRetry"] == {"__typename": "Job", "status": "QUEUED", "attempts": 0}
    again = (await admin(RETRY, {"id": id}))["jobRetry"]
    assert again == {"__typename": "JobStateInvalid", "code": "JOB_STATE_INVALID", "path": [], "current": "QUEUED"}
    assert await ground.worker(known(fail)).work_off() == 1
    assert [each["attempts"] for each in await nodes(admin)] == [1]


async def test_a_waiting_job_is_cancelled_and_can_be_revived(admin: Caller, ground: Ground) -> None:
    id = await enqueued(ground)
    cancelled = {"__typename": "Job", "status": "CANCELLED", "cancelRequestedAt": None}
    assert (await admin(CANCEL, {"id": id}))["jobCancel"] == cancelled
    assert await ground.worker(known(count)).work_off() == 0
    assert (await admin(CANCEL, {"id": id}))["jobCancel"]["current"] == "CANCELLED"
    assert (await admin(RETRY, {"id": id}))["jobRetry"]["status"] == "QUEUED"
    assert await ground.worker(known(count)).work_off() == 1
    assert await ground.seen("count") == [1]


async def test_a_running_job_is_asked_to_stop(admin: Caller, ground: Ground) -> None:
    told, go_on = asyncio.Event(), asyncio.Event()

    @job()
    async def climb(context: Context) -> None:
        await report(context, done=1, total=9)
        told.set()
        await go_on.wait()
        await report(context, done=2, total=9)

    await ground.enqueue(climb)
    working = asyncio.create_task(ground.worker(known(climb)).work_off())
    await told.wait()
    (running,) = await nodes(admin, status={"eq": "RUNNING"})
    assert (running["done"], running["total"]) == (1, 9)
    asked = (await admin(CANCEL, {"id": running["id"]}))["jobCancel"]
    assert (asked["status"], asked["cancelRequestedAt"] is not None) == ("RUNNING", True)
    assert (await admin(CANCEL, {"id": running["id"]}))["jobCancel"] == asked
    go_on.set()
    await working
    (ended,) = await nodes(admin)
    assert (ended["status"], ended["done"]) == ("CANCELLED", 1)
    # Revived, it begins anew: nobody wants it stopped any more.
    assert (await admin(RETRY, {"id": running["id"]}))["jobRetry"]["status"] == "QUEUED"
    assert await ground.worker(known(climb)).work_off() == 1
    assert [(each["status"], each["done"]) for each in await nodes(admin)] == [("SUCCEEDED", 2)]


@pytest.mark.parametrize("id", ["", "1", "no job", "\N{SNOWMAN}", str(UUID(int=10**6)), "f" * 32, "0" * 32])
@pytest.mark.parametrize("ask", [RETRY, CANCEL])
async def test_a_job_that_is_not_there(admin: Caller, ask: str, id: str) -> None:
    (found,) = (await admin(ask, {"id": id})).values()
    assert (found["__typename"], found["code"]) == ("JobNotFound", "JOB_NOT_FOUND")
    assert (await admin(JOB, {"id": id}))["job"] is None


async def test_two_who_cancel_and_retry_at_once(admin: Caller, ground: Ground) -> None:
    id = await enqueued(ground)
    outcomes = await asyncio.gather(*(admin(CANCEL, {"id": id}) for _ in range(4)))
    assert sorted(each["jobCancel"]["__typename"] for each in outcomes) == ["Job", *["JobStateInvalid"] * 3]


async def test_what_staff_do_is_in_the_audit(admin: Caller, ground: Ground) -> None:
    id = await enqueued(ground)
    await admin(CANCEL, {"id": id})
    await admin(RETRY, {"id": id})
    await admin(RETRY, {"id": id})
    entries = '{ auditEntries(filter: {entity: {eq: "Job"}}) { nodes { operation entityId changes actorKind } } }'
    found = (await admin(entries))["auditEntries"]["nodes"]
    assert sorted((each["operation"], *each["changes"]["status"]) for each in found) == [
        ("jobCancel", "queued", "cancelled"),
        ("jobRetry", "cancelled", "queued"),
    ]
    assert {(each["entityId"], each["actorKind"]) for each in found} == {(id, "STAFF")}


@pytest.mark.parametrize("ask", [RETRY, CANCEL, JOB])
async def test_others_are_refused_and_change_nothing(http: httpx2.AsyncClient, ground: Ground, ask: str) -> None:
    id = await enqueued(ground)
    before = await ground.jobs()
    refusals = []
    for caller in (Caller(http, "/admin/graphql", {}), admin_caller(http, role="marketer")):
        answer = await caller.send(ask, {"id": id})
        refusals.append((answer.status_code, answer.json()["errors"][0]["extensions"]["code"]))
    assert refusals == [(401, "UNAUTHENTICATED"), (403, "FORBIDDEN")]
    assert await ground.jobs() == before


async def test_a_claim_and_a_cancellation_at_once_agree(admin: Caller, ground: Ground) -> None:
    """Either it is cancelled and never runs, or it runs and was asked to stop."""
    for _ in range(5):
        id = await enqueued(ground)

        async def claim() -> list[queue.Claimed]:
            async with ground.database.transaction() as connection:
                return await queue.claim(connection, worker=await queue.register(connection), most=1)

        claimed, answer = await asyncio.gather(claim(), admin(CANCEL, {"id": id}))
        assert answer["jobCancel"]["status"] == ("RUNNING" if claimed else "CANCELLED")
