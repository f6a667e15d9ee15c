"""A cart on its way to becoming an order."""

from uuid import UUID

from mercer.cart.models import ReadyCart
from mercer.platform.context import Context


async def prepare_cart(context: Context, *, cart_id: UUID) -> ReadyCart:
    """Lock a cart and price it again, so that it can be bought as it is. What it costs now is stored.

    Raises `CartNotFound`, `CartOfOtherChannel`, `CartExpired`, `CartEmpty`, `EmailMissing`, `AddressMissing`,
    `LinesUnavailable`, `ShippingMethodMissing`, `ShippingMethodUnavailable`, `TotalTooLarge`.
    """
    raise NotImplementedError


async def store_prices(context: Context, *, cart_id: UUID) -> None:
    """Price an active cart again, and store what it costs now, if that is another than before."""
    raise NotImplementedError


async def convert_cart(context: Context, *, cart_id: UUID, order_id: UUID) -> None:
    """Note that an order was made of a cart that was prepared in this transaction."""
    raise NotImplementedError
