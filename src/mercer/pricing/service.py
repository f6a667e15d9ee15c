"""What can be done with prices."""

from collections.abc import Sequence
from uuid import UUID

from mercer.platform.context import Context
from mercer.pricing.models import Price
from mercer.values.stored import Stored


async def store_prices(context: Context, *, prices: Sequence[Price]) -> Stored:
    """Create, update or remove prices, and list them anew. A faulty one is rejected; the others are stored."""
    raise NotImplementedError


async def refresh_listed(context: Context, *, product_ids: Sequence[UUID]) -> None:
    """Write anew what shoppers see of these products' prices, in every channel. Rows that stay alike are left."""
    raise NotImplementedError


async def complete_listed(context: Context) -> int:
    """List all products in channels that are new. Returns how many rows were added."""
    raise NotImplementedError
