"""What a mutation answers: the thing itself, a payload, or one of the errors it declares."""

import pytest
from graphql import GraphQLEnumType, GraphQLUnionType
from tests.platform.graphql.mutations.small_api import API, Small
from tests.platform.graphql.mutations.small_mutations import NeverDeclared

MAKE = """mutation ($name: String!, $count: Int! = 1) {
    thingMake(input: {name: $name, count: $count}) {
        __typename
        ... on Thing { id name count }
        ... on Error { code message path }
        ... on NameTaken { name holder }
        ... on InvalidInput { fields { path message } }
    }
}"""


async def test_the_thing_itself_read_by_its_view(small: Small) -> None:
    made = (await small(MAKE, {"name": "cup"}))["thingMake"]

    [(key,)] = await small.rows("SELECT id FROM small.thing")
    assert made == {"__typename": "Thing", "id": str(key), "name": "cup", "count": 1}


async def test_a_declared_error_with_its_fields_and_nothing_done(small: Small) -> None:
    first = (await small(MAKE, {"name": "cup"}))["thingMake"]
    second = (await small(MAKE, {"name": "cup"}))["thingMake"]

    assert second == {
        "__typename": "NameTaken",
        "code": "NAME_TAKEN",
        "message": "Another thing has this name.",
        "path": ["input", "name"],
        "name": "cup",
        "holder": first["id"],
    }
    assert await small.things() == {"cup": 1}


async def test_a_bad_value_needs_no_declaring(small: Small) -> None:
    answer = (await small(MAKE, {"name": "x" * 21}))["thingMake"]

    assert answer == {
        "__typename": "InvalidInput",
        "code": "INVALID_INPUT",
        "message": "Some of the input cannot be used.",
        "path": [],
        "fields": [{"path": ["input", "name"], "message": "A name has at most 20 characters."}],
    }


async def test_a_payload_of_scalars_rows_and_lists_of_rows_in_order(small: Small) -> None:
    answer = await small("""mutation {
        thingsMake(names: ["b", "a", "c"]) {
            ... on ThingsMade { receipt cost things { name ...Counted } first { name } }
        }
    } fragment Counted on Thing { count }""")

    assert answer["thingsMake"] == {
        "receipt": "R-1",
        "cost": None,
        "things": [{"name": "b", "count": 1}, {"name": "a", "count": 1}, {"name": "c", "count": 1}],
        "first": {"name": "b"},
    }


async def test_nested_values_of_an_error(small: Small) -> None:
    made = (await small(MAKE, {"name": "cup"}))["thingMake"]["id"]
    answer = await small(
        "mutation ($id: ID!) { thingTake(id: $id, count: 5) { ... on TooFew { code shortages { id left } } } }",
        {"id": made},
        idempotency_key="k",
    )

    assert answer["thingTake"] == {"code": "TOO_FEW", "shortages": [{"id": made, "left": 1}]}


async def test_several_mutations_of_one_request_each_by_itself(small: Small) -> None:
    answer = await small("""mutation {
        one: thingMake(input: {name: "one"}) { ... on Thing { name } }
        bad: thingMake(input: {name: "one"}) { ... on Error { code } }
        two: thingMake(input: {name: "two"}) { ... on Thing { name } }
    }""")

    assert answer == {"one": {"name": "one"}, "bad": {"code": "NAME_TAKEN"}, "two": {"name": "two"}}
    assert await small.things() == {"one": 0, "two": 0}


async def test_an_undeclared_error_is_a_bug_and_undoes_everything(small: Small) -> None:
    with pytest.raises(NeverDeclared):
        await small("mutation { thingBreak { __typename } }")

    assert await small.things() == {}
    assert await small.rows("SELECT * FROM platform.audit") == []


async def test_what_is_kept_outlives_the_rollback(small: Small) -> None:
    await small('mutation { thingReport(name: "x") { __typename } }')
    await small('mutation { thingReport(name: "x") { __typename } }', x_actor="guest")

    assert await small.things() == {"tried x": 0, "x": 0}


def test_each_union_has_its_errors_and_no_others() -> None:
    members = {
        name: {each.name for each in type_.types}
        for name, type_ in API.schema.type_map.items()
        if isinstance(type_, GraphQLUnionType)
    }

    assert members["ThingMakeResult"] == {"Thing", "NameTaken", "InvalidInput", "IdempotencyKeyReused"}
    assert members["ThingTakeResult"] == {
        "Thing",
        "TooFew",
        "InvalidInput",
        "IdempotencyKeyReused",
        "IdempotencyKeyMissing",
    }
    assert members["ThingBuyResult"] == {"Thing", "NameTaken", "InvalidInput", "IdempotencyKeyReused", "InProgress"}


def test_the_codes_are_those_of_the_errors() -> None:
    codes = API.schema.type_map["ErrorCode"]

    assert isinstance(codes, GraphQLEnumType)
    assert set(codes.values) == {
        "IDEMPOTENCY_KEY_MISSING",
        "IDEMPOTENCY_KEY_REUSED",
        "INVALID_INPUT",
        "IN_PROGRESS",
        "NAME_TAKEN",
        "TOO_FEW",
    }
