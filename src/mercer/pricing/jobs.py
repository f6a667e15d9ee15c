"""What prices do beside the requests."""

from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Transaction, job
from mercer.platform.transactions import transaction
from mercer.pricing import service


@job(cron="* * * * *", transaction=Transaction.MANUAL)
async def follow_windows(context: Context) -> None:
    """Tell of scheduled prices that began or ended, some at a time."""
    is_more = True
    while is_more:
        async with transaction(context) as within:
            is_more = await service.follow_windows(within)
