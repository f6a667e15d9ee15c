"""Lines of invoices on their way to becoming past orders."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from mercer.platform.errors import DomainError
from mercer.totals.models import PricedLine
from mercer.transfer.models.rows import RejectedRow, Row


class Sale(NamedTuple):
    """A row as a line of an invoice: sold, or taken back by a credit."""

    row: Row
    invoice: str
    sku: str
    name: str
    quantity: int
    """At least 1, of a credit too."""
    price: int
    """Of one, in minor units."""
    at: datetime
    customer: str | None
    """None: a guest."""
    country: str | None

    @property
    def amount(self) -> int:
        return self.quantity * self.price


class Invoice(NamedTuple):
    """All rows with the same number."""

    number: str
    rows: list[Row]


class Refusal(NamedTuple):
    """A row that makes no line, and why."""

    row: Row
    error: DomainError


class Key(NamedTuple):
    """What a line of a credit and the line that it takes back from have in common."""

    customer: str
    sku: str
    price: int


class Entry(NamedTuple):
    """A line as far as credits are matched by it."""

    key: Key
    at: datetime
    place: int
    """Among all rows."""
    invoice: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What credits took back from an invoice."""

    amount: int
    last_at: datetime
    credits: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Matches:
    """Which credits take back from which invoices."""

    taken: dict[str, Taken] = field(default_factory=dict)
    """By invoice."""
    told: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Which invoices a credit takes back from, as far as that can be told; by credit."""
    lines: int = 0
    """How many lines of credits those are."""


@dataclass(kw_only=True)
class Survey:
    """What must be known of a whole file before its first order is stored. Some 100 bytes an invoice, 500 a credit."""

    credits: list[Entry] = field(default_factory=list)
    sales: list[Entry] = field(default_factory=list)
    """Those that a credit may take back from."""
    seen: set[int] = field(default_factory=set)
    """Digests of the invoices' numbers."""
    scattered: Counter[str] = field(default_factory=Counter)
    """The invoices whose rows do not stand together, with how many there are."""
    previous: str | None = None
    place: int = 0


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """A line of a draft."""

    sku: str
    name: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A past order that wants for the ids of what it names."""

    invoice: str
    rows: Sequence[Row]
    is_credit: bool
    at: datetime
    customer: str | None
    country: str | None
    lines: Sequence[DraftLine]
    delivery: tuple[str, str] | None
    """Its code and name."""
    priced: Sequence[PricedLine]
    """Its lines, in order."""
    fee: PricedLine | None
    """What its delivery costs."""
    total: int
    """In minor units, and in the mapping's tax mode."""
    given: Decimal
    """What the file asks for it, in the currency, before anything was taken back."""
    merged: int
    """Rows that went into the line or the delivery of another."""
    taken: Taken | None
    told: tuple[str, ...]


class Refused(NamedTuple):
    """A row that is not stored, and what it asks for as far as that can be read, with its sign."""

    row: RejectedRow
    amount: Decimal


@dataclass(kw_only=True)
class OrderBatch:
    """Some orders, and what could not be made one on the way."""

    drafts: list[Draft] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    failures: list[DomainError] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.refused) + sum(len(draft.rows) for draft in self.drafts)


@dataclass(kw_only=True)
class OrderReport:
    """What an import of past orders did, so far. Each row stands in exactly one of `lines`, `merged`, `rejected`."""

    created: int = 0
    unchanged: int = 0
    """Orders that were there."""
    credits: int = 0
    """Of all these, those that take something back."""
    cancelled: int = 0
    """Orders of which all was taken back."""
    reduced: int = 0
    """Orders of which a part was taken back."""
    told_lines: int = 0
    """Lines of credits of which it could be told from which orders they take back."""
    lines: int = 0
    """Rows that became a line or a delivery."""
    merged: int = 0
    """Rows that went into the line or the delivery of another row."""
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """How often each kind of error rejected a row."""
    amount_sold: Decimal = Decimal(0)
    amount_credited: Decimal = Decimal(0)
    """What credits take back, as a positive amount."""
    amount_rejected: Decimal = Decimal(0)
    """What rejected rows ask for, as far as it can be read; with its sign."""
    failures: list[DomainError] = field(default_factory=list)
    """Why files could not be read, or not to their end."""

    @property
    def rows(self) -> int:
        return self.lines + self.merged + self.rejected

    @property
    def amount(self) -> Decimal:
        """What all rows ask for together."""
        return self.amount_sold - self.amount_credited + self.amount_rejected
