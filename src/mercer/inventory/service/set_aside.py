"""What is set aside for orders, for those who ship it."""

from uuid import UUID

from mercer.inventory.models import Allocation
from mercer.inventory.queries.set_aside import find_set_aside
from mercer.platform.context import Context


async def find_allocations(context: Context, *, order_id: UUID) -> tuple[Allocation, ...]:
    """What is set aside for an order, where, and has not left. It does not move while the order is locked."""
    return await find_set_aside(context.db, order_id)
