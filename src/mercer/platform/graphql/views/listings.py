"""How a type's connections are searched, filtered, sorted and counted. Higher modules add to a lower type's."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

import sqlalchemy as sa
import strawberry

from .inputs import Given
from .sources import Condition, Row


@strawberry.enum(description="Which end of a sorted list comes first.")
class SortDirection(Enum):
    ASC = "asc"
    DESC = "desc"


RELEVANCE = "RELEVANCE"
"""The sort by how well rows answer a search. Every listing with a search has it."""


class AskedOrder(NamedTuple):
    """A sort by its name, and which end comes first."""

    sort: str
    direction: SortDirection

    def __str__(self) -> str:
        return f"{self.sort}.{self.direction.value}"


@dataclass(frozen=True)
class Filter:
    """One field of a filter input: its type, and what it asks of a row. The fields given are ANDed.

    `unique` names the field by which the items of a list must differ.
    """

    type: Any
    condition: Callable[[Row, Given], Condition]
    unique: str | None = None


@dataclass(frozen=True)
class Sort:
    """One order of a listing. Values must never be null; with the key they are unique, so that cursors are exact.

    A value that stands in another table says so: `table`, `on` and that table's copy of the row's key, so that one
    index serves the order and the cursor. `descending` replaces the value where nulls were put last by a stand-in.
    """

    value: Callable[[Row], sa.ColumnElement[Any]]
    table: sa.Table | None = None
    on: Callable[[Row, Row], Condition] | None = None
    key: str = "id"
    descending: Callable[[Row], sa.ColumnElement[Any]] | None = None


@dataclass(frozen=True)
class Search:
    """Free text over a type's rows: `words` makes the query of what was typed, `rank` orders hits, the best highest."""

    words: Callable[[str], str]
    condition: Callable[[Row, Given], Condition]
    rank: Callable[[Row, Given], sa.ColumnElement[int]]


def facet_values(**values: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """A facet's rows: its `code`, `name` and `position`; the `value`, `label`, `rank` and `count` of each value."""
    return sa.select(*(sa.cast(values[name], type_).label(name) for name, type_ in _FACET_COLUMNS.items()))


_FACET_COLUMNS: dict[str, Any] = {
    "code": sa.Text,
    "name": sa.Text,
    "position": sa.Integer,
    "value": sa.Text,
    "label": sa.Text,
    "rank": sa.Integer,
    "count": sa.Integer,
}


@dataclass(frozen=True)
class Facet:
    """Counts of what a filter could choose.

    `values` selects `facet_values` over the keys (`id`) of the rows that match;
    `filter` is the filter field that it belongs to, which is left out of its own counts. Where that field is a list,
    `item` names the part that says which of several facets an item belongs to.
    """

    filter: str
    values: Callable[[sa.FromClause], sa.Select[Any]]
    item: str | None = None


@dataclass(frozen=True)
class Listing:
    """All that a type's connections can be asked for."""

    filters: dict[str, Filter] = field(default_factory=dict)
    sorts: dict[str, Sort] = field(default_factory=dict)
    facets: tuple[Facet, ...] = ()
    search: Search | None = None
    default_order: AskedOrder | None = None


Listings = Mapping[type[Any], Listing]
"""By the type whose connections they are."""


def merge(listings: Iterable[Listing]) -> Listing:
    """One listing of what several modules say of a type."""
    listings = list(listings)
    return Listing(
        filters={name: item for listing in listings for name, item in listing.filters.items()},
        sorts={name: item for listing in listings for name, item in listing.sorts.items()},
        facets=tuple(item for listing in listings for item in listing.facets),
        search=next((listing.search for listing in listings if listing.search), None),
        default_order=next((listing.default_order for listing in listings if listing.default_order), None),
    )
