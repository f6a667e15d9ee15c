"""What follows from what payments tell."""

from mercer.checkout import service
from mercer.payments.events import PaymentChanged, ProviderEventReceived
from mercer.platform.context import Context


async def apply_notice(context: Context, event: ProviderEventReceived) -> None:
    """Apply what a provider told."""
    await service.follow_inbox(context, inbox_id=event.inbox_id)


async def follow_payment(context: Context, event: PaymentChanged) -> None:
    """Have the order follow its payment."""
    await service.follow_payment_of(context, order_id=event.order_id)
