"""Signing in with a second factor: the challenge, what answers it, how often, and what nobody learns by it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.callers import Caller
from tests.factories.shop import NOW
from tests.identity.apps import App, as_person, later, with_app
from tests.identity.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Person,
    a_customer,
    a_staff_member,
    acting,
    rows,
)

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong, FactorWrong, ProofUnclear, TokenUnusable, TooManyAttempts
from mercer.identity.models import Audience, Challenge, FactorKind, OpenedSession, Proof, TokenPurpose
from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

SIGN_IN = """mutation ($email: String!, $password: String!) {
    sessionCreate(email: $email, password: $password) { __typename
        ... on Session { token } ... on FactorRequired { challenge expiresAt factors } ... on Error { code }
    }
}"""
GO_ON = """mutation ($challenge: String!, $code: String, $recovery: String, $transport: SessionTransport! = BEARER) {
    sessionCreateWithFactor(
        challenge: $challenge, code: $code, recoveryCode: $recovery, transport: $transport, isRefreshable: true
    ) { __typename ... on Session { token refreshToken expiresAt } ... on Error { code } }
}"""

LOG = "SELECT surface, outcome FROM identity.attempt WHERE surface ~ 'factor|sign_in' ORDER BY id"


@pytest.fixture
async def somebody(context: Context) -> tuple[Person, App]:
    """A customer who has an app. The code of a step ago is used up."""
    return await with_app(context, await a_customer(context))


@pytest.fixture
async def roomy(shop_settings: Settings) -> AsyncIterator[Context]:
    async with acting(shop_settings.model_copy(update={"write_connections": 8})) as context:
        yield context


async def challenged(context: Context, person: Person, audience: Audience = Audience.SHOP) -> str:
    """The first step."""
    found = await service.sign_in(context, audience=audience, email=person.email, password=PASSWORD)
    assert isinstance(found, Challenge)
    return found.token


async def answer(
    context: Context, challenge: str, audience: Audience = Audience.SHOP, /, *, ip: str = "192.0.2.7", **proof: str
) -> OpenedSession:
    """The second step."""
    context = replace(context, origin=Origin(ip=ip))
    return await service.sign_in_with_factor(context, audience=audience, challenge=challenge, proof=Proof(**proof))


@pytest.mark.parametrize("audience", Audience)
async def test_somebody_signs_in_in_two_steps(
    context: Context, own_http: httpx2.AsyncClient, audience: Audience
) -> None:
    is_shop = audience is Audience.SHOP
    person = await (a_customer(context) if is_shop else a_staff_member(context, "analyst"))
    person, app = await with_app(context, person)
    caller = Caller(own_http, f"/{audience}/graphql", {})
    asked = (await caller(SIGN_IN, {"email": person.email, "password": PASSWORD}))["sessionCreate"]
    assert asked == {
        "__typename": "FactorRequired",
        "challenge": asked["challenge"],
        "expiresAt": "2026-11-22T12:05:00.000000Z",
        "factors": ["TOTP"],
    }
    given = {"challenge": asked["challenge"], "code": app.code(NOW)}
    made = (await caller(GO_ON, given))["sessionCreateWithFactor"]
    assert made["expiresAt"] == "2026-11-22T12:15:00.000000Z"
    assert made["refreshToken"].startswith("mercer_refresh_")
    signed_in = replace(caller, headers={"Authorization": f"Bearer {made['token']}"})
    [shown] = (await signed_in("{ mySessions(first: 1) { nodes { factorLevel isCurrent } } }"))["mySessions"]["nodes"]
    assert shown == {"factorLevel": "TWO_FACTORS", "isCurrent": True}
    again = (await caller(GO_ON, given))["sessionCreateWithFactor"]
    assert again == {"__typename": "TokenUnusable", "code": "TOKEN_UNUSABLE"}
    assert await rows(context, LOG) == [(f"{audience}_sign_in", "challenged"), (f"{audience}_factor", "succeeded")]
    announced = await rows(context, "SELECT count(*) FROM platform.outbox WHERE name = 'identity.CustomerSignedIn'")
    assert announced == [(1 if is_shop else 0,)]


async def test_a_challenge_opens_nothing(own_http: httpx2.AsyncClient, somebody: tuple[Person, App]) -> None:
    person, _ = somebody
    caller = Caller(own_http, "/shop/graphql", {})
    asked = (await caller(SIGN_IN, {"email": person.email, "password": PASSWORD}))["sessionCreate"]
    for token in (asked["challenge"], f"mercer_shop_{asked['challenge']}"):
        headers = {"Authorization": f"Bearer {token}"}
        assert (await replace(caller, headers=headers).send("{ __typename }")).status_code == 401


async def test_a_cookie_takes_the_session(own_http: httpx2.AsyncClient, somebody: tuple[Person, App]) -> None:
    person, app = somebody
    caller = Caller(own_http, "/shop/graphql", {})
    asked = (await caller(SIGN_IN, {"email": person.email, "password": PASSWORD}))["sessionCreate"]
    answered = await caller.send(GO_ON, {"challenge": asked["challenge"], "code": app.code(NOW), "transport": "COOKIE"})
    made = answered.json()["data"]["sessionCreateWithFactor"]
    assert (made["token"], made["refreshToken"]) == (None, None)
    assert answered.headers["set-cookie"].startswith("mercer_shop=mercer_shop_")


async def test_a_code_works_once(context: Context, somebody: tuple[Person, App]) -> None:
    person, app = somebody
    assert await answer(context, await challenged(context, person), code=app.code(NOW))
    with pytest.raises(FactorWrong):
        await answer(context, await challenged(context, person), code=app.code(NOW))
    with pytest.raises(FactorWrong):
        await answer(context, await challenged(context, person), code=app.code(NOW, steps=-1))
    assert await answer(context, await challenged(context, person), code=app.code(NOW, steps=1))


async def test_a_recovery_code_works_once_however_it_is_typed(context: Context, somebody: tuple[Person, App]) -> None:
    person, app = somebody
    typed = app.recovery_codes[3].replace("-", " ").lower()
    assert await answer(context, await challenged(context, person), recovery_code=typed)
    with pytest.raises(FactorWrong):
        await answer(context, await challenged(context, person), recovery_code=app.recovery_codes[3])
    told = "SELECT payload ->> 'left' FROM platform.outbox WHERE name = 'identity.RecoveryCodeUsed'"
    assert await rows(context, told) == [("9",)]
    audited = "SELECT changes FROM platform.audit WHERE changes ? 'recoveryCodesLeft'"
    assert await rows(context, audited) == [({"recoveryCodesLeft": [10, 9]},)]


async def test_a_recovery_code_of_somebody_else_opens_nothing(context: Context, somebody: tuple[Person, App]) -> None:
    person, _ = somebody
    _, others = await with_app(context, await a_customer(context))
    with pytest.raises(FactorWrong):
        await answer(context, await challenged(context, person), recovery_code=others.recovery_codes[0])
    assert await rows(context, "SELECT count(*) FROM identity.recovery_code WHERE used_at IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("is_recovery", [True, False])
@pytest.mark.parametrize("several", [1, 4])
async def test_parallel_answers_open_one_session(roomy: Context, several: int, *, is_recovery: bool) -> None:
    """The same code shown four times at once, for one challenge and for one each."""
    person, app = await with_app(roomy, await a_customer(roomy))
    opened = "SELECT count(*) FROM identity.session WHERE revoked_at IS NULL AND factor_level = 'two_factors'"
    [(before,)] = await rows(roomy, opened)
    challenges = [await challenged(roomy, person) for _ in range(several)] * (4 // several)
    proof = {"recovery_code": app.recovery_codes[0]} if is_recovery else {"code": app.code(NOW)}
    outcomes = await asyncio.gather(*(answer(roomy, each, **proof) for each in challenges), return_exceptions=True)
    assert [type(each).__name__ for each in outcomes].count("OpenedSession") == 1
    assert {type(each) for each in outcomes} <= {OpenedSession, FactorWrong, TokenUnusable, TooManyAttempts}
    assert await rows(roomy, opened) == [(before + 1,)]


async def test_a_challenge_ends(context: Context, somebody: tuple[Person, App]) -> None:
    person, app = somebody
    challenge = await challenged(context, person)
    over, almost = later(context, minutes=5), later(context, minutes=4, seconds=59)
    with pytest.raises(TokenUnusable):
        await answer(over, challenge, code=app.code(over.now))
    assert await answer(almost, challenge, code=app.code(almost.now))


async def test_a_challenge_is_for_one_api_and_one_account(context: Context, somebody: tuple[Person, App]) -> None:
    person, app = somebody
    other, others = await with_app(context, await a_customer(context))
    with pytest.raises(TokenUnusable):
        await answer(context, await challenged(context, person), Audience.ADMIN, code=app.code(NOW))
    with pytest.raises(FactorWrong):
        await answer(context, await challenged(context, person), code=others.code(NOW))
    for challenge in ("", "nonsense", "x" * 100_000, "\ud800", other.token):
        with pytest.raises(TokenUnusable):
            await answer(context, challenge, code=app.code(NOW))


async def _block(context: Context, person: Person) -> None:
    async with transaction(context) as inner:
        await service.block_customer(inner, customer_id=person.id)


async def _change_password(context: Context, person: Person) -> None:
    await service.change_password(as_person(context, person), current=PASSWORD, new=OTHER_PASSWORD)


async def _reset_password(context: Context, person: Person) -> None:
    async with transaction(context) as inner:
        token = await service.issue_token(inner, customer_id=person.id, purpose=TokenPurpose.RESET_PASSWORD)
    await service.reset_password(context, token=token, password=OTHER_PASSWORD)


async def _end_all_others(context: Context, person: Person) -> None:
    async with transaction(as_person(context, person)) as inner:
        await service.revoke_other_sessions(inner)


async def _remove_factors(context: Context, person: Person) -> None:
    async with transaction(context) as inner:
        await service.remove_factors(inner, audience=Audience.SHOP, owner_id=person.id)


@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [
        (_block, TokenUnusable),
        (_change_password, TokenUnusable),
        (_reset_password, TokenUnusable),
        (_end_all_others, TokenUnusable),
        (_remove_factors, FactorWrong),
    ],
    ids=["blocked", "password-changed", "password-reset", "others-ended", "factors-removed"],
)
async def test_what_changes_between_the_steps_counts(
    context: Context, somebody: tuple[Person, App], meanwhile: Any, refusal: type[Exception]
) -> None:
    person, app = somebody
    challenge = await challenged(context, person)
    await meanwhile(context, person)
    opened = "SELECT count(*) FROM identity.session"
    before = await rows(context, opened)
    for proof in ({"code": app.code(NOW)}, {"recovery_code": app.recovery_codes[0]}):
        with pytest.raises(refusal):
            await answer(context, challenge, **proof)
    assert await rows(context, opened) == before


async def test_a_reset_never_goes_around_the_factor(context: Context, somebody: tuple[Person, App]) -> None:
    person, _ = somebody
    await _reset_password(context, person)
    found = await service.sign_in(context, audience=Audience.SHOP, email=person.email, password=OTHER_PASSWORD)
    assert isinstance(found, Challenge)
    assert found.factors == (FactorKind.TOTP,)


@pytest.mark.parametrize("proof", [{}, {"code": "000000", "recovery_code": "A"}])
async def test_exactly_one_thing_is_shown(
    context: Context, somebody: tuple[Person, App], proof: dict[str, str]
) -> None:
    challenge = await challenged(context, somebody[0])
    with pytest.raises(ProofUnclear):
        await answer(context, challenge, **proof)
    assert await rows(context, "SELECT count(*) FROM identity.attempt WHERE surface = 'shop_factor'") == [(0,)]


async def test_guessing_is_held_up_whatever_the_challenge(context: Context, somebody: tuple[Person, App]) -> None:
    """By account and address together, and by account: other addresses, and new challenges, gain nothing."""
    person, app = somebody
    outcomes = []
    for attempt in range(12):
        try:
            challenge = await challenged(context, person)
            await answer(context, challenge, ip=f"198.51.100.{attempt // 4}", code=app.code(NOW, steps=5 + attempt))
        except Exception as error:  # noqa: BLE001 — whatever it is
            outcomes.append(type(error).__name__)
    assert outcomes == ["FactorWrong"] * 10 + ["TooManyAttempts"] * 2
    with pytest.raises(TooManyAttempts):
        await answer(context, await challenged(context, person), ip="203.0.113.9", code=app.code(NOW))
    tomorrow = later(context, days=1, minutes=1)
    assert await answer(tomorrow, await challenged(tomorrow, person), code=app.code(tomorrow.now))


async def test_five_wrong_codes_from_one_address_hold_it_up(context: Context, somebody: tuple[Person, App]) -> None:
    person, app = somebody
    challenge = await challenged(context, person)
    for steps in range(5):
        with pytest.raises(FactorWrong):
            await answer(context, challenge, code=app.code(NOW, steps=5 + steps))
    with pytest.raises(TooManyAttempts) as held:
        await answer(context, challenge, code=app.code(NOW))
    assert held.value.retry_at == NOW + timedelta(seconds=30)
    then = later(context, seconds=31)
    assert await answer(then, challenge, code=app.code(then.now))
    outcomes = [outcome for surface, outcome in await rows(context, LOG) if surface == "shop_factor"]
    assert outcomes == ["wrong"] * 5 + ["held_up", "succeeded"]


async def test_only_the_password_tells_of_a_factor(own_http: httpx2.AsyncClient, context: Context) -> None:
    """Who does not know the password is answered as if the account had no factor, or there were none."""
    with_one, _ = await with_app(context, await a_customer(context))
    without, unverified = await a_customer(context), await a_customer(context, is_verified=False)
    caller = Caller(own_http, "/shop/graphql", {})
    given = [(each.email, OTHER_PASSWORD) for each in (with_one, without, unverified)]
    given += [("nobody@example.com", PASSWORD), (unverified.email, PASSWORD)]
    answers = {(await caller.send(SIGN_IN, {"email": email, "password": typed})).text for email, typed in given}
    assert answers == {'{"data":{"sessionCreate":{"__typename":"CredentialsWrong","code":"CREDENTIALS_WRONG"}}}'}


async def test_a_blocked_account_is_not_asked_for_a_factor(context: Context, somebody: tuple[Person, App]) -> None:
    person, _ = somebody
    await _block(context, person)
    with pytest.raises(CredentialsWrong):
        await challenged(context, person)
    assert await rows(context, "SELECT count(*) FROM identity.challenge") == [(0,)]


async def test_challenges_are_forgotten(context: Context, somebody: tuple[Person, App]) -> None:
    person, _ = somebody
    await challenged(context, person)
    for days, left in ((29, 1), (31, 0)):
        async with transaction(later(context, days=days)) as inner:
            await service.forget_old(inner)
        assert await rows(context, "SELECT count(*) FROM identity.challenge") == [(left,)]


async def test_two_apps_are_as_good_as_one(context: Context, somebody: tuple[Person, App]) -> None:
    person, first = somebody
    person, second = await with_app(context, person, name="Tablet")
    for app in (second, first):
        assert await answer(context, await challenged(context, person), code=app.code(NOW))
