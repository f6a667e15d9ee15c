"""What one request asks of a field: its coerced arguments checked, as a shape and the values to bind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from mercer.platform.errors import BadUserInput

from .arguments import LARGEST_PAGE, PAGE_SIZE
from .compilation import view_of
from .cursors import read_cursor
from .inputs import Shape, constant, take_apart
from .listings import RELEVANCE, AskedOrder, Listing, SortDirection
from .pages import node_type
from .sources import Many, One, Page
from .types import ViewField, ViewTypes

Arguments = Mapping[str, Any]
_LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Ask:
    """The arguments of one field node: their shape by name, which decides the SQL, and their values in order."""

    shape: tuple[tuple[str, Shape], ...]
    values: list[Any]


def ask(types: ViewTypes, field: ViewField, arguments: Arguments) -> Ask:
    """Take a field's arguments apart. Raises `BadUserInput` for those that the types alone do not refuse."""
    match field.source:
        case One():
            return _ask_one(field, arguments)
        case Many(most=most):
            return Ask((("first", constant(_checked_first(arguments["first"], most))),), [])
        case Page():
            return _ask_page(types, field, arguments)
    raise TypeError(f"{field.name} takes no arguments")


def _ask_one(field: ViewField, arguments: Arguments) -> Ask:
    values: list[Any] = []
    definitions = field.definition.args
    present = tuple(
        (name, take_apart(value, definitions[name].type, values))
        for name, value in arguments.items()
        if value is not None
    )
    if not present:
        raise BadUserInput(f"Give one of: {', '.join(definitions)}.")
    return Ask(present, values)


def _ask_page(types: ViewTypes, field: ViewField, arguments: Arguments) -> Ask:
    if arguments.get("last") is not None or arguments.get("before") is not None:
        raise BadUserInput("Paging backward (last, before) is not supported yet. Use first and after.")
    target = types[node_type(field).name]
    listing = types.listings[target.name]
    first = arguments.get("first")
    values: list[Any] = []
    shape: list[tuple[str, Shape]] = [
        ("first", constant(_checked_first(PAGE_SIZE if first is None else first, LARGEST_PAGE)))
    ]
    search = (arguments.get("search") or "").strip()
    if listing.search and search:
        values.append(listing.search.words(_checked_text(search)))
        shape.append(("search", "String"))
    order = _order(listing, arguments.get("sort"), is_searched=bool(search))
    shape.append(("order", constant(order)))
    if filters := arguments.get("filter"):
        _check_unique(listing, filters)
        shape.append(("filter", take_apart(filters, field.definition.args["filter"].type, values)))
    if (after := arguments.get("after")) is not None:
        type_ = _value_type(listing, view_of(target).table, order)
        values.extend(read_cursor(after, str(order), type_))
        shape += [("after_value", _scalar_of(type_)), ("after_key", "ID")]
    return Ask(tuple(shape), values)


def _order(listing: Listing, sort: Arguments | None, *, is_searched: bool) -> AskedOrder:
    """What to sort by: what was asked, else relevance while searching, else the listing's own order."""
    if sort is not None:
        asked = AskedOrder(sort["field"].name, sort.get("direction", SortDirection.ASC))
        if asked.sort == RELEVANCE and not is_searched:
            raise BadUserInput("Sorting by RELEVANCE needs a search.")
        return asked
    if is_searched:
        return AskedOrder(RELEVANCE, SortDirection.DESC)
    assert listing.default_order is not None
    return listing.default_order


def _value_type(listing: Listing, table: sa.Table, order: AskedOrder) -> Any:
    """The SQL type of the values that are sorted by."""
    if order.sort == RELEVANCE:
        return sa.Integer()
    sort = listing.sorts[order.sort]
    return sort.value(table if sort.table is None else sort.table).type


def _scalar_of(type_: Any) -> str:
    if isinstance(type_, sa.DateTime):
        return "DateTime"
    return "BigInt" if isinstance(type_, sa.Integer) else "String"


def _checked_first(first: int, most: int) -> int:
    if not 0 <= first <= most:
        raise BadUserInput(f"first must be between 0 and {most}.")
    return first


def _checked_text(text: str) -> str:
    if len(text) > _LONGEST_SEARCH:
        raise BadUserInput(f"A search may have {_LONGEST_SEARCH} characters at most.")
    return text


def _check_unique(listing: Listing, filters: Arguments) -> None:
    for name, items in filters.items():
        unique = listing.filters[name].unique
        if unique and items and len({item[unique] for item in items}) < len(items):
            raise BadUserInput(f"filter.{name}: each {unique} may be given once.")
