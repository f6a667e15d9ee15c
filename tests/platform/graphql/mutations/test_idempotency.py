"""One idempotency key: one effect, and the same outcome for everyone who repeats the request."""

import asyncio
from datetime import timedelta

import pytest
from tests.factories.shop import NOW
from tests.platform.graphql.mutations.small_api import Small, small_shop
from tests.platform.graphql.mutations.small_mutations import Outside

from mercer.platform import idempotency
from mercer.platform.errors import DatabaseUnavailable
from mercer.platform.settings import Settings

MAKE = """mutation ($name: String!) {
    thingMake(input: {name: $name}) { ... on Thing { id name } ... on Error { code path } ... on NameTaken { holder } }
}"""
TAKE = """mutation ($id: ID!, $count: Int!) {
    thingTake(id: $id, count: $count) { ... on Thing { count } ... on Error { code } }
}"""
BUY = "mutation ($name: String!) { thingBuy(name: $name) { ... on Thing { id name count } ... on Error { code } } }"


class Died(BaseException):
    """The end of a process, as far as one can have it in a test."""


async def test_fifty_at_once_have_one_effect_and_one_outcome(small: Small) -> None:
    answers = await asyncio.gather(*(small(MAKE, {"name": "cup"}, idempotency_key="k") for _ in range(50)))

    [(key,)] = await small.rows("SELECT id FROM small.thing")
    assert answers == [{"thingMake": {"id": str(key), "name": "cup"}}] * 50
    assert await small.rows("SELECT entity_id FROM platform.audit") == [(key,)]


async def test_fifty_at_once_of_two_processes(small: Small, prepared: Settings) -> None:
    async with small_shop(prepared) as second:
        other = Small(second, small.database)
        answers = await asyncio.gather(
            *(asking(MAKE, {"name": "cup"}, idempotency_key="k") for asking in (small, other) * 25)
        )

    [(key,)] = await small.rows("SELECT id FROM small.thing")
    assert answers == [{"thingMake": {"id": str(key), "name": "cup"}}] * 50


async def test_an_error_is_an_outcome_too(small: Small) -> None:
    await small(MAKE, {"name": "cup"})
    [(holder,)] = await small.rows("SELECT id FROM small.thing")
    first = await small(MAKE, {"name": "cup"}, idempotency_key="k")
    await small.rows("DELETE FROM small.thing RETURNING id")
    repeated = await asyncio.gather(*(small(MAKE, {"name": "cup"}, idempotency_key="k") for _ in range(50)))

    assert first == {"thingMake": {"code": "NAME_TAKEN", "path": ["input", "name"], "holder": str(holder)}}
    assert repeated == [first] * 50
    assert await small.things() == {}


async def test_fifty_takers_with_one_key_take_once(small: Small) -> None:
    made = (await small(MAKE, {"name": "cup"}))["thingMake"]["id"]
    await small.rows("UPDATE small.thing SET count = 10 RETURNING id")
    answers = await asyncio.gather(*(small(TAKE, {"id": made, "count": 3}, idempotency_key="k") for _ in range(50)))

    assert answers == [{"thingTake": {"count": 7}}] * 50


async def test_the_outcome_is_read_again_by_whoever_asks(small: Small) -> None:
    await small(MAKE, {"name": "cup"}, idempotency_key="k")
    await small.rows("UPDATE small.thing SET count = 5 RETURNING id")
    again = await small(
        'mutation { thingMake(input: {name: "cup"}) { __typename ... on Thing { count } } }', idempotency_key="k"
    )

    assert again["thingMake"] == {"__typename": "Thing", "count": 5}


async def test_a_payload_is_restored_whole(small: Small) -> None:
    query = """mutation { thingsMake(names: ["b", "a"]) {
        ... on Error { code } ... on ThingsMade { receipt cost things { name } first { name } } } }"""

    assert await small(query, idempotency_key="k") == await small(query, idempotency_key="k")
    assert await small.things() == {"a": 1, "b": 1}


@pytest.mark.parametrize("query", [MAKE, MAKE.replace("thingMake(input: {name: $name})", "thingBuy(name: $name)")])
async def test_other_arguments_are_refused(small: Small, query: str) -> None:
    await small(query.replace("... on NameTaken { holder }", ""), {"name": "cup"}, idempotency_key="k")
    answer = await small(query, {"name": "mug"}, idempotency_key="k")

    assert [each["code"] for each in answer.values()] == ["IDEMPOTENCY_KEY_REUSED"]
    assert set(await small.things()) == {"cup"}


async def test_what_was_left_out_is_not_an_empty_text(small: Small) -> None:
    rename = "mutation { thingDescribe(input: {%s}) { ... on Thing { name } ... on Error { code } } }"
    first = await small(rename % "", idempotency_key="k")

    assert first == await small(rename % "", idempotency_key="k")
    assert await small(rename % 'name: ""', idempotency_key="k") == {
        "thingDescribe": {"code": "IDEMPOTENCY_KEY_REUSED"}
    }
    assert await small(rename % "name: null", idempotency_key="k") == {
        "thingDescribe": {"code": "IDEMPOTENCY_KEY_REUSED"}
    }


async def test_an_alias_is_a_request_of_its_own(small: Small) -> None:
    await small(
        'mutation { a: thingMake(input: {name: "a"}) { __typename } b: thingMake(input: {name: "b"}) { __typename } }',
        idempotency_key="k",
    )

    assert set(await small.things()) == {"a", "b"}


async def test_the_same_key_of_another_caller_opens_nothing(small: Small) -> None:
    await small(MAKE, {"name": "cup"}, idempotency_key="k")
    answer = await small(MAKE, {"name": "cup"}, idempotency_key="k", x_actor="other")

    assert answer["thingMake"]["code"] == "NAME_TAKEN"
    report = 'mutation { thingReport(name: "r") { ... on Thing { name } ... on Error { code } } }'
    guests = [await small(report, idempotency_key="k", x_actor="guest", x_mercer_cart=token) for token in "ab"]
    assert guests == [{"thingReport": {"name": "r"}}, {"thingReport": {"code": "NAME_TAKEN"}}]


async def test_a_key_is_demanded_where_stock_moves(small: Small) -> None:
    made = (await small(MAKE, {"name": "cup"}))["thingMake"]["id"]

    assert await small(TAKE, {"id": made, "count": 0}) == {"thingTake": {"code": "IDEMPOTENCY_KEY_MISSING"}}


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\tbed"])
async def test_a_key_that_is_none(small: Small, key: str) -> None:
    answer = await small(MAKE, {"name": "cup"}, idempotency_key=key)

    assert answer["thingMake"]["code"] == "INVALID_INPUT"
    assert await small.things() == {}


async def test_a_secret_is_not_stored(small: Small) -> None:
    await small("mutation { secretMake { __typename } }", idempotency_key="k")

    assert await small.rows("SELECT * FROM platform.idempotency") == []


async def test_fifty_at_once_of_several_transactions(small: Small) -> None:
    answers = await asyncio.gather(*(small(BUY, {"name": "cup"}, idempotency_key="k") for _ in range(50)))

    assert len(Outside.calls) == 1
    assert await small.things() == {"cup": 1}
    assert answers == [answers[0]] * 50
    assert answers[0]["thingBuy"]["count"] == 1


async def test_a_claim_of_another_process_is_waited_for(
    small: Small, prepared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is held outside until the second has looked once."""
    has_looked, is_outside = asyncio.Event(), asyncio.Event()
    look_up = idempotency.look_up

    async def answer() -> str:
        is_outside.set()
        await has_looked.wait()
        return "paid"

    async def looking(*args: object) -> object:
        found = await look_up(*args)  # type: ignore[arg-type]
        if is_outside.is_set():
            has_looked.set()
        return found

    monkeypatch.setattr(Outside, "answer", answer)
    monkeypatch.setattr(idempotency, "look_up", looking)
    async with small_shop(prepared) as second:
        first = asyncio.create_task(small(BUY, {"name": "cup"}, idempotency_key="k"))
        await is_outside.wait()
        waited = await Small(second, small.database)(BUY, {"name": "cup"}, idempotency_key="k")

    assert waited == await first
    assert len(Outside.calls) == 1


async def test_who_waits_too_long_is_told(small: Small, prepared: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mercer.platform.graphql.mutations.door.WAIT_S", 0.0)
    never, is_outside = asyncio.Event(), asyncio.Event()

    async def answer() -> str:
        is_outside.set()
        await never.wait()
        return "paid"

    monkeypatch.setattr(Outside, "answer", answer)
    first = asyncio.create_task(small(BUY, {"name": "cup"}, idempotency_key="k"))
    await is_outside.wait()
    async with small_shop(prepared) as second:
        answer_of_second = await Small(second, small.database)(BUY, {"name": "cup"}, idempotency_key="k")
    never.set()

    assert answer_of_second == {"thingBuy": {"code": "IN_PROGRESS"}}
    assert (await first)["thingBuy"]["count"] == 1


async def test_a_claim_left_behind_is_taken_over_under_the_same_id(small: Small, prepared: Settings) -> None:
    """The first died outside: its effect is finished, not made twice, by the one who repeats it after the lease."""
    with pytest.MonkeyPatch.context() as patched:

        async def die() -> str:
            raise Died

        patched.setattr(Outside, "answer", die)
        with pytest.raises(Died):
            await small(BUY, {"name": "cup"}, idempotency_key="k")
    assert await small.things() == {"cup": 0}

    later = NOW + idempotency.LEASE + timedelta(seconds=1)
    async with small_shop(prepared, now=lambda: later) as second:
        answer = await Small(second, small.database)(BUY, {"name": "cup"}, idempotency_key="k")

    assert answer["thingBuy"]["count"] == 1
    assert len(set(Outside.calls)) == 1
    assert len(Outside.calls) == 2


async def test_a_request_that_failed_outside_is_made_again_at_once(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody holds its claim any more: who repeats it waits for nothing, and finishes what was begun."""
    monkeypatch.setattr("mercer.platform.graphql.mutations.door.WAIT_S", 0.0)
    with pytest.MonkeyPatch.context() as patched:

        async def refuse() -> str:
            raise DatabaseUnavailable

        patched.setattr(Outside, "answer", refuse)
        failed = await small.send(BUY, {"name": "cup"}, idempotency_key="k")
    again = await small(BUY, {"name": "cup"}, idempotency_key="k")

    assert failed.status_code == 503
    assert again["thingBuy"]["count"] == 1
    assert len(set(Outside.calls)) == 1


async def test_old_keys_are_forgotten(small: Small) -> None:
    await small(MAKE, {"name": "cup"}, idempotency_key="k")
    async with small.database.transaction() as connection:
        kept = await idempotency.forget(connection, now=NOW + idempotency.KEPT_FOR)
        forgotten = await idempotency.forget(connection, now=NOW + idempotency.KEPT_FOR + timedelta(seconds=1))

    assert (kept, forgotten) == (0, 1)
