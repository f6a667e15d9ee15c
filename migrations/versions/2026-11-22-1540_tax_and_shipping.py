"""tax: classes, zones, dated rates; shipping: zones, methods, tiers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

revision = "e7b40c92d1a8"
down_revision = "c46f19d8e2b7"
branch_labels = None
depends_on = None

POSTAL = (
    "(postal_from IS NULL) = (postal_to IS NULL) AND postal_from <= postal_to"
    " AND length(postal_from) = length(postal_to)"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    # What the constraints compare by equality beside ranges. Trusted: who may create in the database may do this.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE SCHEMA tax")
    # Postal codes are compared byte by byte, by whoever compares them.
    op.execute('CREATE TYPE tax.postal_range AS RANGE (subtype = text, collation = "C")')
    _create_tax()
    # Goods that nobody assigned to a class are of one nevertheless.
    op.execute("INSERT INTO tax.tax_class (code, name, is_default) VALUES ('standard', 'Standard', true)")
    op.execute("CREATE SCHEMA shipping")
    _create_shipping()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    for schema, tables in {
        "shipping": ("tier", "method", "zone_channel", "area", "zone"),
        "tax": ("product_tax_class", "rate", "area", "zone", "tax_class"),
    }.items():
        for table in tables:
            op.drop_table(table, schema=schema)
    op.execute("DROP TYPE tax.postal_range")
    op.execute("DROP SCHEMA shipping")
    op.execute("DROP SCHEMA tax")


def _create_tax() -> None:
    op.create_table(
        "tax_class",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_class")),
        sa.UniqueConstraint("code", name=op.f("uq_tax_class_code")),
        schema="tax",
        comment="Exactly one is the default: that of products that have none.",
    )
    op.create_index(
        "ix_tax_class_default",
        "tax_class",
        ["is_default"],
        unique=True,
        schema="tax",
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "zone",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint("code", name=op.f("uq_zone_code")),
        schema="tax",
    )
    op.create_table(
        "area",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("postal_from", sa.Text(collation="C"), nullable=True),
        sa.Column("postal_to", sa.Text(collation="C"), nullable=True),
        ExcludeConstraint(
            (sa.column("country"), "="),
            (sa.text("coalesce(region, '')"), "="),
            (sa.text("coalesce(length(postal_from), 0)"), "="),
            (sa.text("tax.postal_range(postal_from, postal_to, '[]')"), "&&"),
            using="gist",
            name="ex_area_once",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_area_country")),
        sa.CheckConstraint(
            POSTAL,
            name=op.f("ck_area_postal"),
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["tax.zone.id"], name=op.f("fk_area_zone_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        schema="tax",
        comment="What a zone is made of. Postal codes by what they begin with, from the one until the other.",
    )
    op.create_index(op.f("ix_area_zone_id"), "area", ["zone_id"], unique=False, schema="tax")
    op.create_table(
        "rate",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("tax_class_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        ExcludeConstraint(
            (sa.column("zone_id"), "="),
            (sa.column("tax_class_id"), "="),
            (sa.column("name"), "="),
            (sa.text("tstzrange(valid_from, valid_until)"), "&&"),
            using="gist",
            name="ex_rate_window",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint("rate BETWEEN 0 AND 1", name=op.f("ck_rate_rate")),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_rate_window")),
        sa.ForeignKeyConstraint(["tax_class_id"], ["tax.tax_class.id"], name=op.f("fk_rate_tax_class_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["tax.zone.id"], name=op.f("fk_rate_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate")),
        schema="tax",
        comment="0.19 is 19 per cent. Null moments: it has always held, it does not end. Different names add up.",
    )
    op.create_index(op.f("ix_rate_tax_class_id"), "rate", ["tax_class_id"], unique=False, schema="tax")
    op.create_index(op.f("ix_rate_zone_id"), "rate", ["zone_id"], unique=False, schema="tax")
    op.create_table(
        "product_tax_class",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("tax_class_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_product_tax_class_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tax_class_id"], ["tax.tax_class.id"], name=op.f("fk_product_tax_class_tax_class_id")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_tax_class")),
        schema="tax",
        comment="The class of products that have another one than the default.",
    )
    op.create_index(
        op.f("ix_product_tax_class_tax_class_id"), "product_tax_class", ["tax_class_id"], unique=False, schema="tax"
    )


def _create_shipping() -> None:
    op.create_table(
        "zone",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint("code", name=op.f("uq_zone_code")),
        schema="shipping",
    )
    op.create_table(
        "area",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("postal_from", sa.Text(collation="C"), nullable=True),
        sa.Column("postal_to", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_area_country")),
        sa.CheckConstraint(
            POSTAL,
            name=op.f("ck_area_postal"),
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["shipping.zone.id"], name=op.f("fk_area_zone_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        schema="shipping",
        comment="What a zone is made of; zones may share areas. Postal codes by what they begin with.",
    )
    op.create_index(op.f("ix_area_country_zone_id"), "area", ["country", "zone_id"], unique=False, schema="shipping")
    op.create_index(op.f("ix_area_zone_id"), "area", ["zone_id"], unique=False, schema="shipping")
    op.create_table(
        "zone_channel",
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_zone_channel_channel_id")),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["shipping.zone.id"], name=op.f("fk_zone_channel_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("zone_id", "channel_id", name=op.f("pk_zone_channel")),
        schema="shipping",
        comment="For which channels a zone is shipped to.",
    )
    op.create_index(op.f("ix_zone_channel_channel_id"), "zone_channel", ["channel_id"], unique=False, schema="shipping")
    op.create_table(
        "method",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_translations", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("description_translations", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column(
            "tax_class_id",
            sa.Uuid(),
            nullable=True,
            comment="Of the taxes beside it, which it does not know. Null: the default.",
        ),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("free_from", sa.BigInteger(), nullable=True),
        sa.Column("least_weight_grams", sa.Integer(), nullable=True),
        sa.Column("most_weight_grams", sa.Integer(), nullable=True),
        sa.Column("least_value", sa.BigInteger(), nullable=True),
        sa.Column("most_value", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("(basis = 'flat') = (amount IS NOT NULL)", name=op.f("ck_method_flat")),
        sa.CheckConstraint("basis IN ('flat', 'weight', 'value')", name=op.f("ck_method_basis")),
        sa.CheckConstraint("amount >= 0 AND free_from >= 0", name=op.f("ck_method_amounts")),
        sa.CheckConstraint("least_weight_grams >= 0 AND least_value >= 0", name=op.f("ck_method_least")),
        sa.CheckConstraint("most_value >= coalesce(least_value, 0)", name=op.f("ck_method_value")),
        sa.CheckConstraint("most_weight_grams >= coalesce(least_weight_grams, 0)", name=op.f("ck_method_weight")),
        sa.ForeignKeyConstraint(
            ["zone_id", "channel_id"],
            ["shipping.zone_channel.zone_id", "shipping.zone_channel.channel_id"],
            name=op.f("fk_method_zone_id_channel_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_method")),
        sa.UniqueConstraint("zone_id", "channel_id", "code", name=op.f("uq_method_zone_id_channel_id_code")),
        schema="shipping",
        comment="A way of delivery to a zone in a channel. Limits are inclusive; null: there is none.",
    )
    op.create_table(
        "tier",
        sa.Column("method_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("starts_at >= 0 AND amount >= 0", name=op.f("ck_tier_amounts")),
        sa.ForeignKeyConstraint(
            ["method_id"], ["shipping.method.id"], name=op.f("fk_tier_method_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("method_id", "starts_at", name=op.f("pk_tier")),
        schema="shipping",
        comment="What a method costs from a weight or value on, up to the next tier. Each has one from 0.",
    )
