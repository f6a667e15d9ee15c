"""The verb by which past orders are stored: those of another shop, and a demonstration's."""

from collections.abc import Sequence

from mercer.orders.models import PastOrder
from mercer.platform.context import Context
from mercer.values.stored import Stored


async def store_past_orders(context: Context, *, orders: Sequence[PastOrder]) -> Stored:
    """Store orders that came about elsewhere, some thousands at a time. One known by its external id stays as it is."""
    raise NotImplementedError
