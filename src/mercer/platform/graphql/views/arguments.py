"""The arguments that fields with sources take, made from what the sources and listings declare."""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryContainer, StrawberryObjectDefinition, get_object_definition
from strawberry.types.unset import UNSET

from .listings import RELEVANCE, Listing, SortDirection
from .sources import Page, argument

PAGE_SIZE = 24
LARGEST_PAGE = 100


def add_page_arguments(roots: Iterable[type], listings: Mapping[str, Listing]) -> None:
    """Give each connection field, on these types or any below them, the arguments of its listing."""
    inputs = {name: ListingInputs(name, listing) for name, listing in listings.items()}
    for definition in _definitions(roots):
        for field in definition.fields:
            if isinstance(field.metadata.get("source"), Page):
                node = field.type_annotation.annotation.__args__[0]  # type: ignore[union-attr]
                field.arguments = list(_page_arguments(inputs[node.__name__]))


def _definitions(roots: Iterable[type]) -> Iterator[StrawberryObjectDefinition]:
    """The definitions of these types and of all that their fields lead to."""
    waiting: list[Any] = list(roots)
    visited: set[int] = set()
    while waiting:
        type_ = waiting.pop()
        while isinstance(type_, StrawberryContainer):
            type_ = type_.of_type
        definition = get_object_definition(type_)
        if definition is not None and id(definition) not in visited:
            visited.add(id(definition))
            waiting.extend(field.type for field in definition.fields)
            yield definition


class ListingInputs:
    """The input types of one listing, made once for a schema."""

    def __init__(self, name: str, listing: Listing) -> None:
        self.listing = listing
        self.filter = _filter_input(name, listing)
        self.sort = _sort_input(name, listing)


def _page_arguments(inputs: ListingInputs) -> Iterator[StrawberryArgument]:
    yield argument("first", int | None, description=f"How many nodes: {PAGE_SIZE} by default, {LARGEST_PAGE} at most.")
    yield argument("after", str | None, description="The cursor to start after.")
    yield argument("last", int | None, description="Not supported yet: page forward with first and after.")
    yield argument("before", str | None, description="Not supported yet: page forward with first and after.")
    if inputs.listing.search:
        yield argument("search", str | None, description="Words to find; the last one may be unfinished.")
    if inputs.filter:
        yield argument("filter", inputs.filter | None)
    if inputs.sort:
        yield argument("sort", inputs.sort | None)


def _filter_input(name: str, listing: Listing) -> Any:
    if not listing.filters:
        return None
    annotations = {field: item.type | None for field, item in listing.filters.items()}
    made = type(f"{name}Filter", (), {"__annotations__": annotations, **dict.fromkeys(annotations, UNSET)})
    return strawberry.input(made, description="What to list. The fields given are ANDed.")


def _sort_input(name: str, listing: Listing) -> Any:
    if not listing.sorts:
        return None
    names = [*listing.sorts, *([RELEVANCE] if listing.search else [])]
    field: Any = Enum(f"{name}SortField", {item: item for item in names})  # type: ignore[misc]
    strawberry.enum(field, description="What to sort by.")
    annotations = {"field": field, "direction": SortDirection}
    made = type(f"{name}Sort", (), {"__annotations__": annotations, "direction": SortDirection.ASC})
    return strawberry.input(made, description="The order of a list. Ties are put in the order of ids.")
