"""The SQL by which orders are found and locked, and their states written."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.orders import tables
from mercer.orders.models import FulfilmentStatus, OrderHead, OrderStatus
from mercer.payments.models import PaymentStatus

_ORDER = tables.order
_NAMES = tuple(OrderHead.__dataclass_fields__)
_HEAD = sa.select(*(_ORDER.c[name] for name in _NAMES))


async def lock_order(connection: AsyncConnection, order_id: UUID) -> OrderHead | None:
    """An order that nobody else changes before the transaction ends."""
    found = await connection.execute(_HEAD.where(_ORDER.c.id == order_id).with_for_update())
    return _one(found)


async def find_order(connection: AsyncConnection, order_id: UUID) -> OrderHead | None:
    return _one(await connection.execute(_HEAD.where(_ORDER.c.id == order_id)))


async def find_order_of_cart(connection: AsyncConnection, cart_id: UUID) -> OrderHead | None:
    return _one(await connection.execute(_HEAD.where(_ORDER.c.cart_id == cart_id)))


async def find_order_of_number(connection: AsyncConnection, number: str) -> OrderHead | None:
    return _one(await connection.execute(_HEAD.where(_ORDER.c.number == number)))


async def claim_overdue(connection: AsyncConnection, *, now: datetime, until: datetime, most: int) -> list[UUID]:
    """Orders that should have been paid by now, the longest overdue first: from now on they are not, `until` then."""
    is_overdue = sa.and_(_ORDER.c.status == OrderStatus.PENDING_PAYMENT.value, _ORDER.c.expires_at <= now)
    overdue = sa.select(_ORDER.c.id).where(is_overdue).order_by(_ORDER.c.expires_at).limit(most)
    claimed = sa.update(_ORDER).where(_ORDER.c.id.in_(overdue.with_for_update(skip_locked=True)))
    return list(await connection.scalars(claimed.values(expires_at=until).returning(_ORDER.c.id)))


async def update_order(
    connection: AsyncConnection, order_id: UUID, values: Mapping[str, Any], *, entries: Sequence[Mapping[str, Any]]
) -> None:
    """Write a state that was decided on while the order was locked, and what its timeline says of it."""
    written = sa.update(_ORDER).where(_ORDER.c.id == order_id)
    written = written.values({**values, "version": _ORDER.c.version + 1})
    if not entries:
        await connection.execute(written)
        return
    told = sa.insert(tables.timeline).values(entries)
    await connection.execute(told.add_cte(written.cte("written")))


async def add_shipped(
    connection: AsyncConnection, order_id: UUID, shipped: Mapping[UUID, int]
) -> tuple[set[UUID], list[tuple[int, int]]]:
    """Note what was shipped. Returns the lines noted, and each line's quantity and what is shipped of it now.

    A line of which not so many are left is not noted.
    """
    rows = (await connection.execute(_SHIPPED, {"order_id": order_id, **_pairs(shipped)})).all()
    noted = {row.id for row in rows if row.is_noted}
    return noted, [(row.quantity, row.shipped_quantity) for row in rows]


_SHIPPED = sa.text("""
    WITH given AS (
        SELECT * FROM unnest(cast(:lines AS uuid[]), cast(:quantities AS integer[])) AS given(id, quantity)
    ), noted AS (
        UPDATE orders.line l SET shipped_quantity = l.shipped_quantity + g.quantity FROM given g
        WHERE l.id = g.id AND l.order_id = :order_id AND l.shipped_quantity + g.quantity <= l.quantity
        RETURNING l.id, l.shipped_quantity
    )
    SELECT l.id, l.quantity, coalesce(n.shipped_quantity, l.shipped_quantity) AS shipped_quantity,
        n.id IS NOT NULL AS is_noted
    FROM orders.line l LEFT JOIN noted n ON n.id = l.id WHERE l.order_id = :order_id
""")


def _pairs(shipped: Mapping[UUID, int]) -> dict[str, Sequence[Any]]:
    return {"lines": list(shipped), "quantities": list(shipped.values())}


def _one(found: Iterable[Any]) -> OrderHead | None:
    return next((head_of(row) for row in found), None)


def head_of(row: Any) -> OrderHead:
    """A row with a head's columns as what it is."""
    values = {name: getattr(row, name) for name in _NAMES}
    values["status"] = OrderStatus(row.status)
    values["payment_status"] = PaymentStatus(row.payment_status)
    values["fulfilment_status"] = FulfilmentStatus(row.fulfilment_status)
    return OrderHead(**values)
