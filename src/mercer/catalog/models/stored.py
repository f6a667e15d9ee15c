"""The catalogue's nouns. Those to be stored are named by their natural keys (code, slug, SKU), never by id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from mercer.values.stored import Stored


class AttributeKind(StrEnum):
    """What an attribute's value is."""

    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TEXT = "text"
    RICH_TEXT = "rich_text"


class PublicationStatus(StrEnum):
    """Where a product stands in a channel. Published ones are seen between their publish and unpublish times."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


Translations = Mapping[str, str]
"""`{"de": "Becher"}`: a text in further languages. A language that is missing falls back to the text itself."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One value that a choice attribute may have. Its code is unique within the attribute."""

    code: str
    name: str
    name_translations: Translations = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """A typed property of products, shared by all product types that name its code. Its kind never changes."""

    code: str
    name: str
    kind: AttributeKind
    name_translations: Translations = field(default_factory=dict)
    unit: str | None = None
    """Of numbers: `mm`, `MHz`."""
    is_filterable: bool = True
    choices: Sequence[Choice] = ()
    """In their order. Those stored before and not named here stay."""


@dataclass(frozen=True, kw_only=True)
class ProductType:
    """What kind of thing products are, and so which attributes they have, in their order."""

    code: str
    name: str
    name_translations: Translations = field(default_factory=dict)
    attributes: Sequence[Attribute] = ()


@dataclass(frozen=True, kw_only=True)
class Category:
    """A node of the category tree. Siblings stand in the order in which they are given."""

    slug: str
    name: str
    parent: str | None = None
    """The slug of the category above it, given in the same call or stored before. None at the root."""
    name_translations: Translations = field(default_factory=dict)
    description: str = ""
    """HTML, sanitised when stored."""
    description_translations: Translations = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text attribute's value with its translations."""

    text: str
    translations: Translations = field(default_factory=dict)


AttributeValue = str | Text | Decimal | int | bool | date | Sequence[str]
"""By kind: a choice's code, a text or rich text (HTML), a number, a boolean, a date, several choices' codes."""


@dataclass(frozen=True, kw_only=True)
class OptionValue:
    """One value of an option: `Red`."""

    name: str
    name_translations: Translations = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Option:
    """In what a product's variants differ: `Colour`, with its values in their order."""

    name: str
    name_translations: Translations = field(default_factory=dict)
    values: Sequence[OptionValue]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one unit costs the shop, in minor units of the currency."""

    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What is bought: one SKU. None leaves what is stored."""

    sku: str
    barcode: str | None = None
    """A GTIN of 8, 12, 13 or 14 digits with a right check digit."""
    name: str | None = None
    name_translations: Translations | None = None
    weight_grams: int | None = None
    cost: Cost | None = None
    option_values: Mapping[str, str] | None = None
    """`{"Colour": "Red"}`: names of the product's options and their values."""
    is_archived: bool = False
    """Archived variants are not sold."""


@dataclass(frozen=True, kw_only=True)
class Media:
    """A picture. Its path is relative to the media directory; its size is in pixels."""

    path: str
    width: int
    height: int
    alt: str = ""
    alt_translations: Translations = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Publication:
    """Whether, and from when until when, a product is seen in a channel."""

    status: PublicationStatus = PublicationStatus.PUBLISHED
    publish_at: datetime | None = None
    """None keeps the time that is stored, and is now for a new one."""
    unpublish_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Product:
    """A product with all that the catalogue says of it. None leaves what is stored, as does what is not named.

    It is the stored product that its variants' SKUs belong to, or a new one. An update must name that product's
    first variant, so that no two of those given are ever the same product.
    """

    product_type: str
    """The type's code."""
    name: str
    variants: Sequence[Variant]
    """At least one, in their order. Those stored before and not named here stay."""
    name_translations: Translations | None = None
    slug: str | None = None
    """None derives it from the name when the product is created, and keeps it afterwards."""
    category: str | None = None
    """The category's slug."""
    description: str | None = None
    """HTML, sanitised when stored."""
    description_translations: Translations | None = None
    tags: Sequence[str] | None = None
    attributes: Mapping[str, AttributeValue | None] = field(default_factory=dict)
    """By attribute code. None removes the value."""
    options: Sequence[Option] = ()
    """Those stored before and not named here stay."""
    media: Sequence[Media] | None = None
    """In their order; they replace those stored."""
    publications: Mapping[str, Publication] = field(default_factory=dict)
    """By channel code."""


@dataclass(frozen=True, kw_only=True)
class StoredProducts(Stored):
    """What came of storing products, with the ids of those created or updated."""

    touched: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VariantKey:
    """A variant's id and its product's."""

    id: UUID
    product_id: UUID
