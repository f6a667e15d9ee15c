"""Expected failures of imports: of the file as a whole, of its mapping, and of single rows."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class FileUnreadable(DomainError):
    """The file cannot be read."""

    file: str
    reason: str


@dataclass(eq=False)
class FileEmpty(DomainError):
    """The file has no rows."""

    file: str


@dataclass(eq=False)
class FileNotText(DomainError):
    """The file is neither text nor a zip archive of JSON files."""

    file: str


@dataclass(eq=False)
class EncodingUnknown(DomainError):
    """The file is not in UTF-8. Convert it first."""

    file: str
    encoding: str
    """What it seems to be in."""


@dataclass(eq=False)
class JsonMalformed(DomainError):
    """The file is no JSON array, or ends within one. What stands before is imported."""

    file: str
    row: int
    """The row that was being read, from 1."""


@dataclass(eq=False)
class ArchiveRefused(DomainError):
    """The archive is damaged, encrypted, or unpacks to more than is plausible."""

    file: str
    reason: str


@dataclass(eq=False)
class HeaderInvalid(DomainError):
    """The columns' names are missing, repeated, or not in UTF-8."""

    file: str


@dataclass(eq=False)
class ColumnMissing(DomainError):
    """The mapping names a column that the file does not have."""

    file: str
    column: str


@dataclass(eq=False)
class MappingInvalid(DomainError):
    """The mapping cannot be used."""

    mapping: str
    reason: str


@dataclass(eq=False)
class SetMissing(DomainError):
    """The mapping has no set for this file."""

    file: str


@dataclass(eq=False)
class CurrencyMismatch(DomainError):
    """The mapping's prices are in another currency than the channel's."""

    channel: str
    currency: str
    """The channel's."""


@dataclass(eq=False)
class RowMalformed(DomainError):
    """The row is not valid JSON, or holds half of a surrogate pair."""


@dataclass(eq=False)
class RowNotAnObject(DomainError):
    """The row is JSON, but not an object with fields."""


@dataclass(eq=False)
class RowNotUtf8(DomainError):
    """The row holds bytes that are not UTF-8."""


@dataclass(eq=False)
class RowTooLong(DomainError):
    """The row, or a cell in it, is too long."""

    longest: int
    """In bytes, of a cell in characters."""


@dataclass(eq=False)
class QuotesMalformed(DomainError):
    """The row's quotation marks do not match."""


@dataclass(eq=False)
class ColumnsMismatch(DomainError):
    """The row has another number of cells than there are columns."""

    expected: int
    found: int


@dataclass(eq=False)
class SkuMissing(DomainError):
    """The row has no SKU."""

    field: str


@dataclass(eq=False)
class RowRepeated(DomainError):
    """A row before has the same SKU."""

    sku: str


@dataclass(eq=False)
class ValueInvalid(DomainError):
    """The field's value is not of the kind that the mapping says."""

    field: str
    kind: str
    value: str


@dataclass(eq=False)
class PriceInvalid(DomainError):
    """An amount is a number from 0 to 1,000,000,000,000,000 minor units."""

    field: str
    value: str


@dataclass(eq=False)
class PriceTooExact(DomainError):
    """The amount has more digits than its currency."""

    field: str
    value: str
    digits: int


@dataclass(eq=False)
class InvoiceMissing(DomainError):
    """The row does not say which invoice it is of."""

    field: str


@dataclass(eq=False)
class QuantityContrary(DomainError):
    """An order sells at least one, a credit takes back at least one. The row does neither, as stock corrections do."""

    field: str
    value: str


@dataclass(eq=False)
class BookkeepingRow(DomainError):
    """The mapping says of this code that nobody bought it."""

    code: str


@dataclass(eq=False)
class NothingSold(DomainError):
    """All of the invoice costs nothing, and nobody bought it, as in notes on stock."""

    invoice: str


@dataclass(eq=False)
class InvoiceContradictory(DomainError):
    """The row names another buyer or country than the invoice's first row."""

    invoice: str
    field: str


@dataclass(eq=False)
class InvoiceTooLong(DomainError):
    """An order has at most so many rows."""

    invoice: str
    most: int


@dataclass(eq=False)
class RowsScattered(DomainError):
    """The rows of too many invoices do not stand together. Sort the file by invoice."""

    most: int
    """So many rows can wait for the rest of their invoice."""


@dataclass(eq=False)
class InvoiceCutShort(DomainError):
    """The file could not be read as far as the invoice's last row."""

    invoice: str
