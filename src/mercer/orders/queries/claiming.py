"""The SQL by which guests' orders become a customer's."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.orders import tables


async def claim_orders(connection: AsyncConnection, *, customer_id: UUID, email_key: str, most: int) -> list[UUID]:
    """Give a customer so many of the orders that guests made with this address. Returns them, by id."""
    order = tables.order
    is_guests = sa.and_(order.c.email_key == email_key, order.c.customer_id.is_(None))
    chosen = sa.select(order.c.id).where(is_guests).order_by(order.c.id).limit(most).with_for_update().cte("chosen")
    claimed = sa.update(order).where(order.c.id == chosen.c.id)
    claimed = claimed.values(customer_id=customer_id, version=order.c.version + 1)
    return sorted(await connection.scalars(claimed.returning(order.c.id)))
