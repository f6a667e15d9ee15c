"""The catalogue's work beside the requests."""

from mercer.catalog.service import announce_moments, complete_some_search
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import job


@job(cron="* * * * *")
async def announce_publications(context: Context) -> None:
    """Tell which products began or ended to be seen, of what was scheduled."""
    if await announce_moments(context):
        context.enqueue(announce_publications)


@job()
async def complete_search(context: Context) -> None:
    """Add what products are found by in languages that a channel brought, a batch in each run."""
    if await complete_some_search(context):
        context.enqueue(complete_search)
