"""JSON as PostgreSQL builds it, and how each scalar stands in it."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from graphql import GraphQLEnumType, GraphQLNamedType
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by
from sqlalchemy.ext.compiler import compiles

MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class JsonObject(sa.ColumnElement[Any]):
    """`JSON_OBJECT('key' VALUE value, …)`, which unlike json_build_object takes more than fifty pairs."""

    inherit_cache = False
    type = JSON()

    def __init__(self, pairs: Sequence[tuple[str, sa.ColumnElement[Any]]]) -> None:
        self.pairs = pairs

    @property
    def _from_objects(self) -> list[sa.FromClause]:
        return [source for _, value in self.pairs for source in value._from_objects]  # noqa: SLF001 — as elements do

    def get_children(self, **_: Any) -> Iterable[sa.ColumnElement[Any]]:
        return [value for _, value in self.pairs]


@compiles(JsonObject)
def _compile_object(element: JsonObject, compiler: Any, **options: Any) -> str:
    options.pop("within_columns_clause", None)
    pairs = ", ".join(f"'{key}' VALUE {compiler.process(value, **options)}" for key, value in element.pairs)
    return f"JSON_OBJECT({pairs})"


def number(value: int) -> sa.ColumnElement[int]:
    """A number that is part of the SQL itself."""
    return sa.literal_column(str(value), type_=sa.Integer)


def array(item: sa.ColumnElement[Any], *order: Any, where: sa.ColumnElement[bool] | None = None) -> Any:
    """All items as a JSON array; an empty one when there are none."""
    every = sa.func.json_agg(aggregate_order_by(item, *order) if order else item)
    collected = every if where is None else every.filter(where)
    return sa.func.coalesce(collected, sa.literal_column("'[]'::json"), type_=JSON())


def encoded(value: sa.ColumnElement[Any], type_: GraphQLNamedType) -> sa.ColumnElement[Any]:
    """A scalar or enum value as it stands in the answer's JSON."""
    if isinstance(type_, GraphQLEnumType):
        return sa.func.upper(value)
    match type_.name:
        case "Decimal":
            return sa.cast(value, sa.Text)
        case "DateTime":
            return sa.func.to_char(sa.func.timezone("UTC", value), sa.literal_column(f"'{MOMENT}'"))
        case _:
            return value
