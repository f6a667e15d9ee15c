"""The log of who tried to come in: staff read all of it, everybody his own, and no address stands in it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.callers import Caller, admin_caller, shop_caller
from tests.factories.shop import NOW
from tests.identity.people import OTHER_PASSWORD, PASSWORD, Person, a_customer, a_staff_member, code_of, rows

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong, TooManyAttempts
from mercer.identity.models import Audience
from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
LOG = """query ($filter: SignInAttemptFilter, $first: Int, $after: String) {
    signInAttempts(filter: $filter, first: $first, after: $after) {
        nodes { happenedAt surface outcome accountId ip device }
        totalCount pageInfo { hasNextPage endCursor }
    } }"""
MINE = "{ mySignInAttempts(first: 50) { nodes { surface outcome ip device } } }"


async def _try(context: Context, email: str, password: str, *, audience: Audience = Audience.SHOP, **given: Any) -> str:
    origin = {"ip": "192.0.2.7", "user_agent": FIREFOX} | given
    try:
        await service.sign_in(
            replace(context, origin=Origin(**origin)), audience=audience, email=email, password=password
        )
    except (CredentialsWrong, TooManyAttempts) as error:
        return type(error).__name__
    return "in"


@pytest.fixture
async def logged(context: Context, own_http: httpx2.AsyncClient) -> tuple[Person, Person, Caller]:
    """A customer and a member of staff at whose accounts somebody guessed, and an administrator."""
    customer, staff = await a_customer(context, email="ada@example.com"), await a_staff_member(context)
    for number in range(3):
        at = replace(context, now=NOW + timedelta(minutes=number))
        await _try(at, customer.email, OTHER_PASSWORD, ip="198.51.100.1", user_agent="curl/8.5.0")
    at = replace(context, now=NOW + timedelta(minutes=3))
    await _try(at, customer.email, PASSWORD)
    await _try(at, staff.email, PASSWORD, audience=Audience.ADMIN, user_agent=None)
    await _try(at, "nobody@example.com", OTHER_PASSWORD)
    return customer, staff, admin_caller(own_http)


async def _asked(admin: Caller, **filter: Any) -> list[tuple[Any, ...]]:
    found = (await admin(LOG, {"filter": filter}))["signInAttempts"]
    assert found["totalCount"] == len(found["nodes"])
    return [tuple(node[name] for name in ("surface", "outcome", "ip", "device")) for node in found["nodes"]]


async def test_staff_ask_for_what_they_look_for(logged: tuple[Person, Person, Caller]) -> None:
    customer, staff, admin = logged
    guess = ("SHOP_SIGN_IN", "WRONG", "198.51.100.1", "curl")
    entry = ("SHOP_SIGN_IN", "SUCCEEDED", "192.0.2.7", "Firefox on Windows")
    registration = ("REGISTRATION", "SUCCEEDED", "192.0.2.7", None)
    verification = ("MAILED_TOKEN", "SUCCEEDED", "192.0.2.7", None)
    staffs = ("ADMIN_SIGN_IN", "SUCCEEDED", "192.0.2.7", None)
    nobodys = ("SHOP_SIGN_IN", "WRONG", "192.0.2.7", "Firefox on Windows")
    assert await _asked(admin, accountId={"eq": str(customer.id)}) == [
        entry,
        guess,
        guess,
        guess,
        verification,
        registration,
    ]
    assert await _asked(admin, accountId={"eq": str(staff.id)}) == [staffs]
    assert await _asked(admin, ip={"eq": "198.51.100.1"}) == [guess] * 3
    assert sorted(await _asked(admin, outcome={"in": ["WRONG"]})) == sorted([guess] * 3 + [nobodys])
    assert await _asked(admin, surface={"in": ["ADMIN_SIGN_IN", "ADMIN_FACTOR"]}) == [staffs]
    assert await _asked(admin, surface={"in": []}) == []
    after, before = "2026-11-22T12:01:00Z", "2026-11-22T12:02:00Z"
    assert await _asked(admin, happenedAt={"gte": after, "lte": before}) == [guess] * 2
    assert await _asked(admin, outcome={"in": ["HELD_UP", "REPLAYED"]}) == []


async def test_pages_of_the_log_meet(logged: tuple[Person, Person, Caller]) -> None:
    _, _, admin = logged
    whole = (await admin(LOG, {"first": 100}))["signInAttempts"]
    found, after = [], None
    while True:
        page = (await admin(LOG, {"first": 2, "after": after}))["signInAttempts"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == whole["nodes"]
    assert len(found) == whole["totalCount"] == 8
    assert [each["happenedAt"] for each in found] == sorted((each["happenedAt"] for each in found), reverse=True)


async def test_everybody_reads_his_own(
    context: Context, own_http: httpx2.AsyncClient, logged: tuple[Person, Person, Caller]
) -> None:
    """Also that he was held up, and from where others tried; and nothing of anybody else's."""
    customer, staff, _ = logged
    stranger = await a_customer(context)
    for _ in range(3):
        await _try(context, customer.email, OTHER_PASSWORD, ip="198.51.100.1", user_agent="curl/8.5.0")
    own = (await customer.at(own_http)(MINE))["mySignInAttempts"]["nodes"]
    assert sorted((each["outcome"], each["ip"]) for each in own) == [
        ("HELD_UP", "198.51.100.1"),
        *[("SUCCEEDED", "192.0.2.7")] * 3,
        *[("WRONG", "198.51.100.1")] * 5,
    ]
    assert [each["surface"] for each in (await staff.at(own_http)(MINE))["mySignInAttempts"]["nodes"]] == [
        "ADMIN_SIGN_IN"
    ]
    theirs = (await stranger.at(own_http)(MINE))["mySignInAttempts"]["nodes"]
    assert [each["surface"] for each in theirs] == ["MAILED_TOKEN", "REGISTRATION"]


async def test_who_may_read_the_log(own_http: httpx2.AsyncClient, logged: tuple[Person, Person, Caller]) -> None:
    _, _, admin = logged
    support = admin_caller(own_http, role="customer_support")
    assert (await support(LOG))["signInAttempts"]["totalCount"] == 8
    for role in ("merchandiser", "marketer", "fulfilment", "finance", "analyst"):
        assert code_of(await admin_caller(own_http, role=role).send(LOG)) == (403, "FORBIDDEN")
    for caller in (replace(admin, headers={}), shop_caller(own_http)):
        assert code_of(await caller.send(MINE)) == (401, "UNAUTHENTICATED")
    assert "errors" in (await shop_caller(own_http).send(LOG)).json()  # the shop has no such field


async def test_the_log_leads_to_accounts_for_who_may_see_them(
    own_http: httpx2.AsyncClient, logged: tuple[Person, Person, Caller]
) -> None:
    customer, staff, admin = logged
    whose = """query ($id: ID!) { signInAttempts(filter: {accountId: {eq: $id}}, first: 1) {
        nodes { customer { id } staff { id } } } }"""
    for person, expected in (
        (customer, {"customer": {"id": str(customer.id)}, "staff": None}),
        (staff, {"customer": None, "staff": {"id": str(staff.id)}}),
    ):
        assert (await admin(whose, {"id": str(person.id)}))["signInAttempts"]["nodes"] == [expected]
    support = admin_caller(own_http, role="customer_support")
    assert code_of(await support.send(whose, {"id": str(staff.id)})) == (403, "FORBIDDEN")


@pytest.mark.usefixtures("logged")
async def test_no_address_stands_in_the_log(context: Context) -> None:
    """People type passwords where the address goes: only a digest of it is kept."""
    await _try(context, "my secret passphrase", PASSWORD)
    everything = await rows(context, "SELECT string_agg(a::text, ' ') FROM identity.attempt a")
    for hidden in ("ada@", "example.com", "passphrase", "otters"):
        assert hidden not in everything[0][0]


@pytest.mark.usefixtures("logged")
async def test_the_log_is_kept_for_half_a_year(context: Context) -> None:
    for days, left in ((179, 8), (181, 0)):
        async with transaction(replace(context, now=NOW + timedelta(days=days))) as inner:
            await service.forget_old(inner)
        assert await rows(context, "SELECT count(*) FROM identity.attempt") == [(left,)]


async def test_hostile_callers_are_logged_in_short(context: Context) -> None:
    await _try(context, "nobody@example.com", PASSWORD, user_agent="x" * 100_000, ip=None)
    [(agent, device)] = await rows(context, "SELECT length(user_agent), length(device) FROM identity.attempt")
    assert agent == 500
    assert device is None or device <= 80
