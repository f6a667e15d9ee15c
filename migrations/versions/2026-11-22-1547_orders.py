"""orders: what was bought, as it was then"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mercer.platform.migrations import MigrationIrreversible

revision = "d92e6b41f7a3"
down_revision = "7d1f60c2ab94"
branch_labels = None
depends_on = None

# Triggers look at the columns that a statement names, not at rows: they cost nothing where nothing is refused.
REFUSE_CHANGE = """
CREATE FUNCTION orders.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was agreed on in an order stays' USING ERRCODE = 'restrict_violation';
END $$
"""
FIXED = {
    "order": (
        "id, number, channel_id, cart_id, external_id, currency, tax_mode, rounding, subtotal_net, subtotal_tax, "
        "subtotal_gross, shipping_net, shipping_tax, shipping_gross, discount_total, total_net, total_tax, "
        "total_gross, total_amount, trace, created_at"
    ),
    "line": (
        "id, order_id, position, variant_id, product_id, tax_class_id, sku, product_name, variant_name, weight_grams, "
        "currency, quantity, unit_net, unit_tax, unit_gross, discount, total_net, total_tax, total_gross"
    ),
}
APPEND_ONLY = ("shipping_line", "tax_line", "timeline")

# PostgreSQL's own strong randomness: what it generates ids from.
SECRETS = """
INSERT INTO orders.token_key (id, "inner", "outer") SELECT
    1,
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
"""

PAYMENT_STATUSES = (
    "'none', 'pending', 'authorized', 'partially_paid', 'paid', 'overpaid', 'partially_refunded', 'refunded', "
    "'voided', 'failed'"
)
TIMELINE_KINDS = "'created', 'placed', 'payment_changed', 'shipped', 'completed', 'cancelled', 'expired', 'note'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute("CREATE SCHEMA orders")
    _create_order()
    _create_line()
    _create_shipping_line()
    _create_tax_line()
    _create_timeline()
    _create_number_series()
    _create_token_key()
    _refuse_changes()
    op.execute(SECRETS)


def _create_order() -> None:
    op.create_table(
        "order",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=True, comment="The cart that became this order: it becomes no other."),
        sa.Column(
            "external_id", sa.Text(), nullable=True, comment="Of past orders: what tells it apart where it comes from."
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column(
            "email_key", sa.Text(collation="C"), nullable=True, comment="Normalised and case-folded, by the program."
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("tax_mode", sa.Text(), nullable=False),
        sa.Column("rounding", sa.Text(), nullable=False),
        sa.Column(
            "language",
            sa.Text(),
            nullable=False,
            comment="BCP 47: what names are in, and mails about it are written in.",
        ),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payment_status", sa.Text(), nullable=False),
        sa.Column("fulfilment_status", sa.Text(), nullable=False),
        sa.Column("subtotal_net", sa.BigInteger(), nullable=False),
        sa.Column("subtotal_tax", sa.BigInteger(), nullable=False),
        sa.Column("subtotal_gross", sa.BigInteger(), nullable=False),
        sa.Column("shipping_net", sa.BigInteger(), nullable=False),
        sa.Column("shipping_tax", sa.BigInteger(), nullable=False),
        sa.Column("shipping_gross", sa.BigInteger(), nullable=False),
        sa.Column("discount_total", sa.BigInteger(), nullable=False),
        sa.Column("total_net", sa.BigInteger(), nullable=False),
        sa.Column("total_tax", sa.BigInteger(), nullable=False),
        sa.Column("total_gross", sa.BigInteger(), nullable=False),
        sa.Column(
            "total_amount", sa.Numeric(), nullable=False, comment="The gross total as a number that people know."
        ),
        sa.Column("shipping_address", postgresql.JSONB(), nullable=True),
        sa.Column("billing_address", postgresql.JSONB(), nullable=True),
        sa.Column("shipping_country", sa.Text(), nullable=True),
        sa.Column(
            "cart_token_hash", sa.LargeBinary(), nullable=True, comment="SHA-256 of what a guest showed for the cart."
        ),
        sa.Column("trace", postgresql.JSONB(), nullable=False, comment="How each amount came about."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_order_cancelled")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_order_currency")),
        sa.CheckConstraint(
            "fulfilment_status IN ('not_required', 'unfulfilled', 'partial', 'fulfilled', 'cancelled')",
            name=op.f("ck_order_fulfilment_status"),
        ),
        sa.CheckConstraint(
            f"payment_status IN ({PAYMENT_STATUSES})",
            name=op.f("ck_order_payment_status"),
        ),
        sa.CheckConstraint("rounding IN ('half_up')", name=op.f("ck_order_rounding")),
        sa.CheckConstraint("status <> 'open' OR placed_at IS NOT NULL", name=op.f("ck_order_placed")),
        sa.CheckConstraint(
            "status IN ('draft', 'pending_payment', 'open', 'on_hold', 'completed', 'cancelled')",
            name=op.f("ck_order_status"),
        ),
        sa.CheckConstraint("tax_mode IN ('net', 'gross')", name=op.f("ck_order_tax_mode")),
        sa.CheckConstraint("(email IS NULL) = (email_key IS NULL)", name=op.f("ck_order_email_key")),
        sa.CheckConstraint(
            "external_id IS NOT NULL OR num_nulls(cart_id, email, shipping_address, billing_address) = 0",
            name=op.f("ck_order_agreed_on"),
        ),
        sa.CheckConstraint("shipping_gross = shipping_net + shipping_tax", name=op.f("ck_order_shipping")),
        sa.CheckConstraint("subtotal_gross = subtotal_net + subtotal_tax", name=op.f("ck_order_subtotal")),
        sa.CheckConstraint(
            "total_gross = subtotal_gross + shipping_gross AND total_tax = subtotal_tax + shipping_tax",
            name=op.f("ck_order_sum"),
        ),
        sa.CheckConstraint("total_gross = total_net + total_tax", name=op.f("ck_order_total")),
        sa.CheckConstraint("total_gross >= 0", name=op.f("ck_order_not_negative")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_order_channel_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["identity.customer.id"], name=op.f("fk_order_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.UniqueConstraint("cart_id", name=op.f("uq_order_cart_id")),
        sa.UniqueConstraint("external_id", name=op.f("uq_order_external_id")),
        sa.UniqueConstraint("number", name=op.f("uq_order_number")),
        schema="orders",
    )
    op.create_index(
        op.f("ix_order_channel_id_created_at_id"),
        "order",
        ["channel_id", "created_at", "id"],
        unique=False,
        schema="orders",
    )
    op.create_index(op.f("ix_order_created_at_id"), "order", ["created_at", "id"], unique=False, schema="orders")
    op.create_index(
        op.f("ix_order_customer_id_created_at_id"),
        "order",
        ["customer_id", "created_at", "id"],
        unique=False,
        schema="orders",
    )
    op.create_index(
        op.f("ix_order_email_key_created_at_id"),
        "order",
        ["email_key", "created_at", "id"],
        unique=False,
        schema="orders",
    )
    op.create_index(
        "ix_order_expires_at",
        "order",
        ["expires_at"],
        unique=False,
        schema="orders",
        postgresql_where=sa.text("status = 'pending_payment'"),
    )
    op.create_index(
        op.f("ix_order_fulfilment_status_created_at_id"),
        "order",
        ["fulfilment_status", "created_at", "id"],
        unique=False,
        schema="orders",
    )
    op.create_index(
        op.f("ix_order_payment_status_created_at_id"),
        "order",
        ["payment_status", "created_at", "id"],
        unique=False,
        schema="orders",
    )
    op.create_index(op.f("ix_order_placed_at_id"), "order", ["placed_at", "id"], unique=False, schema="orders")
    op.create_index(
        op.f("ix_order_shipping_country_created_at_id"),
        "order",
        ["shipping_country", "created_at", "id"],
        unique=False,
        schema="orders",
    )
    op.create_index(
        op.f("ix_order_status_created_at_id"), "order", ["status", "created_at", "id"], unique=False, schema="orders"
    )
    op.create_index(op.f("ix_order_total_amount_id"), "order", ["total_amount", "id"], unique=False, schema="orders")


def _create_line() -> None:
    op.create_table(
        "line",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=True, comment="Null: it was never in this catalogue."),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("tax_class_id", sa.Uuid(), nullable=True),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("product_name", sa.Text(), nullable=False),
        sa.Column("variant_name", sa.Text(), nullable=True),
        sa.Column("weight_grams", sa.Integer(), nullable=True, comment="Of one."),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("shipped_quantity", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unit_net", sa.BigInteger(), nullable=False),
        sa.Column("unit_tax", sa.BigInteger(), nullable=False),
        sa.Column("unit_gross", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("total_net", sa.BigInteger(), nullable=False),
        sa.Column("total_tax", sa.BigInteger(), nullable=False),
        sa.Column("total_gross", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_line_quantity")),
        sa.CheckConstraint("shipped_quantity BETWEEN 0 AND quantity", name=op.f("ck_line_shipped_quantity")),
        sa.CheckConstraint("total_gross = total_net + total_tax", name=op.f("ck_line_total")),
        sa.CheckConstraint("unit_gross = unit_net + unit_tax", name=op.f("ck_line_unit")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order.id"], name=op.f("fk_line_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_line_order_id_position")),
        schema="orders",
        comment="What was bought, as it was then. Only what is shipped of it changes.",
    )
    op.create_index(op.f("ix_line_sku_order_id"), "line", ["sku", "order_id"], unique=False, schema="orders")
    op.create_index(
        op.f("ix_line_variant_id_order_id"), "line", ["variant_id", "order_id"], unique=False, schema="orders"
    )


def _create_shipping_line() -> None:
    op.create_table(
        "shipping_line",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=True, comment="Null: it was never a method of this shop."),
        sa.Column("tax_class_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("total_net", sa.BigInteger(), nullable=False),
        sa.Column("total_tax", sa.BigInteger(), nullable=False),
        sa.Column("total_gross", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("total_gross = total_net + total_tax", name=op.f("ck_shipping_line_total")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order.id"], name=op.f("fk_shipping_line_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_line")),
        sa.UniqueConstraint("order_id", name=op.f("uq_shipping_line_order_id")),
        schema="orders",
        comment="How it is delivered, as it was agreed on. Never changes.",
    )


def _create_tax_line() -> None:
    op.create_table(
        "tax_line",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("rate", sa.Numeric(), nullable=False, comment="0.19 is 19 per cent."),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.CheckConstraint("mode IN ('net', 'gross')", name=op.f("ck_tax_line_mode")),
        sa.ForeignKeyConstraint(["line_id"], ["orders.line.id"], name=op.f("fk_tax_line_line_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order.id"], name=op.f("fk_tax_line_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_line")),
        schema="orders",
        comment="What each tax is due on: of a line, or of the delivery where there is none. Never changes.",
    )
    op.create_index(op.f("ix_tax_line_line_id"), "tax_line", ["line_id"], unique=False, schema="orders")
    op.create_index(op.f("ix_tax_line_order_id"), "tax_line", ["order_id"], unique=False, schema="orders")


def _create_timeline() -> None:
    op.create_table(
        "timeline",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("data", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True, comment="The trace of the request that it happened in."),
        sa.CheckConstraint(
            f"kind IN ({TIMELINE_KINDS})",
            name=op.f("ck_timeline_kind"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order.id"], name=op.f("fk_timeline_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
        schema="orders",
        comment="Append-only: what happened to an order.",
    )
    op.create_index(
        op.f("ix_timeline_order_id_at_id"), "timeline", ["order_id", "at", "id"], unique=False, schema="orders"
    )


def _create_number_series() -> None:
    op.create_table(
        "number_series",
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False, comment="What numbers begin with: `US-`."),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("next > 0", name=op.f("ck_number_series_next")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_number_series_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_number_series")),
        sa.UniqueConstraint("prefix", name=op.f("uq_number_series_prefix")),
        schema="orders",
        comment="The numbers of each channel's orders.",
    )


def _create_token_key() -> None:
    op.create_table(
        "token_key",
        sa.Column(
            "id", sa.Integer(), autoincrement=False, nullable=False, comment="The greatest signs; all of them open."
        ),
        sa.Column("inner", sa.LargeBinary(), nullable=False),
        sa.Column("outer", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint('length("inner") = 32 AND length("outer") = 32', name=op.f("ck_token_key_secrets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_key")),
        schema="orders",
        comment="What tokens of orders are made and checked with.",
    )


def _refuse_changes() -> None:
    op.execute(REFUSE_CHANGE)
    for table, columns in FIXED.items():
        op.execute(
            f'CREATE TRIGGER fixed BEFORE UPDATE OF {columns} ON orders."{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION orders.refuse_change()"
        )
        op.execute(
            f'CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON orders."{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION orders.refuse_change()"
        )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON orders.{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION orders.refuse_change()"
        )


def downgrade() -> None:
    raise MigrationIrreversible("what was sold is not to be forgotten")
