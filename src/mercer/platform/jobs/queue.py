"""The queue of jobs: put in, claimed by workers, ended, or tried again. All of it in the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
import sqlalchemy as sa
from procrastinate.jobs import DEFAULT_QUEUE, Status
from procrastinate.jobs import Job as Queued
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.actors import Origin
from mercer.platform.jobs.errors import JobLost
from mercer.platform.jobs.procrastinate import queue_on
from mercer.platform.jobs.schema import job_note, jobs, transitions, workers

if TYPE_CHECKING:
    from mercer.platform.effects import Deferred

KEPT_FOR = timedelta(days=3)
"""How long a job that is done or cancelled can be looked at."""

FAILED_KEPT_FOR = timedelta(days=90)
"""How long a dead letter waits for somebody to try it again."""

LARGEST_ID = 2**63 - 1

WORKER_DIED = "Its worker died, or could not be reached."


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A job that a worker has taken."""

    id: int
    worker: int
    name: str
    attempt: int
    """Which one this is, from 1."""
    arguments: Any
    request_id: str | None
    traceparent: str | None


async def defer(connection: AsyncConnection, deferred: Sequence["Deferred"], *, origin: Origin) -> None:
    """Enqueue jobs, so that a rollback leaves nothing behind. `origin` is of whoever enqueues them."""
    await put(connection, [entry(each.job.name, each.arguments, origin, at=each.at) for each in deferred])


def entry(name: str, arguments: Mapping[str, Any], origin: Origin, *, at: datetime | None = None) -> Queued:
    """A job as the queue keeps it: with the request and the trace that it belongs to."""
    stored = {
        "arguments": msgspec.to_builtins(arguments),
        "request_id": origin.request_id,
        "traceparent": origin.traceparent,
    }
    return Queued(
        queue=DEFAULT_QUEUE, lock=None, queueing_lock=None, task_name=name, task_kwargs=stored, scheduled_at=at
    )


async def put(connection: AsyncConnection, entries: list[Queued]) -> None:
    """Enqueue jobs, in one statement."""
    await (await queue_on(connection)).batch_defer_jobs_async(entries)


async def claim(connection: AsyncConnection, *, worker: int, most: int) -> list[Claimed]:
    """Take up to so many jobs whose time has come, those that waited longest first."""
    queue = await queue_on(connection)
    taken: list[Claimed] = []
    while len(taken) < most and (job := await queue.fetch_job(queues=None, worker_id=worker)):
        assert job.id is not None
        # A row that somebody wrote by hand may hold anything.
        stored: dict[str, Any] = job.task_kwargs if isinstance(job.task_kwargs, dict) else {}
        taken.append(
            Claimed(
                id=job.id,
                worker=worker,
                name=job.task_name,
                attempt=job.attempts + 1,
                arguments=stored.get("arguments"),
                request_id=stored.get("request_id"),
                traceparent=stored.get("traceparent"),
            )
        )
    return taken


async def succeed(connection: AsyncConnection, job: Claimed) -> None:
    """End a job that is done. Raises `JobLost` if it was ended before: whoever did that has its effects."""
    try:
        await (await queue_on(connection)).finish_job_by_id_async(job.id, Status.SUCCEEDED, delete_job=False)
    except psycopg.errors.RaiseException as ended:
        raise JobLost from ended


async def bury(connection: AsyncConnection, job: Claimed, *, error: str) -> None:
    """Make a job a dead letter, unless it was taken from its worker."""
    if await _is_held(connection, job):
        await _note_error(connection, [job.id], error)
        await (await queue_on(connection)).finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)


async def postpone(connection: AsyncConnection, job: Claimed, *, error: str, until: datetime) -> None:
    """Have a job that failed tried again, unless it was cancelled meanwhile, or taken from its worker."""
    if await _is_held(connection, job):
        await _note_error(connection, [job.id], error)
        queue = await queue_on(connection)
        if await _is_unwanted(connection, job.id):
            await queue.finish_job_by_id_async(job.id, Status.ABORTED, delete_job=False)
        else:
            await queue.retry_job_by_id_async(job.id, retry_at=until)


async def abort(connection: AsyncConnection, job: Claimed) -> None:
    """End a job that heeded its cancellation, unless it was taken from its worker."""
    if await _is_held(connection, job):
        await (await queue_on(connection)).finish_job_by_id_async(job.id, Status.ABORTED, delete_job=False)


async def give_back(connection: AsyncConnection, job: Claimed) -> None:
    """Put a job back that its worker had no time to finish. That counts as no attempt."""
    held = sa.and_(jobs.c.id == job.id, jobs.c.status == "doing", jobs.c.worker_id == job.worker)
    await connection.execute(sa.update(jobs).where(held).values(status="todo", worker_id=None))


async def give_back_unheard(connection: AsyncConnection, *, worker: int, running: Collection[int]) -> None:
    """Put back what a worker has claimed and does not run: it never heard that its claim was committed."""
    unheard = sa.and_(jobs.c.worker_id == worker, jobs.c.status == "doing", jobs.c.id.not_in(running))
    await connection.execute(sa.update(jobs).where(unheard).values(status="todo", worker_id=None))


async def lock(connection: AsyncConnection, id: int) -> str | None:
    """Lock a job, and tell its state as procrastinate names it. None if there is no such job."""
    if id > LARGEST_ID:
        return None
    found = sa.select(jobs.c.status).where(jobs.c.id == id).with_for_update()
    return (await connection.execute(found)).scalar()


async def revive(connection: AsyncConnection, id: int) -> None:
    """Have a job that has ended run again, as if it had never been tried. The caller has locked it."""
    anew = {"status": "todo", "attempts": 0, "scheduled_at": None, "worker_id": None}
    await connection.execute(sa.update(jobs).where(jobs.c.id == id).values(**anew))
    unsaid = {"done": None, "total": None, "cancel_requested_at": None}
    await connection.execute(sa.update(job_note).where(job_note.c.job_id == id).values(**unsaid))


async def cancel(connection: AsyncConnection, id: int) -> None:
    """Cancel a job that waits. The caller has locked it."""
    await (await queue_on(connection)).cancel_job_by_id_async(id)


async def request_cancellation(connection: AsyncConnection, id: int, *, now: datetime) -> bool:
    """Ask a running job to stop. The caller has locked it. Returns whether that was asked before."""
    if await _is_unwanted(connection, id):
        return True
    asked = insert(job_note).values(job_id=id, cancel_requested_at=now)
    await connection.execute(
        asked.on_conflict_do_update(index_elements=[job_note.c.job_id], set_={"cancel_requested_at": now})
    )
    return False


async def register(connection: AsyncConnection) -> int:
    """Note a worker. Returns its number."""
    return await (await queue_on(connection)).register_worker()


async def unregister(connection: AsyncConnection, worker: int) -> None:
    """Forget a worker that ends."""
    await (await queue_on(connection)).unregister_worker(worker)


async def beat(connection: AsyncConnection, worker: int) -> bool:
    """Note that a worker lives. False if others have given it up for dead."""
    mine = sa.update(workers).where(workers.c.id == worker).values(last_heartbeat=sa.func.now())
    return bool((await connection.execute(mine)).rowcount)


async def take_from_dead(
    connection: AsyncConnection, *, silent_for: timedelta, attempts: Mapping[str, int], at_most: int
) -> list[int]:
    """Put back the jobs of workers that were silent for so long. Returns the ids of those jobs.

    It counts as an attempt, since the job may be what killed its worker: one that has had all of its `attempts` (by
    name; `at_most` for others) is a dead letter. One whose cancellation was asked for is cancelled.
    """
    silent = sa.select(workers.c.id).where(workers.c.last_heartbeat < sa.func.now() - silent_for)
    # Who finds a dead worker first has it to himself: two would wait for each other's rows.
    dead = (await connection.execute(silent.with_for_update(skip_locked=True))).scalars().all()
    held = (
        sa.select(jobs.c.id, jobs.c.task_name, jobs.c.attempts, job_note.c.cancel_requested_at)
        .select_from(jobs.outerjoin(job_note, job_note.c.job_id == jobs.c.id))
        .where(jobs.c.status == "doing", sa.or_(jobs.c.worker_id.is_(None), jobs.c.worker_id.in_(dead)))
        .with_for_update(of=jobs, skip_locked=True)
    )
    left = (await connection.execute(held)).all()
    cancelled = [job.id for job in left if job.cancel_requested_at is not None]
    spent = [job.id for job in left if job.attempts + 1 >= attempts.get(job.task_name, at_most)]
    again = [job.id for job in left if job.id not in {*cancelled, *spent}]
    for ids, status in ((cancelled, "aborted"), (sorted({*spent} - {*cancelled}), "failed"), (again, "todo")):
        if ids:
            ended = sa.update(jobs).where(jobs.c.id.in_(ids))
            await connection.execute(ended.values(status=status, attempts=jobs.c.attempts + 1, worker_id=None))
    if left:
        await _note_error(connection, [job.id for job in left], WORKER_DIED)
    if dead:
        await connection.execute(sa.delete(workers).where(workers.c.id.in_(dead)))
    return [job.id for job in left]


async def forget(connection: AsyncConnection, *, now: datetime) -> int:
    """Delete jobs that ended long enough ago. Returns how many."""
    done = sa.and_(jobs.c.status.in_(["succeeded", "cancelled", "aborted"]), _is_silent_since(now - KEPT_FOR))
    failed = sa.and_(jobs.c.status == "failed", _is_silent_since(now - FAILED_KEPT_FOR))
    gone = (await connection.execute(sa.delete(jobs).where(sa.or_(done, failed)).returning(jobs.c.id))).scalars().all()
    await connection.execute(sa.delete(job_note).where(job_note.c.job_id.in_(gone)))
    return len(gone)


def _is_silent_since(moment: datetime) -> sa.ColumnElement[bool]:
    later = sa.and_(transitions.c.job_id == jobs.c.id, transitions.c.at >= moment)
    return ~sa.exists().where(later)


async def _is_held(connection: AsyncConnection, job: Claimed) -> bool:
    held = sa.and_(jobs.c.id == job.id, jobs.c.status == "doing", jobs.c.worker_id == job.worker)
    return (await connection.execute(sa.select(jobs.c.id).where(held).with_for_update())).first() is not None


async def _is_unwanted(connection: AsyncConnection, id: int) -> bool:
    asked = sa.select(job_note.c.cancel_requested_at).where(job_note.c.job_id == id)
    return (await connection.execute(asked)).scalar() is not None


async def _note_error(connection: AsyncConnection, ids: Iterable[int], error: str) -> None:
    noted = insert(job_note).on_conflict_do_update(index_elements=[job_note.c.job_id], set_={"error": error})
    await connection.execute(noted, [{"job_id": id, "error": error} for id in ids])
