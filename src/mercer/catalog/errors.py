"""Expected failures of the catalogue."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class TextMissing(DomainError):
    """This text may not be empty."""

    field: str


@dataclass(eq=False)
class TextTooLong(DomainError):
    """This text is too long."""

    field: str
    longest: int
    """In characters."""


@dataclass(eq=False)
class TextInvalid(DomainError):
    """This text holds characters that cannot be stored: NUL, or half of a surrogate pair."""

    field: str


@dataclass(eq=False)
class LanguageInvalid(DomainError):
    """This is not a language tag such as `de` or `de-AT`."""

    language: str


@dataclass(eq=False)
class CodeInvalid(DomainError):
    """A code consists of small letters, digits and single hyphens."""

    code: str


@dataclass(eq=False)
class SlugInvalid(DomainError):
    """A slug consists of small letters, digits and single hyphens."""

    slug: str


@dataclass(eq=False)
class SlugTaken(DomainError):
    """Another product has this slug, or had it before."""

    slug: str


@dataclass(eq=False)
class SkuInvalid(DomainError):
    """A SKU has 1 to 64 printable characters, without a space at either end."""

    sku: str


@dataclass(eq=False)
class SkuRepeated(DomainError):
    """This SKU was given before, in the same call."""

    sku: str


@dataclass(eq=False)
class SkuTaken(DomainError):
    """This SKU is a variant of another product, or of one whose first variant is not named."""

    sku: str


@dataclass(eq=False)
class VariantUnknown(DomainError):
    """No variant has this SKU."""

    sku: str


@dataclass(eq=False)
class BarcodeInvalid(DomainError):
    """A barcode is a GTIN of 8, 12, 13 or 14 digits with a right check digit."""

    barcode: str


@dataclass(eq=False)
class WeightInvalid(DomainError):
    """A weight is a whole number of grams from 0 to 1,000,000,000."""

    weight_grams: int


@dataclass(eq=False)
class VariantsMissing(DomainError):
    """A product has at least one variant."""


@dataclass(eq=False)
class OptionUnknown(DomainError):
    """A variant names an option, or a value of it, that its product does not give."""

    option: str
    value: str


@dataclass(eq=False)
class OptionRepeated(DomainError):
    """An option or value is given twice, or two variants have the same values of all options."""

    name: str


@dataclass(eq=False)
class MediaInvalid(DomainError):
    """A picture has a path of its own and a size above 0."""

    path: str


@dataclass(eq=False)
class PublicationTimesInvalid(DomainError):
    """A publication that ends says when it begins, and ends after that. Times name their zone."""

    channel: str


@dataclass(eq=False)
class ProductTypeUnknown(DomainError):
    """No product type has this code."""

    product_type: str


@dataclass(eq=False)
class ProductTypeRepeated(DomainError):
    """This product type is given twice."""

    product_type: str


@dataclass(eq=False)
class AttributeUnknown(DomainError):
    """The product's type has no attribute with this code."""

    attribute: str


@dataclass(eq=False)
class AttributeCodeReserved(DomainError):
    """Products are counted by something else of this name."""

    attribute: str


@dataclass(eq=False)
class AttributeKindFixed(DomainError):
    """The kind of an attribute cannot be changed."""

    attribute: str
    kind: str


@dataclass(eq=False)
class AttributeDefinedTwice(DomainError):
    """Two definitions of one attribute differ."""

    attribute: str


@dataclass(eq=False)
class AttributeValueInvalid(DomainError):
    """The value does not suit the attribute's kind."""

    attribute: str
    kind: str


@dataclass(eq=False)
class ChoiceUnknown(DomainError):
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
