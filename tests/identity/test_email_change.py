"""Changes of address: shown at the new one, told at the old one, and undone from there."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.callers import shop_caller
from tests.factories.shop import NOW
from tests.identity.apps import later, with_app
from tests.identity.mailed import LATEST, mailed, mailed_of_change
from tests.identity.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Person,
    a_customer,
    acting,
    another_session,
    as_customer,
    code_of,
    rows,
)
from tests.identity.watching import seen

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong, EmailTaken, TokenUnusable
from mercer.identity.models import Audience, OpenedSession, TokenPurpose
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

ASK = """mutation ($email: String!) { emailChangeRequest(email: $email) {
    ... on MailSent { email } ... on Error { code path } ... on InvalidInput { fields { path } } } }"""
CONFIRM = """mutation ($token: String!) { emailChangeConfirm(token: $token) {
    ... on EmailChanged { email } ... on Error { code path } } }"""
UNDO = """mutation ($token: String!) { emailChangeUndo(token: $token) {
    ... on EmailRestored { email } ... on Error { code path } } }"""
ANNOUNCED = """SELECT replace(name, 'identity.', ''), payload FROM platform.outbox
    WHERE name ~ 'Email|PasswordReset' ORDER BY id"""
STATE = """SELECT email, email_key, password_hash IS NOT NULL, email_verified_at IS NOT NULL
    FROM identity.customer WHERE id = :id"""
UNUSABLE = {"code": "TOKEN_UNUSABLE", "path": ["token"]}
TAKEN = {"code": "EMAIL_TAKEN", "path": ["token"]}


@pytest.fixture
async def roomy(shop_settings: Settings) -> AsyncIterator[Context]:
    async with acting(shop_settings.model_copy(update={"write_connections": 8})) as context:
        yield context


async def _ask(context: Context, person: Person, email: str) -> UUID:
    asking = as_customer(context, await another_session(context, person))
    await service.request_email_change(asking, email=email)
    [(change_id,)] = await rows(context, LATEST, id=person.id)
    assert isinstance(change_id, UUID)
    return change_id


async def _change(context: Context, person: Person, email: str) -> UUID:
    """The change, asked for and confirmed."""
    change_id = await _ask(context, person, email)
    await _confirm(context, await mailed_of_change(context, person, TokenPurpose.CHANGE_EMAIL, change_id=change_id))
    return change_id


async def _confirm(context: Context, token: str) -> str:
    async with transaction(context) as inner:
        return await service.confirm_email_change(inner, token=token)


async def _undo(context: Context, token: str) -> str:
    async with transaction(context) as inner:
        return await service.undo_email_change(inner, token=token)


async def _may_sign_in(context: Context, email: str, password: str = PASSWORD) -> bool:
    try:
        opened = await service.sign_in(context, audience=Audience.SHOP, email=email, password=password)
    except CredentialsWrong:
        return False
    return isinstance(opened, OpenedSession)


async def test_an_address_changes_once_the_new_one_has_shown_itself(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    person = await a_customer(context, email="ada@example.com")
    other = await another_session(context, person)
    assert await person.at(own_http)(ASK, {"email": "New@Example.org"}) == {
        "emailChangeRequest": {"email": "New@example.org"}
    }
    assert await rows(context, STATE, id=person.id) == [("ada@example.com", "ada@example.com", True, True)]
    token = await mailed_of_change(context, person, TokenPurpose.CHANGE_EMAIL)
    assert await person.at(own_http)(CONFIRM, {"token": token}) == {"emailChangeConfirm": {"email": "New@example.org"}}
    assert await rows(context, STATE, id=person.id) == [("New@example.org", "new@example.org", True, True)]
    assert await person.at(own_http)("{ me { email } }") == {"me": {"email": "New@example.org"}}
    assert code_of(await other.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")
    assert [await _may_sign_in(context, email) for email in ("ada@example.com", "new@example.org")] == [False, True]
    [(change_id,)] = await rows(context, LATEST, id=person.id)
    about = {"customer_id": str(person.id), "email_change_id": str(change_id)}
    assert await rows(context, ANNOUNCED) == [("EmailChangeRequested", about), ("CustomerEmailChanged", about)]
    audited = "SELECT changes, actor_kind FROM platform.audit WHERE changes ?| '{email,emailChange}' ORDER BY id"
    assert await rows(context, audited) == [
        ({"emailChange": [None, "requested"]}, "customer"),
        ({"email": ["ada@example.com", "New@example.org"]}, "customer"),
    ]
    again = await shop_caller(own_http)(CONFIRM, {"token": token})
    assert again == {"emailChangeConfirm": UNUSABLE}


async def test_who_confirms_elsewhere_ends_all_sessions(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    await _ask(context, person, "new@example.org")
    token = await mailed_of_change(context, person, TokenPurpose.CHANGE_EMAIL)
    assert await shop_caller(own_http)(CONFIRM, {"token": token}) == {
        "emailChangeConfirm": {"email": "new@example.org"}
    }
    assert code_of(await person.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")


async def test_an_address_is_changed_by_whoever_has_lately_shown_who_he_is(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    stale = await a_customer(later(context, minutes=-16))
    assert code_of(await stale.at(own_http).send(ASK, {"email": "new@example.org"})) == (403, "FRESH_FACTOR_REQUIRED")
    assert code_of(await shop_caller(own_http).send(ASK, {"email": "new@example.org"})) == (401, "UNAUTHENTICATED")
    assert await rows(context, "SELECT count(*) FROM identity.email_change") == [(0,)]


async def test_what_is_no_change(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context, email="ada@example.com")
    for email in ("ada@example.com", "ADA@Example.COM"):
        assert await person.at(own_http)(ASK, {"email": email}) == {
            "emailChangeRequest": {"code": "EMAIL_UNCHANGED", "path": ["email"]}
        }
    for email in ("ada", "", "x" * 100_000):
        invalid = {"code": "INVALID_INPUT", "path": [], "fields": [{"path": ["email"]}]}
        assert await person.at(own_http)(ASK, {"email": email}) == {"emailChangeRequest": invalid}
    assert await rows(context, "SELECT count(*) FROM identity.email_change") == [(0,)]


async def test_asking_tells_nobody_whether_the_address_is_known(context: Context, own_http: httpx2.AsyncClient) -> None:
    """Unknown, not verified, verified, blocked: the same answer, the same statements, no hash. Only mails differ."""
    person = await a_customer(context)
    unverified, verified = await a_customer(context, is_verified=False), await a_customer(context)
    blocked = await a_customer(context)
    async with transaction(context) as inner:
        await service.block_customer(inner, customer_id=blocked.id)
    known = [unverified.email, verified.email, blocked.email]
    await person.at(own_http)(ASK, {"email": "first@example.com"})  # a connection's first costs more
    asked = [
        await seen(person.at(own_http), ASK, {"email": email}, hidden=[email]) for email in ("new@example.org", *known)
    ]
    assert set(asked) == {asked[0]}
    assert (asked[0].body, asked[0].hashes) == ('{"data":{"emailChangeRequest":{"email":"…"}}}', 0)
    told = [(name, payload["customer_id"]) for name, payload in await rows(context, ANNOUNCED)]
    assert told[1:] == [
        ("EmailChangeRequested", str(person.id)),
        ("EmailChangeRequested", str(person.id)),
        ("EmailChangeTaken", str(verified.id)),
        ("EmailChangeTaken", str(blocked.id)),
    ]
    logged = "SELECT DISTINCT surface, outcome, account_id FROM identity.attempt WHERE surface = 'email_change'"
    assert await rows(context, logged) == [("email_change", "succeeded", person.id)]


async def test_nobody_is_flooded_with_mails(context: Context, own_http: httpx2.AsyncClient) -> None:
    answers = []
    for _ in range(6):
        person = await a_customer(context)
        answers.append((await person.at(own_http)(ASK, {"email": "victim@example.com"}))["emailChangeRequest"])
    assert answers == [{"email": "victim@example.com"}] * 5 + [{"code": "TOO_MANY_ATTEMPTS", "path": []}]


async def test_of_two_changes_the_one_confirmed_first_counts(roomy: Context) -> None:
    person = await a_customer(roomy)
    tokens = []
    for email in ("one@example.org", "two@example.org"):
        change_id = await _ask(roomy, person, email)
        tokens.append(await mailed_of_change(roomy, person, TokenPurpose.CHANGE_EMAIL, change_id=change_id))
    outcomes = await asyncio.gather(*(_confirm(roomy, token) for token in tokens), return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["TokenUnusable", "str"]
    [winner] = [each for each in outcomes if isinstance(each, str)]
    assert (await rows(roomy, STATE, id=person.id))[0][0] == winner


async def test_of_two_who_want_one_address_one_gets_it(roomy: Context, own_http: httpx2.AsyncClient) -> None:
    people = [await a_customer(roomy) for _ in range(2)]
    tokens = []
    for person in people:
        await _ask(roomy, person, "one@example.org")
        tokens.append(await mailed_of_change(roomy, person, TokenPurpose.CHANGE_EMAIL))
    outcomes = await asyncio.gather(*(_confirm(roomy, token) for token in tokens), return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["EmailTaken", "str"]
    loser = tokens[next(place for place, each in enumerate(outcomes) if isinstance(each, EmailTaken))]
    assert await shop_caller(own_http)(CONFIRM, {"token": loser}) == {"emailChangeConfirm": TAKEN}


async def test_an_account_that_was_never_verified_gives_way(context: Context) -> None:
    """Whoever registered somebody's address bars it for nobody who reads its mail."""
    squatter = await a_customer(context, is_verified=False, email="new@example.org")
    person = await a_customer(context)
    await _change(context, person, "new@example.org")
    assert await rows(context, STATE, id=squatter.id) == []
    gone = "SELECT changes, reason FROM platform.audit WHERE entity_id = :id AND reason IS NOT NULL"
    assert await rows(context, gone, id=squatter.id) == [
        ({"registered": ["once", None]}, "the address is another one's")
    ]


@pytest.mark.parametrize("meanwhile", ["blocked", "reset", "changed password", "late"])
async def test_what_ends_a_change_that_waits(context: Context, meanwhile: str) -> None:
    person = await a_customer(context)
    await _ask(context, person, "new@example.org")
    token = await mailed_of_change(context, person, TokenPurpose.CHANGE_EMAIL)
    then = context
    if meanwhile == "blocked":
        async with transaction(context) as inner:
            await service.block_customer(inner, customer_id=person.id)
    elif meanwhile == "reset":
        reset = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
        await service.reset_password(context, token=reset, password=OTHER_PASSWORD)
    elif meanwhile == "changed password":
        await service.change_password(as_customer(context, person), current=PASSWORD, new=OTHER_PASSWORD)
    else:
        then = later(context, hours=24)
    with pytest.raises(TokenUnusable):
        await _confirm(then, token)
    assert (await rows(context, STATE, id=person.id))[0][0] == person.email


async def test_a_change_is_undone_from_the_old_address(context: Context, own_http: httpx2.AsyncClient) -> None:
    """Whoever took an account over and gave it his address is out: sessions, password, and his authenticator app."""
    person = await a_customer(context, email="ada@example.com")
    person, own_app = await with_app(later(context, days=-7, seconds=-1), person)
    change_id = await _change(context, person, "thief@example.org")
    undo = await mailed_of_change(context, person, TokenPurpose.UNDO_EMAIL_CHANGE, change_id=change_id)
    thief = await another_session(context, person)
    thief, _ = await with_app(context, thief, name="Thief's")
    answer = await shop_caller(own_http)(UNDO, {"token": undo})
    assert answer == {"emailChangeUndo": {"email": "ada@example.com"}}
    assert await rows(context, STATE, id=person.id) == [("ada@example.com", "ada@example.com", False, True)]
    assert code_of(await thief.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")
    left = "SELECT id FROM identity.factor WHERE customer_id = :id"
    assert await rows(context, left, id=person.id) == [(own_app.id,)]
    ended = "SELECT DISTINCT revoked_reason FROM identity.session WHERE customer_id = :id"
    assert ("recovered",) in await rows(context, ended, id=person.id)
    told = [name for name, _ in await rows(context, ANNOUNCED)]
    assert told[-2:] == ["CustomerEmailRestored", "PasswordResetRequested"]
    assert await shop_caller(own_http)(UNDO, {"token": undo}) == {"emailChangeUndo": UNUSABLE}
    assert not await _may_sign_in(context, "ada@example.com")


async def test_a_change_is_undone_for_a_week_whatever_becomes_of_the_password(context: Context) -> None:
    """Who reads the new address's mail could reset the password: that does not end the way back."""
    person = await a_customer(context, email="ada@example.com")
    await _change(context, person, "thief@example.org")
    undo = await mailed_of_change(context, person, TokenPurpose.UNDO_EMAIL_CHANGE)
    reset = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
    await service.reset_password(context, token=reset, password=OTHER_PASSWORD)
    late = later(context, days=7)
    with pytest.raises(TokenUnusable):
        await _undo(late, undo)
    assert await _undo(later(context, days=7, seconds=-1), undo) == "ada@example.com"


async def test_the_oldest_address_takes_back_later_changes_too(context: Context) -> None:
    person = await a_customer(context, email="a@example.com")
    undoing = []
    for minute, email in enumerate(("b@example.com", "c@example.com"), 1):
        now = later(context, minutes=minute)
        change_id = await _change(now, person, email)
        undoing.append(await mailed_of_change(now, person, TokenPurpose.UNDO_EMAIL_CHANGE, change_id=change_id))
    now = later(context, minutes=5)
    assert await _undo(now, undoing[0]) == "a@example.com"
    with pytest.raises(TokenUnusable):
        await _undo(now, undoing[1])
    undone = "SELECT count(*) FROM identity.email_change WHERE undone_at = :now"
    assert await rows(context, undone, now=now.now) == [(2,)]


async def test_undoing_the_later_change_leaves_the_earlier_one(context: Context) -> None:
    person = await a_customer(context, email="a@example.com")
    undoing = []
    for minute, email in enumerate(("b@example.com", "c@example.com"), 1):
        now = later(context, minutes=minute)
        change_id = await _change(now, person, email)
        undoing.append(await mailed_of_change(now, person, TokenPurpose.UNDO_EMAIL_CHANGE, change_id=change_id))
    assert await _undo(later(context, minutes=5), undoing[1]) == "b@example.com"
    assert await _undo(later(context, minutes=6), undoing[0]) == "a@example.com"


@pytest.mark.parametrize("is_verified", [False, True])
async def test_the_old_address_is_somebodys_meanwhile(
    context: Context, own_http: httpx2.AsyncClient, *, is_verified: bool
) -> None:
    """Who only registered it bars nothing. Who has shown that it is his keeps it."""
    person = await a_customer(context, email="ada@example.com")
    await _change(context, person, "thief@example.org")
    undo = await mailed_of_change(context, person, TokenPurpose.UNDO_EMAIL_CHANGE)
    await a_customer(context, is_verified=is_verified, email="ada@example.com")
    before = await rows(context, STATE, id=person.id)
    answer = await shop_caller(own_http)(UNDO, {"token": undo})
    expected = TAKEN if is_verified else {"email": "ada@example.com"}
    assert answer == {"emailChangeUndo": expected}
    assert (await rows(context, STATE, id=person.id) == before) is is_verified


async def test_parallel_uses_of_one_token_undo_once(roomy: Context) -> None:
    person = await a_customer(roomy)
    await _change(roomy, person, "thief@example.org")
    undo = await mailed_of_change(roomy, person, TokenPurpose.UNDO_EMAIL_CHANGE)
    outcomes = await asyncio.gather(*(_undo(roomy, undo) for _ in range(6)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["TokenUnusable"] * 5 + ["str"]


@pytest.mark.parametrize(("query", "field"), [(CONFIRM, "emailChangeConfirm"), (UNDO, "emailChangeUndo")])
async def test_tokens_are_for_one_thing(context: Context, own_http: httpx2.AsyncClient, query: str, field: str) -> None:
    person = await a_customer(context)
    await _ask(context, person, "new@example.org")
    wrong: Any = TokenPurpose.UNDO_EMAIL_CHANGE if query is CONFIRM else TokenPurpose.CHANGE_EMAIL
    tokens = [await mailed_of_change(context, person, wrong), "", "x" * 100_000, "é"]
    for token in (*tokens, await mailed(context, person, TokenPurpose.VERIFY_EMAIL)):
        assert await shop_caller(own_http)(query, {"token": token}) == {field: UNUSABLE}
    assert (await rows(context, STATE, id=person.id))[0][0] == person.email


async def test_changes_of_long_ago_are_forgotten(context: Context) -> None:
    person = await a_customer(context)
    await _change(context, person, "new@example.org")
    for passed, left in ((timedelta(days=180), 1), (timedelta(days=180, seconds=1), 0)):
        async with acting(context.settings, now=NOW + passed) as then, transaction(then) as inner:
            await service.forget_old(inner)
        assert await rows(context, "SELECT count(*) FROM identity.email_change") == [(left,)]
