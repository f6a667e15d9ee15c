"""How staff come to their passwords: invited, and recovered by another one. Nobody else ever knows one."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.callers import Caller, admin_caller, shop_caller
from tests.identity.apps import later, with_app
from tests.identity.mailed import mailed
from tests.identity.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Person,
    a_customer,
    a_staff_member,
    acting,
    as_staff,
    code_of,
    rows,
)
from tests.people import person_id

from mercer.identity import service
from mercer.identity.errors import AddressChangedByYou, CredentialsWrong, TokenUnusable
from mercer.identity.models import Audience, Challenge, OpenedSession, TokenPurpose
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

CREATE = """mutation ($input: StaffCreateInput!) { staffCreate(input: $input) {
    ... on StaffMember { id roles { code } } ... on Error { code } } }"""
INVITE = "mutation ($id: ID!) { staffInvite(id: $id) { ... on StaffMember { id } ... on Error { code } } }"
RECOVER = "mutation ($id: ID!) { staffRecover(id: $id) { ... on StaffMember { id } ... on Error { code } } }"
SET = """mutation ($token: String!, $password: String!) { passwordSet(token: $token, password: $password) {
    ... on SessionsEnded { count } ... on Error { code path } ... on InvalidInput { fields { path } } } }"""
ANNOUNCED = """SELECT replace(name, 'identity.', '') FROM platform.outbox
    WHERE name ~ 'identity' AND payload ->> 'staff_id' = :id ORDER BY id"""
CHANGED = "SELECT changes FROM platform.audit WHERE entity = 'Staff' AND entity_id = :id ORDER BY id"
UNUSABLE = {"passwordSet": {"code": "TOKEN_UNUSABLE", "path": ["token"]}}
LINK = {"invited": TokenPurpose.ACCEPT_INVITATION, "recovered": TokenPurpose.RECOVER_STAFF}


@pytest.fixture
def boss(own_http: httpx2.AsyncClient) -> Caller:
    """An administrator."""
    return admin_caller(own_http)


@pytest.fixture
def nobody(own_http: httpx2.AsyncClient) -> Caller:
    return Caller(own_http, "/admin/graphql", {})


async def _opened(context: Context, email: str, password: str = PASSWORD) -> OpenedSession | Challenge | None:
    try:
        return await service.sign_in(context, audience=Audience.ADMIN, email=email, password=password)
    except CredentialsWrong:
        return None


async def _invited(boss: Caller, email: str = "grace@example.com") -> Person:
    made = await boss(CREATE, {"input": {"email": email, "name": "Grace", "roles": ["analyst"]}})
    id = UUID(made["staffCreate"]["id"])
    return Person(id, email, "mercer_admin_", id)


async def test_whoever_is_invited_sets_a_password(boss: Caller, nobody: Caller, context: Context) -> None:
    person = await _invited(boss)
    assert await _opened(context, person.email) is None
    token = await mailed(context, person, TokenPurpose.ACCEPT_INVITATION)
    asked = {"token": token, "password": PASSWORD}
    weak = await nobody(SET, asked | {"password": "grace@example.com"})
    assert weak == {"passwordSet": {"code": "INVALID_INPUT", "path": [], "fields": [{"path": ["password"]}]}}
    assert await nobody(SET, asked) == {"passwordSet": {"count": 0}}
    assert await nobody(SET, asked) == UNUSABLE
    assert isinstance(await _opened(context, person.email), OpenedSession)
    told = await rows(context, ANNOUNCED, id=str(person.id))
    assert told == [("StaffCreated",), ("StaffUpdated",)]
    assert (await rows(context, CHANGED, id=person.id))[-1] == ({"password": [None, "set"]},)


async def test_an_invitation_is_sent_again(boss: Caller, nobody: Caller, context: Context) -> None:
    person = await _invited(boss)
    first = await mailed(context, person, TokenPurpose.ACCEPT_INVITATION)
    assert await boss(INVITE, {"id": str(person.id)}) == {"staffInvite": {"id": str(person.id)}}
    second = await mailed(context, person, TokenPurpose.ACCEPT_INVITATION)
    assert await nobody(SET, {"token": first, "password": PASSWORD}) == UNUSABLE
    assert await nobody(SET, {"token": second, "password": PASSWORD}) == {"passwordSet": {"count": 0}}
    assert await boss(INVITE, {"id": str(person.id)}) == {"staffInvite": {"code": "INVITATION_ACCEPTED"}}
    told = await rows(context, ANNOUNCED, id=str(person.id))
    assert told == [("StaffCreated",), ("StaffInvited",), ("StaffUpdated",)]


async def test_whoever_lost_everything_is_recovered_by_another(
    boss: Caller, nobody: Caller, context: Context, own_http: httpx2.AsyncClient
) -> None:
    """His sessions and factors stay until he shows that the mail is his; then they are gone."""
    person, _ = await with_app(context, await a_staff_member(context, "analyst"))
    assert await boss(RECOVER, {"id": str(person.id)}) == {"staffRecover": {"id": str(person.id)}}
    assert await person.at(own_http)("{ __typename }") == {"__typename": "Query"}
    assert isinstance(await _opened(context, person.email), Challenge)
    token = await mailed(context, person, TokenPurpose.RECOVER_STAFF)
    assert await nobody(SET, {"token": token, "password": OTHER_PASSWORD}) == {"passwordSet": {"count": 1}}
    assert code_of(await person.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")
    assert [type(await _opened(context, person.email, each)) for each in (PASSWORD, OTHER_PASSWORD)] == [
        type(None),
        OpenedSession,
    ]
    left = """SELECT (SELECT count(*) FROM identity.factor), (SELECT count(*) FROM identity.recovery_code),
        (SELECT count(*) FROM identity.session WHERE revoked_reason = 'recovered' AND staff_id = :id)"""
    assert await rows(context, left, id=person.id) == [(0, 0, 1)]
    told = [name for (name,) in await rows(context, ANNOUNCED, id=str(person.id))]
    assert {"StaffRecoveryBegun", "PasswordChanged", "SessionsRevoked", "FactorRemoved"} <= set(told)
    changed = await rows(context, CHANGED, id=person.id)
    assert ({"recovery": [None, "begun"]},) in changed
    assert ({"password": [None, "recovered"]},) in changed


async def test_nobody_recovers_himself(boss: Caller, context: Context) -> None:
    own = str(person_id("administrator"))
    assert await boss(RECOVER, {"id": own}) == {"staffRecover": {"code": "OWN_ACCOUNT"}}
    assert await rows(context, CHANGED, id=own) == []


async def test_whoever_changed_an_address_does_not_have_a_recovery_mailed_there(boss: Caller, context: Context) -> None:
    """He would be in with it. Another one may, and after seven days he himself."""
    person, other = await a_staff_member(context, "analyst"), await a_staff_member(context, "administrator")
    own = as_staff(context, other)
    query = 'mutation ($id: ID!) { staffUpdate(id: $id, input: {email: "mine@example.com"}) { __typename } }'
    await boss(query, {"id": str(person.id)})
    before = await rows(context, CHANGED, id=person.id)
    assert await boss(RECOVER, {"id": str(person.id)}) == {"staffRecover": {"code": "ADDRESS_CHANGED_BY_YOU"}}
    assert await rows(context, CHANGED, id=person.id) == before
    assert ("StaffRecoveryBegun",) not in await rows(context, ANNOUNCED, id=str(person.id))
    async with transaction(own) as inner:
        await service.recover_staff(inner, staff_id=person.id)
        await service.update_staff(inner, staff_id=person.id, email="his@example.com")
    with pytest.raises(AddressChangedByYou):
        async with transaction(later(own, days=6, hours=23)) as inner:
            await service.recover_staff(inner, staff_id=person.id)
    async with transaction(later(own, days=7)) as inner:
        await service.recover_staff(inner, staff_id=person.id)


@pytest.mark.parametrize("query", [INVITE, RECOVER])
async def test_who_is_not_to_be_invited_or_recovered(
    boss: Caller, context: Context, own_http: httpx2.AsyncClient, query: str
) -> None:
    """Unknown, inactive, or beyond the caller: nothing changes, and nobody is written to."""
    gone = await _invited(boss)
    async with transaction(context) as inner:
        await service.set_staff_active(inner, staff_id=gone.id, is_active=False)
    made = await boss(
        """mutation { roleCreate(input: {code: "hr", name: "HR", permissions: ["staff.manage"]}) { __typename } }"""
    )
    assert made == {"roleCreate": {"__typename": "Role"}}
    hr = await a_staff_member(context, "hr")
    before = await rows(context, "SELECT count(*) FROM platform.outbox")
    for caller, id, code in (
        (boss, "00000000-0000-7000-8000-000000000000", "STAFF_UNKNOWN"),
        (boss, "nonsense", "STAFF_UNKNOWN"),
        (boss, str(gone.id), "STAFF_INACTIVE"),
        (hr.at(own_http), str(person_id("administrator")), "PERMISSIONS_LACKING"),
    ):
        [answer] = (await caller(query, {"id": id})).values()
        assert answer == {"code": code}
    refused = await admin_caller(own_http, role="analyst").send(query, {"id": str(gone.id)})
    assert code_of(refused) == (403, "FORBIDDEN")
    assert await rows(context, "SELECT count(*) FROM platform.outbox") == before


async def test_whoever_recovers_others_has_lately_shown_who_he_is(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    stale = await a_staff_member(later(context, minutes=-16), "administrator")
    id = str(person_id("analyst"))
    for query in (INVITE, RECOVER):
        assert code_of(await stale.at(own_http).send(query, {"id": id})) == (403, "FRESH_FACTOR_REQUIRED")
    given = {"email": "grace@example.com", "name": "Grace", "roles": []}
    assert code_of(await stale.at(own_http).send(CREATE, {"input": given})) == (403, "FRESH_FACTOR_REQUIRED")
    assert await rows(context, CHANGED, id=id) == []


@pytest.mark.parametrize("link", LINK)
@pytest.mark.parametrize("meanwhile", ["deactivated", "other address", "late"])
async def test_links_that_are_over(boss: Caller, context: Context, link: str, meanwhile: str) -> None:
    person = await _invited(boss)
    token, then = await mailed(context, person, LINK[link]), context
    if meanwhile == "deactivated":
        await boss("mutation ($id: ID!) { staffDeactivate(id: $id) { __typename } }", {"id": str(person.id)})
    elif meanwhile == "other address":
        other = """mutation ($id: ID!) { staffUpdate(id: $id, input: {email: "new@example.com"}) { __typename } }"""
        await boss(other, {"id": str(person.id)})
    else:
        then = later(context, days=7 if link == "invited" else 1)
    with pytest.raises(TokenUnusable):
        await service.set_staff_password(then, token=token, password=PASSWORD)
    has_password = "SELECT password_hash IS NOT NULL FROM identity.staff WHERE id = :id"
    assert await rows(context, has_password, id=person.id) == [(False,)]


async def test_tokens_are_for_one_api(nobody: Caller, context: Context, own_http: httpx2.AsyncClient) -> None:
    """A customer's reset sets no password of staff's, nor the other way round; and nonsense sets none."""
    customer, member = await a_customer(context), await a_staff_member(context, "analyst")
    reset = await mailed(context, customer, TokenPurpose.RESET_PASSWORD)
    for token in (reset, "", "x" * 43, "x" * 100_000, "é"):
        assert await nobody(SET, {"token": token, "password": OTHER_PASSWORD}) == UNUSABLE
    recovery = await mailed(context, member, TokenPurpose.RECOVER_STAFF)
    query = """mutation ($token: String!, $password: String!) { passwordReset(token: $token, password: $password) {
        ... on Error { code } } }"""
    asked: dict[str, Any] = {"token": recovery, "password": OTHER_PASSWORD}
    assert await shop_caller(own_http)(query, asked) == {"passwordReset": {"code": "TOKEN_UNUSABLE"}}
    assert isinstance(await _opened(context, member.email), OpenedSession)


async def test_parallel_uses_of_one_invitation_set_one_password(shop_settings: Settings, boss: Caller) -> None:
    person = await _invited(boss)
    async with acting(shop_settings.model_copy(update={"write_connections": 6})) as context:
        token = await mailed(context, person, TokenPurpose.ACCEPT_INVITATION)
        outcomes = await asyncio.gather(
            *(service.set_staff_password(context, token=token, password=f"{PASSWORD} {place}") for place in range(6)),
            return_exceptions=True,
        )
        assert sorted(type(each).__name__ for each in outcomes) == ["TokenUnusable"] * 5 + ["int"]
        assert isinstance(await _opened(context, person.email, f"{PASSWORD} {outcomes.index(0)}"), OpenedSession)
