"""The jobs of operations."""

import structlog

from mercer.operations import service
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import job

log = structlog.get_logger("mercer.operations")


@job(cron="17 * * * *")
async def clean_up(context: Context) -> None:
    """Forget jobs that ended and requests that nobody repeats any more."""
    forgotten = await service.forget_old(context)
    log.info("cleaned_up", jobs=forgotten.jobs, requests=forgotten.requests)
