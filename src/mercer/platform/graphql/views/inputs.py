"""Arguments as two things: their shape, which decides the SQL, and their values, which are bound to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLScalarType,
    get_nullable_type,
)
from sqlalchemy.dialects.postgresql import ARRAY

from mercer.platform.errors import BadUserInput

Shape = Any
"""A hashable outline of an argument: which parts are there, the lengths of lists, the constants."""

SQL_TYPES: dict[str, Any] = {
    "ID": sa.Uuid,
    "String": sa.Text,
    "Int": sa.Integer,
    "BigInt": sa.BigInteger,
    "Boolean": sa.Boolean,
    "Decimal": sa.Numeric,
    "DateTime": sa.DateTime(timezone=True),
    "Date": sa.Date,
}
REQUEST = "request_"
ASKED = "asked_"
"""How binds are named: by what of the request they hold, or by the place of an argument's value."""

_MOST_ITEMS = 100


@dataclass(frozen=True)
class Given:
    """An argument as the planner sees it: a bind, a part of the SQL itself, or the parts of an object or a list."""

    bind: sa.BindParameter[Any] | None = None
    constant: Any = None
    """An enum's member, or a page's size: PostgreSQL plans well only for a size that it knows."""
    parts: dict[str, "Given"] | None = None
    items: tuple["Given", ...] = ()

    def __contains__(self, name: str) -> bool:
        return self.parts is not None and name in self.parts

    def __getitem__(self, name: str) -> "Given":
        assert self.parts is not None
        return self.parts[name]

    @property
    def value(self) -> sa.BindParameter[Any]:
        """The bind of a single value or a list of them."""
        assert self.bind is not None
        return self.bind

    def compared(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """What an operator object such as `{gte: …, lte: …}` asks of a column, its parts ANDed."""
        return sa.and_(sa.true(), *(OPERATORS[name](column, part.value) for name, part in (self.parts or {}).items()))


OPERATORS: dict[str, Any] = {
    "eq": lambda column, value: column == value,
    "in": lambda column, value: column == sa.any_(value),
    "gte": lambda column, value: column >= value,
    "lte": lambda column, value: column <= value,
}


def take_apart(value: Any, type_: GraphQLInputType, values: list[Any]) -> Shape:
    """The shape of a coerced argument. Its values are added to `values`, in the order that `put_together` binds."""
    kind = get_nullable_type(type_)
    if isinstance(kind, GraphQLEnumType):
        return constant(value)
    if isinstance(kind, GraphQLScalarType):
        values.append(_sql_value(value, kind.name))
        return kind.name
    if isinstance(kind, GraphQLInputObjectType):
        present = [(name, item) for name, item in kind.fields.items() if value.get(name) is not None]
        return tuple((name, take_apart(value[name], item.type, values)) for name, item in present)
    assert isinstance(kind, GraphQLList)
    if len(value) > _MOST_ITEMS:
        raise BadUserInput(f"A list may have {_MOST_ITEMS} items at most.")
    inner = get_nullable_type(kind.of_type)
    if isinstance(inner, GraphQLScalarType):
        values.append([item for item in (_sql_value(item, inner.name) for item in value) if item is not None])
        return ("list", inner.name)
    return ("items", tuple(take_apart(item, inner, values) for item in value))


def constant(value: Any) -> Shape:
    """The shape of a value that is part of the SQL itself."""
    return ("constant", value)


def put_together(shape: Shape, names: Iterator[str]) -> Given:
    """The argument of that shape as binds, named in the order in which `take_apart` took the values."""
    match shape:
        case str():
            return Given(bind=sa.bindparam(next(names), value=None, type_=SQL_TYPES[shape]))
        case ("constant", value):
            return Given(constant=value)
        case ("list", str(inner)):
            return Given(bind=sa.bindparam(next(names), value=None, type_=ARRAY(SQL_TYPES[inner])))
        case ("items", tuple(items)):
            return Given(items=tuple(put_together(item, names) for item in items))
        case _:
            return Given(parts={name: put_together(part, names) for name, part in shape})


def _sql_value(value: Any, scalar: str) -> Any:
    """What is bound for a coerced scalar. An ID that is none matches nothing."""
    if scalar == "ID":
        return parse_id(value)
    if isinstance(value, str) and "\x00" in value:
        raise BadUserInput("Text may not hold a null character.")
    return value


def parse_id(value: str) -> UUID | None:
    """The UUID that an ID stands for; None when it is none."""
    try:
        return UUID(value)
    except ValueError:
        return None
