"""What staff create and change, one thing at a time and by id. A key that is absent leaves what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from mercer.catalog.models.stored import AttributeKind
from mercer.platform.errors import DomainError

TextChanges = Mapping[str, str | None]
"""`{"de": "Becher", "fr": None}`: languages that are named get this text, or lose it; the others stay."""


class CategoryContents(StrEnum):
    """What becomes of what a deleted category holds."""

    REFUSE = "refuse"
    """A category with products or categories is not deleted."""
    MOVE_UP = "move_up"
    """They move to the category above it; at the root, products then have none."""


class AttributeSetting(TypedDict, total=False):
    """A product's value of one attribute, in the field of its kind. Without any value it is removed."""

    code: str
    choices: Sequence[str]
    """Codes."""
    text: str
    text_translations: TextChanges
    number: Decimal
    boolean: bool
    date: date


class NewOptionValue(TypedDict, total=False):
    """A value that an option gets."""

    name: str
    name_translations: TextChanges


class NewOption(TypedDict, total=False):
    """An option that a product gets."""

    name: str
    name_translations: TextChanges
    values: Sequence[NewOptionValue]
    value_of_variants: str
    """Which of the values the variants have that are there already."""


class OptionChanges(TypedDict, total=False):
    """What changes of an option, or of one of its values."""

    name: str
    name_translations: TextChanges


class GivenCost(TypedDict):
    """What one unit costs the shop."""

    amount: Decimal
    currency: str


class VariantChanges(TypedDict, total=False):
    """What changes of a variant."""

    sku: str
    barcode: str | None
    name: str
    name_translations: TextChanges
    weight_grams: int | None
    cost: GivenCost | None
    option_value_ids: Sequence[UUID]
    """One value of each of the product's options."""


class NamedValue(TypedDict):
    """A value of an option, by the names of both."""

    option: str
    value: str


class NewVariant(VariantChanges, total=False):
    """A variant that a product gets. One that is created with its product names its values, as they have no ids yet."""

    option_values: Sequence[NamedValue]


class ProductChanges(TypedDict, total=False):
    """What changes of a product."""

    name: str
    name_translations: TextChanges
    slug: str
    description: str
    description_translations: TextChanges
    product_type_id: UUID
    category_id: UUID | None
    tags: Sequence[str]
    attributes: Sequence[AttributeSetting]


class NewProduct(ProductChanges, total=False):
    """A product with its options and variants. It is published nowhere."""

    options: Sequence[NewOption]
    variants: Sequence[NewVariant]


class ProductsChanges(TypedDict, total=False):
    """What changes of many products alike."""

    category_id: UUID | None
    add_tags: Sequence[str]
    remove_tags: Sequence[str]


class MediaChanges(TypedDict, total=False):
    """What changes of a picture of a product."""

    alt: str
    alt_translations: TextChanges


class NewMedia(MediaChanges, total=False):
    """An uploaded picture that a product gets."""

    upload_id: UUID


class CategoryChanges(TypedDict, total=False):
    """What changes of a category."""

    name: str
    name_translations: TextChanges
    slug: str
    description: str
    description_translations: TextChanges


class NewCategory(CategoryChanges, total=False):
    """A category, and the one that it stands in; none at the root."""

    parent_id: UUID | None


class ProductTypeChanges(TypedDict, total=False):
    """What changes of a product type."""

    code: str
    name: str
    name_translations: TextChanges


class NewProductType(ProductTypeChanges, total=False):
    """A product type with its attributes in their order."""

    attribute_ids: Sequence[UUID]


class ChoiceChanges(TypedDict, total=False):
    """What changes of a choice."""

    name: str
    name_translations: TextChanges


class NewChoice(ChoiceChanges, total=False):
    """A choice that an attribute gets. Its code comes of its name when none is given."""

    code: str


class AttributeChanges(TypedDict, total=False):
    """What changes of an attribute."""

    name: str
    name_translations: TextChanges
    unit: str | None
    is_filterable: bool


class NewAttribute(AttributeChanges, total=False):
    """An attribute."""

    code: str
    kind: AttributeKind
    choices: Sequence[NewChoice]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One of many things that was left as it is, and why."""

    id: UUID
    error: DomainError


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """What came of changing many things at once."""

    done: Sequence[UUID] = ()
    """Those that are now as was asked, in the order in which they were named."""
    refused: Sequence[Refusal] = field(default=())
