"""Passwords set anew by mail, which tells nobody but an address's owner whether it has an account."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from tests.callers import admin_caller, shop_caller
from tests.factories.shop import NOW
from tests.identity.apps import App, with_app
from tests.identity.mailed import mailed
from tests.identity.people import (
    OTHER_PASSWORD,
    PASSWORD,
    a_customer,
    a_staff_member,
    acting,
    as_customer,
    code_of,
    rows,
)
from tests.identity.watching import seen

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong, CustomerUnknown, TokenUnusable, TooManyAttempts
from mercer.identity.models import Audience, Challenge, OpenedSession, Proof, TokenPurpose
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

ASK_RESET = """mutation ($email: String!) { passwordResetRequest(email: $email) {
    ... on MailSent { email } ... on Error { code } ... on InvalidInput { fields { path } } } }"""
RESET = """mutation ($token: String!, $password: String!) { passwordReset(token: $token, password: $password) {
    ... on SessionsEnded { count } ... on Error { code } ... on InvalidInput { fields { path message } } } }"""
ANNOUNCED = "SELECT name, payload FROM platform.outbox WHERE name LIKE 'identity.%' ORDER BY id"


async def _may_sign_in(context: Context, email: str, password: str = PASSWORD) -> bool:
    try:
        opened = await service.sign_in(context, audience=Audience.SHOP, email=email, password=password)
    except CredentialsWrong:
        return False
    return isinstance(opened, OpenedSession)


async def test_nobody_is_flooded_with_mails(context: Context) -> None:
    outcomes = []
    for _ in range(7):
        try:
            outcomes.append(await service.request_password_reset(context, email="ada@example.com"))
        except TooManyAttempts as error:
            outcomes.append(str(error.retry_at - NOW))
    assert outcomes == ["ada@example.com"] * 5 + ["0:05:00"] * 2


async def test_asking_for_a_reset_tells_nobody_whether_the_address_is_known(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    """Verified, not yet verified, blocked, unknown: the same answer, the same statements, and no hash."""
    people = [await a_customer(context), await a_customer(context, is_verified=False), await a_customer(context)]
    async with transaction(context) as inner:
        await service.block_customer(inner, customer_id=people[-1].id)
    known = [person.email for person in people]
    await shop_caller(own_http)(ASK_RESET, {"email": "first@example.com"})  # a connection's first costs more
    asked = [
        await seen(shop_caller(own_http), ASK_RESET, {"email": email}, hidden=[email])
        for email in (*known, "nobody@example.com")
    ]
    assert set(asked) == {asked[0]}
    assert (asked[0].status, asked[0].body, asked[0].hashes) == (
        200,
        '{"data":{"passwordResetRequest":{"email":"…"}}}',
        0,
    )
    told = [payload for name, payload in await rows(context, ANNOUNCED) if name == "identity.PasswordResetRequested"]
    assert told[1:] == [{"customer_id": str(person.id)} for person in people] + [{"customer_id": None}]
    invalid = await shop_caller(own_http)(ASK_RESET, {"email": "nobody"})
    assert invalid == {"passwordResetRequest": {"code": "INVALID_INPUT", "fields": [{"path": ["email"]}]}}


@pytest.mark.parametrize("field", ["passwordReset", "passwordSet"])
async def test_a_wrong_token_costs_no_hash(context: Context, own_http: httpx2.AsyncClient, field: str) -> None:
    """Nor is the password looked at. It is counted; what has 256 bits need not hide by its time that it is wrong."""
    is_staff = field == "passwordSet"
    person = await (a_staff_member(context) if is_staff else a_customer(context))
    caller = (admin_caller if is_staff else shop_caller)(own_http)
    right = await mailed(context, person, TokenPurpose.RECOVER_STAFF if is_staff else TokenPurpose.RESET_PASSWORD)
    query = RESET.replace("passwordReset", field)
    for password in (OTHER_PASSWORD, "short", "getshorty1496"):
        refused = await seen(caller, query, {"token": "x" * 43, "password": password})
        assert (refused.body, refused.hashes) == (f'{{"data":{{"{field}":{{"code":"TOKEN_UNUSABLE"}}}}}}', 0)
    counted = "SELECT failures FROM identity.throttle WHERE key LIKE 'mailed_token:%'"
    assert await rows(context, counted) == [(3,)]
    done = await seen(caller, query, {"token": right, "password": OTHER_PASSWORD})
    assert (done.body, done.hashes) == (f'{{"data":{{"{field}":{{"count":1}}}}}}', 1)
    used = await seen(caller, query, {"token": right, "password": PASSWORD})
    assert (used.body, used.hashes) == (f'{{"data":{{"{field}":{{"code":"TOKEN_UNUSABLE"}}}}}}', 0)


async def test_a_forgotten_password_is_set_anew(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    shop = shop_caller(own_http)
    for _ in range(5):
        assert not await _may_sign_in(context, person.email, "a wrong password")
    with pytest.raises(TooManyAttempts):
        await _may_sign_in(context, person.email)
    first, second = [await mailed(context, person, TokenPurpose.RESET_PASSWORD) for _ in range(2)]
    weak = await shop(RESET, {"token": first, "password": person.email})
    assert weak["passwordReset"]["fields"][0]["path"] == ["password"]
    asked = {"token": first, "password": OTHER_PASSWORD}
    assert await shop(RESET, asked) == {"passwordReset": {"count": 1}}
    assert code_of(await person.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")
    for used in (first, second):  # one use ends all
        assert await shop(RESET, asked | {"token": used}) == {"passwordReset": {"code": "TOKEN_UNUSABLE"}}
    assert await _may_sign_in(context, person.email, OTHER_PASSWORD)  # and what failed before is forgiven
    assert not await _may_sign_in(context, person.email, PASSWORD)


async def test_a_reset_verifies_the_address(context: Context) -> None:
    person = await a_customer(context, is_verified=False)
    token = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
    await service.reset_password(context, token=token, password=OTHER_PASSWORD)
    assert await _may_sign_in(context, person.email, OTHER_PASSWORD)


async def test_a_reset_lets_no_blocked_customer_in(context: Context) -> None:
    person = await a_customer(context)
    async with transaction(context) as inner:
        await service.block_customer(inner, customer_id=person.id)
    token = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
    await service.reset_password(context, token=token, password=OTHER_PASSWORD)
    assert not await _may_sign_in(context, person.email, OTHER_PASSWORD)


async def test_tokens_work_once_for_one_purpose_and_not_for_ever(context: Context) -> None:
    person = await a_customer(context)
    for purpose, lifetime in (
        (TokenPurpose.RESET_PASSWORD, timedelta(hours=1)),
        (TokenPurpose.VERIFY_EMAIL, timedelta(days=3)),
    ):
        token = await mailed(context, person, purpose)
        for tried, now in ((token, NOW + lifetime), ("", NOW), (token[:-1], NOW), ("x" * 100_000, NOW)):
            with pytest.raises(TokenUnusable):
                await _redeem(replace(context, now=now), tried, purpose)
        other = next(each for each in TokenPurpose if each is not purpose)
        with pytest.raises(TokenUnusable):
            await _redeem(context, token, other)
        await _redeem(replace(context, now=NOW + lifetime - timedelta(seconds=1)), token, purpose)
    with pytest.raises(CustomerUnknown):
        await mailed(context, person.session_id, TokenPurpose.VERIFY_EMAIL)


async def test_parallel_uses_of_one_token_set_one_password(shop_settings: Settings) -> None:
    async with acting(shop_settings.model_copy(update={"write_connections": 8})) as context:
        person = await a_customer(context)
        token = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
        outcomes = await asyncio.gather(
            *(service.reset_password(context, token=token, password=f"{OTHER_PASSWORD} {place}") for place in range(8)),
            return_exceptions=True,
        )
        assert sorted(type(each).__name__ for each in outcomes) == ["TokenUnusable"] * 7 + ["int"]
        [winner] = [place for place, each in enumerate(outcomes) if each == 1]
        assert await _may_sign_in(context, person.email, f"{OTHER_PASSWORD} {winner}")


async def test_a_changed_password_ends_the_tokens_that_were_mailed(context: Context) -> None:
    person = await a_customer(context)
    token = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
    await service.change_password(as_customer(context, person), current=PASSWORD, new=OTHER_PASSWORD)
    with pytest.raises(TokenUnusable):
        await service.reset_password(context, token=token, password=PASSWORD)


async def test_a_reset_goes_around_no_second_factor(context: Context) -> None:
    """OWASP ASVS 5.0, 6.4.3."""
    person, app = await with_app(context, await a_customer(context))
    token = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
    await service.reset_password(context, token=token, password=OTHER_PASSWORD)
    asked = await service.sign_in(context, audience=Audience.SHOP, email=person.email, password=OTHER_PASSWORD)
    assert isinstance(asked, Challenge)
    opened = await _answer(context, asked, app)
    assert opened.owner_id == person.id


async def test_what_was_begun_of_signing_in_ends_with_a_reset(context: Context) -> None:
    """Whoever knew the old password, and has a code, is out all the same."""
    person, app = await with_app(context, await a_customer(context))
    asked = await service.sign_in(context, audience=Audience.SHOP, email=person.email, password=PASSWORD)
    assert isinstance(asked, Challenge)
    token = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
    await service.reset_password(context, token=token, password=OTHER_PASSWORD)
    with pytest.raises(TokenUnusable):
        await _answer(context, asked, app)


async def _answer(context: Context, challenge: Challenge, app: App) -> OpenedSession:
    return await service.sign_in_with_factor(
        context, audience=Audience.SHOP, challenge=challenge.token, proof=Proof(code=app.code(context.now))
    )


async def test_a_stolen_password_is_refused(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    token = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
    stolen = await shop_caller(own_http)(RESET, {"token": token, "password": "getshorty1496"})
    message = "This password is known to those who guess: it was stolen somewhere before. Choose another one."
    assert stolen["passwordReset"]["fields"] == [{"path": ["password"], "message": message}]
    assert await _may_sign_in(context, person.email)
    assert await shop_caller(own_http)(RESET, {"token": token, "password": OTHER_PASSWORD}) == {
        "passwordReset": {"count": 2}
    }


async def test_wrong_tokens_are_counted_and_right_ones_never_held_up(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    person, codes = await a_customer(context), set()
    token = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
    for place in range(200):
        wrong = await shop_caller(own_http)(RESET, {"token": f"{place:043}", "password": OTHER_PASSWORD})
        codes.add(wrong["passwordReset"]["code"])
        if len(codes) == 2:
            break
    assert codes == {"TOKEN_UNUSABLE", "TOO_MANY_ATTEMPTS"}
    assert await shop_caller(own_http)(RESET, {"token": token, "password": OTHER_PASSWORD}) == {
        "passwordReset": {"count": 1}
    }


async def _redeem(context: Context, token: str, purpose: TokenPurpose) -> None:
    if purpose is TokenPurpose.RESET_PASSWORD:
        await service.reset_password(context, token=token, password=OTHER_PASSWORD)
    else:
        async with transaction(context) as inner:
            await service.verify_customer(inner, token=token)
