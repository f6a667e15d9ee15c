"""What a session lets its owner do; and who ends whose: one's own, and staff those of others."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import sqlalchemy as sa
from starlette.requests import HTTPConnection
from tests.callers import calling
from tests.factories.shop import NOW
from tests.identity.people import Person, a_customer, a_staff_member, another_session, as_customer, code_of, rows

from mercer.identity import service
from mercer.identity.errors import SessionUnknown
from mercer.identity.graphql.authentication import authenticate
from mercer.identity.models import Audience, FactorLevel
from mercer.identity.tables import role
from mercer.platform.actors import Actor, ActorKind, Scope
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

CHANNEL = uuid4()
ROLES: dict[str, dict[str, Any]] = {
    "refunder": {
        "permissions": ["orders.manage", "orders.read"],
        "bounds": {"orders.manage": {"channels": [str(CHANNEL)], "amounts": {"EUR": 5_000}}},
    },
    "leader": {"permissions": ["staff.manage", "staff.read"]},
    "guarded": {"permissions": ["roles.manage", "orders.read"], "needs_factor": True},
}


@pytest.fixture
async def shop(context: Context) -> Context:
    """A shop with these roles."""
    async with context.database.transaction() as connection:
        for code, given in ROLES.items():
            await connection.execute(sa.insert(role).values(code=code, name=code, **given))
    return context


async def _acts(context: Context, token: str, **passed: float) -> Actor:
    """Who shows this token at the admin API, so much later."""
    now, origin = context.now + timedelta(**passed), replace(context.origin, api="admin")
    shown = HTTPConnection({"type": "http", "headers": [(b"authorization", f"Bearer {token}".encode())]})
    return await authenticate(replace(context, now=now, origin=origin), shown)


async def test_a_session_goes_as_far_as_its_owners_roles(shop: Context) -> None:
    person = await a_staff_member(shop, "refunder", "guarded")
    scope = Scope(channels=frozenset({CHANNEL}), amounts={"EUR": 5_000})
    for _ in range(2):  # read from its row, and as Valkey remembers it
        assert await _acts(shop, person.token) == Actor(
            kind=ActorKind.STAFF,
            id=person.id,
            session_id=person.session_id,
            permissions=frozenset({"orders.manage", "orders.read"}),
            bounds={"orders.manage": (scope,)},
            withheld=frozenset({"roles.manage"}),
            is_fresh=True,
        )


async def test_a_second_factor_brings_what_is_withheld(shop: Context) -> None:
    person = await a_staff_member(shop, "guarded")
    async with transaction(shop) as inner:
        opened = await service.open_session(
            inner, audience=Audience.ADMIN, owner_id=person.id, factor_level=FactorLevel.TWO_FACTORS
        )
    given = frozenset({"roles.manage", "orders.read"})
    weak, strong = await _acts(shop, person.token), await _acts(shop, opened.token)
    assert (weak.permissions, weak.withheld) == (frozenset(), given)
    assert (strong.permissions, strong.withheld) == (given, frozenset())


async def test_it_is_fresh_for_a_quarter_of_an_hour(shop: Context) -> None:
    person = await a_staff_member(shop)
    fresh = [(await _acts(shop, person.token, seconds=seconds)).is_fresh for seconds in (0, 30, 899.9, 900, 3_600)]
    assert fresh == [True, True, True, False, False]
    async with transaction(replace(shop, now=NOW + timedelta(hours=1))) as inner:
        renewed = await service.renew_session(inner, session_id=person.session_id, factor_level=FactorLevel.PASSWORD)
    assert (await _acts(shop, renewed.token, minutes=74)).is_fresh
    assert not (await _acts(shop, renewed.token, minutes=75)).is_fresh


END_ONE = "mutation ($id: ID!) { %sSessionRevoke(id: $id) { ... on SessionsEnded { count } ... on Error { code } } }"
END_CUSTOMERS = """mutation ($id: ID!) { customerSessionsRevoke(customerId: $id) {
    ... on SessionsEnded { count } ... on Error { code } } }"""
END_STAFFS = """mutation ($id: ID!) { staffSessionsRevoke(staffId: $id) {
    ... on SessionsEnded { count } ... on Error { code } ... on PermissionsLacking { permissions } } }"""


async def _are_open(http: httpx2.AsyncClient, *people: Person) -> list[bool]:
    return [(await person.at(http).send("{ __typename }")).status_code == 200 for person in people]


async def _told(context: Context) -> list[Mapping[str, Any]]:
    found = "SELECT payload FROM platform.outbox WHERE name = 'identity.SessionsRevoked' ORDER BY id"
    return [payload for (payload,) in await rows(context, found)]


async def test_ones_sessions(context: Context, own_http: httpx2.AsyncClient) -> None:
    first = await a_customer(context)
    second, stranger = await another_session(context, first), await a_customer(context)
    query = """{ mySessions { nodes {
        id ip userAgent device isCurrent isRefreshable factorLevel confirmedAt createdAt lastSeenAt expiresAt
    } } }"""
    found = (await first.at(own_http)(query))["mySessions"]
    moment = "2026-11-22T12:00:00.000000Z"
    shown = {"ip": "192.0.2.7", "userAgent": None, "device": None, "isRefreshable": False, "factorLevel": "PASSWORD"}
    shown |= {"createdAt": moment, "lastSeenAt": moment, "confirmedAt": moment}
    shown["expiresAt"] = "2026-12-06T12:00:00.000000Z"
    assert sorted(found["nodes"], key=lambda node: node["isCurrent"]) == [
        {"id": str(second.session_id), "isCurrent": False, **shown},
        {"id": str(first.session_id), "isCurrent": True, **shown},
    ]
    revoke = "mutation ($id: ID!) { sessionRevoke(id: $id) { ... on SessionsEnded { count } ... on Error { code } } }"
    caller = first.at(own_http)
    for id in (str(stranger.session_id), "nonsense", str(person_id := first.id)):
        assert await caller(revoke, {"id": id}) == {"sessionRevoke": {"code": "SESSION_UNKNOWN"}}, person_id
    assert await _are_open(own_http, stranger) == [True]
    assert await caller(revoke, {"id": str(second.session_id)}) == {"sessionRevoke": {"count": 1}}
    assert await caller(revoke, {"id": str(second.session_id)}) == {"sessionRevoke": {"code": "SESSION_UNKNOWN"}}
    assert await _are_open(own_http, second) == [False]
    third = await another_session(context, first)
    others = "mutation { sessionRevokeOthers { ... on SessionsEnded { count } } }"
    assert await caller(others) == {"sessionRevokeOthers": {"count": 1}}
    assert await _are_open(own_http, first, third, stranger) == [True, False, True]


async def test_a_session_is_revoked_once_however_many_try(context: Context) -> None:
    person = await a_customer(context)

    async def revoke() -> str:
        try:
            async with transaction(as_customer(context, person)) as inner:
                await service.revoke_session(inner, session_id=person.session_id)
        except SessionUnknown:
            return "unknown"
        return "revoked"

    outcomes: list[str] = []
    for _ in range(5):
        outcomes += await asyncio.gather(revoke(), revoke())
    assert sorted(outcomes) == ["revoked"] + ["unknown"] * 9
    audited = "SELECT count(*) FROM platform.audit WHERE entity = 'Session' AND changes ? 'revokedReason'"
    assert await rows(context, audited) == [(1,)]
    announced = "SELECT payload FROM platform.outbox WHERE name = 'identity.SessionsRevoked'"
    [(payload,)] = await rows(context, announced)
    assert payload == {
        "reason": "revoked",
        "session_ids": [str(person.session_id)],
        "customer_id": str(person.id),
        "staff_id": None,
    }


async def test_staff_end_sessions_of_customers(context: Context, own_http: httpx2.AsyncClient) -> None:
    support, first, stranger = (
        await a_staff_member(context, "customer_support"),
        *[await a_customer(context) for _ in "ab"],
    )
    second, third = await another_session(context, first), await another_session(context, first)
    staff, one, every = support.at(own_http), END_ONE % "customer", END_CUSTOMERS
    assert await staff(one, {"id": str(second.session_id)}) == {"customerSessionRevoke": {"count": 1}}
    for id in (second.session_id, support.session_id, first.id, "nonsense"):
        assert await staff(one, {"id": str(id)}) == {"customerSessionRevoke": {"code": "SESSION_UNKNOWN"}}
    for id in (support.id, "nonsense"):
        assert await staff(every, {"id": str(id)}) == {"customerSessionsRevoke": {"code": "CUSTOMER_UNKNOWN"}}
    assert await _are_open(own_http, support, first, second, third, stranger) == [True, True, False, True, True]
    assert await staff(every, {"id": str(first.id)}) == {"customerSessionsRevoke": {"count": 2}}
    assert await staff(every, {"id": str(first.id)}) == {"customerSessionsRevoke": {"count": 0}}
    assert await _are_open(own_http, support, first, third, stranger) == [True, False, False, True]
    owner = {"reason": "ended_by_staff", "customer_id": str(first.id), "staff_id": None}
    assert [{**each, "session_ids": sorted(each["session_ids"])} for each in await _told(context)] == [
        {"session_ids": [str(second.session_id)], **owner},
        {"session_ids": sorted(str(each.session_id) for each in (first, third)), **owner},
    ]


async def test_staff_end_sessions_of_those_they_govern(shop: Context, own_http: httpx2.AsyncClient) -> None:
    leader, helper, boss = [await a_staff_member(shop, *held) for held in (["leader"], [], ["administrator"])]
    again, one, every = await another_session(shop, helper), END_ONE % "staff", END_STAFFS
    staff = leader.at(own_http)
    assert await staff(one, {"id": str(helper.session_id)}) == {"staffSessionRevoke": {"count": 1}}
    assert await staff(one, {"id": str(boss.session_id)}) == {"staffSessionRevoke": {"code": "PERMISSIONS_LACKING"}}
    lacking = (await staff(every, {"id": str(boss.id)}))["staffSessionsRevoke"]
    assert (lacking["code"], "roles.manage" in lacking["permissions"]) == ("PERMISSIONS_LACKING", True)
    customer = await a_customer(shop)
    for id in (helper.session_id, customer.session_id, helper.id, "nonsense"):
        assert await staff(one, {"id": str(id)}) == {"staffSessionRevoke": {"code": "SESSION_UNKNOWN"}}
    for id in (customer.id, "nonsense"):
        assert await staff(every, {"id": str(id)}) == {"staffSessionsRevoke": {"code": "STAFF_UNKNOWN"}}
    assert await _are_open(own_http, leader, helper, again, boss, customer) == [True, False, True, True, True]
    assert await staff(every, {"id": str(helper.id)}) == {"staffSessionsRevoke": {"count": 1}}
    elsewhere = await another_session(shop, leader)
    assert await staff(every, {"id": str(leader.id)}) == {"staffSessionsRevoke": {"count": 1}}
    assert await _are_open(own_http, leader, elsewhere, again, boss) == [True, False, False, True]


@pytest.mark.parametrize("mutation", [END_ONE % "staff", END_STAFFS], ids=["one", "all"])
async def test_only_who_is_fresh_ends_sessions_of_staff(shop: Context, shop_settings: Settings, mutation: str) -> None:
    boss, helper = await a_staff_member(shop, "administrator"), await a_staff_member(shop)
    traces = """SELECT (SELECT count(*) FROM identity.session WHERE revoked_at IS NOT NULL OR version > 1),
        (SELECT count(*) FROM platform.audit), (SELECT count(*) FROM platform.outbox)"""
    before = await rows(shop, traces)
    id = str(helper.session_id if "SessionRevoke(" in mutation else helper.id)
    async with calling(shop_settings, now=NOW + timedelta(minutes=15)) as http:
        assert code_of(await boss.at(http).send(mutation, {"id": id})) == (403, "FRESH_FACTOR_REQUIRED")
        assert await _are_open(http, boss, helper) == [True, True]
    assert await rows(shop, traces) == before


async def test_a_session_ends_once_whoever_ends_it(shop: Context, own_http: httpx2.AsyncClient) -> None:
    support, customer = await a_staff_member(shop, "customer_support"), await a_customer(shop)
    elsewhere = await another_session(shop, customer)
    own = "mutation ($id: ID!) { sessionRevoke(id: $id) { ... on SessionsEnded { count } ... on Error { code } } }"
    id = {"id": str(customer.session_id)}
    answers = await asyncio.gather(
        *(support.at(own_http)(END_ONE % "customer", id) for _ in range(3)),
        *(elsewhere.at(own_http)(own, id) for _ in range(3)),
    )
    outcomes = sorted(str(outcome) for answer in answers for outcome in answer.values())
    assert outcomes == ["{'code': 'SESSION_UNKNOWN'}"] * 5 + ["{'count': 1}"]
    assert len(await _told(shop)) == 1
