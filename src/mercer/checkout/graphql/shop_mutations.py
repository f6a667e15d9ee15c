"""The mutations by which a cart becomes a paid order."""

from decimal import Decimal

import strawberry

from mercer.cart.errors import (
    AddressMissing,
    CartEmpty,
    CartExpired,
    CartNotFound,
    CartOfOtherChannel,
    EmailMissing,
    LinesUnavailable,
    ShippingMethodMissing,
    ShippingMethodUnavailable,
)
from mercer.checkout import models, service
from mercer.checkout.errors import CartChanged, PaymentMissing
from mercer.inventory.errors import InsufficientStock
from mercer.orders.errors import OrderNotFound
from mercer.orders.graphql.shop import Order
from mercer.payments.errors import AlreadyPaid, AttemptNotFound, AttemptsTooMany, PaymentClosed, ProviderUnavailable
from mercer.payments.models import PaymentRequest
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, Limit, Transaction, mutation, row
from mercer.platform.permissions import PUBLIC
from mercer.totals.errors import TotalTooLarge

OF_CARTS = (CartChanged, InsufficientStock)
"""What only completing a cart answers: declared wherever something is paid, so that one selection serves all of it."""


@strawberry.input(description="How something is paid.")
class PaymentInput:
    provider: str = strawberry.field(description="One of the channel's `paymentProviders`.")
    token: str | None = strawberry.field(
        default=None, description="What the provider gave the buyer's browser for his card."
    )
    return_url: str | None = strawberry.field(
        default=None, description="Where he comes back to from the provider's pages. Then: `orderPaymentContinue`."
    )


@strawberry.type(description="The buyer has to confirm the payment, with 3-D Secure for instance.")
class PaymentActionRequired:
    order: Order
    attempt_id: strawberry.ID
    redirect_url: str | None = strawberry.field(description="Lead him there.")
    client_secret: str | None = strawberry.field(description="For the provider's own program in his browser.")


@strawberry.type(description="The payment was refused. The order waits for another: `orderPaymentStart`.")
class PaymentDeclined:
    order: Order
    is_retryable: bool = strawberry.field(description="Whether trying again may help.")
    message: str


def _shown(outcome: models.Outcome) -> Order | PaymentActionRequired | PaymentDeclined:
    order = row(Order, outcome.order_id)
    if outcome.kind is models.OutcomeKind.ACTION_REQUIRED:
        return PaymentActionRequired(
            order=order,
            attempt_id=strawberry.ID(str(outcome.attempt_id)),
            redirect_url=outcome.redirect_url,
            client_secret=outcome.client_secret,
        )
    if outcome.kind is models.OutcomeKind.DECLINED:
        return PaymentDeclined(order=order, is_retryable=outcome.is_retryable, message=outcome.message)
    return order


def _request(payment: PaymentInput) -> PaymentRequest:
    return PaymentRequest(provider=payment.provider, token=payment.token, return_url=payment.return_url)


@mutation(
    CartNotFound,
    CartOfOtherChannel,
    CartExpired,
    CartEmpty,
    EmailMissing,
    AddressMissing,
    ShippingMethodMissing,
    ShippingMethodUnavailable,
    LinesUnavailable,
    TotalTooLarge,
    CartChanged,
    InsufficientStock,
    PaymentMissing,
    ProviderUnavailable,
    AlreadyPaid,
    PaymentClosed,
    AttemptsTooMany,
    needs=PUBLIC,
    key=Key.IGNORED,
    transaction=Transaction.MANUAL,
)
async def cart_complete(
    context: Context, cart_id: strawberry.ID, expected_total: Decimal, payment: PaymentInput | None = None
) -> Order | PaymentActionRequired | PaymentDeclined:
    """Make a cart an order and pay it. A cart becomes one order: repeating this answers how that order stands.

    `expectedTotal` is the gross total that the buyer has seen. `payment` may be left out where nothing is to be paid.
    """
    outcome = await service.complete_cart(
        context,
        cart_id=given_id(cart_id),
        expected_total=expected_total,
        payment=None if payment is None else _request(payment),
    )
    return _shown(outcome)


@mutation(
    OrderNotFound,
    ProviderUnavailable,
    AlreadyPaid,
    PaymentClosed,
    AttemptsTooMany,
    *OF_CARTS,
    needs=PUBLIC,
    key=Key.IGNORED,
    transaction=Transaction.MANUAL,
    limit=Limit(per_minute=60),
)
async def order_payment_start(
    context: Context, token: str, payment: PaymentInput
) -> Order | PaymentActionRequired | PaymentDeclined:
    """Try again to pay an order, after a decline. While an attempt is under way, this answers how that one stands.

    After 20 attempts an order takes no further ones.
    """
    return _shown(await service.start_payment(context, token=token, payment=_request(payment)))


@mutation(
    OrderNotFound,
    AttemptNotFound,
    *OF_CARTS,
    needs=PUBLIC,
    key=Key.IGNORED,
    transaction=Transaction.MANUAL,
    limit=Limit(per_minute=60),
)
async def order_payment_continue(
    context: Context, token: str, attempt_id: strawberry.ID
) -> Order | PaymentActionRequired | PaymentDeclined:
    """Go on after the buyer has confirmed a payment, or has come back without: the provider is asked."""
    outcome = await service.continue_payment(context, token=token, attempt_id=given_id(attempt_id))
    return _shown(outcome)
