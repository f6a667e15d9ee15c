"""Faults at every point of a mutation: what may be tried again is, and nothing is done twice or by half."""

import asyncio
import importlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories.shop import NOW
from tests.platform.graphql.mutations.small_api import Small, small_shop
from tests.platform.graphql.mutations.small_mutations import Between, Outside

from mercer.platform import idempotency
from mercer.platform.database import Database
from mercer.platform.observability.statements import counting_statements
from mercer.platform.settings import Settings

MAKE = 'mutation { thingMake(input: {name: "cup"}) { ... on Thing { name } ... on Error { code } } }'
SWAP = """mutation ($first: String!, $second: String!) {
    thingsSwap(first: $first, second: $second) { ... on ThingsMade { things { name count } } }
}"""
BUY = 'mutation { thingBuy(name: "cup") { ... on Thing { name count } ... on Error { code } } }'

DIES_AT_ITS_FIRST_COMMIT = (
    "CREATE SEQUENCE small.deaths",
    """CREATE FUNCTION small.die() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('small.deaths') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN NULL;
    END $$""",
    """CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON small.thing DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION small.die()""",
)


class Died(BaseException):
    """The end of a process, as far as one can have it in a test."""


async def die(*_args: Any, **_named: Any) -> Any:
    raise Died


@pytest.fixture
async def two(small: Small) -> Small:
    """The small API with two things in it."""
    await small.rows("INSERT INTO small.thing (name, count) VALUES ('cup', 1), ('mug', 2) RETURNING id")
    return small


async def test_a_deadlock_is_tried_again(two: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    have_locked = {"cup": asyncio.Event(), "mug": asyncio.Event()}

    async def meet(first: str) -> None:
        have_locked[first].set()
        await have_locked["mug" if first == "cup" else "cup"].wait()

    monkeypatch.setattr(Between, "statements", meet)
    await asyncio.gather(two(SWAP, {"first": "cup", "second": "mug"}), two(SWAP, {"first": "mug", "second": "cup"}))

    assert await two.things() == {"cup": 1, "mug": 2}
    assert await two.rows("SELECT count(*) FROM platform.audit") == [(4,)]
    assert await two.rows("SELECT count(*) FROM platform.outbox") == [(4,)]


async def test_a_lost_connection_is_replaced_and_the_whole_transaction_tried_again(
    two: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0

    async def lose(_first: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            await two.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle in transaction'"
            )

    monkeypatch.setattr(Between, "statements", lose)
    answer = await two(SWAP, {"first": "cup", "second": "mug"})

    assert calls == 2
    assert answer["thingsSwap"]["things"] == [{"name": "cup", "count": 2}, {"name": "mug", "count": 1}]
    assert await two.rows("SELECT count(*) FROM platform.audit") == [(2,)]


async def test_a_commit_of_unknown_end_is_not_repeated_without_a_key(small: Small) -> None:
    await _run(small.database, DIES_AT_ITS_FIRST_COMMIT)
    answer = await small.send(MAKE)

    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert await small.things() == {}


async def test_a_commit_of_unknown_end_is_repeated_under_its_key(small: Small) -> None:
    await _run(small.database, DIES_AT_ITS_FIRST_COMMIT)

    assert await small(MAKE, idempotency_key="k") == {"thingMake": {"name": "cup"}}
    assert await small.things() == {"cup": 0}
    assert await small.rows("SELECT count(*) FROM platform.audit") == [(1,)]


@pytest.mark.parametrize(
    ("where", "what"),
    [
        pytest.param("mercer.platform.idempotency.begin", die, id="before its row"),
        pytest.param("mercer.platform.idempotency.finish", die, id="before its outcome"),
        pytest.param("mercer.platform.transactions.write_effects", die, id="before the commit"),
        pytest.param("mercer.platform.graphql.execution.keyed_row", lambda *_: _raise(), id="after the commit"),
    ],
)
async def test_killed_anywhere_in_one_transaction(small: Small, where: str, what: Any) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(where, what)
        with pytest.raises(Died):
            await small(MAKE, idempotency_key="k")

    assert await small(MAKE, idempotency_key="k") == {"thingMake": {"name": "cup"}}
    assert await small.things() == {"cup": 0}
    assert await small.rows("SELECT count(*) FROM platform.audit") == [(1,)]


@pytest.mark.parametrize(
    ("where", "deaths"),
    [
        pytest.param("mercer.platform.idempotency.claim", 0, id="before the claim"),
        pytest.param("tests.platform.graphql.mutations.small_mutations.Outside.answer", 0, id="outside"),
        pytest.param("mercer.platform.transactions.write_effects", 0, id="in its first transaction"),
        pytest.param("mercer.platform.transactions.write_effects", 1, id="in its second transaction"),
        pytest.param("mercer.platform.idempotency.finish", 0, id="before its outcome"),
    ],
)
async def test_killed_anywhere_in_several_transactions(
    small: Small, prepared: Settings, where: str, deaths: int
) -> None:
    """`deaths`: how often the killing place is passed before it kills."""
    with pytest.MonkeyPatch.context() as patched:
        passed = 0
        module, _, name = where.rpartition(".")
        original = _resolve(module, name)

        async def pass_or_die(*args: Any, **named: Any) -> Any:
            nonlocal passed
            passed += 1
            if passed > deaths:
                raise Died
            return await original(*args, **named)

        patched.setattr(where, pass_or_die)
        with pytest.raises(Died):
            await small(BUY, idempotency_key="k")

    later = NOW + idempotency.LEASE + timedelta(seconds=1)
    async with small_shop(prepared, now=lambda: later) as second:
        answer = await Small(second, small.database)(BUY, idempotency_key="k")

    assert answer == {"thingBuy": {"name": "cup", "count": 1}}
    assert await small.things() == {"cup": 1}
    assert await small.rows("SELECT count(*) FROM platform.audit") == [(1,)]
    assert len(set(Outside.calls)) == 1


async def test_statements_of_a_mutation(small: Small) -> None:
    """Without a key: the verb's two, the audit, the result. With one: two more."""
    plain = await _statements(small, MAKE)
    keyed = await _statements(small, MAKE.replace("cup", "mug"), idempotency_key="k")
    repeated = await _statements(small, MAKE.replace("cup", "mug"), idempotency_key="k")

    assert (plain, keyed, repeated) == (4, 6, 3)


async def _statements(small: Small, query: str, *, idempotency_key: str | None = None) -> int:
    with counting_statements() as statements:
        await (small(query) if idempotency_key is None else small(query, idempotency_key=idempotency_key))
    return statements.total


def _raise() -> None:
    raise Died


def _resolve(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        outer, _, inner = module.rpartition(".")
        return getattr(getattr(importlib.import_module(outer), inner), name)


async def _run(database: Database, script: Iterable[str]) -> None:
    async with database.transaction() as connection:
        for statement in script:
            await connection.execute(sa.text(statement))
