"""The first phase: a cart becomes an order that is to be paid, in one transaction; then it is paid."""

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from mercer.cart.models import ReadyCart
from mercer.cart.service import convert_cart, prepare_cart
from mercer.checkout.errors import CartChanged, PaymentMissing
from mercer.checkout.models import Charge, Outcome, Underway
from mercer.checkout.rules import check_expected
from mercer.checkout.service.finalising import follow_payment_of
from mercer.checkout.service.paying import WAIT_S, carry_on
from mercer.inventory.models import StockRequest
from mercer.inventory.service import allocate_stock
from mercer.orders.service import place_order
from mercer.payments.models import PaymentRequest
from mercer.payments.service import open_intent, open_payment
from mercer.platform.context import Context
from mercer.platform.transactions import in_transaction
from mercer.platform.turns import turn
from mercer.values.ids import new_id


async def complete_cart(
    context: Context, *, cart_id: UUID, expected_total: Decimal, payment: PaymentRequest | None
) -> Outcome:
    """Make a cart an order, and pay it. A cart becomes one order: again, it is how that order stands.

    It is called outside a transaction. `expected_total` is what the buyer has seen. Raises `CartChanged`,
    `InsufficientStock`, `PaymentMissing`, `ProviderUnavailable`, `InProgress`, whatever `prepare_cart` raises, and what
    is wrong with values.
    """
    work = partial(_order, cart_id=cart_id, expected_total=expected_total, payment=payment)
    async with turn(context.database, ("cart", cart_id), patience_s=WAIT_S):
        begun = await in_transaction(context, work)
        if isinstance(begun, CartChanged):
            raise begun
        return await carry_on(context, begun=begun, payment=payment)


async def _order(
    context: Context, *, cart_id: UUID, expected_total: Decimal, payment: PaymentRequest | None
) -> Charge | Underway | CartChanged:
    """Agree on the order. That it costs something else is returned: the new prices are committed."""
    cart = await prepare_cart(context, cart_id=cart_id)
    if cart.order_id is not None:
        return Underway(order_id=cart.order_id)
    total = cart.priced.total.gross
    assert total is not None
    try:
        check_expected(expected_total, total=total, currency=cart.currency, changes=cart.changes)
    except CartChanged as changed:
        return changed
    if total and payment is None:
        raise PaymentMissing().at("payment")
    return await _agree(context, cart, total=total, payment=payment)


async def _agree(context: Context, cart: ReadyCart, *, total: int, payment: PaymentRequest | None) -> Charge | Underway:
    """Set the goods aside and write the order, with what is due for it. The number comes late: others wait for it."""
    order_id = new_id(context.now)
    await allocate_stock(
        context,
        holder_id=cart.id,
        order_id=order_id,
        channel_id=cart.channel_id,
        country=cart.shipping_address.country,
        lines=[
            StockRequest(line_id=each.id, variant_id=each.variant_id, quantity=each.quantity) for each in cart.lines
        ],
    )
    await convert_cart(context, cart_id=cart.id, order_id=order_id)
    placed = await place_order(context, order=cart.agreed(order_id))
    due: dict[str, Any] = {
        "amount": total,
        "currency": cart.currency,
        "label": placed.number,
        "channel_id": cart.channel_id,
    }
    if not total or payment is None:
        await open_intent(context, order_id=order_id, **due)
        await follow_payment_of(context, order_id=order_id)
        return Underway(order_id=order_id)
    attempt_id = await open_payment(context, order_id=order_id, payment=payment, **due)
    return Charge(order_id=order_id, attempt_id=attempt_id)
