"""Who may send what: checked for the whole operation, before any of it is done."""

import pytest
from tests.platform.graphql.mutations.small_api import Small

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
