"""Signing in: who may, what it costs, and what nobody learns by it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import httpx2
import pytest
from tests.callers import admin_caller, calling, shop_caller
from tests.factories.shop import NOW
from tests.identity.people import (
    OTHER_PASSWORD,
    PASSWORD,
    a_customer,
    a_staff_member,
    acting,
    as_customer,
    rows,
)

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong, TooManyAttempts
from mercer.identity.models import DEMO_ACCOUNTS, Audience
from mercer.identity.providers import passwords
from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.observability.statements import counting_statements
from mercer.platform.settings import Environment, Settings
from mercer.platform.transactions import transaction

SIGN_IN = """mutation ($email: String!, $password: String!) {
    sessionCreate(email: $email, password: $password) {
        __typename ... on Session { token expiresAt } ... on Error { code message path }
    }
}"""


async def _sign_in(context: Context, email: str, password: str, *, ip: str = "192.0.2.7") -> Any:
    context = replace(context, origin=Origin(ip=ip))
    return await service.sign_in(context, audience=Audience.SHOP, email=email, password=password)


async def test_customers_sign_in_to_the_shop_and_out_again(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    shop = shop_caller(own_http)
    made = (await shop(SIGN_IN, {"email": person.email.upper(), "password": PASSWORD}))["sessionCreate"]
    assert made == {"__typename": "Session", "token": made["token"], "expiresAt": "2026-12-22T12:00:00.000000Z"}
    signed_in = replace(shop, headers={"Authorization": f"bearer {made['token']}"})
    me = {"id": str(person.id), "email": person.email, "name": "Ada", "language": "en"}
    assert await signed_in("{ me { id email name language } }") == {"me": me}
    assert await signed_in("mutation { sessionEnd { ... on SessionsEnded { count } } }") == {"sessionEnd": {"count": 1}}
    assert (await signed_in.send("{ me { id } }")).status_code == 401


async def test_the_session_that_somebody_signs_in_with_is_replaced(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    before, other = await a_customer(context), await a_customer(context)
    wrong = await before.at(own_http)(SIGN_IN, {"email": other.email, "password": OTHER_PASSWORD})
    assert wrong["sessionCreate"]["code"] == "CREDENTIALS_WRONG"
    await before.at(own_http)("{ me { id } }")
    made = (await before.at(own_http)(SIGN_IN, {"email": other.email, "password": PASSWORD}))["sessionCreate"]
    assert (await before.at(own_http).send("{ me { id } }")).status_code == 401
    assert await replace(other, token=made["token"]).at(own_http)("{ me { id } }") == {"me": {"id": str(other.id)}}
    await other.at(own_http)("{ me { id } }")
    ended = "SELECT revoked_reason FROM identity.session WHERE id = :id"
    assert await rows(context, ended, id=before.session_id) == [("signed_out",)]


async def test_a_password_never_expires(context: Context) -> None:
    person = await a_customer(context)
    session = await _sign_in(replace(context, now=NOW + timedelta(days=3650)), person.email, PASSWORD)
    assert session.owner_id == person.id


async def test_staff_sign_in_to_the_admin_api(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_staff_member(context, "analyst")
    admin = replace(admin_caller(own_http), headers={})
    made = await admin(
        """mutation ($email: String!, $password: String!) { sessionCreate(email: $email, password: $password) {
            ... on Session { token expiresAt staff { id email name roles { code } } } } }""",
        {"email": person.email, "password": PASSWORD},
    )
    session = made["sessionCreate"]
    assert session["staff"] == {
        "id": str(person.id),
        "email": person.email,
        "name": "Grace",
        "roles": [{"code": "analyst"}],
    }
    assert session["expiresAt"] == "2026-11-23T12:00:00.000000Z"
    signed_in = replace(admin, headers={"Authorization": f"Bearer {session['token']}"})
    assert (await signed_in("{ me { email permissions } }"))["me"] == {
        "email": person.email,
        "permissions": [
            f"{each}.read"
            for each in (
                "categories",
                "channels",
                "costs",
                "media",
                "prices",
                "product_types",
                "products",
                "shipping",
                "stock",
                "taxes",
            )
        ],
    }


async def test_an_account_of_one_api_opens_nothing_of_the_other(context: Context, own_http: httpx2.AsyncClient) -> None:
    customer, staff = await a_customer(context), await a_staff_member(context, "administrator")
    for path, person in (("/shop/graphql", staff), ("/admin/graphql", customer)):
        answer = await own_http.post(
            path, json={"query": SIGN_IN, "variables": {"email": person.email, "password": PASSWORD}}
        )
        assert answer.json()["data"]["sessionCreate"]["code"] == "CREDENTIALS_WRONG"
        answer = await own_http.post(
            path, json={"query": "{ __typename }"}, headers={"Authorization": f"Bearer {person.token}"}
        )
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["message"].startswith("This token is for the ")


@pytest.mark.parametrize("given", ["Basic Zm9vOmJhcg==", "Bearer", "Bearer ", "Bearer a b", "mercer_shop_" + "x" * 43])
async def test_what_is_no_token_is_told_how_to_send_one(own_http: httpx2.AsyncClient, given: str) -> None:
    answer = await own_http.post("/shop/graphql", json={"query": "{ __typename }"}, headers={"Authorization": given})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"].endswith("as `Authorization: Bearer …`.")


async def _refused(context: Context, email: str, password: str) -> tuple[Exception, int, int]:
    """How a sign-in fails, and what it costs: statements, and hashes computed."""
    with (
        counting_statements() as statements,
        pytest.raises(CredentialsWrong) as caught,
        patch.object(passwords, "_is_right", wraps=passwords._is_right) as verified,
    ):
        await _sign_in(context, email, password)
    return caught.value, statements.total, verified.call_count


async def test_nobody_learns_whether_an_account_exists(context: Context) -> None:
    """The same answer, the same statements, the same hash: whatever the account is, or is not."""
    known = await a_customer(context)
    unverified = await a_customer(context, is_verified=False)
    blocked = await a_customer(context)
    async with transaction(context) as inner:
        await service.block_customer(inner, customer_id=blocked.id)
    outcomes = [
        await _refused(context, known.email, OTHER_PASSWORD),
        await _refused(context, "nobody@example.com", PASSWORD),
        await _refused(context, "no address", PASSWORD),
        await _refused(context, unverified.email, PASSWORD),
        await _refused(context, unverified.email, OTHER_PASSWORD),
        await _refused(context, blocked.email, PASSWORD),
        await _refused(context, known.email, "x" * 10_000),
        await _refused(context, known.email, ""),
    ]
    assert {(type(error), str(vars(error)), statements, hashes) for error, statements, hashes in outcomes} == {
        (CredentialsWrong, "{}", 5, 1)
    }


async def test_every_attempt_is_in_the_log(context: Context) -> None:
    person = await a_customer(context)
    await _sign_in(context, person.email, PASSWORD)
    for email, password in ((person.email, OTHER_PASSWORD), ("nobody@example.com", PASSWORD)):
        with pytest.raises(CredentialsWrong):
            await _sign_in(context, email, password)
    found = await rows(
        context,
        "SELECT surface, outcome, account_id, ip FROM identity.attempt WHERE surface = 'shop_sign_in' ORDER BY id",
    )
    assert found == [
        ("shop_sign_in", "succeeded", person.id, "192.0.2.7"),
        ("shop_sign_in", "wrong", person.id, "192.0.2.7"),
        ("shop_sign_in", "wrong", None, "192.0.2.7"),
    ]
    everything = await rows(context, "SELECT string_agg(a::text, ' ') FROM identity.attempt a")
    assert "example.com" not in everything[0][0]


async def test_a_password_is_hashed_anew_when_that_became_dearer(shop_settings: Settings) -> None:
    async with acting(shop_settings) as context:
        person = await a_customer(context)
    stored = "SELECT password_hash FROM identity.customer WHERE id = :id"
    dearer = shop_settings.model_copy(update={"password_time_cost": 2})
    async with acting(dearer) as context:
        for _ in range(2):
            await _sign_in(context, person.email, PASSWORD)
            [(hash,)] = await rows(context, stored, id=person.id)
            assert hash.startswith("$argon2id$v=19$m=8,t=2,p=1$")
        assert await rows(context, "SELECT version FROM identity.customer WHERE id = :id", id=person.id) == [(2,)]


async def test_demo_passwords_open_nothing_in_production(shop_settings: Settings) -> None:
    async with acting(shop_settings) as context:
        for account in DEMO_ACCOUNTS:
            assert await service.store_demo_account(context, account=account)
            assert not await service.store_demo_account(context, account=account)
            opened = await service.sign_in(
                context, audience=account.audience, email=account.email, password=account.password
            )
            assert opened.token
        assert await service.find_open_demo_accounts(context) == list(DEMO_ACCOUNTS)
    production = shop_settings.model_copy(update={"environment": Environment.PRODUCTION})
    async with acting(production) as context:
        for account in DEMO_ACCOUNTS:
            widened = chr(ord(account.password[0]) + 0xFEE0) + account.password[1:]
            for password in (account.password, widened):
                with pytest.raises(CredentialsWrong):
                    await service.sign_in(context, audience=account.audience, email=account.email, password=password)


async def test_wrong_passwords_are_held_up(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    shop = shop_caller(own_http)
    codes = [
        (await shop(SIGN_IN, {"email": person.email, "password": OTHER_PASSWORD}))["sessionCreate"]["code"]
        for _ in range(7)
    ]
    assert codes == ["CREDENTIALS_WRONG"] * 5 + ["TOO_MANY_ATTEMPTS"] * 2
    held_up = """mutation ($email: String!, $password: String!) { sessionCreate(email: $email, password: $password) {
        ... on TooManyAttempts { code retryAt } } }"""
    assert await shop(held_up, {"email": person.email, "password": PASSWORD}) == {
        "sessionCreate": {"code": "TOO_MANY_ATTEMPTS", "retryAt": "2026-11-22T12:00:30.000000Z"}
    }
    later = replace(context, now=NOW + timedelta(seconds=30), origin=Origin(ip="127.0.0.1"))
    assert (await _sign_in(later, person.email, PASSWORD, ip="127.0.0.1")).owner_id == person.id
    with pytest.raises(CredentialsWrong):
        await _sign_in(later, person.email, OTHER_PASSWORD, ip="127.0.0.1")


@pytest.mark.parametrize("email", ["known", "nobody@example.com"])
async def test_a_hundred_parallel_guesses_do_not_exceed_the_allowance(
    context: Context, shop_settings: Settings, email: str
) -> None:
    person = await a_customer(context)
    address = person.email if email == "known" else email
    turns = asyncio.Semaphore(10)
    async with acting(shop_settings.model_copy(update={"write_connections": 10})) as busy:
        outcomes = await asyncio.gather(*(_guess(busy, address, turns) for _ in range(100)))
    assert (outcomes.count("CredentialsWrong"), outcomes.count("TooManyAttempts")) == (5, 95)
    logged = "SELECT outcome, count(*) FROM identity.attempt WHERE surface = 'shop_sign_in' GROUP BY 1 ORDER BY 1"
    assert await rows(context, logged) == [("held_up", 95), ("wrong", 5)]


async def _guess(context: Context, email: str, turns: asyncio.Semaphore) -> str:
    """One guess. Ten at once have a connection each; the others wait for their turn, not for a connection."""
    async with turns:
        try:
            await _sign_in(context, email, OTHER_PASSWORD)
        except (CredentialsWrong, TooManyAttempts) as error:
            return type(error).__name__
    return "in"


async def test_guesses_from_many_addresses_are_held_up_too(context: Context) -> None:
    person = await a_customer(context)
    outcomes = []
    for number in range(25):
        try:
            await _sign_in(context, person.email, OTHER_PASSWORD, ip=f"198.51.100.{number}")
        except (CredentialsWrong, TooManyAttempts) as error:
            outcomes.append(type(error).__name__)
    assert outcomes == ["CredentialsWrong"] * 20 + ["TooManyAttempts"] * 5


async def test_guesses_at_many_accounts_from_one_address_are_held_up(context: Context) -> None:
    own = await a_customer(context)
    outcomes = []
    for number in range(105):
        if number % 10 == 0 and number < 100:
            await _sign_in(context, own.email, PASSWORD)  # an account of one's own gives no more guesses
        try:
            await _sign_in(context, f"victim{number}@example.com", OTHER_PASSWORD)
        except (CredentialsWrong, TooManyAttempts) as error:
            outcomes.append(type(error).__name__)
    assert outcomes == ["CredentialsWrong"] * 100 + ["TooManyAttempts"] * 5


async def test_whoever_is_blocked_meanwhile_does_not_get_in(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is looked at again, locked, when the session is opened."""
    person = await a_customer(context)
    verify = passwords.verify_password

    async def slowly(*given: Any) -> bool:
        async with transaction(context) as inner:
            await service.block_customer(inner, customer_id=person.id)
        return await verify(*given)

    monkeypatch.setattr(passwords, "verify_password", slowly)
    with pytest.raises(CredentialsWrong):
        await _sign_in(context, person.email, PASSWORD)
    assert await rows(context, "SELECT count(*) FROM identity.session WHERE customer_id = :id", id=person.id) == [(1,)]


async def test_a_signed_in_customer_changes_his_password(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    other = await _sign_in(context, person.email, PASSWORD)
    shop = person.at(own_http)
    change = """mutation ($current: String!, $password: String!) {
        passwordChange(current: $current, password: $password) {
            ... on SessionsEnded { count } ... on Error { code } ... on InvalidInput { fields { path message } } } }"""
    asked = {"current": PASSWORD, "password": OTHER_PASSWORD}
    assert await shop(change, asked | {"current": "wrong"}) == {"passwordChange": {"code": "PASSWORD_WRONG"}}
    short = (await shop(change, asked | {"password": "short"}))["passwordChange"]
    assert short["fields"] == [{"path": ["password"], "message": "A password has at least 12 characters."}]
    assert await shop(change, asked) == {"passwordChange": {"count": 1}}
    assert (await shop("{ me { id } }"))["me"] == {"id": str(person.id)}
    headers = {"Authorization": f"Bearer {other.token}"}
    assert (await own_http.post("/shop/graphql", json={"query": "{ __typename }"}, headers=headers)).status_code == 401
    with pytest.raises(CredentialsWrong):
        await _sign_in(context, person.email, PASSWORD)
    assert await _sign_in(context, person.email, OTHER_PASSWORD)


async def test_guessing_the_present_password_is_held_up(context: Context) -> None:
    person = await a_customer(context)
    own = as_customer(context, person)
    outcomes = []
    for _ in range(7):
        try:
            await service.change_password(own, current="wrong", new=OTHER_PASSWORD)
        except Exception as error:  # noqa: BLE001 — whatever it is
            outcomes.append(type(error).__name__)
    assert outcomes == ["PasswordWrong"] * 5 + ["TooManyAttempts"] * 2


async def test_what_is_counted_outlives_valkey(shop_settings: Settings) -> None:
    async with acting(shop_settings) as context:
        person = await a_customer(context)
        for _ in range(5):
            with pytest.raises(CredentialsWrong):
                await _sign_in(context, person.email, OTHER_PASSWORD)
        assert context.valkey is not None
        await context.valkey.client.flushdb()
        with pytest.raises(TooManyAttempts):
            await _sign_in(context, person.email, PASSWORD)
    async with calling(shop_settings.model_copy(update={"valkey_url": "unix:///nowhere"})) as http:
        shop = shop_caller(http)
        other = await shop(SIGN_IN, {"email": person.email, "password": PASSWORD})
        assert other["sessionCreate"]["__typename"] == "Session"  # from another address, and without Valkey
