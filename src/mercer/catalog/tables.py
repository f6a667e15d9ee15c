"""The catalogue's tables."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from mercer.catalog.models import AttributeKind, PublicationStatus
from mercer.platform.tables import identity, metadata, moment, one_of, position, reference, text, translations

SCHEMA = "catalog"


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1"))


product_type = sa.Table(
    "product_type",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    translations("name"),
    _version(),
    schema=SCHEMA,
)

attribute = sa.Table(
    "attribute",
    metadata,
    identity(),
    text("code", unique=True),
    text("kind"),
    text("name"),
    translations("name"),
    sa.Column("unit", sa.Text),
    sa.Column("is_filterable", sa.Boolean, nullable=False, server_default=sa.true()),
    position(),
    _version(),
    one_of("kind", AttributeKind),
    schema=SCHEMA,
)

attribute_choice = sa.Table(
    "attribute_choice",
    metadata,
    identity(),
    reference("attribute_id", "catalog.attribute.id", cascade=True),
    text("code"),
    text("name"),
    translations("name"),
    position(),
    sa.UniqueConstraint("attribute_id", "code"),
    schema=SCHEMA,
)

product_type_attribute = sa.Table(
    "product_type_attribute",
    metadata,
    reference("product_type_id", "catalog.product_type.id", cascade=True, primary_key=True),
    reference("attribute_id", "catalog.attribute.id", primary_key=True, index=True),
    position(),
    schema=SCHEMA,
)

category = sa.Table(
    "category",
    metadata,
    identity(),
    reference("parent_id", "catalog.category.id", nullable=True, index=True),
    text("slug", unique=True),
    text("name"),
    translations("name"),
    text("description", server_default=""),
    translations("description"),
    position(),
    _version(),
    sa.CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    schema=SCHEMA,
)

category_ancestor = sa.Table(
    "category_ancestor",
    metadata,
    reference("category_id", "catalog.category.id", cascade=True, primary_key=True),
    reference("ancestor_id", "catalog.category.id", cascade=True, primary_key=True, index=True),
    sa.Column("depth", sa.Integer, nullable=False),
    schema=SCHEMA,
    comment="Each category with all those above it, itself included. Depth 0 is the root.",
)

product = sa.Table(
    "product",
    metadata,
    identity(),
    reference("product_type_id", "catalog.product_type.id", index=True),
    reference("category_id", "catalog.category.id", nullable=True, index=True),
    text("slug", unique=True),
    text("name"),
    translations("name"),
    text("description", server_default=""),
    translations("description"),
    sa.Column("tags", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    moment("archived_at", nullable=True),
    _version(),
    schema=SCHEMA,
)

sa.Index(None, product.c.created_at, product.c.id)
sa.Index(None, product.c.updated_at, product.c.id)
sa.Index("ix_product_tags", product.c.tags, postgresql_using="gin")

former_product_slug = sa.Table(
    "former_product_slug",
    metadata,
    sa.Column("slug", sa.Text, primary_key=True),
    reference("product_id", "catalog.product.id", cascade=True, index=True),
    schema=SCHEMA,
    comment="Slugs that products had before; they still lead to them.",
)

former_category_slug = sa.Table(
    "former_category_slug",
    metadata,
    sa.Column("slug", sa.Text, primary_key=True),
    reference("category_id", "catalog.category.id", cascade=True, index=True),
    schema=SCHEMA,
    comment="Slugs that categories had before; they still lead to them.",
)

product_search = sa.Table(
    "product_search",
    metadata,
    reference("product_id", "catalog.product.id", cascade=True, primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    text("name_key"),
    sa.Column("words", TSVECTOR, nullable=False),
    schema=SCHEMA,
    comment="What products sort and are found by, in each language of any channel, fallback filled in.",
)

sa.Index(None, product_search.c.language, product_search.c.name_key, product_search.c.product_id)
sa.Index("ix_product_search_words", product_search.c.words, postgresql_using="gin")

publication = sa.Table(
    "publication",
    metadata,
    reference("product_id", "catalog.product.id", cascade=True, primary_key=True),
    reference("channel_id", "channels.channel.id", primary_key=True),
    text("status"),
    moment("publish_at", now=True),
    moment("unpublish_at", nullable=True),
    sa.Column("status_before", sa.Text, comment="Of archived products: what the status is again when it is restored."),
    sa.Column(
        "changes_at",
        sa.DateTime(timezone=True),
        comment="When the product begins or ends to be seen next, as far as that has not been announced.",
    ),
    one_of("status", PublicationStatus),
    sa.CheckConstraint("unpublish_at > publish_at", name="times"),
    schema=SCHEMA,
)

sa.Index(
    "ix_publication_newest",
    publication.c.channel_id,
    publication.c.publish_at,
    publication.c.product_id,
    postgresql_include=["unpublish_at"],  # so that what is to be seen now is counted from the index alone
    postgresql_where=publication.c.status == sa.literal_column("'published'"),
)

sa.Index(
    "ix_publication_ends",
    publication.c.channel_id,
    publication.c.unpublish_at,
    postgresql_where=sa.and_(
        publication.c.status == sa.literal_column("'published'"), publication.c.unpublish_at.is_not(None)
    ),
)

sa.Index(None, publication.c.changes_at, postgresql_where=publication.c.changes_at.is_not(None))

product_attribute = sa.Table(
    "product_attribute",
    metadata,
    reference("product_id", "catalog.product.id", cascade=True, primary_key=True),
    reference("attribute_id", "catalog.attribute.id", primary_key=True),
    sa.Column("number", sa.Numeric),
    sa.Column("boolean", sa.Boolean),
    sa.Column("date", sa.Date),
    sa.Column("text", sa.Text),
    translations("text"),
    schema=SCHEMA,
    comment="A product's value of each attribute. Those of choices stand in product_attribute_choice.",
)

sa.Index(None, product_attribute.c.attribute_id, product_attribute.c.number)
sa.Index(
    "ix_product_attribute_boolean",
    product_attribute.c.product_id,
    postgresql_include=["attribute_id", "boolean"],  # so that facets are counted from the index alone
    postgresql_where=product_attribute.c.boolean.is_not(None),
)

product_attribute_choice = sa.Table(
    "product_attribute_choice",
    metadata,
    sa.Column("product_id", sa.Uuid, primary_key=True),
    sa.Column("attribute_id", sa.Uuid, primary_key=True),
    reference("choice_id", "catalog.attribute_choice.id", primary_key=True),
    sa.ForeignKeyConstraint(
        ["product_id", "attribute_id"],
        ["catalog.product_attribute.product_id", "catalog.product_attribute.attribute_id"],
        ondelete="CASCADE",
    ),
    schema=SCHEMA,
)

sa.Index(None, product_attribute_choice.c.choice_id, product_attribute_choice.c.product_id)

option = sa.Table(
    "option",
    metadata,
    identity(),
    reference("product_id", "catalog.product.id", cascade=True),
    text("name"),
    translations("name"),
    position(),
    sa.UniqueConstraint("product_id", "name"),
    schema=SCHEMA,
)

option_value = sa.Table(
    "option_value",
    metadata,
    identity(),
    reference("option_id", "catalog.option.id", cascade=True),
    text("name"),
    translations("name"),
    position(),
    sa.UniqueConstraint("option_id", "name"),
    sa.UniqueConstraint("option_id", "id"),
    schema=SCHEMA,
)

variant = sa.Table(
    "variant",
    metadata,
    identity(),
    reference("product_id", "catalog.product.id", cascade=True),
    text("sku", unique=True),
    sa.Column("barcode", sa.Text),
    text("name", server_default=""),
    translations("name"),
    sa.Column("weight_grams", sa.Integer),
    sa.Column("cost_amount", sa.BigInteger, comment="What one costs the shop, in minor units."),
    sa.Column("cost_currency", sa.Text),
    position(),
    moment("archived_at", nullable=True),
    _version(),
    sa.CheckConstraint("weight_grams >= 0", name="weight"),
    sa.CheckConstraint("(cost_amount IS NULL) = (cost_currency IS NULL)", name="cost"),
    sa.CheckConstraint("cost_amount >= 0", name="cost_amount"),
    sa.CheckConstraint("cost_currency ~ '^[A-Z]{3}$'", name="cost_currency"),
    sa.CheckConstraint("barcode ~ '^([0-9]{8}|[0-9]{12,14})$'", name="barcode"),
    schema=SCHEMA,
)

sa.Index(None, variant.c.product_id, variant.c.position, variant.c.id)
sa.Index("ix_variant_barcode", variant.c.barcode, postgresql_where=variant.c.barcode.is_not(None))

variant_option_value = sa.Table(
    "variant_option_value",
    metadata,
    reference("variant_id", "catalog.variant.id", cascade=True, primary_key=True),
    sa.Column("option_id", sa.Uuid, primary_key=True),
    sa.Column("option_value_id", sa.Uuid, nullable=False),
    sa.ForeignKeyConstraint(
        ["option_id", "option_value_id"],
        ["catalog.option_value.option_id", "catalog.option_value.id"],
        ondelete="CASCADE",
    ),
    schema=SCHEMA,
)

sa.Index(None, variant_option_value.c.option_value_id)

media = sa.Table(
    "media",
    metadata,
    identity(),
    reference("product_id", "catalog.product.id", cascade=True),
    reference("picture_id", "media.picture.id", nullable=True, index=True),
    text("path"),
    text("alt", server_default=""),
    translations("alt"),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    position(),
    sa.CheckConstraint("width > 0 AND height > 0", name="size"),
    schema=SCHEMA,
)

sa.Index(None, media.c.product_id, media.c.position, media.c.id)
