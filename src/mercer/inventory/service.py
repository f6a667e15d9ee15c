"""What can be done with stock."""

from collections.abc import Sequence

from mercer.inventory.models import StockLevel, Warehouse
from mercer.platform.context import Context
from mercer.values.stored import Stored


async def store_warehouses(context: Context, *, warehouses: Sequence[Warehouse]) -> Stored:
    """Create or update warehouses and the channels that they ship to. Raises `ChannelUnknown`."""
    raise NotImplementedError


async def store_levels(context: Context, *, levels: Sequence[StockLevel]) -> Stored:
    """Set what is on hand. A faulty level is rejected; the others are stored."""
    raise NotImplementedError
