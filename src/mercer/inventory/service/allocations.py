"""The verbs by which stock is set aside for orders, and leaves."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from mercer.inventory.models import Allocation, StockRequest
from mercer.platform.context import Context


async def allocate_stock(
    context: Context,
    *,
    holder_id: UUID,
    order_id: UUID,
    channel_id: UUID,
    country: str | None,
    lines: Sequence[StockRequest],
) -> tuple[Allocation, ...]:
    """Set aside what an order needs: all of it, or nothing. What the holder holds is used for it, and let go of.

    Raises `InsufficientStock`.
    """
    raise NotImplementedError


async def release_allocations(
    context: Context, *, order_id: UUID, line_ids: Sequence[UUID] | None = None
) -> tuple[Allocation, ...]:
    """Let go of what is set aside for an order, or for these lines of it, and has not left yet. Returns what was.

    Again, it changes nothing.
    """
    raise NotImplementedError


async def ship_allocated(
    context: Context,
    *,
    order_id: UUID,
    shipment_id: UUID,
    lines: Mapping[UUID, int],
    warehouse_id: UUID | None = None,
) -> tuple[Allocation, ...]:
    """Let so many of each line of an order leave: all of them, or none. Returns from where.

    Without a warehouse, they leave from wherever they are set aside. Raises `NotAllocated`, and `InsufficientStock`
    where what was promised on back-order has not come in.
    """
    raise NotImplementedError


async def find_available(
    context: Context, *, channel_id: UUID, variant_ids: Sequence[UUID], holder_id: UUID | None = None
) -> dict[UUID, int]:
    """How many of each variant can be had now, from stock or on back-order. What the holder holds counts for him."""
    raise NotImplementedError
