"""All rows of a connection, before they are paged: what is listed, counted and faceted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from .compilation import view_of
from .inputs import Given
from .listings import Listing
from .sources import Condition, Row
from .types import ViewType


@dataclass(frozen=True)
class Rows:
    """The rows of a connection before they are paged: all that meet its conditions."""

    target: ViewType
    listing: Listing
    related: Row
    always: list[Condition]
    given: Mapping[str, Given]
    matched: sa.CTE | None = None
    """The keys of them all, where a statement needs them more than once."""

    def found_once(self) -> "Rows":
        """These rows, found once for the page, the total and the facets."""
        return replace(self, matched=self.keys().cte("matched"))

    def own_conditions(self) -> list[Condition]:
        """What tells these rows from all others: their conditions, or that they were found."""
        if self.matched is None:
            return self.conditions()
        return [self.related.c[view_of(self.target).key].in_(sa.select(self.matched.c.id))]

    def conditions(self, *, without: str | None = None, item: int | None = None) -> list[Condition]:
        """What is asked of a row; without one filter, or without one item of a filter that is a list."""
        asked = list(self.always)
        if self.listing.search and "search" in self.given:
            asked.append(self.listing.search.condition(self.related, self.given["search"]))
        filters = self.given["filter"].parts or {} if "filter" in self.given else {}
        for name, given in filters.items():
            left = Given(items=_without(given.items, item)) if name == without else given
            asked.extend(self._filter(name, left))
        return asked

    def _filter(self, name: str, given: Given) -> Iterable[Condition]:
        condition = self.listing.filters[name].condition
        if given.items:
            return (condition(self.related, each) for each in given.items)
        return (condition(self.related, given),) if given.parts or given.bind is not None else ()

    def keys(self, *, without: str | None = None, item: int | None = None) -> sa.Select[Any]:
        """The keys of all rows that meet the conditions."""
        key = self.related.c[view_of(self.target).key]
        query = sa.select(key.label("id")).select_from(self.related)
        return query.where(*self.conditions(without=without, item=item))


def _without(items: Sequence[Given], index: int | None) -> tuple[Given, ...]:
    return () if index is None else tuple(given for place, given in enumerate(items) if place != index)
