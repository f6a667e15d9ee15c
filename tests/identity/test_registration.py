"""Registration, verification and recovery, which tell nobody but an address's owner whether it has an account."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from tests.callers import Caller, shop_caller
from tests.identity.people import OTHER_PASSWORD, PASSWORD, a_customer, acting, code_of, rows
from tests.identity.watching import seen

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong, TokenUnusable, TooManyAttempts
from mercer.identity.models import Audience, TokenPurpose
from mercer.platform.context import Context
from mercer.platform.observability.statements import counting_statements
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

REGISTER = """mutation ($input: CustomerRegisterInput!) { customerRegister(input: $input) {
    __typename ... on MailSent { email } ... on InvalidInput { fields { path message } } ... on Error { code } } }"""
VERIFY = """mutation ($token: String!) { customerVerify(token: $token) {
    ... on EmailVerified { isVerified } ... on Error { code path } } }"""
ASK_RESET = """mutation ($email: String!) { passwordResetRequest(email: $email) {
    ... on MailSent { email } ... on Error { code } ... on InvalidInput { fields { path } } } }"""
RESET = """mutation ($token: String!, $password: String!) { passwordReset(token: $token, password: $password) {
    ... on SessionsEnded { count } ... on Error { code } ... on InvalidInput { fields { path message } } } }"""
ASK_AGAIN = """mutation ($email: String!) { verificationRequest(email: $email) {
    ... on MailSent { email } ... on Error { code } ... on InvalidInput { fields { path } } } }"""
ANNOUNCED = "SELECT name, payload FROM platform.outbox WHERE name LIKE 'identity.%' ORDER BY id"


def _ada(**changes: Any) -> dict[str, Any]:
    return {"input": {"email": "Ada@Example.com", "password": PASSWORD, "name": "Ada", **changes}}


async def _token(context: Context, customer_id: Any, purpose: TokenPurpose) -> str:
    """What the job that writes the mail does."""
    async with transaction(context) as inner:
        return await service.issue_token(inner, customer_id=customer_id, purpose=purpose)


async def _may_sign_in(context: Context, email: str, password: str = PASSWORD) -> bool:
    try:
        await service.sign_in(context, audience=Audience.SHOP, email=email, password=password)
    except CredentialsWrong:
        return False
    return True


async def test_an_address_registered_twice_is_verified_with_nobodys_password(context: Context) -> None:
    """Whoever registers somebody else's address, before or after him, gains nothing by the owner's click."""
    for password in (PASSWORD, OTHER_PASSWORD):
        await service.register_customer(context, email="ada@example.com", password=password, name="Ada", language="en")
    [(id,)] = await rows(context, "SELECT id FROM identity.customer WHERE email_key = 'ada@example.com'")
    token = await _token(context, id, TokenPurpose.VERIFY_EMAIL)
    async with transaction(context) as inner:
        await service.verify_customer(inner, token=token)
    assert not await _may_sign_in(context, "ada@example.com", PASSWORD)
    assert not await _may_sign_in(context, "ada@example.com", OTHER_PASSWORD)
    reset = await _token(context, id, TokenPurpose.RESET_PASSWORD)
    await service.reset_password(context, token=reset, password=OTHER_PASSWORD)
    assert await _may_sign_in(context, "ada@example.com", OTHER_PASSWORD)


async def test_a_customer_registers_verifies_and_signs_in(context: Context, own_http: httpx2.AsyncClient) -> None:
    shop = shop_caller(own_http, **{"X-Mercer-Channel": "eu"})
    sent = {"customerRegister": {"__typename": "MailSent", "email": "Ada@example.com"}}
    assert await shop(REGISTER, _ada()) == sent
    [(id, language, verified)] = await rows(
        context,
        "SELECT id, language, email_verified_at FROM identity.customer WHERE email_key = 'ada@example.com'",
    )
    assert (language, verified) == ("de", None)
    assert not await _may_sign_in(context, "ada@example.com")
    token = await _token(context, id, TokenPurpose.VERIFY_EMAIL)
    assert await shop(VERIFY, {"token": token}) == {"customerVerify": {"isVerified": True}}
    assert await shop(VERIFY, {"token": token}) == {"customerVerify": {"code": "TOKEN_UNUSABLE", "path": ["token"]}}
    assert await _may_sign_in(context, "ada@example.com")
    assert await rows(context, ANNOUNCED) == [
        ("identity.CustomerRegistered", {"customer_id": str(id)}),
        ("identity.CustomerVerified", {"customer_id": str(id)}),
        *(await rows(context, ANNOUNCED))[2:],
    ]


async def test_registering_tells_nobody_whether_the_address_is_known(context: Context) -> None:
    """New, not yet verified, verified, blocked: the same answer and the same statements. Only the mail differs."""
    verified, unverified = await a_customer(context), await a_customer(context, is_verified=False)
    blocked = await a_customer(context)
    async with transaction(context) as inner:
        await service.block_customer(inner, customer_id=blocked.id)
    before = await rows(context, "SELECT password_hash FROM identity.customer WHERE id = :id", id=verified.id)
    outcomes = []
    for email in ("new@example.com", unverified.email, verified.email, blocked.email):
        with counting_statements() as statements:
            answer = await service.register_customer(
                context, email=email, password=OTHER_PASSWORD, name="Eve", language="en"
            )
        outcomes.append((answer == email, statements.total))
    assert len(set(outcomes)) == 1
    announced = await rows(context, ANNOUNCED)
    assert [name.removeprefix("identity.") for name, _ in announced[-4:]] == [
        "CustomerRegistered",
        "CustomerRegistered",
        "RegistrationRepeated",
        "RegistrationRepeated",
    ]
    assert await rows(context, "SELECT password_hash FROM identity.customer WHERE id = :id", id=verified.id) == before
    assert await _may_sign_in(context, verified.email)


async def test_what_was_registered_last_counts_until_it_is_verified(context: Context) -> None:
    person = await a_customer(context, is_verified=False)
    await service.register_customer(context, email=person.email, password=OTHER_PASSWORD, name="Ada L.", language="de")
    stored = "SELECT name, language FROM identity.customer WHERE id = :id"
    assert await rows(context, stored, id=person.id) == [("Ada L.", "de")]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"email": "ada"}, "email", "This is no e-mail address."),
        ({"email": "x" * 100_000}, "email", "This is no e-mail address."),
        ({"name": " "}, "name", "A name has 1 to 200 characters, and no control characters."),
        ({"language": "klingon"}, "language", "A language is a tag such as `de` or `de-AT`."),
        ({"password": "short"}, "password", "A password has at least 12 characters."),
        ({"password": "x" * 200_000}, "password", "A password has at most 128 characters."),
        (
            {"password": "ada@example.com"},
            "password",
            "This password is too easily guessed. A few unrelated words make a good one.",
        ),
    ],
)
async def test_faulty_registrations(guest: Caller, changes: dict[str, Any], path: str, message: str) -> None:
    found = (await guest(REGISTER, _ada(**changes)))["customerRegister"]
    assert found["fields"] == [{"path": ["input", path], "message": message}]


async def test_parallel_registrations_make_one_account(shop_settings: Settings) -> None:
    async with acting(shop_settings.model_copy(update={"write_connections": 4})) as context:

        async def register(place: int) -> str:
            try:
                return await service.register_customer(
                    replace(context, origin=replace(context.origin, ip=f"198.51.100.{place}")),
                    email="ada@example.com",
                    password=PASSWORD,
                    name=f"Ada {place}",
                    language="en",
                )
            except TooManyAttempts:
                return "held up"

        outcomes = await asyncio.gather(*(register(place) for place in range(4)))
        assert outcomes == ["ada@example.com"] * 4
        kept = "SELECT count(*) FROM identity.customer WHERE email_key = 'ada@example.com'"
        assert await rows(context, kept) == [(1,)]


async def test_asking_for_another_mail_tells_nobody_whether_the_address_is_known(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    """Not yet verified, verified, blocked, unknown: the same answer, the same statements. Only the first gets one."""
    people = [await a_customer(context, is_verified=False), await a_customer(context), await a_customer(context)]
    async with transaction(context) as inner:
        await service.block_customer(inner, customer_id=people[-1].id)
    known = [person.email for person in people]
    shop = shop_caller(own_http)
    await shop(ASK_AGAIN, {"email": "first@example.com"})  # a connection's first costs more
    asked = [await seen(shop, ASK_AGAIN, {"email": email}, hidden=[email]) for email in (*known, "nobody@example.com")]
    assert set(asked) == {asked[0]}
    assert (asked[0].body, asked[0].hashes) == ('{"data":{"verificationRequest":{"email":"…"}}}', 0)
    told = [payload for name, payload in await rows(context, ANNOUNCED) if name == "identity.VerificationRequested"]
    assert told == [{"customer_id": each} for each in (None, str(people[0].id), None, None, None)]
    invalid = {"code": "INVALID_INPUT", "fields": [{"path": ["email"]}]}
    assert await shop(ASK_AGAIN, {"email": "nobody"}) == {"verificationRequest": invalid}


async def test_nobody_is_flooded_with_mails_to_verify(own_http: httpx2.AsyncClient) -> None:
    answers = [
        (await shop_caller(own_http)(ASK_AGAIN, {"email": "ada@example.com"}))["verificationRequest"] for _ in range(7)
    ]
    assert answers == [{"email": "ada@example.com"}] * 5 + [{"code": "TOO_MANY_ATTEMPTS"}] * 2


async def test_the_last_mail_verifies(context: Context) -> None:
    person = await a_customer(context, is_verified=False)
    tokens = [await _token(context, person.id, TokenPurpose.VERIFY_EMAIL) for _ in range(2)]
    async with transaction(context) as inner:
        await service.verify_customer(inner, token=tokens[1])
    assert await _may_sign_in(context, person.email)
    with pytest.raises(TokenUnusable):
        async with transaction(context) as inner:
            await service.verify_customer(inner, token=tokens[0])


async def test_ones_profile(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    shop = person.at(own_http)
    update = """mutation ($input: CustomerUpdateInput!) { customerUpdate(input: $input) {
        ... on Customer { name language version } ... on VersionConflict { code current }
        ... on InvalidInput { fields { path } } } }"""
    changed = {"name": "Ada Lovelace", "language": "de", "version": 3}
    assert await shop(update, {"input": {"name": "Ada Lovelace", "language": "de"}}) == {"customerUpdate": changed}
    assert await shop(update, {"input": {"name": "Ada Lovelace"}}) == {"customerUpdate": changed}
    conflict = {"code": "VERSION_CONFLICT", "current": 3}
    assert await shop(update, {"input": {"name": "Eve", "version": 1}}) == {"customerUpdate": conflict}
    invalid = {"fields": [{"path": ["input", "name"]}]}
    assert await shop(update, {"input": {"name": "\u0007"}}) == {"customerUpdate": invalid}
    audited = (
        "SELECT changes, actor_kind, actor_id FROM platform.audit WHERE changes ? 'name' AND operation IS NOT NULL"
    )
    assert await rows(context, audited) == [
        ({"name": ["Ada", "Ada Lovelace"], "language": ["en", "de"]}, "customer", person.id)
    ]


async def test_guests_have_no_account(own_http: httpx2.AsyncClient) -> None:
    shop = shop_caller(own_http)
    for query in ("{ me { id } }", "{ mySessions { totalCount } }", "mutation { sessionEnd { __typename } }"):
        assert code_of(await shop.send(query)) == (401, "UNAUTHENTICATED")
