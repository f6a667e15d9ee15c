"""The stock's tables."""

import sqlalchemy as sa

from mercer.inventory.models import MovementKind
from mercer.platform.tables import identity, metadata, moment, one_of, reference, text

SCHEMA = "inventory"


def _quantity(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))


warehouse = sa.Table(
    "warehouse",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    text("country"),
    moment("archived_at", nullable=True),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
    schema=SCHEMA,
)

warehouse_channel = sa.Table(
    "warehouse_channel",
    metadata,
    reference("warehouse_id", "inventory.warehouse.id", cascade=True, primary_key=True),
    reference("channel_id", "channels.channel.id", primary_key=True, index=True),
    schema=SCHEMA,
    comment="Which channels a warehouse ships to.",
)

stock = sa.Table(
    "stock",
    metadata,
    reference("variant_id", "catalog.variant.id", cascade=True, primary_key=True),
    reference("warehouse_id", "inventory.warehouse.id", primary_key=True, index=True),
    _quantity("on_hand"),
    _quantity("allocated"),
    _quantity("held"),
    _quantity("backorder_limit"),
    sa.CheckConstraint("on_hand >= 0", name="on_hand"),
    sa.CheckConstraint("allocated >= 0", name="allocated"),
    sa.CheckConstraint("held >= 0", name="held"),
    sa.CheckConstraint("backorder_limit >= 0", name="backorder_limit"),
    sa.CheckConstraint("on_hand - allocated - held + backorder_limit >= 0", name="not_oversold"),
    schema=SCHEMA,
)

movement = sa.Table(
    "movement",
    metadata,
    identity(),
    reference("variant_id", "catalog.variant.id", cascade=True),
    reference("warehouse_id", "inventory.warehouse.id"),
    text("kind"),
    _quantity("on_hand"),
    _quantity("allocated"),
    _quantity("held"),
    sa.Column("reason", sa.Text),
    moment("at"),
    text("actor_kind"),
    sa.Column("actor_id", sa.Uuid),
    one_of("kind", MovementKind),
    sa.CheckConstraint("on_hand <> 0 OR allocated <> 0 OR held <> 0", name="moves"),
    schema=SCHEMA,
    comment="Append-only: by how much each quantity changed, and why. A level is the sum of its movements, always.",
)

sa.Index(None, movement.c.variant_id, movement.c.at, movement.c.id)
sa.Index(None, movement.c.warehouse_id, movement.c.at, movement.c.id)
sa.Index(None, movement.c.at, movement.c.id)
