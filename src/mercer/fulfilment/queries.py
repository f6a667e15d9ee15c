"""The SQL of shipments."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.fulfilment import tables
from mercer.fulfilment.models import Parcel, Shipment, ShipmentState, ShippedLine, Tracking

_INSERT = sa.text("""
    WITH made AS (
        INSERT INTO fulfilment.shipment (
            id, order_id, warehouse_id, carrier, tracking_number, tracking_url, created_at, actor_kind, actor_id
        ) VALUES (:id, :order_id, :warehouse_id, :carrier, :number, :url, :at, :actor_kind, :actor_id)
        RETURNING id
    )
    INSERT INTO fulfilment.line (shipment_id, order_line_id, quantity)
    SELECT made.id, given.line_id, given.quantity
    FROM made, unnest(cast(:lines AS uuid[]), cast(:quantities AS integer[])) AS given(line_id, quantity)
""")


async def insert_shipment(
    connection: AsyncConnection,
    *,
    shipment_id: UUID,
    order_id: UUID,
    parcel: Parcel,
    tracking: Tracking,
    at: datetime,
    actor: Mapping[str, str | UUID | None],
) -> None:
    """Write a shipment and what is in it. `actor` has `actor_kind` and `actor_id`."""
    values = {
        "id": shipment_id,
        "order_id": order_id,
        "warehouse_id": parcel.warehouse_id,
        "carrier": tracking.carrier,
        "number": tracking.number,
        "url": tracking.url,
        "at": at,
        "lines": list(parcel.quantities),
        "quantities": list(parcel.quantities.values()),
    }
    await connection.execute(_INSERT, {**values, **actor})


async def find_shipment(connection: AsyncConnection, shipment_id: UUID) -> Shipment | None:
    """A shipment and what is in it."""
    shipment, line = tables.shipment, tables.line
    query = (
        sa.select(shipment, line.c.order_line_id, line.c.quantity)
        .join(line, line.c.shipment_id == shipment.c.id)
        .where(shipment.c.id == shipment_id)
        .order_by(line.c.order_line_id)
    )
    rows = (await connection.execute(query)).all()
    if not rows:
        return None
    row = rows[0]
    return Shipment(
        id=row.id,
        order_id=row.order_id,
        warehouse_id=row.warehouse_id,
        state=ShipmentState(row.state),
        tracking=Tracking(carrier=row.carrier, number=row.tracking_number, url=row.tracking_url),
        lines=tuple(ShippedLine(order_line_id=each.order_line_id, quantity=each.quantity) for each in rows),
        created_at=row.created_at,
    )
