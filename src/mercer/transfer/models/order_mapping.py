"""A mapping of past orders: which field of a file is what. A key that is not known here is an error."""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from mercer.values.basket import TaxMode


class OrderFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a row: a line of an invoice."""

    invoice: str
    """What the lines of an order have in common."""
    sku: str
    name: str
    quantity: str
    price: str
    """What one costs."""
    at: str
    """When it was bought."""
    customer: str | None = None
    """Where it is empty, a guest bought."""
    country: str | None = None


class CreditRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How invoices that take something back are told. Their quantities are negative."""

    prefix: str


class CustomerRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What customers are known by here, with `{}` where the file's own word for them goes. They get accounts that
    nobody can sign in to before the password is reset.
    """

    email: str
    name: str


class TaxRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tax on what goes to these countries, from a day on until before another, in the mapping's time zone."""

    name: str
    jurisdiction: str
    rate: Decimal
    """0.20 is 20 per cent."""
    countries: list[str]
    begins_on: date | None = None
    ends_on: date | None = None


class OrderMapping(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an import reads from a file of orders, one line of an order in each row."""

    source: str
    """What tells these orders from those of other sources: `uci`."""
    currency: str
    tax_mode: TaxMode
    """Whether the file's prices hold the tax."""
    fields: OrderFields
    number_prefix: str = ""
    """What goes before the invoice's number to make the order's."""
    language: str = "en"
    time_zone: str = "UTC"
    time_format: str | None = None
    """As Python's `strptime`. None: ISO 8601."""
    credits: CreditRule | None = None
    customers: CustomerRule | None = None
    """None: orders are not tied to accounts."""
    delivery: list[str] = []
    """The codes of rows that are the price of delivery."""
    bookkeeping: list[str] = []
    """The codes of rows that nobody bought: fees, bad debts."""
    countries: dict[str, str] = {}
    """The codes of countries (ISO 3166-1) by their names in the file. Empty: it is not known."""
    taxes: list[TaxRule] = []
    delimiter: str | None = None
    """Between the cells of CSV. Found out when left out."""
