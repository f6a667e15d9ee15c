"""Values that the catalogue cannot use."""

from dataclasses import dataclass

from mercer.platform.errors import InvalidValue


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
class SkuInvalid(InvalidValue):
    """A SKU has 1 to 64 printable characters, without a space at either end."""

    sku: str


@dataclass(eq=False)
class SkuRepeated(InvalidValue):
    """This SKU was given before, in the same call."""

    sku: str


@dataclass(eq=False)
class BarcodeInvalid(InvalidValue):
    """A barcode is a GTIN of 8, 12, 13 or 14 digits with a right check digit."""

    barcode: str


@dataclass(eq=False)
class CostCurrencyUnknown(InvalidValue):
    """No such currency is in use."""

    currency: str


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
class AttributeUnknown(InvalidValue):
    """The product's type has no attribute with this code."""

    attribute: str


@dataclass(eq=False)
class AttributeCodeReserved(InvalidValue):
    """Products are counted by something else of this name."""

    attribute: str


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
