"""What carts do beside the requests."""

from mercer.cart import service
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Transaction, job
from mercer.platform.transactions import transaction


@job(cron="37 * * * *", transaction=Transaction.MANUAL)
async def expire_carts(context: Context) -> None:
    """End carts that nobody uses any more, some at a time."""
    is_more = True
    while is_more:
        async with transaction(context) as within:
            is_more = await service.expire_carts(within)
