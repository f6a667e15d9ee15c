"""What staff do about payments: note and capture money, settle exceptions, say which ways to pay a channel has."""

from decimal import Decimal

import strawberry

from mercer.channels.errors import ChannelNotFound
from mercer.payments import models, service
from mercer.payments.errors import (
    AttemptNotFound,
    CaptureTooLarge,
    NotCapturable,
    PaymentExceptionNotFound,
    PaymentExceptionNotRefundable,
    PaymentExceptionResolved,
    PaymentNotFound,
    ProviderOutcomeUnknown,
    ProviderRefusedIt,
    ProviderUnavailable,
)
from mercer.payments.graphql.admin import PaymentAttempt, PaymentException, PaymentOffer
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, mutation, row
from mercer.platform.jobs.declaration import Transaction

MANAGE = "payments.manage"


@strawberry.input(description="A way to pay in a channel.")
class PaymentOfferInput:
    channel_id: strawberry.ID
    provider: str
    capture: models.CaptureMode = models.CaptureMode.AUTOMATIC
    is_active: bool = True
    position: int = 0


@mutation(PaymentNotFound, needs=MANAGE, key=Key.REQUIRED)
async def payment_receive(context: Context, order_id: strawberry.ID, amount: Decimal, reference: str) -> PaymentAttempt:
    """Note that money came in for an order by hand: a transfer, cash. What is too much is an exception."""
    attempt_id = await service.receive_manual(context, order_id=given_id(order_id), amount=amount, reference=reference)
    return row(PaymentAttempt, attempt_id)


@mutation(
    AttemptNotFound,
    NotCapturable,
    CaptureTooLarge,
    ProviderRefusedIt,
    ProviderOutcomeUnknown,
    needs=MANAGE,
    key=Key.REQUIRED,
    transaction=Transaction.MANUAL,
)
async def payment_capture(context: Context, attempt_id: strawberry.ID, amount: Decimal | None = None) -> PaymentAttempt:
    """Take what was authorised: all of it, or so much."""
    known = given_id(attempt_id)
    await service.capture_attempt(context, attempt_id=known, amount=amount)
    return row(PaymentAttempt, known)


@mutation(
    PaymentExceptionNotFound,
    PaymentExceptionResolved,
    PaymentExceptionNotRefundable,
    needs=MANAGE,
    key=Key.REQUIRED,
    transaction=Transaction.MANUAL,
    fresh_factor=True,
)
async def payment_exception_refund(context: Context, id: strawberry.ID) -> PaymentException:
    """Give the money of an exception back, or try again to give back what the provider failed to."""
    known = given_id(id)
    await service.refund_exception(context, exception_id=known)
    return row(PaymentException, known)


@mutation(PaymentExceptionNotFound, PaymentExceptionResolved, PaymentExceptionNotRefundable, needs=MANAGE)
async def payment_exception_resolve(context: Context, id: strawberry.ID, note: str) -> PaymentException:
    """Note how an exception was settled elsewhere."""
    known = given_id(id)
    await service.resolve_exception(context, exception_id=known, note=note)
    return row(PaymentException, known)


@mutation(ChannelNotFound, ProviderUnavailable, needs=MANAGE)
async def payment_offer_set(context: Context, input: PaymentOfferInput) -> PaymentOffer:
    """Say whether and how a channel takes payments by a provider."""
    offer = models.Offer(
        channel_id=given_id(input.channel_id),
        provider=input.provider,
        capture=input.capture,
        is_active=input.is_active,
        position=input.position,
    )
    return row(PaymentOffer, await service.set_offer(context, offer=offer))
