"""Whoever is held up because others guess at his account goes on by mail."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.callers import Caller
from tests.factories.shop import NOW
from tests.identity.people import OTHER_PASSWORD, PASSWORD, Person, a_customer, a_staff_member, rows

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong, TooManyAttempts
from mercer.identity.models import Audience, Surface, TokenPurpose
from mercer.identity.service.throttling import begin_attempt
from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

UNLOCK = """mutation ($token: String!) { signInUnlock(token: $token) {
    ... on SignInUnlocked { isUnlocked } ... on Error { code } } }"""
SHOP, ADMIN = "/shop/graphql", "/admin/graphql"


async def _try(context: Context, person: Person, password: str, *, ip: str = "192.0.2.7") -> str:
    audience = Audience.SHOP if person.token.startswith("mercer_shop_") else Audience.ADMIN
    try:
        context = replace(context, origin=Origin(ip=ip))
        await service.sign_in(context, audience=audience, email=person.email, password=password)
    except (CredentialsWrong, TooManyAttempts) as error:
        return type(error).__name__
    return "in"


async def _hold_up(context: Context, person: Person) -> None:
    for number in range(20):
        assert await _try(context, person, OTHER_PASSWORD, ip=f"198.51.100.{number}") == "CredentialsWrong"
    assert await _try(context, person, PASSWORD) == "TooManyAttempts"


async def _mailed(context: Context, person: Person, purpose: TokenPurpose = TokenPurpose.UNLOCK) -> str:
    owner: Any = {"customer_id" if person.token.startswith("mercer_shop_") else "staff_id": person.id}
    async with transaction(context) as inner:
        return await service.issue_token(inner, purpose=purpose, **owner)


async def _unlock(http: httpx2.AsyncClient, path: str, token: str) -> Any:
    return (await Caller(http, path, {})(UNLOCK, {"token": token}))["signInUnlock"]


@pytest.mark.parametrize("path", [SHOP, ADMIN])
async def test_the_token_of_a_mail_forgives_what_failed(
    context: Context, own_http: httpx2.AsyncClient, path: str
) -> None:
    """All that failed on the account, from wherever, with passwords and with codes; his session goes on."""
    person = await (a_customer(context) if path == SHOP else a_staff_member(context))
    await _hold_up(context, person)
    surface = Surface.SHOP_FACTOR if path == SHOP else Surface.ADMIN_FACTOR
    for _ in range(5):
        async with transaction(context) as inner:
            await begin_attempt(inner, surface=surface, account=person.email)
    assert await _unlock(own_http, path, await _mailed(context, person)) == {"isUnlocked": True}
    assert await _try(context, person, PASSWORD) == "in"
    async with transaction(context) as inner:
        assert await begin_attempt(inner, surface=surface, account=person.email)
    assert "data" in (await person.at(own_http).send("{ me { id } }")).json()
    audited = "SELECT changes->'signInUnlocked'->>1 IS NOT NULL FROM platform.audit WHERE changes ? 'signInUnlocked'"
    assert await rows(context, audited) == [(True,)]


async def test_a_token_unlocks_once_for_an_hour_and_its_owners_account_only(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    person, other, staff = await a_customer(context), await a_customer(context), await a_staff_member(context)
    await _hold_up(context, person)
    old = await _mailed(replace(context, now=NOW - timedelta(hours=1)), person)
    reset = await _mailed(context, person, TokenPurpose.RESET_PASSWORD)
    staffs, used = await _mailed(context, staff), await _mailed(context, other)
    assert await _unlock(own_http, SHOP, used) == {"isUnlocked": True}
    refused = {"code": "TOKEN_UNUSABLE"}
    for token in (old, reset, staffs, used, "", "x" * 10_000):
        assert await _unlock(own_http, SHOP, token) == refused
    right = await _mailed(context, person)
    assert await _unlock(own_http, ADMIN, right) == refused
    assert await _try(context, person, PASSWORD) == "TooManyAttempts"
    assert await _unlock(own_http, ADMIN, staffs) == {"isUnlocked": True}  # what was refused was not used up
    assert await _unlock(own_http, SHOP, right) == {"isUnlocked": True}
    assert await _try(context, person, PASSWORD) == "in"


async def test_wrong_tokens_hold_up_no_right_one(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    await _hold_up(context, person)
    codes = [(await _unlock(own_http, SHOP, f"wrong {number}"))["code"] for number in range(32)]
    assert codes == ["TOKEN_UNUSABLE"] * 30 + ["TOO_MANY_ATTEMPTS"] * 2
    assert await _unlock(own_http, SHOP, await _mailed(context, person)) == {"isUnlocked": True}


async def test_who_is_blocked_unlocks_nothing(context: Context, own_http: httpx2.AsyncClient) -> None:
    """What was mailed before ends with it, and what is mailed after lets nobody in."""
    person = await a_customer(context)
    await _hold_up(context, person)
    before = await _mailed(context, person)
    async with transaction(context) as inner:
        await service.block_customer(inner, customer_id=person.id)
    assert await _unlock(own_http, SHOP, before) == {"code": "TOKEN_UNUSABLE"}
    await _unlock(own_http, SHOP, await _mailed(context, person))
    assert await _try(context, person, PASSWORD) == "CredentialsWrong"
