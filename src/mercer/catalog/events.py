"""What happened to the catalogue. Ids only: who is told reads what is stored."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class ProductCreated(Event):
    """A product was created, with its variants. It is published nowhere yet."""

    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductUpdated(Event):
    """Something that a product says of itself changed: its texts, category, attributes, options or pictures."""

    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductArchived(Event):
    """A product is no longer seen anywhere."""

    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductRestored(Event):
    """A product is no longer archived."""

    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductDeleted(Event):
    """A product is gone, with its variants."""

    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductPublished(Event):
    """A product began to be seen in a channel."""

    product_id: UUID
    channel_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductUnpublished(Event):
    """A product ceased to be seen in a channel."""

    product_id: UUID
    channel_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductScheduled(Event):
    """It was decided when a product will begin or cease to be seen in a channel."""

    product_id: UUID
    channel_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductsStored(Event):
    """An import created or changed products: their own fields, variants, pictures or publications."""

    product_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class VariantCreated(Event):
    """A product got a variant."""

    variant_id: UUID
    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class VariantUpdated(Event):
    """Something that a variant says of itself changed, or its place among the others."""

    variant_id: UUID
    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class VariantArchived(Event):
    """A variant is no longer sold."""

    variant_id: UUID
    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class VariantRestored(Event):
    """A variant is sold again."""

    variant_id: UUID
    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class VariantDeleted(Event):
    """A variant is gone."""

    variant_id: UUID
    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class CategoryCreated(Event):
    """A category was created."""

    category_id: UUID


@dataclass(frozen=True, kw_only=True)
class CategoryUpdated(Event):
    """Something that a category says of itself changed, or its place among its siblings."""

    category_id: UUID


@dataclass(frozen=True, kw_only=True)
class CategoryMoved(Event):
    """A category stands in another one now."""

    category_id: UUID


@dataclass(frozen=True, kw_only=True)
class CategoryDeleted(Event):
    """A category is gone. What it held may have moved to the one above it."""

    category_id: UUID


@dataclass(frozen=True, kw_only=True)
class CategoriesStored(Event):
    """An import created or changed categories."""

    category_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class ProductTypeCreated(Event):
    """A product type was created."""

    product_type_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductTypeUpdated(Event):
    """A product type has another name, or other attributes."""

    product_type_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductTypeDeleted(Event):
    """A product type is gone."""

    product_type_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductTypesStored(Event):
    """An import created or changed product types or their attributes."""

    product_type_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class AttributeCreated(Event):
    """An attribute was created."""

    attribute_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttributeUpdated(Event):
    """An attribute, or one of its choices, changed."""

    attribute_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttributeDeleted(Event):
    """An attribute is gone, with its choices."""

    attribute_id: UUID
