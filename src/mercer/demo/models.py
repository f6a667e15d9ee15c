"""What the demonstration shop's files say. An unknown or missing field is refused when they are read."""

from datetime import date
from decimal import Decimal

import msgspec

from mercer.catalog.models import AttributeKind, PublicationStatus
from mercer.values.basket import TaxMode


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in English, and in German where that differs and exists."""

    en: str
    de: str | None = None

    @property
    def translations(self) -> dict[str, str]:
        """The German as the catalogue stores it."""
        return {"de": self.de} if self.de else {}

    @property
    def in_german(self) -> str:
        """The German, or what is shown in its place."""
        return self.de or self.en


class DemoChannel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A storefront."""

    code: str
    name: str
    currency: str
    languages: tuple[str, ...]
    country: str
    time_zone: str
    tax_mode: TaxMode
    is_default: bool = False


class DemoWarehouse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place that holds stock for one channel."""

    code: str
    name: str
    country: str
    channel: str


class DemoCategory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node of the category tree."""

    slug: str
    name: Words
    parent: str | None = None
    description: Words | None = None


class DemoAttribute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A typed property of products."""

    code: str
    kind: AttributeKind
    name: Words
    unit: str | None = None
    is_filterable: bool = True
    choices: dict[str, Words] = {}


class DemoProductType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of product, with the codes of its attributes."""

    code: str
    name: Words
    attributes: list[str]


class DemoOption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In what variants differ, with all values that any product has."""

    name: Words
    values: dict[str, Words]


class Picture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a product's pictures show. The scene follows from the category unless it is named."""

    shape: str
    palette: str
    focus: tuple[int, int] = (200, 230)
    """The point that a close-up looks at."""
    scene: str | None = None


class DemoVariant(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"values": "is"}):
    """What is bought. A price that is not given is the product's."""

    sku: str
    stock: dict[str, int]
    """By warehouse."""
    weight: int
    """In grams."""
    values: list[str] = []
    """One of each of the product's options, in their order."""
    barcode: str | None = None
    price: dict[str, Decimal] = {}
    """By channel."""


class DemoProduct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product with all that the shop says of it."""

    slug: str
    name: Words
    type: str
    category: str
    picture: Picture
    since: date
    """Seen from this day on."""
    price: dict[str, Decimal]
    """By channel, in the channel's currency. It is published where it has one."""
    description: Words
    variants: list[DemoVariant]
    attributes: dict[str, object]
    tags: list[str] = []
    options: list[str] = []
    status: PublicationStatus = PublicationStatus.PUBLISHED
    until: date | None = None
    """Not seen from this day on."""
    before: dict[str, Decimal] = {}
    """The struck-out price, by channel."""


class Shop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the products stand in."""

    channels: list[DemoChannel]
    warehouses: list[DemoWarehouse]
    categories: list[DemoCategory]
    attributes: list[DemoAttribute]
    product_types: list[DemoProductType]
    options: dict[str, DemoOption]


class ProductFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of products."""

    products: list[DemoProduct]


class Shelf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lowest category of a measuring catalogue, with what stands in it."""

    name: Words
    noun: Words
    type: str
    shape: str
    price: tuple[int, int]
    """The least and the most, in whole units of a currency."""
    option: str = "colour"


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A category between."""

    name: Words
    shelves: list[Shelf]


class Department(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A category at the root."""

    name: Words
    groups: list[Group]


class Vocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words that measuring catalogues are made of."""

    makers: list[str]
    series: list[str]
    tags: list[str]
    texts: dict[str, list[Words]]
    """What attributes that are texts may say, by attribute."""
    openings: list[Words]
    closings: list[Words]
    materials: dict[str, list[str]]
    """By product type, the commonest first."""
    numbers: dict[str, tuple[Decimal, Decimal, Decimal]]
    """Least, most and step, by attribute."""
    departments: list[Department]
