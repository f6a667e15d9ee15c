"""The catalogue as the shop API shows it: what is published in the channel, now."""

from typing import Any

import sqlalchemy as sa
import strawberry

from mercer.catalog import models, tables
from mercer.catalog.graphql.attributes import attribute_kind, attribute_name, attribute_place, attribute_value
from mercer.catalog.graphql.binds import NOW
from mercer.catalog.graphql.caching import OF_PRODUCT, PRODUCT
from mercer.channels.graphql.binds import CHANNEL
from mercer.media.graphql.binds import MEDIA_URL
from mercer.media.graphql.shop import Rendition
from mercer.platform.graphql.views import (
    Argument,
    Connection,
    FacetedConnection,
    Given,
    Row,
    column,
    computed,
    many,
    one,
    page,
    translated,
    translation,
    view,
)
from mercer.platform.permissions import PUBLIC

strawberry.enum(models.AttributeKind, description=models.AttributeKind.__doc__)


def is_published(product_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a product is to be seen: published in the channel, between its publish and unpublish times."""
    publication = tables.publication.alias()
    return (
        sa.exists()
        .select_from(publication)
        .where(
            publication.c.product_id == product_id,
            publication.c.channel_id == CHANNEL,
            publication.c.status == sa.literal_column("'published'"),
            publication.c.publish_at <= NOW,
            sa.or_(publication.c.unpublish_at.is_(None), publication.c.unpublish_at > NOW),
        )
    )


def is_sold(variant: Row) -> sa.ColumnElement[bool]:
    """Whether a variant is to be seen: not archived, and of a product that is to be seen."""
    return sa.and_(variant.c.archived_at.is_(None), is_published(variant.c.product_id))


def depth(category: Row) -> sa.ColumnElement[int]:
    """How far a category is below its root."""
    own = tables.category_ancestor.alias()
    return (
        sa.select(own.c.depth)
        .where(own.c.category_id == category.c.id, own.c.ancestor_id == category.c.id)
        .scalar_subquery()
    )


def is_above(category: Row, below: sa.ColumnElement[object]) -> sa.ColumnElement[bool]:
    """Whether a category is this one or above it."""
    ancestor = tables.category_ancestor.alias()
    above = sa.select(ancestor.c.ancestor_id).where(ancestor.c.category_id == below)
    return category.c.id.in_(above)


@view(tables.media, entity=OF_PRODUCT)
class Media:
    """A picture of a product."""

    id: strawberry.ID = column()
    url: str = computed(lambda media: MEDIA_URL + media.c.path, total=True)
    alt: str = translated("alt")
    width: int = column()
    height: int = column()
    renditions: list[Rendition] = many(
        on=lambda media, rendition: rendition.c.picture_id == media.c.picture_id,
        order_by=lambda rendition: (rendition.c.width, rendition.c.media_type),
        description="The picture in smaller sizes, smallest first: in WebP, and in a format that everything can show.",
    )


@view(tables.category)
class Category:
    """A place in the tree by which products are found."""

    id: strawberry.ID = column()
    name: str = translated("name")
    slug: str = column()
    description: str = translated("description")
    parent: "Category | None" = one(on=lambda category, parent: parent.c.id == category.c.parent_id)
    children: list["Category"] = many(
        on=lambda category, child: child.c.parent_id == category.c.id,
        order_by=lambda child: (child.c.position, child.c.id),
    )
    breadcrumbs: list["Category"] = many(
        on=lambda category, above: is_above(above, category.c.id),
        order_by=lambda above: (depth(above),),
        description="The way from the root to this category.",
    )


@view(tables.product_type)
class ProductType:
    """What kind of thing products are: it says which attributes they have."""

    code: str = column()
    name: str = translated("name")


@view(tables.attribute_choice)
class AttributeChoice:
    """One of the values that an attribute lets one choose from."""

    code: str = column()
    name: str = translated("name")


def _is_chosen(attribute: Row, choice: Row) -> sa.ColumnElement[bool]:
    chosen = tables.product_attribute_choice.alias()
    return choice.c.id.in_(
        sa.select(chosen.c.choice_id).where(
            chosen.c.product_id == attribute.c.product_id, chosen.c.attribute_id == attribute.c.attribute_id
        )
    )


@view(tables.product_attribute, entity=OF_PRODUCT)
class ProductAttribute:
    """A product's value of an attribute."""

    code: str = computed(lambda row: attribute_name(row, "code"), total=True)
    name: str = computed(lambda row: attribute_name(row, "name"), total=True)
    kind: models.AttributeKind = computed(attribute_kind, total=True)
    unit: str | None = computed(lambda row: attribute_name(row, "unit"))
    value: str = computed(
        attribute_value,
        total=True,
        description="The value as text: choices by name with commas between, numbers without their unit.",
    )
    choices: list[AttributeChoice] = many(
        on=_is_chosen, order_by=lambda choice: (choice.c.position, choice.c.id), description="What was chosen, if any."
    )


def _option_values(option: Row) -> sa.ColumnElement[list[str]]:
    value = tables.option_value.alias()
    names = sa.select(translation(value, "name")).where(value.c.option_id == option.c.id)
    return sa.func.array(names.order_by(value.c.position, value.c.id).scalar_subquery())


@view(tables.option, entity=OF_PRODUCT)
class ProductOption:
    """What a product's variants differ in."""

    name: str = translated("name")
    values: list[str] = computed(_option_values, total=True)


def option_name(chosen: Row) -> sa.ColumnElement[str]:
    """The option's name."""
    option = tables.option.alias()
    return sa.select(translation(option, "name")).where(option.c.id == chosen.c.option_id).scalar_subquery()


def option_value_name(chosen: Row) -> sa.ColumnElement[str]:
    """The value's name."""
    value = tables.option_value.alias()
    return sa.select(translation(value, "name")).where(value.c.id == chosen.c.option_value_id).scalar_subquery()


def option_position(chosen: Row) -> sa.ColumnElement[int]:
    """Where the option stands among the product's."""
    option = tables.option.alias()
    return sa.select(option.c.position).where(option.c.id == chosen.c.option_id).scalar_subquery()


@view(tables.variant_option_value)
class VariantOption:
    """What a variant has chosen of an option."""

    name: str = computed(option_name, total=True)
    value: str = computed(option_value_name, total=True)


@view(tables.variant, rows=is_sold, entity=OF_PRODUCT)
class ProductVariant:
    """The thing that is sold: one of a product's sizes, colours …"""

    id: strawberry.ID = column()
    sku: str = column()
    barcode: str | None = column()
    name: str = translated("name")
    weight_grams: int | None = column()
    options: list[VariantOption] = many(
        on=lambda variant, chosen: chosen.c.variant_id == variant.c.id,
        order_by=lambda chosen: (option_position(chosen), chosen.c.option_id),
    )


@view(tables.product, rows=lambda product: is_published(product.c.id), entity=PRODUCT)
class Product:
    """What is shown and described; its variants are what is sold."""

    id: strawberry.ID = column()
    name: str = translated("name")
    slug: str = column()
    description: str = translated("description", description="Rich text: sanitised HTML.")
    tags: list[str] = column()
    product_type: ProductType | None = one(on=lambda product, kind: kind.c.id == product.c.product_type_id)
    category: Category | None = one(on=lambda product, category: category.c.id == product.c.category_id)
    breadcrumbs: list[Category] = many(
        on=lambda product, category: is_above(category, product.c.category_id),
        order_by=lambda category: (depth(category),),
        description="The way from the root to the product's category.",
    )
    thumbnail: Media | None = one(
        on=lambda product, media: media.c.product_id == product.c.id,
        order_by=lambda media: (media.c.position, media.c.id),
    )
    media: list[Media] = many(
        on=lambda product, media: media.c.product_id == product.c.id,
        order_by=lambda media: (media.c.position, media.c.id),
    )
    attributes: list[ProductAttribute] = many(
        on=lambda product, attribute: attribute.c.product_id == product.c.id,
        order_by=lambda attribute: (attribute_place(attribute), attribute.c.attribute_id),
    )
    options: list[ProductOption] = many(
        on=lambda product, option: option.c.product_id == product.c.id,
        order_by=lambda option: (option.c.position, option.c.id),
    )
    variants: list[ProductVariant] = many(
        on=lambda product, variant: variant.c.product_id == product.c.id,
        order_by=lambda variant: (variant.c.position, variant.c.id),
    )


@strawberry.type
class VariantProduct:
    """What a variant knows of its product."""

    product: Product | None = one(on=lambda variant, product: product.c.id == variant.c.product_id)


@strawberry.type
class CategoryProducts:
    """A category's products, those of the categories below it included."""

    products: FacetedConnection[Product] = page(
        on=lambda category, product: is_in_category(product, category.c.id),
        description="The products of this category and of all below it.",
    )


def is_in_category(product: Row, category_id: Any) -> sa.ColumnElement[bool]:
    """Whether a product stands in this category or below it."""
    below = tables.category_ancestor.alias()
    return product.c.category_id.in_(sa.select(below.c.category_id).where(below.c.ancestor_id == category_id))


def product_of(slug: Given) -> sa.CompoundSelect[Any]:
    """The id of the product that has this slug, or had it before."""
    now, before = tables.product.alias(), tables.former_product_slug.alias()
    return sa.union_all(
        sa.select(now.c.id).where(now.c.slug == slug.value),
        sa.select(before.c.product_id).where(before.c.slug == slug.value),
    )


def category_of(slug: Given) -> sa.CompoundSelect[Any]:
    """The id of the category that has this slug, or had it before."""
    now, before = tables.category.alias(), tables.former_category_slug.alias()
    return sa.union_all(
        sa.select(now.c.id).where(now.c.slug == slug.value),
        sa.select(before.c.category_id).where(before.c.slug == slug.value),
    )


BY_ID = Argument(strawberry.ID, lambda row, given: row.c.id == given.value)
BY_PRODUCT_SLUG = Argument(str, lambda row, given: row.c.id.in_(product_of(given)))
BY_CATEGORY_SLUG = Argument(str, lambda row, given: row.c.id.in_(category_of(given)))
BY_SKU = Argument(str, lambda row, given: row.c.sku == given.value)


@strawberry.type
class Query:
    product: Product | None = one(
        arguments={"id": BY_ID, "slug": BY_PRODUCT_SLUG},
        needs=PUBLIC,
        description="A published product, by id or by slug. A slug that it had before leads to it too.",
    )
    products: FacetedConnection[Product] = page(needs=PUBLIC, description="The published products.")
    product_variant: ProductVariant | None = one(
        arguments={"id": BY_ID, "sku": BY_SKU},
        needs=PUBLIC,
        description="A variant of a published product, by id or by SKU.",
    )
    category: Category | None = one(
        arguments={"id": BY_ID, "slug": BY_CATEGORY_SLUG},
        needs=PUBLIC,
        description="A category, by id or by slug. A slug that it had before leads to it too.",
    )
    categories: Connection[Category] = page(needs=PUBLIC, description="All categories.")
