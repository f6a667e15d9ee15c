"""The orders' tables. Amounts are in minor units of the order's currency."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from mercer.orders.models import FulfilmentStatus, OrderStatus, TimelineKind
from mercer.payments.models import PaymentStatus
from mercer.platform.tables import identity, metadata, moment, one_of, reference, text
from mercer.values.basket import Rounding, TaxMode

SCHEMA = "orders"
PARTS = ("net", "tax", "gross")


def _amount(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _taxed(name: str) -> list[sa.Column[Any]]:
    return [_amount(f"{name}_{part}") for part in PARTS]


def _adds_up(name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{name}_gross = {name}_net + {name}_tax", name=name)


order = sa.Table(
    "order",
    metadata,
    identity(),
    text("number", unique=True),
    reference("channel_id", "channels.channel.id"),
    sa.Column("cart_id", sa.Uuid, unique=True, comment="The cart that became this order: it becomes no other."),
    sa.Column("external_id", sa.Text, unique=True, comment="Of past orders: what tells it apart where it comes from."),
    reference("customer_id", "identity.customer.id", nullable=True),
    sa.Column("email", sa.Text),
    sa.Column("email_key", sa.Text(collation="C"), comment="Normalised and case-folded, by the program."),
    text("currency"),
    text("tax_mode"),
    text("rounding"),
    text("language", comment="BCP 47: what names are in, and mails about it are written in."),
    text("status"),
    text("payment_status"),
    text("fulfilment_status"),
    *_taxed("subtotal"),
    *_taxed("shipping"),
    _amount("discount_total"),
    *_taxed("total"),
    sa.Column("total_amount", sa.Numeric, nullable=False, comment="The gross total as a number that people know."),
    sa.Column("shipping_address", JSONB),
    sa.Column("billing_address", JSONB),
    sa.Column("shipping_country", sa.Text),
    sa.Column("cart_token_hash", sa.LargeBinary, comment="SHA-256 of what a guest showed for the cart."),
    sa.Column("trace", JSONB, nullable=False, comment="How each amount came about."),
    moment("created_at"),
    moment("placed_at", nullable=True),
    moment("completed_at", nullable=True),
    moment("cancelled_at", nullable=True),
    sa.Column("cancel_reason", sa.Text),
    moment("expires_at", nullable=True),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    one_of("tax_mode", TaxMode),
    one_of("rounding", Rounding),
    one_of("status", OrderStatus),
    one_of("payment_status", PaymentStatus),
    one_of("fulfilment_status", FulfilmentStatus),
    _adds_up("subtotal"),
    _adds_up("shipping"),
    _adds_up("total"),
    sa.CheckConstraint(
        "total_gross = subtotal_gross + shipping_gross AND total_tax = subtotal_tax + shipping_tax", name="sum"
    ),
    sa.CheckConstraint("total_gross >= 0", name="not_negative"),
    sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    sa.CheckConstraint("(email IS NULL) = (email_key IS NULL)", name="email_key"),
    sa.CheckConstraint(
        "external_id IS NOT NULL OR num_nulls(cart_id, email, shipping_address, billing_address) = 0", name="agreed_on"
    ),
    sa.CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
    sa.CheckConstraint("status <> 'open' OR placed_at IS NOT NULL", name="placed"),
    schema=SCHEMA,
)

# Each ends in what lists are sorted by, so that a page of what a filter leaves is read in order, and no more.
for _column in (
    order.c.channel_id,
    order.c.customer_id,
    order.c.email_key,
    order.c.status,
    order.c.payment_status,
    order.c.fulfilment_status,
    order.c.shipping_country,
):
    sa.Index(None, _column, order.c.created_at, order.c.id)
sa.Index(None, order.c.created_at, order.c.id)
sa.Index(None, order.c.placed_at, order.c.id)
sa.Index(None, order.c.total_amount, order.c.id)
sa.Index("ix_order_expires_at", order.c.expires_at, postgresql_where=sa.text("status = 'pending_payment'"))

line = sa.Table(
    "line",
    metadata,
    identity(),
    reference("order_id", "orders.order.id"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("variant_id", sa.Uuid, comment="Null: it was never in this catalogue."),
    sa.Column("product_id", sa.Uuid),
    sa.Column("tax_class_id", sa.Uuid),
    text("sku"),
    text("product_name"),
    sa.Column("variant_name", sa.Text),
    sa.Column("weight_grams", sa.Integer, comment="Of one."),
    text("currency"),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("shipped_quantity", sa.Integer, nullable=False, server_default=sa.text("0")),
    *_taxed("unit"),
    _amount("discount"),
    *_taxed("total"),
    _adds_up("unit"),
    _adds_up("total"),
    sa.CheckConstraint("quantity > 0", name="quantity"),
    sa.CheckConstraint("shipped_quantity BETWEEN 0 AND quantity", name="shipped_quantity"),
    sa.UniqueConstraint("order_id", "position"),
    schema=SCHEMA,
    comment="What was bought, as it was then. Only what is shipped of it changes.",
)
sa.Index(None, line.c.sku, line.c.order_id)
sa.Index(None, line.c.variant_id, line.c.order_id)

shipping_line = sa.Table(
    "shipping_line",
    metadata,
    identity(),
    reference("order_id", "orders.order.id", unique=True),
    sa.Column("method_id", sa.Uuid, comment="Null: it was never a method of this shop."),
    sa.Column("tax_class_id", sa.Uuid),
    text("code"),
    text("name"),
    text("currency"),
    _amount("discount"),
    *_taxed("total"),
    _adds_up("total"),
    schema=SCHEMA,
    comment="How it is delivered, as it was agreed on. Never changes.",
)

tax_line = sa.Table(
    "tax_line",
    metadata,
    identity(),
    reference("order_id", "orders.order.id", index=True),
    reference("line_id", "orders.line.id", nullable=True, index=True),
    text("name"),
    text("jurisdiction"),
    sa.Column("rate", sa.Numeric, nullable=False, comment="0.19 is 19 per cent."),
    _amount("base"),
    _amount("amount"),
    text("mode"),
    text("currency"),
    one_of("mode", TaxMode),
    schema=SCHEMA,
    comment="What each tax is due on: of a line, or of the delivery where there is none. Never changes.",
)

timeline = sa.Table(
    "timeline",
    metadata,
    identity(),
    reference("order_id", "orders.order.id"),
    moment("at"),
    text("kind"),
    text("actor_kind"),
    sa.Column("actor_id", sa.Uuid),
    sa.Column("data", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("traceparent", sa.Text, comment="The trace of the request that it happened in."),
    one_of("kind", TimelineKind),
    schema=SCHEMA,
    comment="Append-only: what happened to an order.",
)
sa.Index(None, timeline.c.order_id, timeline.c.at, timeline.c.id)

number_series = sa.Table(
    "number_series",
    metadata,
    reference("channel_id", "channels.channel.id", primary_key=True),
    text("prefix", unique=True, comment="What numbers begin with: `US-`."),
    sa.Column("next", sa.BigInteger, nullable=False),
    sa.CheckConstraint("next > 0", name="next"),
    schema=SCHEMA,
    comment="The numbers of each channel's orders.",
)

token_key = sa.Table(
    "token_key",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, comment="The greatest signs; all of them open."),
    sa.Column("inner", sa.LargeBinary, nullable=False),
    sa.Column("outer", sa.LargeBinary, nullable=False),
    moment("created_at", now=True),
    sa.CheckConstraint('length("inner") = 32 AND length("outer") = 32', name="secrets"),
    schema=SCHEMA,
    comment="What tokens of orders are made and checked with.",
)
