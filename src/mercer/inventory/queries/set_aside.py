"""The SQL by which is found what is set aside for orders."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.inventory.models import Allocation
from mercer.inventory.tables import allocation


async def find_set_aside(connection: AsyncConnection, order_id: UUID) -> tuple[Allocation, ...]:
    """What is set aside for an order and has not left."""
    left = allocation.c.quantity - allocation.c.shipped - allocation.c.released
    query = (
        sa.select(allocation.c.line_id, allocation.c.variant_id, allocation.c.warehouse_id, left.label("quantity"))
        .where(allocation.c.order_id == order_id, left > 0)
        .order_by(allocation.c.id)
    )
    return tuple(Allocation(**row._asdict()) for row in await connection.execute(query))
