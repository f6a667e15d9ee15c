"""Customers, as staff see and govern them."""

import httpx2
import pytest
from tests.callers import Caller, admin_caller
from tests.identity.people import PASSWORD, a_customer, another_session, code_of, rows
from tests.people import person_id

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong
from mercer.identity.models import Audience
from mercer.platform.context import Context

BLOCK = """mutation ($id: ID!, $reason: String) { customerBlock(id: $id, reason: $reason) {
    ... on Customer { blockedAt sessions { id } } ... on Error { code } } }"""
UNBLOCK = """mutation ($id: ID!) { customerUnblock(id: $id) {
    ... on Customer { blockedAt } ... on Error { code } } }"""
UPDATE = """mutation ($id: ID!, $input: CustomerUpdateInput!) { customerUpdate(id: $id, input: $input) {
    ... on Customer { name language version } ... on Error { code } ... on VersionConflict { current }
    ... on InvalidInput { fields { path } } } }"""


@pytest.fixture
def support(own_http: httpx2.AsyncClient) -> Caller:
    """Customer support."""
    return admin_caller(own_http, role="customer_support")


async def test_support_finds_customers(support: Caller, context: Context) -> None:
    ada = await a_customer(context, email="Ada@example.com")
    await a_customer(context, email="bob@example.com", is_verified=False)
    query = """query ($filter: CustomerFilter, $first: Int) {
        customers(filter: $filter, first: $first, sort: {field: EMAIL}) {
            nodes { email name emailVerifiedAt blockedAt } totalCount } }"""
    moment = "2026-11-22T12:00:00.000000Z"
    shown = {"email": "Ada@example.com", "name": "Ada", "emailVerifiedAt": moment, "blockedAt": None}
    assert await support(query, {"filter": {"email": {"eq": "ADA@EXAMPLE.COM"}}}) == {
        "customers": {"nodes": [shown], "totalCount": 1}
    }
    everybody = (await support(query, {"first": 2}))["customers"]
    assert [node["email"] for node in everybody["nodes"]] == ["Ada@example.com", "bob@example.com"]
    assert everybody["totalCount"] == 4
    assert await support(query, {"filter": {"isBlocked": {"eq": True}}}) == {
        "customers": {"nodes": [], "totalCount": 0}
    }
    sessions = await support(f'{{ customer(id: "{ada.id}") {{ sessions {{ id ip }} }} }}')
    assert sessions == {"customer": {"sessions": [{"id": str(ada.session_id), "ip": "192.0.2.7"}]}}


async def test_a_blocked_customer_is_out_until_he_is_unblocked(
    support: Caller, context: Context, own_http: httpx2.AsyncClient
) -> None:
    person = await a_customer(context)
    other = await another_session(context, person)
    asked = {"id": str(person.id), "reason": "chargebacks"}
    blocked = {"customerBlock": {"blockedAt": "2026-11-22T12:00:00.000000Z", "sessions": []}}
    assert await support(BLOCK, asked) == blocked
    assert await support(BLOCK, asked) == blocked
    for each in (person, other):
        assert code_of(await each.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")
    with pytest.raises(CredentialsWrong):
        await service.sign_in(context, audience=Audience.SHOP, email=person.email, password=PASSWORD)
    assert await support(UNBLOCK, {"id": str(person.id)}) == {"customerUnblock": {"blockedAt": None}}
    assert await support(UNBLOCK, {"id": str(person.id)}) == {"customerUnblock": {"blockedAt": None}}
    assert await service.sign_in(context, audience=Audience.SHOP, email=person.email, password=PASSWORD)
    assert code_of(await person.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")
    audited = """SELECT changes, reason, actor_id, operation FROM platform.audit
        WHERE entity = 'Customer' AND changes ? 'blockedAt' ORDER BY id"""
    who = person_id("customer_support")
    moment = "2026-11-22T12:00:00Z"
    assert await rows(context, audited) == [
        ({"blockedAt": [None, moment]}, "chargebacks", who, "customerBlock"),
        ({"blockedAt": [moment, None]}, None, who, "customerUnblock"),
    ]
    told = "SELECT name FROM platform.outbox WHERE name LIKE 'identity.Customer%locked' ORDER BY id"
    assert await rows(context, told) == [("identity.CustomerBlocked",), ("identity.CustomerUnblocked",)]


async def test_support_changes_customers(support: Caller, context: Context) -> None:
    person = await a_customer(context)
    asked = {"id": str(person.id), "input": {"name": "Ada L.", "language": "de", "version": 2}}
    assert await support(UPDATE, asked) == {"customerUpdate": {"name": "Ada L.", "language": "de", "version": 3}}
    assert await support(UPDATE, asked) == {"customerUpdate": {"code": "VERSION_CONFLICT", "current": 3}}
    faulty = await support(UPDATE, {"id": str(person.id), "input": {"language": "klingon"}})
    assert faulty == {"customerUpdate": {"code": "INVALID_INPUT", "fields": [{"path": ["input", "language"]}]}}


@pytest.mark.parametrize("id", ["nonsense", "00000000-0000-7000-8000-000000000000"])
async def test_unknown_customers(support: Caller, id: str) -> None:
    unknown = {"code": "CUSTOMER_UNKNOWN"}
    assert await support(BLOCK, {"id": id}) == {"customerBlock": unknown}
    assert await support(UNBLOCK, {"id": id}) == {"customerUnblock": unknown}
    assert await support(UPDATE, {"id": id, "input": {}}) == {"customerUpdate": unknown}
    assert await support(f'{{ customer(id: "{id}") {{ id }} }}') == {"customer": None}
