"""What can be done about an order that is not to stay as it was placed."""

from mercer.changes.service.cancelling import cancel_order
from mercer.changes.service.expiring import cancel_unpaid, claim_unpaid

__all__ = ["cancel_order", "cancel_unpaid", "claim_unpaid"]
