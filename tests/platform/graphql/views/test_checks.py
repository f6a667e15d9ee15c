"""A schema whose views promise what their sources cannot keep is not built."""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import pytest
import sqlalchemy as sa
import strawberry

from mercer.platform.graphql.schema import build_api
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
    Listing,
    Sort,
    SortDirection,
    column,
    computed,
    embedded,
    one,
    page,
    view,
)
from mercer.platform.graphql.views.checks import ViewsInvalid
from mercer.platform.module import GraphQL

THING = sa.Table(
    "thing",
    sa.MetaData(),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("colour", sa.Text, nullable=False),
    sa.Column("grams", sa.BigInteger, nullable=False),
)
BY_NAME = {"name": Argument(str, lambda row, given: row.c.name == given.value)}


def _query_for(thing: type) -> type:
    return strawberry.type(
        type("Query", (), {"__annotations__": {"thing": thing | None}, "thing": one(arguments=BY_NAME)})
    )


def _faults(query: type, listings: dict[type, Listing] | None = None) -> str:
    with pytest.raises(ViewsInvalid) as refused:
        build_api([GraphQL(query=query, listings=listings or {})])
    return str(refused.value)


def _null_column() -> type:
    @view(THING)
    class Thing:
        note: str = column()

    return Thing


def _no_column() -> type:
    @view(THING)
    class Thing:
        size: str | None = column()

    return Thing


def _partial_expression() -> type:
    @view(THING)
    class Thing:
        note: str = computed(lambda row: sa.func.lower(row.c.note))

    return Thing


def _wide_int() -> type:
    @view(THING)
    class Thing:
        grams: int = column()

    return Thing


def _unwritable() -> type:
    @view(THING)
    class Thing:
        grams: float = column()

    return Thing


def _foreign_enum() -> type:
    @strawberry.enum
    class Colour(StrEnum):
        RED = "rot"

    @view(THING)
    class Thing:
        colour: Colour = column()

    return Thing


def _missing_row() -> type:
    @view(THING)
    class Other:
        name: str = column()

    @view(THING)
    class Thing:
        other: Other = one(on=lambda thing, other: other.c.name == thing.c.note)

    return Thing


def _hidden_row() -> type:
    @view(THING, rows=lambda row: row.c.name == "seen")
    class Other:
        name: str = column()

    @view(THING)
    class Thing:
        other: Other = one(on=lambda thing, other: other.c.id == thing.c.id, total=True)

    return Thing


def _partial_values() -> type:
    @strawberry.type
    class Weight:
        value: Decimal = column()

    @view(THING)
    class Thing:
        weight: Weight = embedded(lambda row: {"value": row.c.grams})

    return Thing


def _union() -> type:
    @view(THING)
    class Red:
        name: str = column()

    @view(THING)
    class Blue:
        name: str = column()

    @view(THING)
    class Thing:
        other: Annotated[Red | Blue, strawberry.union("Either")] | None = one(
            on=lambda thing, other: other.c.id == thing.c.id
        )

    return Thing


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (_null_column, "Thing.note: is never null, but its column may be"),
        (_no_column, "Thing.size: there is no such column"),
        (_partial_expression, "Thing.note: is never null, but its expression is not declared total"),
        (_wide_int, "Thing.grams: an Int has 32 bits, its column 64"),
        (_unwritable, "Thing.grams: there is no way to write Float as JSON"),
        (_foreign_enum, "Thing.colour: its members RED are not written in the database as in small letters here"),
        (_missing_row, "Thing.other: is never null, but its row may be missing or hidden"),
        (_hidden_row, "Thing.other: is never null, but its row may be missing or hidden"),
        (_union, "Thing.other: Either is no type with sources; interfaces and unions are not supported yet"),
        (_partial_values, "Thing.weight: is never null, but its values are not declared total"),
    ],
)
def test_a_promise_that_cannot_be_kept_stops_the_start(make: Callable[[], type], fault: str) -> None:
    assert _faults(_query_for(make())) == fault


def test_a_list_is_not_sorted_by_what_may_be_null() -> None:
    @view(THING)
    class Thing:
        name: str = column()

    @strawberry.type
    class Query:
        things: Connection[Thing] = page()

    listing = Listing(sorts={"NOTE": Sort(lambda row: row.c.note)}, default_order=AskedOrder("NOTE", SortDirection.ASC))
    assert _faults(Query, {Thing: listing}) == "Thing sorted by NOTE: the value may be null"
