"""What the demonstration shop's files say. An unknown or missing field is refused when they are read."""

from datetime import date
from decimal import Decimal

import msgspec

from mercer.catalog.models import AttributeKind, PublicationStatus
from mercer.shipping.models import RateBasis
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
    tax_class: str = "standard"
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


class DemoArea(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A country, or a part of it."""

    country: str
    region: str | None = None
    postal_from: str | None = None
    postal_to: str | None = None


class DemoRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tax of a zone, with its rates for both classes of goods, from a day on until before another."""

    name: str
    standard: Decimal
    reduced: Decimal
    begins_on: date | None = None
    ends_on: date | None = None


class DemoTaxZone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places with the same taxes."""

    code: str
    name: str
    areas: list[DemoArea]
    rates: list[DemoRate]


class DemoTier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What delivery costs from a weight, or from a value on."""

    amount: Decimal
    from_weight_grams: int | None = None
    from_value: Decimal | None = None


class DemoMethod(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way of delivery. Amounts are in the channel's currency."""

    code: str
    channel: str
    name: Words
    description: Words
    carrier: str
    basis: RateBasis
    amount: Decimal | None = None
    tiers: list[DemoTier] = []
    free_from: Decimal | None = None
    least_weight_grams: int | None = None
    most_weight_grams: int | None = None


class DemoShippingZone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places that are shipped to in the same ways."""

    code: str
    name: str
    channels: list[str]
    areas: list[DemoArea]
    methods: list[DemoMethod]


class DemoPayment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider that every channel takes payments by."""

    provider: str
    position: int


class Trade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the shop trades."""

    payments: list[DemoPayment]
    tax_zones: list[DemoTaxZone]
    shipping_zones: list[DemoShippingZone]


class DemoAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a buyer lives."""

    first_name: str
    last_name: str
    line1: str
    city: str
    country: str
    postal_code: str | None = None
    region: str | None = None
    company: str | None = None
    line2: str | None = None
    phone: str | None = None


class DemoPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A buyer. Who is no customer is a guest, without an account."""

    email: str
    name: str
    language: str
    address: DemoAddress
    is_customer: bool = False


class DemoParcel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel, so many days after the order; with these of its things, or with all that is left."""

    after: int
    carrier: str
    tracking_number: str
    lines: dict[str, int] = {}
    """How many, by SKU."""


class DemoPurchase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order, and what became of it."""

    channel: str
    person: str
    days_ago: int
    lines: dict[str, int]
    """How many, by SKU."""
    method: str
    """The shipping method's code."""
    card: str | None = None
    """What the simulator does with it. None: paid by transfer."""
    received: int | None = None
    """After how many days the transfer came in."""
    parcels: list[DemoParcel] = []
    cancelled: str | None = None
    """Why."""


class Purchases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people bought."""

    people: dict[str, DemoPerson]
    purchases: list[DemoPurchase]


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
