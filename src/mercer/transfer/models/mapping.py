"""A mapping: which field of a file is what. Read from TOML or JSON; a key that is not known here is an error."""

from typing import Literal

from msgspec import Struct, field

from mercer.catalog.models import AttributeKind


class TypeRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product type, created if it is missing."""

    code: str
    name: str
    name_translations: dict[str, str] = {}


class CategoryRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category, created if it is missing. Siblings stand in the order of the file."""

    slug: str
    name: str
    parent: str | None = None
    name_translations: dict[str, str] = {}


class AttributeRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An attribute, created if it is missing. Choices are created as the rows name them."""

    name: str
    kind: AttributeKind
    unit: str | None = None
    name_translations: dict[str, str] = {}
    is_filterable: bool = True


class FieldRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a field's value goes: one of `attribute`, `elements`, `range`."""

    attribute: str | None = None
    elements: list[str] | None = None
    """An array's elements, in order, one attribute each."""
    range: tuple[str, str] | None = None
    """The attributes of the least and the greatest; a single value is both."""
    scalar: str | None = None
    """With `elements`: the attribute of a value that is no array."""
    separator: str | None = None
    """What stands between several choices in one text."""
    join: str | None = None
    """What to put between an array's elements to make one text of them."""
    labels: dict[str, str] = {}
    """Better names: `{ "false" = "No" }`. Those that are not listed stay."""


class SetRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows of one product type: those of the files that match."""

    file: str = "*"
    """A pattern of the file's name, with `*` and `?`."""
    product_type: TypeRule
    category: str | None = None
    """The slug of the category of them all."""
    attributes: dict[str, str | FieldRule] = {}
    """By field: the attribute's code, or a rule."""


class CostRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The field with what one unit costs the shop. Where it is empty, the cost stays as it is."""

    field: str
    currency: str


class ProductRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which field holds what of the product. What is not named is left as it is."""

    name: str = "name"
    slug: str | None = None
    description: str | None = None
    """HTML."""
    category: str | None = None
    """The category's slug."""
    barcode: str | None = None
    weight_grams: str | None = None
    cost: CostRule | None = None
    tags: str | None = None
    tags_separator: str = ","


class SkuRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The field with the SKU. Without one, the SKU is made of the row's content and type."""

    field: str | None = None
    ignoring: list[str] = []
    """Fields that may change without making it another product: its price."""


class PriceRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field with the price in a channel. Where it is empty, the product has no price there."""

    field: str
    channel: str
    currency: str
    before_field: str | None = None


class StockRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field with the quantity on hand in a warehouse. Where it is empty, the stock stays as it is."""

    field: str
    warehouse: str


class Mapping(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an import reads from a file."""

    sets: list[SetRule]
    product: ProductRule = field(default_factory=ProductRule)
    sku: SkuRule = field(default_factory=SkuRule)
    prices: list[PriceRule] = []
    stock: list[StockRule] = []
    channels: list[str] = []
    """Where the products are published."""
    status: Literal["draft", "published"] = "published"
    attributes: dict[str, AttributeRule] = {}
    """By code."""
    categories: list[CategoryRule] = []
    delimiter: str | None = None
    """Between the cells of CSV. Found out when left out."""
