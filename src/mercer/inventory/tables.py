"""The stock's tables."""

import sqlalchemy as sa

from mercer.inventory.models import MovementKind
from mercer.platform.tables import identity, metadata, moment, one_of, reference, text

SCHEMA = "inventory"


def _quantity(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))


def _level(ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    """The level that a row is of."""
    level = ["inventory.stock.variant_id", "inventory.stock.warehouse_id"]
    return sa.ForeignKeyConstraint(["variant_id", "warehouse_id"], level, ondelete=ondelete)


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
    sa.Column(
        "product_id", sa.Uuid, nullable=False, comment="The variant's, which stays: its answers are known by it."
    ),
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
    sa.Column("subject_id", sa.Uuid, comment="What it was for: a cart, an order, a shipment, a transfer."),
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
sa.Index(None, movement.c.subject_id, postgresql_where=movement.c.subject_id.is_not(None))

hold = sa.Table(
    "hold",
    metadata,
    identity(),
    sa.Column("holder_id", sa.Uuid, nullable=False, comment="The cart."),
    sa.Column("variant_id", sa.Uuid, nullable=False),
    sa.Column("warehouse_id", sa.Uuid, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    moment("expires_at"),
    _level(ondelete="CASCADE"),
    sa.CheckConstraint("quantity > 0", name="quantity"),
    sa.UniqueConstraint("holder_id", "variant_id", "warehouse_id"),
    schema=SCHEMA,
    comment="Stock that waits for a buyer. Rows are changed only by who has locked the level that they are of.",
)

sa.Index(None, hold.c.variant_id, hold.c.warehouse_id, hold.c.expires_at)
sa.Index(None, hold.c.expires_at)

allocation = sa.Table(
    "allocation",
    metadata,
    identity(),
    sa.Column("order_id", sa.Uuid, nullable=False),
    sa.Column("line_id", sa.Uuid, nullable=False),
    sa.Column("variant_id", sa.Uuid, nullable=False),
    sa.Column("warehouse_id", sa.Uuid, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    _quantity("shipped"),
    _quantity("released"),
    moment("at"),
    _level(),
    sa.CheckConstraint("quantity > 0", name="quantity"),
    sa.CheckConstraint("shipped >= 0 AND released >= 0", name="parts"),
    sa.CheckConstraint("shipped + released <= quantity", name="not_more_than_all"),
    schema=SCHEMA,
    comment="What leaves a warehouse for a line of an order. Rows stay: what was ever sold is not deleted.",
)

sa.Index(None, allocation.c.order_id, allocation.c.line_id)
sa.Index(None, allocation.c.variant_id, allocation.c.warehouse_id)
