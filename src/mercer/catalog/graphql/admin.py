"""The catalogue as the admin API shows it: all of it, in its own language with its translations."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
import strawberry

from mercer.catalog import models, tables
from mercer.catalog.graphql.attributes import attribute_kind, attribute_name, attribute_place, attribute_value
from mercer.catalog.graphql.shop import (
    BY_CATEGORY_SLUG,
    BY_ID,
    BY_PRODUCT_SLUG,
    BY_SKU,
    option_name,
    option_position,
    option_value_name,
)
from mercer.channels.graphql.admin import BY_CODE, Channel
from mercer.media.graphql.admin import Picture
from mercer.media.graphql.binds import MEDIA_URL
from mercer.media.graphql.shop import Rendition
from mercer.platform.graphql.scalars import Translations
from mercer.platform.graphql.views import (
    COSTS,
    Connection,
    Row,
    column,
    computed,
    embedded,
    many,
    one,
    page,
    shown,
    view,
)
from mercer.values.graphql.money import Money

VERSION = "Send it with a change, which is refused if somebody else made one in the meantime."

strawberry.enum(models.PublicationStatus, description=models.PublicationStatus.__doc__)


@view(tables.media)
class Media:
    """A picture of a product."""

    id: strawberry.ID = column()
    url: str = computed(lambda media: MEDIA_URL + media.c.path, total=True)
    alt: str = column()
    alt_translations: Translations = column()
    width: int = column()
    height: int = column()
    position: int = column()
    picture: Picture | None = one(
        on=lambda media, picture: picture.c.id == media.c.picture_id, description="The upload, if it is one."
    )
    renditions: list[Rendition] = many(
        on=lambda media, rendition: rendition.c.picture_id == media.c.picture_id,
        order_by=lambda rendition: (rendition.c.width, rendition.c.media_type),
    )


@view(tables.category)
class Category:
    """A place in the tree by which products are found."""

    id: strawberry.ID = column()
    slug: str = column()
    name: str = column()
    name_translations: Translations = column()
    description: str = column()
    description_translations: Translations = column()
    position: int = column()
    version: int = column(description=VERSION)
    parent: "Category | None" = one(on=lambda category, parent: parent.c.id == category.c.parent_id)
    children: list["Category"] = many(
        on=lambda category, child: child.c.parent_id == category.c.id,
        order_by=lambda child: (child.c.position, child.c.id),
    )


@view(tables.attribute_choice)
class AttributeChoice:
    """One of the values that an attribute lets one choose from."""

    id: strawberry.ID = column()
    code: str = column()
    name: str = column()
    name_translations: Translations = column()
    position: int = column()


@view(tables.attribute)
class Attribute:
    """A typed property of products."""

    id: strawberry.ID = column()
    code: str = column()
    kind: models.AttributeKind = column()
    name: str = column()
    name_translations: Translations = column()
    unit: str | None = column()
    is_filterable: bool = column()
    position: int = column()
    version: int = column(description=VERSION)
    choices: list[AttributeChoice] = many(
        on=lambda attribute, choice: choice.c.attribute_id == attribute.c.id,
        order_by=lambda choice: (choice.c.position, choice.c.id),
    )


_OF_TYPES = (
    sa.select(
        tables.attribute,
        tables.product_type_attribute.c.product_type_id,
        tables.product_type_attribute.c.position.label("place"),
        sa.literal_column("catalog.product_type_attribute.ctid").label("ctid"),  # how the interpreter tells rows apart
    )
    .join_from(tables.attribute, tables.product_type_attribute)
    .subquery("attribute_of_type")
)


@view(tables.product_type)
class ProductType:
    """What kind of thing products are: it says which attributes they have."""

    id: strawberry.ID = column()
    code: str = column()
    name: str = column()
    name_translations: Translations = column()
    version: int = column(description=VERSION)
    attributes: list[Attribute] = many(
        _OF_TYPES,
        on=lambda kind, attribute: attribute.c.product_type_id == kind.c.id,
        order_by=lambda attribute: (attribute.c.place, attribute.c.id),
    )


@view(tables.product_attribute)
class ProductAttribute:
    """A product's value of an attribute."""

    code: str = computed(lambda row: attribute_name(row, "code"), total=True)
    kind: models.AttributeKind = computed(attribute_kind, total=True)
    unit: str | None = computed(lambda row: attribute_name(row, "unit"))
    value: str = computed(attribute_value, total=True)
    text_translations: Translations = column()


@view(tables.publication)
class Publication:
    """Where a product stands in a channel."""

    channel: Channel | None = one(on=lambda publication, channel: channel.c.id == publication.c.channel_id)
    status: models.PublicationStatus = column()
    publish_at: datetime = column()
    unpublish_at: datetime | None = column()


@view(tables.option_value)
class ProductOptionValue:
    """What a variant may be of an option."""

    id: strawberry.ID = column()
    name: str = column()
    name_translations: Translations = column()
    position: int = column()


@view(tables.option)
class ProductOption:
    """What a product's variants differ in."""

    id: strawberry.ID = column()
    name: str = column()
    name_translations: Translations = column()
    position: int = column()
    values: list[ProductOptionValue] = many(
        on=lambda option, value: value.c.option_id == option.c.id,
        order_by=lambda value: (value.c.position, value.c.id),
        most=250,
    )


@view(tables.variant_option_value, key="option_value_id")
class VariantOption:
    """What a variant has chosen of an option."""

    option_id: strawberry.ID = column()
    option_value_id: strawberry.ID = column()
    name: str = computed(option_name, total=True)
    value: str = computed(option_value_name, total=True)


def _cost(variant: Row) -> dict[str, sa.ColumnElement[Any]]:
    return {"amount": shown(COSTS, variant.c.cost_amount), "currency": shown(COSTS, variant.c.cost_currency)}


@view(tables.variant)
class ProductVariant:
    """The thing that is sold: one of a product's sizes, colours …"""

    id: strawberry.ID = column()
    sku: str = column()
    barcode: str | None = column()
    name: str = column()
    name_translations: Translations = column()
    weight_grams: int | None = column()
    cost: Money | None = embedded(_cost, shown_to=COSTS, description="What one costs the shop.")
    position: int = column()
    archived_at: datetime | None = column()
    version: int = column(description=VERSION)
    options: list[VariantOption] = many(
        on=lambda variant, chosen: chosen.c.variant_id == variant.c.id,
        order_by=lambda chosen: (option_position(chosen), chosen.c.option_id),
    )


@view(tables.product)
class Product:
    """What is shown and described; its variants are what is sold."""

    id: strawberry.ID = column()
    slug: str = column()
    name: str = column()
    name_translations: Translations = column()
    description: str = column(description="Rich text: sanitised HTML.")
    description_translations: Translations = column()
    tags: list[str] = column()
    created_at: datetime = column()
    updated_at: datetime = column()
    archived_at: datetime | None = column()
    version: int = column(description=VERSION)
    product_type: ProductType | None = one(on=lambda product, kind: kind.c.id == product.c.product_type_id)
    category: Category | None = one(on=lambda product, category: category.c.id == product.c.category_id)
    publications: list[Publication] = many(
        on=lambda product, publication: publication.c.product_id == product.c.id,
        order_by=lambda publication: (publication.c.channel_id,),
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
        most=250,
    )


@strawberry.type
class VariantProduct:
    """What a variant knows of its product."""

    product: Product | None = one(on=lambda variant, product: product.c.id == variant.c.product_id)


@strawberry.type
class Query:
    product: Product | None = one(arguments={"id": BY_ID, "slug": BY_PRODUCT_SLUG}, needs="products.read")
    products: Connection[Product] = page(needs="products.read")
    product_variant: ProductVariant | None = one(arguments={"id": BY_ID, "sku": BY_SKU}, needs="products.read")
    category: Category | None = one(arguments={"id": BY_ID, "slug": BY_CATEGORY_SLUG}, needs="categories.read")
    categories: Connection[Category] = page(needs="categories.read")
    product_type: ProductType | None = one(arguments={"id": BY_ID, "code": BY_CODE}, needs="product_types.read")
    product_types: Connection[ProductType] = page(needs="product_types.read")
    attribute: Attribute | None = one(arguments={"id": BY_ID, "code": BY_CODE}, needs="product_types.read")
    attributes: Connection[Attribute] = page(needs="product_types.read")
