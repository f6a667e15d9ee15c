"""Fulfilment's tables."""

import sqlalchemy as sa

from mercer.fulfilment.models import ShipmentState
from mercer.platform.tables import identity, metadata, moment, one_of, reference, text

SCHEMA = "fulfilment"

shipment = sa.Table(
    "shipment",
    metadata,
    identity(),
    reference("order_id", "orders.order.id", index=True),
    reference("warehouse_id", "inventory.warehouse.id"),
    text("state", server_default=ShipmentState.HANDED_OVER.value),
    sa.Column("carrier", sa.Text, comment="As people know it: `DHL`."),
    sa.Column("tracking_number", sa.Text, index=True),
    sa.Column("tracking_url", sa.Text, comment="As it was when it was shipped. Null: nobody knows one."),
    moment("created_at"),
    text("actor_kind"),
    sa.Column("actor_id", sa.Uuid),
    one_of("state", ShipmentState),
    schema=SCHEMA,
    comment="A parcel of an order, from one warehouse.",
)
sa.Index(None, shipment.c.created_at, shipment.c.id)
sa.Index(None, shipment.c.warehouse_id, shipment.c.created_at, shipment.c.id)

line = sa.Table(
    "line",
    metadata,
    reference("shipment_id", "fulfilment.shipment.id", primary_key=True),
    reference("order_line_id", "orders.line.id", primary_key=True, index=True),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.CheckConstraint("quantity > 0", name="quantity"),
    schema=SCHEMA,
    comment="What is in a parcel. Never changes.",
)
