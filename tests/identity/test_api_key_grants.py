"""What an API key may be given, and by whom."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from tests.callers import Caller, admin_caller, calling
from tests.factories.shop import NOW
from tests.identity.keys import CREATE, REVOKE, ROTATE, UPDATE, holding, issued
from tests.identity.people import a_staff_member, code_of, rows

from mercer.app import PERMISSIONS
from mercer.identity import service
from mercer.identity.models import Audience, FactorLevel
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction


@pytest.fixture
def boss(own_http: httpx2.AsyncClient) -> Caller:
    return admin_caller(own_http)


FAULTY: list[tuple[dict[str, Any], Any]] = [
    ({"permissions": ["*"]}, {"code": "PERMISSIONS_NOT_FOR_KEYS", "permissions": ["*"]}),
    (
        {"permissions": ["staff.read", "roles.manage", "api_keys.read", "products.read"]},
        {"code": "PERMISSIONS_NOT_FOR_KEYS", "permissions": ["api_keys.read", "roles.manage", "staff.read"]},
    ),
    ({"permissions": ["everything"]}, ["permissions"]),
    ({"permissions": ["products.read"] * 501}, ["permissions"]),
    ({"name": " "}, ["name"]),
    ({"name": "x" * 101}, ["name"]),
    ({"name": "two\nlines"}, ["name"]),
    ({"expiresAt": NOW.isoformat()}, ["expiresAt"]),
    ({"expiresAt": "1969-12-31T23:59:59Z"}, ["expiresAt"]),
    ({"bounds": [{"permission": "orders.read", "isOwnOnly": True}]}, ["bounds", "0", "permission"]),
    ({"bounds": [{"permission": "products.read", "isOwnOnly": True}]}, ["bounds", "0", "isOwnOnly"]),
]


async def test_faulty_keys(boss: Caller, context: Context) -> None:
    """Nothing is made of them, and no key is changed so."""
    id, _ = await issued(boss, "products.read")
    before = await rows(context, "SELECT * FROM identity.api_key")
    for changes, expected in FAULTY:
        outcome = {"path": ["input", "permissions"], **expected} if isinstance(expected, dict) else _invalid(*expected)
        asked = {"name": "Sync", "permissions": ["products.read"]} | changes
        assert await boss(CREATE, {"input": asked}) == {"apiKeyCreate": outcome}, changes
        assert await boss(UPDATE, {"id": id, "input": changes}) == {"apiKeyUpdate": outcome}, changes
    assert await rows(context, "SELECT * FROM identity.api_key") == before


def _invalid(*path: str) -> dict[str, Any]:
    return {"code": "INVALID_INPUT", "path": [], "fields": [{"path": ["input", *path]}]}


async def test_a_limited_key_stays_limited(boss: Caller, own_http: httpx2.AsyncClient) -> None:
    """Other permissions do not lift the bounds of those that stay; bounds that are given are all there are."""
    channels = (await boss("{ channels { nodes { id } } }"))["channels"]["nodes"]
    bound = {"permission": "orders.read", "channelIds": [channels[0]["id"]]}
    id, key = await issued(boss, "orders.read", "products.read", bounds=[bound])
    limited = {"permission": "orders.read", "channelIds": [channels[0]["id"]]}
    for input, grants in (
        ({"permissions": ["categories.read", "orders.read"]}, [("categories.read", None), limited]),
        ({"name": "Feed"}, [("categories.read", None), limited]),
        ({"permissions": ["categories.read"]}, [("categories.read", None)]),
        ({"permissions": ["orders.read"], "bounds": [bound]}, [limited]),
        ({"bounds": []}, [("orders.read", None)]),
    ):
        expected = [each if isinstance(each, dict) else dict(zip(limited, each, strict=True)) for each in grants]
        assert (await boss(UPDATE, {"id": id, "input": input}))["apiKeyUpdate"]["grants"] == expected
    assert (await holding(own_http, key)("{ orders { totalCount } }"))["orders"]["totalCount"] == 0


async def test_unknown_keys(boss: Caller) -> None:
    unknown = {"code": "API_KEY_UNKNOWN", "path": []}
    for id in ("nonsense", "", "00000000-0000-7000-8000-000000000000"):
        assert await boss(UPDATE, {"id": id, "input": {"name": "Feed"}}) == {"apiKeyUpdate": unknown}
        assert await boss(ROTATE, {"id": id}) == {"apiKeyRotate": unknown}
        assert await boss(REVOKE, {"id": id}) == {"apiKeyRevoke": unknown}
        assert await boss("query ($id: ID!) { apiKey(id: $id) { id } }", {"id": id}) == {"apiKey": None}


async def test_nobody_gives_a_key_what_he_lacks(boss: Caller, context: Context, own_http: httpx2.AsyncClient) -> None:
    """Nor does he make a key anew that may do more than he: its secret would be the way to that."""
    async with transaction(context) as inner:
        await service.create_role(
            replace(inner, catalogue=PERMISSIONS),
            code="clerk",
            name="Clerk",
            permissions=["api_keys.manage", "products.read"],
        )
    clerk = (await a_staff_member(context, "clerk")).at(own_http)
    lacking = {"code": "PERMISSIONS_LACKING", "path": [], "permissions": ["orders.read"]}
    asked = {"name": "Sync", "permissions": ["products.read", "orders.read"]}
    assert await clerk(CREATE, {"input": asked}) == {"apiKeyCreate": lacking}
    strong, _ = await issued(boss, "orders.read")
    weak, _ = await issued(clerk, "products.read")
    before = await rows(context, "SELECT * FROM identity.api_key ORDER BY id")
    for query, given in (
        (UPDATE, {"id": strong, "input": {"name": "Mine"}}),
        (UPDATE, {"id": strong, "input": {"permissions": ["products.read"]}}),
        (UPDATE, {"id": weak, "input": {"permissions": ["orders.read"]}}),
        (ROTATE, {"id": strong}),
    ):
        assert [*(await clerk(query, given)).values()] == [lacking]
    assert await rows(context, "SELECT * FROM identity.api_key ORDER BY id") == before
    ended = (await clerk(REVOKE, {"id": strong}))["apiKeyRevoke"]  # one that leaked ends, whoever is there
    assert (ended["id"], ended["isActive"]) == (strong, False)


async def test_a_key_with_a_permission_that_is_no_more(boss: Caller, context: Context) -> None:
    """Another version of the program knew it. Nobody has it, and yet the key can be governed."""
    id, _ = await issued(boss, "products.read")
    async with context.database.transaction() as connection:
        await connection.execute(sa.text("UPDATE identity.api_key SET permissions = '{lanterns.light,products.read}'"))
    assert (await boss(UPDATE, {"id": id, "input": {"name": "Feed"}}))["apiKeyUpdate"]["name"] == "Feed"
    assert (await boss(ROTATE, {"id": id}))["apiKeyRotate"]["apiKey"]["version"] == 3
    assert (await boss(REVOKE, {"id": id}))["apiKeyRevoke"]["isActive"] is False


async def test_nobody_gives_a_key_further_than_he_goes(
    boss: Caller, context: Context, own_http: httpx2.AsyncClient
) -> None:
    here, there = [each["id"] for each in (await boss("{ channels { nodes { id } } }"))["channels"]["nodes"]]
    role = {
        "code": "clerk",
        "name": "Clerk",
        "permissions": ["api_keys.manage", "orders.manage"],
        "bounds": [_limited("50", here)],
    }
    await boss("mutation ($input: RoleCreateInput!) { roleCreate(input: $input) { __typename } }", {"input": role})
    clerk = (await a_staff_member(context, "clerk")).at(own_http)
    for bounds in ([], [_limited("50.01", here)], [_limited("50", there)], [_limited("50", here, there)]):
        asked = {"name": "Sync", "permissions": ["orders.manage"], "bounds": bounds}
        answer = (await clerk(CREATE, {"input": asked}))["apiKeyCreate"]
        assert answer["permissions"] == ["orders.manage"], bounds
    id, _ = await issued(clerk, "orders.manage", bounds=[_limited("49.99", here)])
    stored = "SELECT bounds FROM identity.api_key"
    bound = {"orders.manage": {"channels": [here], "amounts": {"EUR": 4999}}}
    assert await rows(context, stored) == [(bound,)]
    wider = (await clerk(UPDATE, {"id": id, "input": {"bounds": []}}))["apiKeyUpdate"]
    assert wider["code"] == "PERMISSIONS_LACKING"
    await boss(UPDATE, {"id": id, "input": {"bounds": []}})
    beyond = (await clerk(ROTATE, {"id": id}))["apiKeyRotate"]
    assert beyond["code"] == "PERMISSIONS_LACKING"


def _limited(amount: str, *channels: str) -> dict[str, Any]:
    amounts = [{"amount": amount, "currency": "EUR"}]
    return {"permission": "orders.manage", "channelIds": channels, "amounts": amounts}


async def test_keys_are_made_by_whoever_has_lately_shown_who_he_is(
    context: Context, shop_settings: Settings, own_http: httpx2.AsyncClient
) -> None:
    person = await a_staff_member(context, "administrator")
    id, _ = await issued(person.at(own_http), "products.read")
    before = await rows(context, "SELECT * FROM identity.api_key")
    async with calling(shop_settings, now=NOW + timedelta(minutes=15)) as http:
        staff = person.at(http)
        for query, given in (
            (CREATE, {"input": {"name": "Sync", "permissions": ["products.read"]}}),
            (UPDATE, {"id": id, "input": {"name": "Mine"}}),
            (ROTATE, {"id": id}),
            (REVOKE, {"id": id}),
        ):
            assert code_of(await staff.send(query, given)) == (403, "FRESH_FACTOR_REQUIRED")
        assert (await staff("{ apiKeys { totalCount } }"))["apiKeys"]["totalCount"] == 1
    assert await rows(context, "SELECT * FROM identity.api_key") == before


async def test_a_key_is_no_way_around_a_second_factor(
    boss: Caller, context: Context, own_http: httpx2.AsyncClient
) -> None:
    """What its maker has only with one, it has for 90 days at most, whoever makes it anew."""
    async with transaction(replace(context, catalogue=PERMISSIONS)) as inner:
        await service.create_role(inner, code="clerk", name="Clerk", permissions=["api_keys.manage", "products.read"])
        guarded = ["orders.read", "products.read"]
        await service.create_role(inner, code="guarded", name="Guarded", permissions=guarded, needs_factor=True)
    person = await a_staff_member(context, "clerk", "guarded")
    async with transaction(context) as inner:
        level = FactorLevel.TWO_FACTORS
        token = (
            await service.open_session(inner, audience=Audience.ADMIN, owner_id=person.id, factor_level=level)
        ).token
    clerk = replace(person, token=token).at(own_http)
    last, later = NOW + timedelta(days=90), NOW + timedelta(days=90, seconds=1)
    late = {"code": "API_KEY_ENDS_TOO_LATE", "path": ["input", "expiresAt"]}
    asked = {"name": "Sync", "permissions": guarded}
    for end in ({}, {"expiresAt": None}, {"expiresAt": later.isoformat()}):
        assert await clerk(CREATE, {"input": asked | end}) == {"apiKeyCreate": late}
    assert await rows(context, "SELECT id FROM identity.api_key") == []
    endless, _ = await issued(clerk, "products.read")
    id, _ = await issued(clerk, *guarded, expiresAt=last.isoformat())
    strong, _ = await issued(boss, "orders.read")
    before = await rows(context, "SELECT * FROM identity.api_key ORDER BY id")
    for changed, input in (
        (id, {"expiresAt": None}),
        (id, {"expiresAt": later.isoformat()}),
        (endless, {"permissions": guarded}),
        (strong, {"permissions": guarded}),
    ):
        assert await clerk(UPDATE, {"id": changed, "input": input}) == {"apiKeyUpdate": late}
    assert await clerk(ROTATE, {"id": strong}) == {"apiKeyRotate": {**late, "path": []}}
    assert await rows(context, "SELECT * FROM identity.api_key ORDER BY id") == before
    assert (await clerk(UPDATE, {"id": strong, "input": {"name": "Feed"}}))["apiKeyUpdate"]["name"] == "Feed"
    shorter = {"permissions": ["orders.read"], "expiresAt": last.isoformat()}
    assert (await clerk(UPDATE, {"id": strong, "input": shorter}))["apiKeyUpdate"]["version"] == 3
    assert (await clerk(ROTATE, {"id": strong}))["apiKeyRotate"]["apiKey"]["version"] == 4
