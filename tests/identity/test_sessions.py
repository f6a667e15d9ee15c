"""Sessions: what a request costs, how long they last, and that revoked ones are refused whatever becomes of Valkey."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from redis.asyncio import Redis
from tests.callers import Caller, calling
from tests.factories.shop import NOW
from tests.identity.people import (
    Person,
    a_customer,
    a_staff_member,
    acting,
    as_customer,
    code_of,
    rows,
)
from tests.platform.cache.gates import ValkeyGate
from tests.platform.gate import Gate

from mercer.identity import service
from mercer.identity.graphql import authentication
from mercer.identity.models import Audience, Ending
from mercer.identity.queries import sessions as queries
from mercer.identity.rules.sessions import remembered_as, token_hash
from mercer.identity.tables import staff_role
from mercer.platform.context import Context
from mercer.platform.observability.statements import counting_statements
from mercer.platform.settings import Settings
from mercer.platform.transactions import in_transaction, transaction

NOWHERE = httpx2.AsyncClient()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process believes for longer than a request what it was told of changes: no test waits for a second."""
    monkeypatch.setattr(authentication, "BELIEVED_S", 0.0)


async def _is_let_in(person: Person, http: httpx2.AsyncClient) -> bool:
    answer = await person.at(http).send("{ __typename }")
    assert answer.status_code in {200, 401}, answer.text
    return answer.status_code == 200


async def _revoke(context: Context, person: Person) -> None:
    async with transaction(as_customer(context, person)) as inner:
        await service.end_session(inner)


PRODUCTS = "{ products { nodes { id } } }"


async def _shown(context: Context, how: str) -> Caller:
    """Somebody who is let in by a bearer token, a cookie or an API key; without a client yet."""
    if how == "key":
        made = await in_transaction(
            context, partial(service.create_api_key, name="Sync", permissions=["products.read"])
        )
        return Caller(NOWHERE, "/admin/graphql", {"Authorization": f"Bearer {made.key}"})
    person = await a_staff_member(context, "merchandiser")
    cookie = {"Cookie": f"mercer_admin={person.token}", "Origin": "http://test"}
    return Caller(NOWHERE, "/admin/graphql", cookie if how == "cookie" else person.at(NOWHERE).headers)


@pytest.mark.parametrize(("how", "noted"), [("bearer", 0), ("cookie", 0), ("key", 1)])
async def test_a_request_asks_valkey_once_and_postgresql_nothing(
    context: Context, shop_settings: Settings, monkeypatch: pytest.MonkeyPatch, how: str, noted: int
) -> None:
    monkeypatch.setattr(authentication, "BELIEVED_S", 1e9)  # a busy machine may take long between two requests
    sent: list[str] = []
    fetch: Any = Redis.execute_command

    async def counted(client: Any, *given: Any, **options: Any) -> Any:
        sent.append(str(given[0]))
        return await fetch(client, *given, **options)

    monkeypatch.setattr(Redis, "execute_command", counted)
    shown = await _shown(context, how)
    async with calling(shop_settings.model_copy(update={"verify_reads": False})) as http:
        caller, counts = replace(shown, http=http), []
        for _ in range(3):
            sent.clear()
            with counting_statements() as statements:
                assert await caller(PRODUCTS) == {"products": {"nodes": []}}
            counts.append((statements.total, tuple(sent)))
        with counting_statements() as statements:
            await caller("{ __typename }")
    # Nothing was remembered for the first one: it read the row, and noted that a key is used for the first time. Which
    # sessions and keys have changed is asked for all at once.
    assert counts == [(2 + noted, ("GET", "SET")), (1, ("GET",)), (1, ("GET",))]
    assert statements.total == 0


async def test_without_valkey_postgresql_answers(context: Context, shop_settings: Settings) -> None:
    person = await a_customer(context)
    async with calling(shop_settings.model_copy(update={"valkey_url": "unix:///nowhere"})) as http:
        assert await _is_let_in(person, http)
        await _revoke(context, person)
        assert not await _is_let_in(person, http)


NO_TOKENS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer nonsense",
    "Basic {token}",
    "{token}",
    "Bearer {token} more",
    "Bearer {token}x",
    "Bearer mercer_shop_",
    "Bearer mercer_admin_{secret}",
    "Bearer {secret}",
    "Bearer " + "x" * 5_000,
    "Bearer \xff",
]


@pytest.mark.parametrize("shown", NO_TOKENS, ids=range(len(NO_TOKENS)))
async def test_what_is_no_token_is_refused(context: Context, own_http: httpx2.AsyncClient, shown: str) -> None:
    person = await a_customer(context)
    header = shown.format(token=person.token, secret=person.token.removeprefix("mercer_shop_"))
    answer = await own_http.post(
        "/shop/graphql", json={"query": "{ __typename }"}, headers={b"Authorization": header.encode("latin-1")}
    )
    assert code_of(answer) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == 'Bearer realm="mercer", error="invalid_token"'
    assert answer.headers["cache-control"] == "no-store"


async def test_a_revoked_session_is_refused_at_once(context: Context, own_http: httpx2.AsyncClient) -> None:
    """Even before the process asks which sessions changed: what Valkey remembers is dropped with the commit."""
    person = await a_customer(context)
    assert await _is_let_in(person, own_http)
    await _revoke(context, person)
    assert not await _is_let_in(person, own_http)


@pytest.mark.usefixtures("at_once")
async def test_what_valkey_brings_back_after_an_outage_opens_nothing(
    context: Context, shop_settings: Settings, own_http: httpx2.AsyncClient
) -> None:
    """Revoked while Valkey is away, by another process; then Valkey comes back with what it held before."""
    person = await a_customer(context)
    assert shop_settings.valkey_url is not None
    async with ValkeyGate(shop_settings.valkey_url) as gate:
        cut_off = shop_settings.model_copy(update={"valkey_url": gate.url})
        async with acting(cut_off) as elsewhere, calling(cut_off) as http:
            assert await _is_let_in(person, http)
            assert await _is_let_in(person, own_http)
            await gate.shut()
            assert await _is_let_in(person, http)
            await _revoke(elsewhere, person)
            assert context.valkey is not None
            assert await context.valkey.fetch(remembered_as(token_hash(person.token))) is not None
            assert not await _is_let_in(person, http)
            assert not await _is_let_in(person, own_http)
            await gate.open()
            assert not await _is_let_in(person, http)
            assert not await _is_let_in(person, own_http)


@pytest.mark.usefixtures("at_once")
async def test_a_process_that_dies_before_it_drops_what_is_remembered(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    """The commit is all it takes."""
    person = await a_customer(context)
    assert await _is_let_in(person, own_http)
    async with context.database.transaction() as connection:
        await queries.revoke(connection, queries.is_session(person.session_id), reason=Ending.REVOKED, now=NOW)
    assert context.valkey is not None
    assert await context.valkey.fetch(remembered_as(token_hash(person.token))) is not None
    assert not await _is_let_in(person, own_http)


@pytest.mark.usefixtures("at_once")
async def test_roles_that_change_elsewhere_change_what_one_may_do(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    """In a process that dies before it drops what is remembered."""
    person = await a_staff_member(context, "merchandiser")
    assert await person.at(own_http)(PRODUCTS) == {"products": {"nodes": []}}
    async with context.database.transaction() as connection:
        await connection.execute(sa.delete(staff_role).where(staff_role.c.staff_id == person.id))
        await queries.outdate_staff_sessions(connection, [person.id])
    assert code_of(await person.at(own_http).send(PRODUCTS)) == (403, "FORBIDDEN")


@pytest.mark.usefixtures("at_once")
async def test_a_token_that_was_replaced_elsewhere_ends_with_its_grace(
    context: Context, shop_settings: Settings
) -> None:
    """However long it is remembered: the process that replaced it did not reach Valkey."""
    person = await a_customer(context)
    async with transaction(context) as inner:
        opened = await service.open_session(inner, audience=Audience.SHOP, owner_id=person.id, is_refreshable=True)
    now = NOW
    async with calling(shop_settings, now=lambda: now) as http:
        first = replace(person, token=opened.token)
        assert await _is_let_in(first, http)
        async with transaction(replace(context, valkey=None)) as inner:
            await service.refresh_session(inner, audience=Audience.SHOP, token=str(opened.refresh_token))
        assert await _is_let_in(first, http)
        now += timedelta(seconds=30)
        assert not await _is_let_in(first, http)


@pytest.mark.usefixtures("at_once")
async def test_what_is_remembered_too_late_opens_nothing(
    context: Context, own_http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request reads the row; the session is revoked, and dropped; only then the request remembers what it read."""
    person = await a_customer(context)
    find = service.find_session
    has_read, may_go_on = asyncio.Event(), asyncio.Event()

    async def slowly(*given: Any, **options: Any) -> Any:
        found = await find(*given, **options)
        has_read.set()
        await may_go_on.wait()
        return found

    monkeypatch.setattr(service, "find_session", slowly)
    request = asyncio.create_task(_is_let_in(person, own_http))
    await has_read.wait()
    await _revoke(context, person)
    may_go_on.set()
    assert await request  # it came before
    assert not await _is_let_in(person, own_http)


@pytest.mark.usefixtures("at_once")
async def test_nothing_is_believed_while_postgresql_cannot_tell(context: Context, shop_settings: Settings) -> None:
    person = await a_customer(context)
    assert shop_settings.database_url is not None
    async with (
        Gate(shop_settings.database_url) as gate,
        calling(shop_settings.model_copy(update={"database_url": gate.url})) as http,
    ):
        assert await _is_let_in(person, http)
        await gate.shut()
        assert code_of(await person.at(http).send("{ __typename }")) == (503, "UNAVAILABLE")
        await _revoke(context, person)
        assert code_of(await person.at(http).send("{ __typename }")) == (503, "UNAVAILABLE")


async def test_what_changed_is_asked_for_twice_a_second(
    context: Context, own_http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of the process decides: what it was told half a second ago is believed no more."""
    assert authentication.BELIEVED_S < 1
    moment = 1000.0
    monkeypatch.setattr("mercer.identity.graphql.authentication.time.monotonic", lambda: moment)
    person = await a_customer(context)
    assert await _is_let_in(person, own_http)
    async with context.database.transaction() as connection:
        await queries.revoke(connection, queries.is_session(person.session_id), reason=Ending.REVOKED, now=NOW)
    assert await _is_let_in(person, own_http)
    moment += 0.49
    assert await _is_let_in(person, own_http)
    moment += 0.01
    assert not await _is_let_in(person, own_http)


async def test_sessions_end_when_they_are_not_used(shop_settings: Settings) -> None:
    async with acting(shop_settings) as context:
        used, unused = await a_customer(context), await a_customer(context)
    for days, expected in ((13, (True, None)), (15, (True, False)), (28, (True, False)), (31, (False, False))):
        async with calling(shop_settings, now=NOW + timedelta(days=days)) as http:
            assert await _is_let_in(used, http) == expected[0], days
            if expected[1] is not None:
                assert await _is_let_in(unused, http) == expected[1], days


async def test_staff_sessions_end_sooner(shop_settings: Settings) -> None:
    async with acting(shop_settings) as context:
        used, unused = await a_staff_member(context), await a_staff_member(context)
    for hours, expected in ((7, (True, None)), (9, (True, False)), (16, (True, False)), (24, (False, False))):
        async with calling(shop_settings, now=NOW + timedelta(hours=hours)) as http:
            assert await _is_let_in(used, http) == expected[0], hours
            if expected[1] is not None:
                assert await _is_let_in(unused, http) == expected[1], hours


async def test_it_is_noted_once_a_minute_that_a_session_is_used(shop_settings: Settings) -> None:
    async with acting(shop_settings) as context:
        person = await a_customer(context)
        seen = []
        for seconds in (0, 59, 61, 90, 130):
            async with calling(shop_settings, now=NOW + timedelta(seconds=seconds)) as http:
                assert await _is_let_in(person, http)
            [(at,)] = await rows(
                context, "SELECT last_seen_at FROM identity.session WHERE id = :id", id=person.session_id
            )
            seen.append((at - NOW).total_seconds())
    assert seen == [0, 0, 61, 61, 130]


async def test_no_token_is_stored_or_logged(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    assert await _is_let_in(person, own_http)
    secret = person.token.removeprefix("mercer_shop_")
    for table in ("identity.session", "identity.token", "platform.audit", "platform.outbox", "identity.attempt"):
        [(found,)] = await rows(context, f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
        assert secret not in found
    assert context.valkey is not None
    name = remembered_as(token_hash(person.token))
    assert secret not in name
    assert secret.encode() not in (await context.valkey.fetch(name) or b"")


async def test_garbage_in_valkey_is_as_nothing(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    assert context.valkey is not None
    for garbage in (b"", b"{}", b"nonsense", b"[1, 2]", b'{"session": {}, "read_at": "now"}'):
        await context.valkey.remember(remembered_as(token_hash(person.token)), garbage, seconds=60)
        assert await _is_let_in(person, own_http)


async def test_old_rows_are_forgotten(shop_settings: Settings) -> None:
    async with acting(shop_settings) as context:
        await a_customer(context)
    async with acting(shop_settings, now=NOW + timedelta(days=50)) as context:
        kept = await a_customer(context)
    async with acting(shop_settings, now=NOW + timedelta(days=70)) as context:
        async with transaction(context) as inner:
            await service.forget_old(inner)
        found = await rows(context, "SELECT id FROM identity.session WHERE created_at > '2026-01-01'")
        assert found == [(kept.session_id,)]
        assert await rows(context, "SELECT count(*) FROM identity.throttle") == [(0,)]
        # Each of the two registered, and verified the address.
        assert await rows(context, "SELECT count(*) FROM identity.attempt") == [(4,)]
    async with acting(shop_settings, now=NOW + timedelta(days=300)) as context:
        async with transaction(context) as inner:
            await service.forget_old(inner)
        assert await rows(context, "SELECT count(*) FROM identity.attempt") == [(0,)]
        assert await rows(context, "SELECT count(*) FROM identity.token") == [(0,)]
