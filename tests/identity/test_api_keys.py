"""API keys: what they open and what not, who may make them, and that they end everywhere at once."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.callers import Caller, admin_caller, calling
from tests.factories.shop import NOW
from tests.identity import matrix
from tests.identity.keys import REVOKE, ROTATE, UPDATE, holding, is_let_in, issued
from tests.identity.people import a_staff_member, acting, code_of, rows
from tests.people import person_id
from tests.platform.cache.gates import ValkeyGate

from mercer.identity import service
from mercer.identity.graphql import authentication
from mercer.identity.queries import api_keys as queries
from mercer.identity.rules.api_keys import is_api_key, new_api_key, prefix_of
from mercer.identity.rules.sessions import remembered_as, token_hash
from mercer.platform.context import Context
from mercer.platform.settings import Settings

CATEGORY = 'mutation { categoryCreate(input: {name: "Cups"}) { __typename ... on Category { id } } }'
OVER = "This API key is unknown, was revoked or has ended."


@pytest.fixture
def boss(own_http: httpx2.AsyncClient) -> Caller:
    return admin_caller(own_http)


async def test_a_key_acts_by_itself(boss: Caller, context: Context, own_http: httpx2.AsyncClient) -> None:
    id, key = await issued(boss, "categories.read", "categories.manage")
    program = holding(own_http, key)
    assert (await program(CATEGORY))["categoryCreate"]["__typename"] == "Category"
    assert (await program("{ categories { nodes { name } } }"))["categories"]["nodes"] == [{"name": "Cups"}]
    audited = "SELECT actor_kind, actor_id::text, session_id FROM platform.audit WHERE entity = 'Category'"
    assert await rows(context, audited) == [("api_key", id, None)]
    refused = 403, "FORBIDDEN", "This needs the permission products.read."
    assert matrix.refusal(await program.send("{ products { totalCount } }")) == refused
    own = 403, "FORBIDDEN", "An API key has no account of its own."
    for query in ("{ me { id } }", "{ mySessions { totalCount } }", "mutation { sessionEnd { __typename } }"):
        assert matrix.refusal(await program.send(query)) == own


async def test_a_key_outlives_whoever_made_it(boss: Caller, context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_staff_member(context, "administrator")
    _, key = await issued(person.at(own_http), "products.read")
    leave = "mutation ($id: ID!) { staffDeactivate(id: $id) { ... on StaffMember { isActive } } }"
    assert await boss(leave, {"id": str(person.id)}) == {"staffDeactivate": {"isActive": False}}
    assert await is_let_in(own_http, key)


async def test_a_key_is_told_once_and_stored_hashed(boss: Caller, context: Context, own_http: Any) -> None:
    id, key = await issued(boss, "categories.read")
    assert is_api_key(key)
    assert await is_let_in(own_http, key)
    secret = key.removeprefix(f"{prefix_of(key)}_")
    for table in ("identity.api_key", "platform.audit", "platform.outbox", "platform.idempotency"):
        [(found,)] = await rows(context, f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
        assert secret not in found, table
    assert context.valkey is not None
    assert secret.encode() not in (await context.valkey.fetch(remembered_as(token_hash(key))) or b"")
    events = "SELECT name, payload FROM platform.outbox WHERE name LIKE 'identity.ApiKey%' ORDER BY id"
    assert await rows(context, events) == [("identity.ApiKeyCreated", {"api_key_id": id})]
    [(changes, actor)] = await rows(
        context, "SELECT changes, actor_id FROM platform.audit WHERE entity = 'ApiKey' AND entity_id = :id", id=id
    )
    assert changes == {"name": [None, "Sync"], "permissions": [None, ["categories.read"]], "bounds": [None, {}]}
    assert actor == person_id("administrator")


async def test_what_a_key_may_do_changes_at_once(boss: Caller, own_http: httpx2.AsyncClient) -> None:
    id, key = await issued(boss, "categories.read", expiresAt=(NOW + timedelta(days=1)).isoformat())
    program = holding(own_http, key)
    assert (await program("{ categories { totalCount } }"))["categories"]["totalCount"] == 0
    changed = {"name": "Feed", "permissions": ["products.read"], "expiresAt": None, "version": 1}
    assert (await boss(UPDATE, {"id": id, "input": changed}))["apiKeyUpdate"] == {
        "id": id,
        "name": "Feed",
        "permissions": ["products.read"],
        "grants": [{"permission": "products.read", "channelIds": None}],
        "isActive": True,
        "expiresAt": None,
        "revokedAt": None,
        "version": 2,
    }
    assert code_of(await program.send("{ categories { totalCount } }")) == (403, "FORBIDDEN")
    assert (await program("{ products { totalCount } }"))["products"]["totalCount"] == 0
    late = await boss(UPDATE, {"id": id, "input": {"name": "Eve", "version": 1}})
    assert late == {"apiKeyUpdate": {"code": "VERSION_CONFLICT", "path": ["input", "version"], "current": 2}}
    assert (await boss(UPDATE, {"id": id, "input": {"name": "Feed"}}))["apiKeyUpdate"]["version"] == 2


async def test_a_key_made_anew_replaces_the_one_before(boss: Caller, own_http: httpx2.AsyncClient) -> None:
    id, old = await issued(boss, "categories.read")
    assert await is_let_in(own_http, old)
    made = (await boss(ROTATE, {"id": id}))["apiKeyRotate"]
    assert (made["apiKey"]["id"], made["apiKey"]["permissions"]) == (id, ["categories.read"])
    assert [await is_let_in(own_http, each) for each in (old, made["key"])] == [False, True]
    found = await boss("query ($id: ID!) { apiKey(id: $id) { prefix version } }", {"id": id})
    assert found["apiKey"] == {"prefix": prefix_of(made["key"]), "version": 2}


async def test_of_two_who_make_a_key_anew_one_has_it(shop_settings: Settings, boss: Caller) -> None:
    id, old = await issued(boss, "categories.read")
    async with calling(shop_settings.model_copy(update={"write_connections": 4})) as http:
        answers = await asyncio.gather(*(admin_caller(http)(ROTATE, {"id": id}) for _ in range(4)))
        keys = [old, *(answer["apiKeyRotate"]["key"] for answer in answers)]
        assert sorted([await is_let_in(http, key) for key in keys]) == [False] * 4 + [True]
        await asyncio.gather(*(admin_caller(http)(REVOKE, {"id": id}) for _ in range(4)))
        assert not any([await is_let_in(http, key) for key in keys])


async def test_a_revoked_key_opens_nothing_any_more(
    boss: Caller, context: Context, own_http: httpx2.AsyncClient
) -> None:
    id, key = await issued(boss, "categories.read")
    _, other = await issued(boss, "categories.read")
    assert await is_let_in(own_http, key)
    revoked = (await boss(REVOKE, {"id": id}))["apiKeyRevoke"]
    assert (revoked["isActive"], revoked["revokedAt"]) == (False, "2026-11-22T12:00:00.000000Z")
    assert matrix.refusal(await holding(own_http, key).send("{ __typename }")) == (401, "UNAUTHENTICATED", OVER)
    assert await is_let_in(own_http, other)
    assert (await boss(REVOKE, {"id": id}))["apiKeyRevoke"] == revoked
    over = {"code": "API_KEY_OVER", "path": []}
    assert await boss(ROTATE, {"id": id}) == {"apiKeyRotate": over}
    assert await boss(UPDATE, {"id": id, "input": {"name": "Feed"}}) == {"apiKeyUpdate": over}
    kept = "SELECT name, revoked_by FROM identity.api_key WHERE id = :id"
    assert await rows(context, kept, id=id) == [("Sync", person_id("administrator"))]
    told = "SELECT count(*) FROM platform.outbox WHERE name = 'identity.ApiKeyRevoked'"
    assert await rows(context, told) == [(1,)]


async def test_a_revoked_key_is_refused_whatever_becomes_of_valkey(
    boss: Caller, context: Context, shop_settings: Settings, own_http: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Revoked by a process that Valkey cannot hear; what it remembers still says that the key opens something."""
    monkeypatch.setattr(authentication, "BELIEVED_S", 0.0)
    id, key = await issued(boss, "categories.read")
    assert shop_settings.valkey_url is not None
    async with (
        ValkeyGate(shop_settings.valkey_url) as gate,
        calling(shop_settings.model_copy(update={"valkey_url": gate.url})) as elsewhere,
    ):
        assert await is_let_in(own_http, key)
        await gate.shut()
        await admin_caller(elsewhere)(REVOKE, {"id": id})
        assert context.valkey is not None
        assert await context.valkey.fetch(remembered_as(token_hash(key))) is not None
        assert not await is_let_in(elsewhere, key)
        assert not await is_let_in(own_http, key)


async def test_keys_end_when_they_were_to(boss: Caller, shop_settings: Settings, own_http: Any) -> None:
    day = timedelta(days=1)
    id, key = await issued(boss, "categories.read", expiresAt=(NOW + day).isoformat())
    _, endless = await issued(boss, "categories.read")
    assert await is_let_in(own_http, key)
    async with calling(shop_settings, now=NOW + day - timedelta(seconds=1)) as http:
        assert await is_let_in(http, key)
    async with calling(shop_settings, now=NOW + day) as http:
        assert matrix.refusal(await holding(http, key).send("{ __typename }")) == (401, "UNAUTHENTICATED", OVER)
        assert await is_let_in(http, endless)
        staff = admin_caller(http)
        [found] = (await staff("{ apiKeys(filter: {isActive: {eq: false}}) { nodes { id isActive } } }"))["apiKeys"][
            "nodes"
        ]
        assert found == {"id": id, "isActive": False}
        later = (NOW + 2 * day).isoformat()
        over = {"code": "API_KEY_OVER", "path": []}
        assert await staff(UPDATE, {"id": id, "input": {"expiresAt": later}}) == {"apiKeyUpdate": over}


async def test_where_keys_open_nothing(boss: Caller, own_http: httpx2.AsyncClient) -> None:
    _, key = await issued(boss, "categories.read")
    shop = Caller(own_http, "/shop/graphql", {"Authorization": f"Bearer {key}"})
    elsewhere = 401, "UNAUTHENTICATED", "An API key opens the admin API only."
    assert matrix.refusal(await shop.send("{ __typename }")) == elsewhere
    for made in (new_api_key(), key[:-1] + ("x" if key[-1] != "x" else "y")):
        assert matrix.refusal(await holding(own_http, made).send("{ __typename }")) == (401, "UNAUTHENTICATED", OVER)
    for made in ("mercer_key_", prefix_of(key), f"{key}x", key.upper(), f"{key} {key}", "mercer_key_" + "x" * 9_000):
        assert code_of(await holding(own_http, made).send("{ __typename }")) == (401, "UNAUTHENTICATED"), made


async def test_when_and_from_where_a_key_was_last_used(shop_settings: Settings) -> None:
    async with acting(shop_settings) as context:
        async with calling(shop_settings) as http:
            id, key = await issued(admin_caller(http), "categories.read")
        used = "SELECT last_used_at, last_used_ip, version FROM identity.api_key WHERE id = :id"
        assert await rows(context, used, id=id) == [(None, None, 1)]
        seen = []
        for seconds in (0, 59, 61, 90, 130):
            async with calling(shop_settings, now=NOW + timedelta(seconds=seconds)) as http:
                assert await is_let_in(http, key)
            [(at, ip, version)] = await rows(context, used, id=id)
            seen.append((at - NOW).total_seconds())
            assert (ip, version) == ("127.0.0.1", 1)
    assert seen == [0, 0, 61, 61, 130]


async def test_the_list_of_keys(boss: Caller) -> None:
    first, key = await issued(boss, "categories.read", name="First")
    second, _ = await issued(boss, "products.read", name="Second")
    await boss(REVOKE, {"id": first})
    query = """query ($filter: ApiKeyFilter) {
        apiKeys(filter: $filter, sort: {field: NAME, direction: ASC}) { nodes { name } } }"""
    nobody = "00000000-0000-7000-8000-000000000000"
    for filter, expected in (
        ({}, ["First", "Second"]),
        ({"isActive": {"eq": True}}, ["Second"]),
        ({"prefix": {"eq": prefix_of(key)}}, ["First"]),
        ({"createdById": {"eq": str(person_id("administrator"))}}, ["First", "Second"]),
        ({"createdById": {"eq": nobody}}, []),
    ):
        found = (await boss(query, {"filter": filter}))["apiKeys"]["nodes"]
        assert [each["name"] for each in found] == expected, filter
    shown = await boss(
        "query ($id: ID!) { apiKey(id: $id) { prefix createdBy { name } revokedBy { name } createdAt lastUsedAt } }",
        {"id": first},
    )
    by = {"name": "administrator"}
    assert shown["apiKey"] == {
        "prefix": prefix_of(key),
        "createdBy": by,
        "revokedBy": by,
        "createdAt": "2026-11-22T12:00:00.000000Z",
        "lastUsedAt": None,
    }
    assert (await boss("query ($id: ID!) { apiKey(id: $id) { revokedBy { name } } }", {"id": second}))["apiKey"] == {
        "revokedBy": None
    }


async def test_a_keys_idempotency_keys_are_its_own(boss: Caller, context: Context, own_http: Any) -> None:
    programs = [holding(own_http, (await issued(boss, "categories.manage"))[1]) for _ in range(2)]
    made = [
        (await program(CATEGORY, idempotency_key="once"))["categoryCreate"]["id"]
        for program in (programs[0], programs[0], programs[1], boss)
    ]
    assert (made[0] == made[1], len(set(made))) == (True, 3)
    assert await rows(context, "SELECT count(*) FROM catalog.category") == [(3,)]


async def test_each_key_has_a_rate_of_its_own(boss: Caller, shop_settings: Settings) -> None:
    keys = [(await issued(boss, "categories.manage"))[1] for _ in range(2)]
    async with calling(shop_settings.model_copy(update={"mutations_per_minute": 2})) as http:
        statuses = [
            (await holding(http, key).send(CATEGORY)).status_code for key in (keys[0], keys[0], keys[0], keys[1])
        ]
    assert statuses == [200, 200, 429, 200]


async def test_a_keys_version_tells_that_it_changed(context: Context, boss: Caller) -> None:
    """What was read of it before is believed no more."""
    id, key = await issued(boss, "categories.read")
    found = await service.find_api_key(context, key=key)
    assert found is not None
    assert (str(found.id), found.owner_id, found.version, found.is_api_key) == (id, found.id, 1, True)
    async with context.database.transaction() as connection:
        await queries.update_key(connection, found.id, now=NOW, revoked_at=NOW)
    assert await service.find_api_key(context, key=key) is None
    assert (await service.list_outdated_sessions(context))[found.id] == 2
