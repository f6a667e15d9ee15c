"""first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "f8bcae391c1b"
down_revision = None
branch_labels = None
depends_on = None


SCHEMAS = ("channels", "catalog", "inventory", "pricing")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA {schema}")
    op.create_table(
        "attribute",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("is_filterable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('choice', 'multi_choice', 'number', 'boolean', 'date', 'text', 'rich_text')",
            name=op.f("ck_attribute_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribute")),
        sa.UniqueConstraint("code", name=op.f("uq_attribute_code")),
        schema="catalog",
    )
    op.create_table(
        "category",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "description_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_category_not_its_own_parent")),
        sa.ForeignKeyConstraint(["parent_id"], ["catalog.category.id"], name=op.f("fk_category_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_category_slug")),
        schema="catalog",
    )
    op.create_index(op.f("ix_category_parent_id"), "category", ["parent_id"], unique=False, schema="catalog")
    op.create_table(
        "product_type",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_type")),
        sa.UniqueConstraint("code", name=op.f("uq_product_type_code")),
        schema="catalog",
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("tax_mode", sa.Text(), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_channel_country")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_channel_currency")),
        sa.CheckConstraint("tax_mode IN ('net', 'gross')", name=op.f("ck_channel_tax_mode")),
        sa.CheckConstraint("cardinality(languages) > 0", name=op.f("ck_channel_languages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("code", name=op.f("uq_channel_code")),
        schema="channels",
    )
    op.create_index(
        "uq_channel_is_default",
        "channel",
        ["is_default"],
        unique=True,
        schema="channels",
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "warehouse",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_warehouse_country")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse")),
        sa.UniqueConstraint("code", name=op.f("uq_warehouse_code")),
        schema="inventory",
    )
    op.create_table(
        "attribute_choice",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("attribute_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["attribute_id"],
            ["catalog.attribute.id"],
            name=op.f("fk_attribute_choice_attribute_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribute_choice")),
        sa.UniqueConstraint("attribute_id", "code", name=op.f("uq_attribute_choice_attribute_id_code")),
        schema="catalog",
    )
    op.create_table(
        "category_ancestor",
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("ancestor_id", sa.Uuid(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ancestor_id"], ["catalog.category.id"], name=op.f("fk_category_ancestor_ancestor_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["catalog.category.id"], name=op.f("fk_category_ancestor_category_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("category_id", "ancestor_id", name=op.f("pk_category_ancestor")),
        schema="catalog",
        comment="Each category with all those above it, itself included. Depth 0 is the root.",
    )
    op.create_index(
        op.f("ix_category_ancestor_ancestor_id"), "category_ancestor", ["ancestor_id"], unique=False, schema="catalog"
    )
    op.create_table(
        "former_category_slug",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["catalog.category.id"],
            name=op.f("fk_former_category_slug_category_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_former_category_slug")),
        schema="catalog",
        comment="Slugs that categories had before; they still lead to them.",
    )
    op.create_index(
        op.f("ix_former_category_slug_category_id"),
        "former_category_slug",
        ["category_id"],
        unique=False,
        schema="catalog",
    )
    op.create_table(
        "product",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("product_type_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "description_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["catalog.category.id"], name=op.f("fk_product_category_id")),
        sa.ForeignKeyConstraint(
            ["product_type_id"], ["catalog.product_type.id"], name=op.f("fk_product_product_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("slug", name=op.f("uq_product_slug")),
        schema="catalog",
    )
    op.create_index(op.f("ix_product_category_id"), "product", ["category_id"], unique=False, schema="catalog")
    op.create_index(op.f("ix_product_created_at_id"), "product", ["created_at", "id"], unique=False, schema="catalog")
    op.create_index(op.f("ix_product_product_type_id"), "product", ["product_type_id"], unique=False, schema="catalog")
    op.create_index("ix_product_tags", "product", ["tags"], unique=False, schema="catalog", postgresql_using="gin")
    op.create_index(op.f("ix_product_updated_at_id"), "product", ["updated_at", "id"], unique=False, schema="catalog")
    op.create_table(
        "product_type_attribute",
        sa.Column("product_type_id", sa.Uuid(), nullable=False),
        sa.Column("attribute_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["attribute_id"], ["catalog.attribute.id"], name=op.f("fk_product_type_attribute_attribute_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_type_id"],
            ["catalog.product_type.id"],
            name=op.f("fk_product_type_attribute_product_type_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_type_id", "attribute_id", name=op.f("pk_product_type_attribute")),
        schema="catalog",
    )
    op.create_index(
        op.f("ix_product_type_attribute_attribute_id"),
        "product_type_attribute",
        ["attribute_id"],
        unique=False,
        schema="catalog",
    )
    op.create_table(
        "warehouse_channel",
        sa.Column("warehouse_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_warehouse_channel_channel_id")),
        sa.ForeignKeyConstraint(
            ["warehouse_id"],
            ["inventory.warehouse.id"],
            name=op.f("fk_warehouse_channel_warehouse_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("warehouse_id", "channel_id", name=op.f("pk_warehouse_channel")),
        schema="inventory",
        comment="Which channels a warehouse ships to.",
    )
    op.create_index(
        op.f("ix_warehouse_channel_channel_id"), "warehouse_channel", ["channel_id"], unique=False, schema="inventory"
    )
    op.create_table(
        "former_product_slug",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_former_product_slug_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_former_product_slug")),
        schema="catalog",
        comment="Slugs that products had before; they still lead to them.",
    )
    op.create_index(
        op.f("ix_former_product_slug_product_id"), "former_product_slug", ["product_id"], unique=False, schema="catalog"
    )
    op.create_table(
        "media",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("alt", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "alt_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_media_size")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_media_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        schema="catalog",
    )
    op.create_index(
        op.f("ix_media_product_id_position_id"),
        "media",
        ["product_id", "position", "id"],
        unique=False,
        schema="catalog",
    )
    op.create_table(
        "option",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_option_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_option")),
        sa.UniqueConstraint("product_id", "name", name=op.f("uq_option_product_id_name")),
        schema="catalog",
    )
    op.create_table(
        "product_attribute",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("attribute_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Numeric(), nullable=True),
        sa.Column("boolean", sa.Boolean(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column(
            "text_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["attribute_id"], ["catalog.attribute.id"], name=op.f("fk_product_attribute_attribute_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_product_attribute_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "attribute_id", name=op.f("pk_product_attribute")),
        schema="catalog",
        comment="A product's value of each attribute. Those of choices stand in product_attribute_choice.",
    )
    op.create_index(
        op.f("ix_product_attribute_attribute_id_number"),
        "product_attribute",
        ["attribute_id", "number"],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        "ix_product_attribute_boolean",
        "product_attribute",
        ["product_id"],
        unique=False,
        schema="catalog",
        postgresql_include=["attribute_id", "boolean"],
        postgresql_where=sa.text("boolean IS NOT NULL"),
    )
    op.create_table(
        "product_search",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_product_search_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "language", name=op.f("pk_product_search")),
        schema="catalog",
        comment="What products sort and are found by, in each language of any channel, fallback filled in.",
    )
    op.create_index(
        op.f("ix_product_search_language_name_key_product_id"),
        "product_search",
        ["language", "name_key", "product_id"],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        "ix_product_search_words", "product_search", ["words"], unique=False, schema="catalog", postgresql_using="gin"
    )
    op.create_table(
        "publication",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("unpublish_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'published', 'archived')", name=op.f("ck_publication_status")),
        sa.CheckConstraint("unpublish_at > publish_at", name=op.f("ck_publication_times")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_publication_channel_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_publication_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "channel_id", name=op.f("pk_publication")),
        schema="catalog",
    )
    op.create_index(
        "ix_publication_newest",
        "publication",
        ["channel_id", "publish_at", "product_id"],
        unique=False,
        schema="catalog",
        postgresql_where=sa.text("status = 'published'"),
        postgresql_include=["unpublish_at"],
    )
    op.create_table(
        "variant",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("weight_grams", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("barcode ~ '^([0-9]{8}|[0-9]{12,14})$'", name=op.f("ck_variant_barcode")),
        sa.CheckConstraint("weight_grams >= 0", name=op.f("ck_variant_weight")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_variant_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant")),
        sa.UniqueConstraint("sku", name=op.f("uq_variant_sku")),
        schema="catalog",
    )
    op.create_index(
        "ix_variant_barcode",
        "variant",
        ["barcode"],
        unique=False,
        schema="catalog",
        postgresql_where=sa.text("barcode IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_variant_product_id_position_id"),
        "variant",
        ["product_id", "position", "id"],
        unique=False,
        schema="catalog",
    )
    op.create_table(
        "listed_range",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("start_amount", sa.BigInteger(), nullable=True),
        sa.Column("stop_amount", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_listed_range_channel_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_listed_range_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "channel_id", name=op.f("pk_listed_range")),
        schema="pricing",
        comment="Each product's lowest and highest listed amount in each channel, null where it has none.",
    )
    op.create_index(
        "ix_listed_range_cheapest",
        "listed_range",
        ["channel_id", sa.literal_column("coalesce(start_amount, 9223372036854775807)"), "product_id"],
        unique=False,
        schema="pricing",
    )
    op.create_index(
        "ix_listed_range_dearest",
        "listed_range",
        ["channel_id", sa.literal_column("coalesce(start_amount, -1)"), "product_id"],
        unique=False,
        schema="pricing",
    )
    op.create_table(
        "option_value",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("option_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "name_translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["option_id"], ["catalog.option.id"], name=op.f("fk_option_value_option_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_option_value")),
        sa.UniqueConstraint("option_id", "id", name=op.f("uq_option_value_option_id_id")),
        sa.UniqueConstraint("option_id", "name", name=op.f("uq_option_value_option_id_name")),
        schema="catalog",
    )
    op.create_table(
        "product_attribute_choice",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("attribute_id", sa.Uuid(), nullable=False),
        sa.Column("choice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["choice_id"], ["catalog.attribute_choice.id"], name=op.f("fk_product_attribute_choice_choice_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id", "attribute_id"],
            ["catalog.product_attribute.product_id", "catalog.product_attribute.attribute_id"],
            name=op.f("fk_product_attribute_choice_product_id_attribute_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", "attribute_id", "choice_id", name=op.f("pk_product_attribute_choice")),
        schema="catalog",
    )
    op.create_index(
        op.f("ix_product_attribute_choice_choice_id_product_id"),
        "product_attribute_choice",
        ["choice_id", "product_id"],
        unique=False,
        schema="catalog",
    )
    op.create_table(
        "stock",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("warehouse_id", sa.Uuid(), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("allocated", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("backorder_limit", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("allocated >= 0", name=op.f("ck_stock_allocated")),
        sa.CheckConstraint("backorder_limit >= 0", name=op.f("ck_stock_backorder_limit")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_stock_held")),
        sa.CheckConstraint("on_hand - allocated - held + backorder_limit >= 0", name=op.f("ck_stock_not_oversold")),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_on_hand")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalog.variant.id"], name=op.f("fk_stock_variant_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["warehouse_id"], ["inventory.warehouse.id"], name=op.f("fk_stock_warehouse_id")),
        sa.PrimaryKeyConstraint("variant_id", "warehouse_id", name=op.f("pk_stock")),
        schema="inventory",
    )
    op.create_index(op.f("ix_stock_warehouse_id"), "stock", ["warehouse_id"], unique=False, schema="inventory")
    op.create_table(
        "listed",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("before_amount", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_listed_channel_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalog.product.id"], name=op.f("fk_listed_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalog.variant.id"], name=op.f("fk_listed_variant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("variant_id", "channel_id", name=op.f("pk_listed")),
        schema="pricing",
        comment="What shoppers see: written from price by refresh_listed, read by listings, filters and sorts.",
    )
    op.create_index(
        op.f("ix_listed_channel_id_amount_product_id"),
        "listed",
        ["channel_id", "amount", "product_id"],
        unique=False,
        schema="pricing",
    )
    op.create_index(
        op.f("ix_listed_product_id_channel_id_amount"),
        "listed",
        ["product_id", "channel_id", "amount"],
        unique=False,
        schema="pricing",
    )
    op.create_table(
        "price",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("before_amount", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_price_amount")),
        sa.CheckConstraint("before_amount > amount", name=op.f("ck_price_before_amount")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.channel.id"], name=op.f("fk_price_channel_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalog.variant.id"], name=op.f("fk_price_variant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("variant_id", "channel_id", name=op.f("pk_price")),
        schema="pricing",
        comment="What staff ask for a variant in a channel; before_amount is the struck-out price beside it.",
    )
    op.create_table(
        "variant_option_value",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("option_id", sa.Uuid(), nullable=False),
        sa.Column("option_value_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["option_id", "option_value_id"],
            ["catalog.option_value.option_id", "catalog.option_value.id"],
            name=op.f("fk_variant_option_value_option_id_option_value_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalog.variant.id"], name=op.f("fk_variant_option_value_variant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("variant_id", "option_id", name=op.f("pk_variant_option_value")),
        schema="catalog",
    )
    op.create_index(
        op.f("ix_variant_option_value_option_value_id"),
        "variant_option_value",
        ["option_value_id"],
        unique=False,
        schema="catalog",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '5min'")
    op.drop_index(op.f("ix_variant_option_value_option_value_id"), table_name="variant_option_value", schema="catalog")
    op.drop_table("variant_option_value", schema="catalog")
    op.drop_table("price", schema="pricing")
    op.drop_index(op.f("ix_listed_product_id_channel_id_amount"), table_name="listed", schema="pricing")
    op.drop_index(op.f("ix_listed_channel_id_amount_product_id"), table_name="listed", schema="pricing")
    op.drop_table("listed", schema="pricing")
    op.drop_index(op.f("ix_stock_warehouse_id"), table_name="stock", schema="inventory")
    op.drop_table("stock", schema="inventory")
    op.drop_index(
        op.f("ix_product_attribute_choice_choice_id_product_id"),
        table_name="product_attribute_choice",
        schema="catalog",
    )
    op.drop_table("product_attribute_choice", schema="catalog")
    op.drop_table("option_value", schema="catalog")
    op.drop_index("ix_listed_range_dearest", table_name="listed_range", schema="pricing")
    op.drop_index("ix_listed_range_cheapest", table_name="listed_range", schema="pricing")
    op.drop_table("listed_range", schema="pricing")
    op.drop_index(op.f("ix_variant_product_id_position_id"), table_name="variant", schema="catalog")
    op.drop_index(
        "ix_variant_barcode", table_name="variant", schema="catalog", postgresql_where=sa.text("barcode IS NOT NULL")
    )
    op.drop_table("variant", schema="catalog")
    op.drop_index(
        "ix_publication_newest",
        table_name="publication",
        schema="catalog",
        postgresql_where=sa.text("status = 'published'"),
        postgresql_include=["unpublish_at"],
    )
    op.drop_table("publication", schema="catalog")
    op.drop_index("ix_product_search_words", table_name="product_search", schema="catalog", postgresql_using="gin")
    op.drop_index(op.f("ix_product_search_language_name_key_product_id"), table_name="product_search", schema="catalog")
    op.drop_table("product_search", schema="catalog")
    op.drop_index("ix_product_attribute_boolean", table_name="product_attribute", schema="catalog")
    op.drop_index(op.f("ix_product_attribute_attribute_id_number"), table_name="product_attribute", schema="catalog")
    op.drop_table("product_attribute", schema="catalog")
    op.drop_table("option", schema="catalog")
    op.drop_index(op.f("ix_media_product_id_position_id"), table_name="media", schema="catalog")
    op.drop_table("media", schema="catalog")
    op.drop_index(op.f("ix_former_product_slug_product_id"), table_name="former_product_slug", schema="catalog")
    op.drop_table("former_product_slug", schema="catalog")
    op.drop_index(op.f("ix_warehouse_channel_channel_id"), table_name="warehouse_channel", schema="inventory")
    op.drop_table("warehouse_channel", schema="inventory")
    op.drop_index(op.f("ix_product_type_attribute_attribute_id"), table_name="product_type_attribute", schema="catalog")
    op.drop_table("product_type_attribute", schema="catalog")
    op.drop_index(op.f("ix_product_updated_at_id"), table_name="product", schema="catalog")
    op.drop_index("ix_product_tags", table_name="product", schema="catalog", postgresql_using="gin")
    op.drop_index(op.f("ix_product_product_type_id"), table_name="product", schema="catalog")
    op.drop_index(op.f("ix_product_created_at_id"), table_name="product", schema="catalog")
    op.drop_index(op.f("ix_product_category_id"), table_name="product", schema="catalog")
    op.drop_table("product", schema="catalog")
    op.drop_index(op.f("ix_former_category_slug_category_id"), table_name="former_category_slug", schema="catalog")
    op.drop_table("former_category_slug", schema="catalog")
    op.drop_index(op.f("ix_category_ancestor_ancestor_id"), table_name="category_ancestor", schema="catalog")
    op.drop_table("category_ancestor", schema="catalog")
    op.drop_table("attribute_choice", schema="catalog")
    op.drop_table("warehouse", schema="inventory")
    op.drop_index(
        "uq_channel_is_default", table_name="channel", schema="channels", postgresql_where=sa.text("is_default")
    )
    op.drop_table("channel", schema="channels")
    op.drop_table("product_type", schema="catalog")
    op.drop_index(op.f("ix_category_parent_id"), table_name="category", schema="catalog")
    op.drop_table("category", schema="catalog")
    op.drop_table("attribute", schema="catalog")
    for schema in reversed(SCHEMAS):
        op.execute(f"DROP SCHEMA {schema}")
