"""What is cancelled beside the requests."""

from uuid import UUID

from mercer.changes import service
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Transaction, job


@job(cron="* * * * *")
async def sweep(context: Context) -> None:
    """Find orders that nobody paid in time."""
    for order_id in await service.claim_unpaid(context):
        context.enqueue(cancel_unpaid, order_id=str(order_id))


@job(transaction=Transaction.MANUAL)
async def cancel_unpaid(context: Context, *, order_id: str) -> None:
    """Cancel one of them."""
    await service.cancel_unpaid(context, order_id=UUID(order_id))
