"""What follows from what customers show of themselves."""

from mercer.identity.events import CustomerEmailChanged, CustomerEmailRestored, CustomerUnblocked, CustomerVerified
from mercer.orders import service
from mercer.platform.context import Context


async def claim_orders(
    context: Context, event: CustomerVerified | CustomerEmailChanged | CustomerEmailRestored | CustomerUnblocked
) -> None:
    """Give a customer the orders that he made as a guest, with the address that he has shown to be his."""
    await service.claim_orders(context, customer_id=event.customer_id)
