"""What inventory does beside requests."""

from mercer.inventory import service
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Transaction, job
from mercer.platform.transactions import transaction


@job(cron="* * * * *", transaction=Transaction.MANUAL)
async def sweep_holds(context: Context) -> None:
    """Let go of holds that have expired, some at a time."""
    is_more = True
    while is_more:
        async with transaction(context) as within:
            is_more = await service.sweep_holds(within)
