"""What staff may do about a job."""

from uuid import UUID

import strawberry

from mercer.operations import service
from mercer.operations.errors import JobNotFound, JobStateInvalid
from mercer.operations.graphql.admin import Job
from mercer.platform.context import Context
from mercer.platform.graphql.mutations import mutation, row
from mercer.platform.graphql.views.inputs import parse_id


@mutation(JobNotFound, JobStateInvalid, needs="jobs.manage")
async def job_retry(context: Context, id: strawberry.ID) -> Job:
    """Have a job that failed or was cancelled tried again at once, with all of its attempts."""
    await service.retry_job(context, id=(known := _known(id)))
    return row(Job, known)


@mutation(JobNotFound, JobStateInvalid, needs="jobs.manage")
async def job_cancel(context: Context, id: strawberry.ID) -> Job:
    """Cancel a job that has not begun. One that runs is asked to stop: it does when it next reports its progress."""
    await service.cancel_job(context, id=(known := _known(id)))
    return row(Job, known)


def _known(id: strawberry.ID) -> UUID:
    found = parse_id(id)
    if found is None:
        raise JobNotFound().at("id")
    return found
