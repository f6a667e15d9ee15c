"""The stock's nouns."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Warehouse:
    """A place that holds stock, and the channels that it ships to."""

    code: str
    name: str
    country: str
    """ISO 3166-1, two letters."""
    channels: Sequence[str] = ()
    """Channel codes."""


@dataclass(frozen=True, kw_only=True)
class StockLevel:
    """How many of a variant a warehouse holds."""

    sku: str
    warehouse: str
    """The warehouse's code."""
    on_hand: int
