"""Expected failures of the catalogue."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.errors import DomainError, InvalidValue


@dataclass(eq=False)
class TextMissing(InvalidValue):
    """This text may not be empty."""

    field: str


@dataclass(eq=False)
class TextTooLong(InvalidValue):
    """This text is too long."""

    field: str
    longest: int
    """In characters."""


@dataclass(eq=False)
class TextInvalid(InvalidValue):
    """This text holds characters that cannot be stored: NUL, or half of a surrogate pair."""

    field: str


@dataclass(eq=False)
class LanguageInvalid(InvalidValue):
    """This is not a language tag such as `de` or `de-AT`."""

    language: str


@dataclass(eq=False)
class CodeInvalid(InvalidValue):
    """A code consists of small letters, digits and single hyphens."""

    code: str


@dataclass(eq=False)
class SlugInvalid(InvalidValue):
    """A slug consists of small letters, digits and single hyphens."""

    slug: str


@dataclass(eq=False)
class SlugTaken(DomainError):
    """Another one of its kind has this slug, or had it before."""

    slug: str


@dataclass(eq=False)
class SkuInvalid(InvalidValue):
    """A SKU has 1 to 64 printable characters, without a space at either end."""

    sku: str


@dataclass(eq=False)
class SkuRepeated(InvalidValue):
    """This SKU was given before, in the same call."""

    sku: str


@dataclass(eq=False)
class SkuTaken(DomainError):
    """Another variant has this SKU, or one of a product whose first variant is not named."""

    sku: str


@dataclass(eq=False)
class VariantUnknown(DomainError):
    """No variant has this SKU."""

    sku: str


@dataclass(eq=False)
class BarcodeInvalid(InvalidValue):
    """A barcode is a GTIN of 8, 12, 13 or 14 digits with a right check digit."""

    barcode: str


@dataclass(eq=False)
class WeightInvalid(InvalidValue):
    """A weight is a whole number of grams from 0 to 1,000,000,000."""

    weight_grams: int


@dataclass(eq=False)
class VariantsMissing(InvalidValue):
    """A product has at least one variant."""


@dataclass(eq=False)
class OptionUnknown(InvalidValue):
    """A variant names an option or value that its product does not give, or leaves one of the options out."""

    option: str
    value: str


@dataclass(eq=False)
class OptionRepeated(InvalidValue):
    """An option or value is given twice, or two variants have the same values of all options."""

    name: str


@dataclass(eq=False)
class MediaInvalid(InvalidValue):
    """A picture has a path of its own and a size above 0."""

    file: str
    """Its path."""


@dataclass(eq=False)
class PublicationTimesInvalid(InvalidValue):
    """A publication that ends says when it begins, and ends after that. Times name their zone."""

    channel: str | None = None


@dataclass(eq=False)
class ProductTypeUnknown(DomainError):
    """No product type has this code."""

    product_type: str


@dataclass(eq=False)
class ProductTypeRepeated(DomainError):
    """This product type is given twice."""

    product_type: str


@dataclass(eq=False)
class AttributeUnknown(InvalidValue):
    """The product's type has no attribute with this code."""

    attribute: str


@dataclass(eq=False)
class AttributeCodeReserved(InvalidValue):
    """Products are counted by something else of this name."""

    attribute: str


@dataclass(eq=False)
class AttributeKindFixed(DomainError):
    """The kind of an attribute cannot be changed."""

    attribute: str
    kind: str


@dataclass(eq=False)
class AttributeDefinedTwice(InvalidValue):
    """Two definitions of one attribute differ."""

    attribute: str


@dataclass(eq=False)
class AttributeValueInvalid(InvalidValue):
    """The value does not suit the attribute's kind."""

    attribute: str
    kind: str


@dataclass(eq=False)
class ChoiceUnknown(InvalidValue):
    """The attribute has no choice with this code."""

    attribute: str
    choice: str


@dataclass(eq=False)
class CategoryUnknown(DomainError):
    """No category has this slug."""

    category: str


@dataclass(eq=False)
class CategoryRepeated(DomainError):
    """This category is given twice."""

    category: str


@dataclass(eq=False)
class CategoryCycle(DomainError):
    """The category would stand below itself."""

    category: str


@dataclass(eq=False)
class ProductNotFound(DomainError):
    """No product has this id."""

    id: UUID


@dataclass(eq=False)
class VariantNotFound(DomainError):
    """No variant has this id."""

    id: UUID


@dataclass(eq=False)
class CategoryNotFound(DomainError):
    """No category has this id."""

    id: UUID


@dataclass(eq=False)
class ProductTypeNotFound(DomainError):
    """No product type has this id."""

    id: UUID


@dataclass(eq=False)
class AttributeNotFound(DomainError):
    """No attribute has this id."""

    id: UUID


@dataclass(eq=False)
class ChoiceNotFound(DomainError):
    """No choice of an attribute has this id."""

    id: UUID


@dataclass(eq=False)
class OptionNotFound(DomainError):
    """No option of a product has this id."""

    id: UUID


@dataclass(eq=False)
class OptionValueNotFound(DomainError):
    """No value of an option has this id."""

    id: UUID


@dataclass(eq=False)
class MediaNotFound(DomainError):
    """No picture of a product has this id."""

    id: UUID


@dataclass(eq=False)
class OptionValuesMissing(InvalidValue):
    """An option has at least one value."""


@dataclass(eq=False)
class TooMany(InvalidValue):
    """These are more than there may be."""

    most: int


@dataclass(eq=False)
class NamedTwice(InvalidValue):
    """This is named twice."""


@dataclass(eq=False)
class OrderIncomplete(InvalidValue):
    """An order names each of those that there are once, and nothing else."""


@dataclass(eq=False)
class UnitInvalid(InvalidValue):
    """Only numbers have a unit."""


@dataclass(eq=False)
class ChoicesMisplaced(InvalidValue):
    """Only attributes of choices have choices."""


@dataclass(eq=False)
class CodeTaken(DomainError):
    """Another one of its kind has this code."""

    taken: str


@dataclass(eq=False)
class BarcodeTaken(DomainError):
    """Another variant has this barcode."""

    barcode: str


@dataclass(eq=False)
class OptionNameTaken(DomainError):
    """Another option of the product, or value of the option, has this name."""

    name: str


@dataclass(eq=False)
class OptionValuesIncomplete(DomainError):
    """A variant has one value of each of its product's options, and no others."""


@dataclass(eq=False)
class OptionValuesTaken(DomainError):
    """Another variant of the product has the same values of all options."""

    variant_id: UUID


@dataclass(eq=False)
class OptionInUse(DomainError):
    """Without it, variants would have lost a value, or some would be alike."""

    variants: int
    """How many variants have a value of it."""


@dataclass(eq=False)
class LastVariant(DomainError):
    """A product keeps at least one variant that is sold. Archive or delete the product instead."""


@dataclass(eq=False)
class VariantSold(DomainError):
    """This was sold before, so that its stock tells of it. Archive it instead."""


@dataclass(eq=False)
class ProductIsArchived(DomainError):
    """The product is archived. Restore it first."""


@dataclass(eq=False)
class ProductTypeInUse(DomainError):
    """Products are of this type."""

    products: int


@dataclass(eq=False)
class AttributeInUse(DomainError):
    """Products have a value of this attribute, or product types have it."""

    products: int
    product_types: int


@dataclass(eq=False)
class ChoiceInUse(DomainError):
    """Products have this choice."""

    products: int


@dataclass(eq=False)
class CategoryInUse(DomainError):
    """The category has products or categories. Say that they move up, or move them first."""

    products: int
    categories: int


@dataclass(eq=False)
class CategoryTooDeep(DomainError):
    """The category, or one below it, would stand too deep."""

    deepest: int
    """How many categories may stand one in another."""
