"""What payments do beside the requests."""

from uuid import UUID

from mercer.payments import service
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Transaction, job


@job(transaction=Transaction.MANUAL, cron="* * * * *")
async def ask_providers(context: Context) -> None:
    """Ask providers for what they did not tell."""
    await service.poll(context)


@job(transaction=Transaction.MANUAL)
async def carry_out_refund(context: Context, *, refund_id: str) -> None:
    """Have something given back."""
    await service.carry_out_refund(context, refund_id=UUID(refund_id))
