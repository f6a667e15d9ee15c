"""Guests' orders that become a customer's, once he has shown that their address is his."""

from uuid import UUID

from mercer.identity.service import lock_customer
from mercer.orders.queries import claiming as queries
from mercer.platform.context import Context

_AT_A_TIME = 500


async def claim_orders(context: Context, *, customer_id: UUID) -> int:
    """Give a customer the orders that guests made with his address. Again, it changes nothing. Returns how many.

    Only with an address that is verified: else whoever registered somebody's would read what he bought. The customer is
    locked before the orders.
    """
    customer = await lock_customer(context, customer_id=customer_id)
    if customer is None or customer.email_verified_at is None or customer.blocked_at is not None:
        return 0
    count = 0
    while claimed := await queries.claim_orders(
        context.db, customer_id=customer.id, email_key=customer.email.casefold(), most=_AT_A_TIME
    ):
        for order_id in claimed:
            context.record("Order", order_id, {"customerId": (None, customer.id)})
        count += len(claimed)
    return count
