"""What can be done to turn a cart into a paid order."""

from mercer.checkout.service.completing import complete_cart
from mercer.checkout.service.finalising import finalise, follow_inbox, follow_payment_of
from mercer.checkout.service.paying import ask_provider, continue_payment, start_payment

__all__ = [
    "ask_provider",
    "complete_cart",
    "continue_payment",
    "finalise",
    "follow_inbox",
    "follow_payment_of",
    "start_payment",
]
