"""Arguments taken apart and put together again, cursors and scalars: the small pure parts."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from graphql import FieldNode, FragmentDefinitionNode, GraphQLError, GraphQLInputType, OperationDefinitionNode, parse
from hypothesis import given
from hypothesis import strategies as st

from mercer.app import ADMIN, SHOP
from mercer.platform.errors import BadUserInput
from mercer.platform.graphql import scalars
from mercer.platform.graphql.views.cursors import read_cursor
from mercer.platform.graphql.views.inputs import Given, parse_id, put_together, take_apart
from mercer.platform.graphql.views.selection import collect, deciding_variables

FILTER: GraphQLInputType = SHOP.schema.type_map["ProductFilter"]  # type: ignore[assignment]
ID = "01a202af-d49a-7e0c-a640-96ed25bcf65d"

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
filters = st.fixed_dictionaries(
    {},
    optional={
        "ids": st.fixed_dictionaries({}, optional={"eq": st.uuids().map(str), "in": st.lists(st.uuids().map(str))}),
        "productType": st.none() | st.fixed_dictionaries({}, optional={"eq": texts, "in": st.lists(texts)}),
        "tags": st.fixed_dictionaries({}, optional={"anyOf": st.lists(texts), "allOf": st.none()}),
        "price": st.fixed_dictionaries({}, optional={"gte": st.decimals(allow_nan=False), "lte": st.none()}),
        "attributes": st.lists(
            st.fixed_dictionaries({"code": texts}, optional={"eq": st.booleans(), "in": st.lists(texts)}), max_size=5
        ),
    },
)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(part) for name, part in value.items() if part is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def rebuilt(given: Given, values: list[Any]) -> Any:
    """The argument again, from its binds and the values that they are bound to."""
    if given.bind is not None:
        return values[int(given.bind.key)]
    if given.parts is not None:
        return {name: rebuilt(part, values) for name, part in given.parts.items()}
    return [rebuilt(item, values) for item in given.items]


@given(filters)
def test_an_argument_is_the_same_again(argument: dict[str, Any]) -> None:
    values: list[Any] = []
    shape = take_apart(argument, FILTER, values)
    hash(shape)
    names: Iterator[str] = (str(place) for place in range(len(values)))
    again = rebuilt(put_together(shape, names), values)
    assert next(names, None) is None
    expected = without_nulls(argument)
    for name in ("eq", "in"):
        if name in expected.get("ids", {}):
            given_ids = expected["ids"][name]
            expected["ids"][name] = UUID(given_ids) if name == "eq" else [UUID(each) for each in given_ids]
    assert again == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ID, UUID(ID)),
        (ID.upper(), UUID(ID)),
        (ID.replace("-", ""), UUID(ID)),
        ("", None),
        ("nonsense", None),
        (ID[:-1], None),
        (ID + "0", None),
        ("\0", None),
        ("g" * 32, None),
    ],
)
def test_ids(text: str, expected: UUID | None) -> None:
    assert parse_id(text) == expected


def encoded(*values: Any) -> str:
    return base64.b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (sa.Text(), "Äpfel", "Äpfel"),
        (sa.BigInteger(), -5, -5),
        (sa.Integer(), 2**63 - 1, 2**63 - 1),
        (sa.DateTime(timezone=True), "2026-11-22T13:00:00.000001+01:00", datetime(2026, 11, 22, 12, 0, 0, 1, UTC)),
    ],
)
def test_a_cursor_is_read(type_: Any, value: Any, expected: Any) -> None:
    assert read_cursor(encoded("NAME.asc", value, ID), "NAME.asc", type_) == (expected, UUID(ID))


@given(st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(BadUserInput):
        read_cursor(text, "NAME.asc", sa.Text())


def nodes(text: str) -> tuple[list[FieldNode], dict[str, FragmentDefinitionNode]]:
    """The root fields of a document, and its fragments."""
    definitions = parse(text).definitions
    fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
    operation = next(each for each in definitions if isinstance(each, OperationDefinitionNode))
    return [each for each in operation.selection_set.selections if isinstance(each, FieldNode)], fragments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a { x y x } }", [("x", 2), ("y", 1)]),
        ("{ a { y: x x } }", [("y", 1), ("x", 1)]),
        ("{ a { ...F x ...F } } fragment F on A { x ...G } fragment G on A { z }", [("x", 2), ("z", 1)]),
        ("{ a { x } a { y x } }", [("x", 2), ("y", 1)]),
        ("{ a { ... { x } ... on A { x ... { z } } } }", [("x", 2), ("z", 1)]),
        ("{ a { x @skip(if: $yes) y @include(if: $no) z @skip(if: $no) @include(if: $yes) } }", [("z", 1)]),
        ("{ a { ...F @skip(if: $yes) ...F } } fragment F on A { x }", [("x", 1)]),
        ("{ a { ... @include(if: $no) { x } } }", []),
    ],
)
def test_fields_merge_in_the_order_of_the_document(text: str, expected: list[tuple[str, int]]) -> None:
    roots, fragments = nodes(text)
    collected = collect(roots, fragments, {"yes": True, "no": False})
    assert [(asked.key, len(asked.nodes)) for asked in collected] == expected


def test_the_variables_of_directives_decide() -> None:
    roots, fragments = nodes(
        "{ a @skip(if: $v1) { ...F @include(if: $v2) b(x: $not) { c @skip(if: true) d @include(if: $v3) } } }"
        " fragment F on A { ... @skip(if: $v4) { x } ...F }"
    )
    assert deciding_variables(roots, fragments) == {"v1", "v2", "v3", "v4"}


@pytest.mark.parametrize("value", ["0", "-1", "12.50", "0012", "9" * 30, "1." + "0" * 10, 7, -7])
def test_decimals(value: Any) -> None:
    assert ADMIN.schema.type_map["Decimal"].parse_value(value) == Decimal(value)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "value",
    ["", " 1", "1 ", "1.", ".5", "+1", "1e5", "NaN", "Infinity", "-", "1,5", "0x10", "٣", "9" * 31, "1." + "0" * 11,
     1.5, True, None, [], float("nan")],
)  # fmt: skip
def test_what_is_no_decimal(value: Any) -> None:
    with pytest.raises(GraphQLError, match="A Decimal is a string"):
        ADMIN.schema.type_map["Decimal"].parse_value(value)  # type: ignore[attr-defined]


def test_moments_are_in_utc() -> None:
    moment = ADMIN.schema.type_map["DateTime"]
    parsed = moment.parse_value("2026-11-22T01:30:00+02:00")  # type: ignore[attr-defined]
    assert parsed == datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert moment.serialize(parsed) == "2026-11-21T23:30:00.000000Z"  # type: ignore[attr-defined]
    assert moment.serialize("2026-11-22T01:30:00.5+02:00") == "2026-11-21T23:30:00.500000Z"  # type: ignore[attr-defined]


def test_scalars_are_named_as_in_the_contract() -> None:
    assert {each.name for each in scalars.SCALARS.values()} == {"Decimal", "DateTime", "Translations"}
