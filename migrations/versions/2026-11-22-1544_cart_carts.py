"""cart: carts, their lines, what they can choose, what was changed in them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7d1f60c2ab94"
down_revision = "5e83b7a01d9c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.execute("CREATE SCHEMA cart")
    _create_cart()
    _create_line()
    _create_offer()
    _create_notice()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("notice", "offer", "line", "cart"):
        op.drop_table(table, schema="cart")
    op.execute("DROP SCHEMA cart")


def _create_cart() -> None:
    op.create_table(
        "cart",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "language", sa.Text(), nullable=False, comment="BCP 47: what its buyer read when it was changed last."
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True, comment="SHA-256 of what its guest shows."),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("shipping_address", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "billing_address",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Null: as the shipping address.",
        ),
        sa.Column("shipping_method_id", sa.Uuid(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True, comment="What was made of it."),
        sa.Column("subtotal_net", sa.BigInteger(), nullable=True),
        sa.Column("subtotal_tax", sa.BigInteger(), nullable=True),
        sa.Column("subtotal_gross", sa.BigInteger(), nullable=True),
        sa.Column("shipping_net", sa.BigInteger(), nullable=True),
        sa.Column("shipping_tax", sa.BigInteger(), nullable=True),
        sa.Column("shipping_gross", sa.BigInteger(), nullable=True),
        sa.Column("discount_total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total_net", sa.BigInteger(), nullable=True),
        sa.Column("total_tax", sa.BigInteger(), nullable=True),
        sa.Column("total_gross", sa.BigInteger(), nullable=True),
        sa.Column("is_estimated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "priced",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="The priced basket, with its taxes and its trace.",
        ),
        sa.Column(
            "pricing_revision",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The digest of all that its prices came from.",
        ),
        sa.Column("priced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'converted') = (order_id IS NOT NULL)", name=op.f("ck_cart_converted")),
        sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_cart_merged")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_cart_currency")),
        sa.CheckConstraint("state IN ('active', 'converted', 'merged', 'expired')", name=op.f("ck_cart_state")),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_cart_not_into_itself")),
        sa.CheckConstraint("num_nonnulls(customer_id, token_hash) <= 1", name=op.f("ck_cart_one_owner")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_cart_channel_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["identity.customer.id"], name=op.f("fk_cart_customer_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["cart.cart.id"], name=op.f("fk_cart_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart")),
        sa.UniqueConstraint("order_id", name=op.f("uq_cart_order_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_cart_token_hash")),
        schema="cart",
        comment="Priced when something of it changes, and when it is read and was outdated.",
    )
    op.create_index(
        op.f("ix_cart_channel_id_updated_at_id"),
        "cart",
        ["channel_id", "updated_at", "id"],
        unique=False,
        schema="cart",
    )
    op.create_index(op.f("ix_cart_customer_id"), "cart", ["customer_id"], unique=False, schema="cart")
    op.create_index(op.f("ix_cart_merged_into_id"), "cart", ["merged_into_id"], unique=False, schema="cart")
    op.create_index(
        op.f("ix_cart_state_updated_at_id"), "cart", ["state", "updated_at", "id"], unique=False, schema="cart"
    )
    op.create_index(op.f("ix_cart_updated_at_id"), "cart", ["updated_at", "id"], unique=False, schema="cart")
    op.create_index(
        "uq_cart_active",
        "cart",
        ["customer_id", "channel_id"],
        unique=True,
        schema="cart",
        postgresql_where=sa.text("state = 'active' AND customer_id IS NOT NULL"),
    )


def _create_line() -> None:
    op.create_table(
        "line",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False, comment="No key: what is bought may be gone by then."),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("product_name", sa.Text(), nullable=False),
        sa.Column(
            "product_name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("variant_name", sa.Text(), nullable=False),
        sa.Column(
            "variant_name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("weight_grams", sa.Integer(), nullable=True),
        sa.Column("tax_class_id", sa.Uuid(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True, comment="Why it cannot be bought. It counts for nothing then."),
        sa.Column("unit_net", sa.BigInteger(), nullable=True),
        sa.Column("unit_tax", sa.BigInteger(), nullable=True),
        sa.Column("unit_gross", sa.BigInteger(), nullable=True),
        sa.Column("total_net", sa.BigInteger(), nullable=True),
        sa.Column("total_tax", sa.BigInteger(), nullable=True),
        sa.Column("total_gross", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("problem IN ('unavailable', 'unpriced', 'too_expensive')", name=op.f("ck_line_problem")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 9999", name=op.f("ck_line_quantity")),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.cart.id"], name=op.f("fk_line_cart_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
        sa.UniqueConstraint("cart_id", "variant_id", name=op.f("uq_line_cart_id_variant_id")),
        schema="cart",
        comment="One for each variant of a cart, with what it was and cost when the cart was priced last.",
    )


def _create_offer() -> None:
    op.create_table(
        "offer",
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "description_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.cart.id"], name=op.f("fk_offer_cart_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cart_id", "method_id", name=op.f("pk_offer")),
        schema="cart",
        comment="The shipping methods that a cart can choose from, as of when it was priced last.",
    )


def _create_notice() -> None:
    op.create_table(
        "notice",
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('shipping_method_dropped', 'quantity_capped', 'line_left_out')", name=op.f("ck_notice_kind")
        ),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.cart.id"], name=op.f("fk_notice_cart_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cart_id", "position", name=op.f("pk_notice")),
        schema="cart",
        comment="What was changed in a cart without being asked for, until its next change.",
    )
