"""The carts' tables. Amounts are in minor units of the row's currency; null where they are not known."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from mercer.cart.errors import CartLineProblem
from mercer.cart.models import CartNoticeKind, CartState
from mercer.platform.tables import identity, metadata, moment, one_of, reference, text, translations

SCHEMA = "cart"
PARTS = ("net", "tax", "gross")
MOST_OF_A_LINE = 9_999


def _taxed(name: str) -> list[sa.Column[Any]]:
    return [sa.Column(f"{name}_{part}", sa.BigInteger) for part in PARTS]


def _count(name: str, default: int | None = None) -> sa.Column[int]:
    start = None if default is None else sa.text(str(default))
    return sa.Column(name, sa.Integer, nullable=False, server_default=start)


cart = sa.Table(
    "cart",
    metadata,
    identity(),
    text("state", server_default=CartState.ACTIVE.value),
    reference("channel_id", "channels.channel.id"),
    text("currency"),
    text("language", comment="BCP 47: what its buyer read when it was changed last."),
    reference("customer_id", "identity.customer.id", nullable=True, index=True),
    sa.Column("token_hash", sa.LargeBinary, unique=True, comment="SHA-256 of what its guest shows."),
    sa.Column("email", sa.Text),
    sa.Column("shipping_address", JSONB),
    sa.Column("billing_address", JSONB, comment="Null: as the shipping address."),
    sa.Column("shipping_method_id", sa.Uuid),
    reference("merged_into_id", "cart.cart.id", nullable=True, index=True),
    sa.Column("order_id", sa.Uuid, unique=True, comment="What was made of it."),
    *_taxed("subtotal"),
    *_taxed("shipping"),
    sa.Column("discount_total", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    *_taxed("total"),
    sa.Column("is_estimated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("priced", JSONB, comment="The priced basket, with its taxes and its trace."),
    text("pricing_revision", server_default="", comment="The digest of all that its prices came from."),
    moment("priced_at", nullable=True),
    _count("revision", 1),
    moment("created_at"),
    moment("updated_at"),
    one_of("state", CartState),
    sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
    sa.CheckConstraint("(state = 'converted') = (order_id IS NOT NULL)", name="converted"),
    sa.CheckConstraint("num_nonnulls(customer_id, token_hash) <= 1", name="one_owner"),
    sa.CheckConstraint("merged_into_id <> id", name="not_into_itself"),
    schema=SCHEMA,
    comment="Priced when something of it changes, and when it is read and was outdated.",
)

sa.Index(
    "uq_cart_active",
    cart.c.customer_id,
    cart.c.channel_id,
    unique=True,
    postgresql_where=sa.text("state = 'active' AND customer_id IS NOT NULL"),
)
sa.Index(None, cart.c.state, cart.c.updated_at, cart.c.id)
sa.Index(None, cart.c.channel_id, cart.c.updated_at, cart.c.id)
sa.Index(None, cart.c.updated_at, cart.c.id)

line = sa.Table(
    "line",
    metadata,
    identity(),
    reference("cart_id", "cart.cart.id", cascade=True),
    sa.Column("variant_id", sa.Uuid, nullable=False, comment="No key: what is bought may be gone by then."),
    _count("quantity"),
    _count("position"),
    text("currency"),
    text("sku"),
    sa.Column("product_id", sa.Uuid),
    text("product_name"),
    translations("product_name"),
    text("variant_name"),
    translations("variant_name"),
    sa.Column("weight_grams", sa.Integer),
    sa.Column("tax_class_id", sa.Uuid),
    sa.Column("problem", sa.Text, comment="Why it cannot be bought. It counts for nothing then."),
    *_taxed("unit"),
    *_taxed("total"),
    sa.UniqueConstraint("cart_id", "variant_id"),
    sa.CheckConstraint(f"quantity BETWEEN 1 AND {MOST_OF_A_LINE}", name="quantity"),
    one_of("problem", CartLineProblem),
    schema=SCHEMA,
    comment="One for each variant of a cart, with what it was and cost when the cart was priced last.",
)

offer = sa.Table(
    "offer",
    metadata,
    reference("cart_id", "cart.cart.id", cascade=True, primary_key=True),
    sa.Column("method_id", sa.Uuid, primary_key=True),
    _count("position"),
    text("code"),
    text("name"),
    translations("name"),
    text("description"),
    translations("description"),
    sa.Column("carrier", sa.Text),
    text("currency"),
    sa.Column("amount", sa.BigInteger, nullable=False),
    schema=SCHEMA,
    comment="The shipping methods that a cart can choose from, as of when it was priced last.",
)

notice = sa.Table(
    "notice",
    metadata,
    reference("cart_id", "cart.cart.id", cascade=True, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    text("kind"),
    text("name"),
    sa.Column("sku", sa.Text),
    sa.Column("quantity", sa.Integer),
    one_of("kind", CartNoticeKind),
    schema=SCHEMA,
    comment="What was changed in a cart without being asked for, until its next change.",
)
