"""A payment and its first attempt begin together: what a purchase does, in as few statements as can be."""

from uuid import UUID

from mercer.payments.models import PaymentRequest
from mercer.payments.providers.registry import find_provider
from mercer.payments.queries import opening as queries
from mercer.payments.rules.asking import FIRST_POLL, LEASE
from mercer.payments.service.charging import check_payment
from mercer.platform.context import Context


async def open_payment(
    context: Context,
    *,
    order_id: UUID,
    channel_id: UUID,
    amount: int,
    currency: str,
    label: str,
    payment: PaymentRequest,
) -> UUID:
    """Say what is due for a new order, and begin to pay it: as `check_payment`, `open_intent` and `begin_attempt`.

    Returns the attempt, for whose outcome the caller asks `charge`. Raises what `check_payment` raises.
    """
    capture = await check_payment(context, payment=payment, channel_id=channel_id)
    is_asked = find_provider(context, payment.provider).is_asked
    return await queries.insert_payment(
        context.db,
        intent={
            "order_id": order_id,
            "channel_id": channel_id,
            "amount": amount,
            "currency": currency,
            "label": label,
            "created_at": context.now,
        },
        attempt={
            "provider": payment.provider,
            "amount": amount,
            "currency": currency,
            "capture": capture.value,
            "charging_until": context.now + LEASE,
            "next_poll_at": context.now + FIRST_POLL if is_asked else None,
            "created_at": context.now,
            "updated_at": context.now,
        },
    )
