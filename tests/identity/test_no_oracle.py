"""No flow tells whether an account exists: not by its answer, and not by its work, which its time would tell.

Each test sends one request about each kind of account. What is seen of them, but for the address that was sent and
times, is one and the same: status, headers, body, statements in their order, hashes computed.
"""

from dataclasses import fields, replace
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.callers import Caller
from tests.identity.people import OTHER_PASSWORD, PASSWORD, a_customer, a_staff_member, rows
from tests.identity.watching import Seen, seen

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong
from mercer.identity.models import Audience, Surface, TokenPurpose
from mercer.identity.service.throttling import begin_attempt
from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

SHOP, ADMIN = "/shop/graphql", "/admin/graphql"
ERROR = "__typename ... on Error { code message path }"
SIGN_IN = f"""mutation ($email: String!, $password: String!) {{
    sessionCreate(email: $email, password: $password) {{ {ERROR} ... on TooManyAttempts {{ retryAt }} }} }}"""
REGISTER = f"""mutation ($input: CustomerRegisterInput!) {{ customerRegister(input: $input) {{
    {ERROR} ... on MailSent {{ email }} ... on TooManyAttempts {{ retryAt }} }} }}"""


def _by_mail(field: str) -> str:
    return f"""mutation ($email: String!) {{ {field}(email: $email) {{
        {ERROR} ... on MailSent {{ email }} ... on TooManyAttempts {{ retryAt }} }} }}"""


MAILS = {
    Surface.PASSWORD_RESET: _by_mail("passwordResetRequest"),
    Surface.VERIFICATION: _by_mail("verificationRequest"),
    Surface.EMAIL_CHANGE: _by_mail("emailChangeRequest"),
}
FACTOR = """INSERT INTO identity.factor (customer_id, staff_id, kind, name, secret, created_at, confirmed_at)
    VALUES (:customer, :staff, 'totp', 'Phone', '\\x00', now(), now()) RETURNING id"""


async def _with_factor(context: Context, *, customer: UUID | None = None, staff: UUID | None = None) -> None:
    given = {"customer": None if customer is None else str(customer), "staff": None if staff is None else str(staff)}
    await rows(context, FACTOR, **given)


@pytest.fixture
async def http(own_http: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """An application that is connected: its first transaction asks the database for more than any later one."""
    await _sign_in(own_http, SHOP, "somebody.else@example.com")
    return own_http


@pytest.fixture
async def customers(context: Context) -> dict[str, str]:
    """An address of each kind: of customers in all states, and nobody's."""
    people = {name: await a_customer(context) for name in ("known", "blocked", "with a factor")}
    people |= {name: await a_customer(context, is_verified=False) for name in ("unverified", "without a password")}
    async with transaction(context) as inner:
        await service.block_customer(inner, customer_id=people["blocked"].id)
    await service.register_customer(
        context, email=people["without a password"].email, password=PASSWORD, name="Ada", language="en"
    )
    await _with_factor(context, customer=people["with a factor"].id)
    return {name: person.email for name, person in people.items()} | {"nobody's": "customer99999@example.com"}


@pytest.fixture
async def staff(context: Context) -> dict[str, str]:
    """The same of staff."""
    people = {name: await a_staff_member(context) for name in ("known", "inactive", "with a factor")}
    async with transaction(context) as inner:
        await service.set_staff_active(inner, staff_id=people["inactive"].id, is_active=False)
    await _with_factor(context, staff=people["with a factor"].id)
    return {name: person.email for name, person in people.items()} | {"nobody's": "staff99999@example.com"}


async def _sign_in(http: httpx2.AsyncClient, path: str, email: str, password: str = OTHER_PASSWORD) -> Seen:
    return await seen(Caller(http, path, {}), SIGN_IN, {"email": email, "password": password}, hidden=[email])


def _one(of_each: dict[Any, Seen]) -> Seen:
    """What is seen of all of them. Says which one differs."""
    first, *others = of_each.items()
    for name, other in others:
        for field in fields(Seen):
            assert (name, getattr(other, field.name)) == (name, getattr(first[1], field.name)), f"not as {first[0]}"
    return first[1]


async def test_signing_in_to_the_shop(customers: dict[str, str], http: httpx2.AsyncClient) -> None:
    """A wrong password; and the right one where it opens nothing."""
    wrong: dict[str, Seen] = {name: await _sign_in(http, SHOP, email) for name, email in customers.items()}
    wrong |= {
        f"{kind}, right": await _sign_in(http, SHOP, customers[kind], PASSWORD)
        for kind in ("blocked", "unverified", "without a password", "nobody's")
    }
    wrong["no address"] = await _sign_in(http, SHOP, "no address")
    found = _one(wrong)
    assert (found.status, found.hashes, len(found.statements)) == (200, 1, 5)
    assert '"code":"CREDENTIALS_WRONG"' in found.body


async def test_signing_in_to_the_admin_api(
    customers: dict[str, str], staff: dict[str, str], http: httpx2.AsyncClient
) -> None:
    """What a customer shows there is nobody's, and the other way round."""
    wrong = {name: await _sign_in(http, ADMIN, email) for name, email in staff.items()}
    wrong["a customer"] = await _sign_in(http, ADMIN, customers["known"], PASSWORD)
    wrong["inactive, right"] = await _sign_in(http, ADMIN, staff["inactive"], PASSWORD)
    assert _one(wrong).hashes == 1


@pytest.mark.parametrize("path", [SHOP, ADMIN])
async def test_being_held_up(
    customers: dict[str, str], staff: dict[str, str], http: httpx2.AsyncClient, path: str
) -> None:
    """By what oneself guessed: no hash is computed, and a right password helps nobody."""
    held = {}
    for name, email in (customers if path == SHOP else staff).items():
        for _ in range(5):
            await _sign_in(http, path, email)
        held[name] = await _sign_in(http, path, email, PASSWORD)
    found = _one(held)
    assert found.hashes == 0
    assert '"code":"TOO_MANY_ATTEMPTS"' in found.body


async def test_the_guess_by_which_an_account_is_held_up(
    context: Context, customers: dict[str, str], http: httpx2.AsyncClient
) -> None:
    """Its owner is told by mail. For nobody's the same is done."""
    last = {}
    for name, email in customers.items():
        for number in range(19):
            elsewhere = replace(context, origin=Origin(ip=f"198.51.100.{number}"))
            with pytest.raises(CredentialsWrong):
                await service.sign_in(elsewhere, audience=Audience.SHOP, email=email, password=OTHER_PASSWORD)
        last[name] = await _sign_in(http, SHOP, email)
    found = _one(last)
    assert (found.hashes, len(found.statements)) == (1, 7)
    told = "SELECT count(*), count(payload->>'customer_id') FROM platform.outbox WHERE name = 'identity.AccountHeldUp'"
    assert await rows(context, told) == [(6, 5)]


async def test_registering(customers: dict[str, str], http: httpx2.AsyncClient) -> None:
    shop = Caller(http, SHOP, {})
    found = _one(
        {
            name: await seen(
                shop,
                REGISTER,
                {"input": {"email": email, "password": OTHER_PASSWORD, "name": "Ada"}},
                hidden=[email],
            )
            for name, email in customers.items()
        }
    )
    assert (found.status, found.hashes) == (200, 1)
    assert '"email":"…"' in found.body


@pytest.mark.parametrize("surface", list(MAILS))
async def test_asking_for_a_mail(
    context: Context, customers: dict[str, str], http: httpx2.AsyncClient, surface: Surface
) -> None:
    """To reset a password, to verify an address, to change it to that of anybody: sent, and held up."""
    asker = await a_customer(context)
    caller = asker.at(http) if surface is Surface.EMAIL_CHANGE else Caller(http, SHOP, {})
    await caller("{ __typename }")  # and his session is remembered
    for is_held_up in (False, True):
        answers = {}
        for name, email in customers.items():
            if is_held_up:
                for number in range(4):
                    async with transaction(replace(context, origin=Origin(ip=f"203.0.113.{number}"))) as inner:
                        await begin_attempt(inner, surface=surface, account=email)
            answers[name] = await seen(caller, MAILS[surface], {"email": email}, hidden=[email])
        found = _one(answers)
        assert (found.status, found.hashes) == (200, 0)
        assert ("TOO_MANY_ATTEMPTS" in found.body) == is_held_up
        assert '"email":"…"' in found.body or is_held_up


TOKENS = [
    (SHOP, "customerVerify", "token", ""),
    (SHOP, "emailChangeConfirm", "token", ""),
    (SHOP, "emailChangeUndo", "token", ""),
    (SHOP, "signInUnlock", "token", ""),
    (SHOP, "passwordReset", "token", f', password: "{OTHER_PASSWORD}"'),
    (SHOP, "sessionRefresh", "refreshToken", ""),
    (SHOP, "sessionCreateWithFactor", "challenge", ', code: "123456"'),
    (ADMIN, "signInUnlock", "token", ""),
    (ADMIN, "passwordSet", "token", f', password: "{OTHER_PASSWORD}"'),
    (ADMIN, "sessionRefresh", "refreshToken", ""),
    (ADMIN, "sessionCreateWithFactor", "challenge", ', code: "123456"'),
]


async def test_tokens_that_open_nothing(context: Context, http: httpx2.AsyncClient) -> None:
    """Whatever is shown, be it for something else: the answer is the same. Nobody's do the same work, too."""
    person, member = await a_customer(context), await a_staff_member(context)
    async with transaction(context) as inner:
        undo = await service.issue_token(inner, purpose=TokenPurpose.UNDO_EMAIL_CHANGE, customer_id=person.id)
        staffs = await service.issue_token(inner, purpose=TokenPurpose.UNDO_EMAIL_CHANGE, staff_id=member.id)
    for path, field, name, more in TOKENS:
        query = f"mutation ($token: String!) {{ {field}({name}: $token{more}) {{ {ERROR} }} }}"
        nobodys = [("mercer_refresh_" if field == "sessionRefresh" else "") + letter * 43 for letter in "xyz"]
        others = [] if field == "emailChangeUndo" else [undo, staffs]
        await rows(context, "DELETE FROM identity.throttle RETURNING key")
        caller = Caller(http, path, {})
        seen_of = {
            token: await seen(caller, query, {"token": token}) for token in (*nobodys, *others, "", "🙂" * 1_000)
        }
        assert len({each.body for each in seen_of.values()}) == 1
        found = _one({token: seen_of[token] for token in nobodys})
        assert f'"{field}":{{"__typename":"TokenUnusable"' in found.body


async def test_orders_of_guests(http: httpx2.AsyncClient) -> None:
    """No number tells whether there is such an order, and no token that is wrong is half right."""
    query = "query ($number: String, $token: String) { order(number: $number, token: $token) { id } }"
    shop = Caller(http, SHOP, {})
    shown = [{"token": "0" * 64}, {"token": "x"}, {"token": ""}, {"number": "1001", "token": "f" * 64}]
    found = _one({str(each): await seen(shop, query, each) for each in shown})
    assert found.body == '{"data":{"order":null}}'
    assert (await shop(query, {"number": "1001"})) == {"order": None}
