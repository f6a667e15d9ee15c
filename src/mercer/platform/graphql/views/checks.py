"""What a schema's views must keep, checked when it is built: no answer's JSON may break the schema's word."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from graphql import GraphQLEnumType, GraphQLNamedType, GraphQLScalarType, is_non_null_type

from .compilation import view_of
from .listings import Listing
from .sources import Column, Computed, Embedded, Many, One, Row, row_of
from .types import ViewField, ViewType, ViewTypes

OUTPUT_SCALARS = {"ID", "String", "Int", "Boolean", "Decimal", "DateTime", "Date", "Translations", "JSON"}
"""Those that `json.encoded` knows how to write."""


class ViewsInvalid(TypeError):
    """A schema's views promise what their sources cannot keep."""


def check_views(types: ViewTypes) -> None:
    """Raise `ViewsInvalid` with everything that is wrong."""
    checks = _Checks(types)
    for type_ in types.types.values():
        if type_.view is not None:
            checks.check(type_, type_.view.table, is_total=False)
        elif type_.name == "Query":
            checks.check(type_, None, is_total=False)
    for name, listing in types.listings.items():
        checks.faults.extend(_sort_faults(name, view_of(types[name]).table, listing))
    if checks.faults:
        raise ViewsInvalid("\n".join(checks.faults))


class _Checks:
    """A walk over all types with the rows that they are made of, each pair once."""

    def __init__(self, types: ViewTypes) -> None:
        self.types = types
        self.faults: list[str] = []
        self._checked: set[tuple[str, int]] = set()

    def check(self, type_: ViewType, row: Row, *, is_total: bool) -> None:
        """Check a type over such a row. `is_total` says that none of the row's values is null here."""
        if (type_.name, id(row)) in self._checked:
            return
        self._checked.add((type_.name, id(row)))
        for field in type_.fields.values():
            faults = self._faults(field, row, is_total=is_total)
            self.faults.extend(f"{type_.name}.{field.name}: {fault}" for fault in faults)

    def _faults(self, field: ViewField, row: Row, *, is_total: bool) -> Iterator[str]:
        promised = is_non_null_type(field.definition.type)
        match field.source:
            case Embedded() | One() | Many() if field.target.name not in self.types.types:
                yield f"{field.target.name} is no type with sources; interfaces and unions are not supported yet"
            case Column(name):
                yield from _leaf_faults(field.target)
                yield from _column_faults(field, row.c.get(name or field.column), promised=promised and not is_total)
            case Computed(total=total):
                yield from _leaf_faults(field.target)
                if promised and not total:
                    yield "is never null, but its expression is not declared total"
            case Embedded() as source:
                if promised and not source.total:
                    yield "is never null, but its values are not declared total"
                self._go_on(field, row_of(source.values(row)), is_total=source.total)
            case One() as source:
                target = self.types[field.target.name]
                if promised and (not source.total or _has_hidden_rows(target)):
                    yield "is never null, but its row may be missing or hidden"
                self._go_on(field, source.table, is_total=False)
            case Many() as source:
                self._go_on(field, source.table, is_total=False)

    def _go_on(self, field: ViewField, row: Row, *, is_total: bool) -> None:
        """Check what a field leads to, unless it is a type of its own, which is checked by itself."""
        target = self.types[field.target.name]
        if row is not None:
            self.check(target, row, is_total=is_total)
        elif target.view is None:
            self.faults.append(f"{target.name}: has no table, and {field.name} names none")


def _column_faults(field: ViewField, column: sa.ColumnElement[Any] | None, *, promised: bool) -> Iterator[str]:
    if column is None:
        yield "there is no such column"
    elif promised and getattr(column, "nullable", True):
        yield "is never null, but its column may be"
    elif field.target.name == "Int" and isinstance(column.type, sa.BigInteger):
        yield "an Int has 32 bits, its column 64"


def _has_hidden_rows(target: ViewType) -> bool:
    return target.view is not None and target.view.rows is not None


def _leaf_faults(type_: GraphQLNamedType) -> Iterator[str]:
    match type_:
        case GraphQLEnumType():
            wrong = [name for name, member in type_.values.items() if str(member.value).upper() != name]
            if wrong:
                yield f"its members {', '.join(wrong)} are not written in the database as in small letters here"
        case GraphQLScalarType() if type_.name in OUTPUT_SCALARS:
            pass
        case _:
            yield f"there is no way to write {type_.name} as JSON"


def _sort_faults(name: str, table: Row, listing: Listing) -> Iterator[str]:
    """A null would end a keyset: rows after it could never be reached."""
    for sort_name, sort in listing.sorts.items():
        if getattr(sort.value(table if sort.table is None else sort.table), "nullable", False):
            yield f"{name} sorted by {sort_name}: the value may be null"
