"""The verbs of operations."""

from uuid import UUID

from mercer.operations.errors import JobNotFound, JobStateInvalid
from mercer.operations.models import Forgotten, JobStatus
from mercer.platform import idempotency
from mercer.platform.context import Context
from mercer.platform.jobs import queue

RETRIED = {JobStatus.FAILED, JobStatus.CANCELLED}
"""From where a job can be tried again."""


async def retry_job(context: Context, *, id: UUID) -> None:
    """Have a job tried again at once, with all of its attempts. Raises `JobNotFound`, `JobStateInvalid`."""
    status = await _locked(context, id)
    if status not in RETRIED:
        raise JobStateInvalid(current=status.name)
    await queue.revive(context.db, id.int)
    context.record("Job", id, {"status": (status.value, JobStatus.QUEUED.value)})


async def cancel_job(context: Context, *, id: UUID) -> None:
    """Cancel a job that has not begun, or ask one that runs to stop. Raises `JobNotFound`, `JobStateInvalid`.

    A job that runs learns of it when it next reports its progress; one that never does runs to its end.
    """
    status = await _locked(context, id)
    if status is JobStatus.QUEUED:
        await queue.cancel(context.db, id.int)
        context.record("Job", id, {"status": (status.value, JobStatus.CANCELLED.value)})
    elif status is JobStatus.RUNNING:
        before = await queue.request_cancellation(context.db, id.int, now=context.now)
        context.record("Job", id, {"cancelRequested": (before, True)})
    else:
        raise JobStateInvalid(current=status.name)


async def forget_old(context: Context) -> Forgotten:
    """Delete jobs that ended long enough ago, and the outcomes of requests that are repeated no more."""
    return Forgotten(
        jobs=await queue.forget(context.db, now=context.now),
        requests=await idempotency.forget(context.db, now=context.now),
    )


async def _locked(context: Context, id: UUID) -> JobStatus:
    found = await queue.lock(context.db, id.int)
    if found is None:
        raise JobNotFound
    return _STATUS[found]


_STATUS = {
    "todo": JobStatus.QUEUED,
    "doing": JobStatus.RUNNING,
    "succeeded": JobStatus.SUCCEEDED,
    "failed": JobStatus.FAILED,
    "cancelled": JobStatus.CANCELLED,
    "aborted": JobStatus.CANCELLED,
}
