"""What the simulator does by itself: it tells what happened, and decides what was in process."""

from uuid import UUID

from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Transaction, job
from mercer.simulator import service


@job(transaction=Transaction.MANUAL)
async def deliver(context: Context, *, fact_id: str) -> None:
    """Send a webhook."""
    await service.deliver_fact(context, fact_id=UUID(fact_id))


@job()
async def settle(context: Context, *, payment_id: str) -> None:
    """Decide a payment that was in process."""
    await service.find_payment(context, id=UUID(payment_id), tell=deliver)
