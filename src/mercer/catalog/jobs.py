"""The catalogue's work beside the requests."""

from mercer.catalog.service import announce_moments
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import job


@job(cron="* * * * *")
async def announce_publications(context: Context) -> None:
    """Tell which products began or ended to be seen, of what was scheduled."""
    if await announce_moments(context):
        context.enqueue(announce_publications)
