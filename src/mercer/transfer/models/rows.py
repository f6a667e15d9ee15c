"""Rows on their way from a file to the catalogue."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mercer.catalog.models import Product
from mercer.inventory.models import StockLevel
from mercer.platform.errors import DomainError
from mercer.pricing.models import Price

Content = Mapping[str, Any]
"""A row's fields: texts, whole numbers, decimals, booleans, None, and arrays of these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row as it was read."""

    file: str
    number: int
    """From 1: the line of a text file where it begins, or the place in an array."""
    content: Content


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectedRow:
    """A row that was not imported, or not wholly, and why."""

    file: str
    number: int
    content: str
    """Its beginning, as text."""
    error: DomainError


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedRow:
    """A row as what the modules store. Choices in the product's attributes are still names."""

    row: Row
    product: Product
    prices: tuple[Price, ...]
    levels: tuple[StockLevel, ...]


@dataclass(kw_only=True)
class Report:
    """What an import did, so far."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """How often each kind of error rejected a row."""
    skipped_files: list[str] = field(default_factory=list)
    """Files of an archive that no set of the mapping names."""
    failures: list[DomainError] = field(default_factory=list)
    """Why files could not be read, or not to their end."""

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.rejected
