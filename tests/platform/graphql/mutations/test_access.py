"""Who may send what: checked for the whole operation, before any of it is done."""

import pytest
from tests.platform.graphql.mutations.small_api import Small

from mercer.platform.graphql.mutations.door import ScopeUnchecked

MAKE = 'mutation { thingMake(input: {name: "cup"}) { __typename } }'


@pytest.mark.parametrize(
    ("query", "actor", "status", "code"),
    [
        (MAKE, "guest", 401, "UNAUTHENTICATED"),
        (MAKE, "reader", 403, "FORBIDDEN"),
        ('mutation { thingReport(name: "a") { __typename } ' + MAKE[len("mutation {") :], "reader", 403, "FORBIDDEN"),
        ("mutation { secretMake { __typename } }", "guest", 401, "UNAUTHENTICATED"),
        ('{ thing(name: "a") { id } }', "guest", 401, "UNAUTHENTICATED"),
        ('{ open { id } thing(name: "a") @skip(if: true) { id } }', "guest", 401, "UNAUTHENTICATED"),
        ('{ ...All } fragment All on Query { thing(name: "a") { id } }', "guest", 401, "UNAUTHENTICATED"),
        (
            '{ ... on Query { ...All } } fragment All on Query { thing(name: "a") { id } }',
            "guest",
            401,
            "UNAUTHENTICATED",
        ),
    ],
)
async def test_refused_and_nothing_done(small: Small, query: str, actor: str, status: int, code: str) -> None:
    answer = await small.send(query, x_actor=actor)

    assert answer.status_code == status
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]
    assert await small.things() == {}
    assert await small.rows("SELECT * FROM platform.audit") == []


async def test_a_refusal_names_the_permission(small: Small) -> None:
    answer = (await small.send(MAKE, x_actor="reader")).json()

    assert answer["errors"][0]["message"] == "This needs the permission things.manage."


@pytest.mark.parametrize(
    ("query", "actor"),
    [
        (MAKE, "keeper"),
        ("mutation { secretMake { __typename } }", "reader"),
        ('{ thing(name: "a") { id } }', "reader"),
        ("{ open { id } __typename }", "guest"),
    ],
)
async def test_allowed(small: Small, query: str, actor: str) -> None:
    await small(query, x_actor=actor)


async def test_the_limit_of_a_mutation_is_each_callers_own(small: Small) -> None:
    query = 'mutation { thingReport(name: "cup") { __typename } }'
    answers = [await small.send(query, x_actor="reader") for _ in range(4)]
    refused = answers[-1]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"
    assert refused.headers["retry-after"] == "60"
    assert (await small.send(query, x_actor="keeper")).status_code == 200


async def test_each_mutation_of_an_operation_checks_for_itself(small: Small) -> None:
    """What one has asked is not asked for the next, which has no answer, and has done nothing."""
    query = """mutation {
        first: thingCheck(input: {name: "cup"}) { __typename } second: thingMake(input: {name: "mug"}) { __typename }
    }"""
    with pytest.raises(ScopeUnchecked, match="thing_make"):
        await small.send(query, x_actor="limited")
    assert await small.things() == {"cup": 0}
