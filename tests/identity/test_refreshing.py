"""Refresh tokens: one chain for each session, whoever shows them and how often; a stolen one ends it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from tests.callers import Caller, calling
from tests.factories.shop import NOW
from tests.identity.people import PASSWORD, Person, a_customer, a_staff_member, acting, code_of, rows

from mercer.identity import service
from mercer.identity.errors import SessionUnknown, TokenUnusable
from mercer.identity.models import Audience, Ending, FactorLevel, OpenedSession
from mercer.identity.rules.sessions import next_refresh_token, next_session_token
from mercer.identity.service.sessions import revoke_sessions
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import in_transaction, transaction

SECOND = timedelta(seconds=1)
REFRESH = """mutation ($token: String!) { sessionRefresh(refreshToken: $token) {
    ... on Session { token refreshToken expiresAt } ... on Error { code } } }"""


class Clock:
    """Tells a time that tests set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http(shop_settings: Settings, clock: Clock) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application whose clock the test sets."""
    async with calling(shop_settings, now=clock) as http:
        yield http


def after(context: Context, **passed: float) -> Context:
    """The context so much later."""
    return replace(context, now=context.now + timedelta(**passed))


async def opened(context: Context, person: Person, audience: Audience = Audience.SHOP) -> OpenedSession:
    """Another session of his, which can be refreshed."""
    async with transaction(context) as inner:
        return await service.open_session(inner, audience=audience, owner_id=person.id, is_refreshable=True)


async def refreshed(context: Context, token: str | None, audience: Audience = Audience.SHOP) -> OpenedSession:
    assert token is not None
    shown = token

    async def refresh(inner: Context) -> OpenedSession:
        return await service.refresh_session(inner, audience=audience, token=shown)

    return await in_transaction(context, refresh)


async def is_let_in(http: httpx2.AsyncClient, session: OpenedSession) -> bool:
    path = "/shop/graphql" if session.token.startswith("mercer_shop_") else "/admin/graphql"
    caller = Caller(http, path, {"Authorization": f"Bearer {session.token}"})
    answer = await caller.send("{ __typename }")
    assert answer.status_code in {200, 401}, answer.text
    return answer.status_code == 200


async def endings(context: Context, session: OpenedSession) -> Any:
    """Why the session was revoked, how often its owner was told that it was replayed, and how often it was logged."""
    [(reason,)] = await rows(context, "SELECT revoked_reason FROM identity.session WHERE id = :id", id=session.id)
    told = "SELECT count(*) FROM platform.outbox WHERE name = 'identity.SessionReplayed'"
    logged = "SELECT count(*) FROM identity.attempt WHERE outcome = 'replayed' AND account_id = :id"
    [(events,)] = await rows(context, f"{told} AND payload ->> 'session_id' = :id", id=str(session.id))
    [(attempts,)] = await rows(context, logged, id=session.owner_id)
    return reason, events, attempts


async def test_each_token_brings_the_next_ones(context: Context, clock: Clock, http: httpx2.AsyncClient) -> None:
    first = await opened(context, await a_customer(context))
    assert first.expires_at == NOW + timedelta(minutes=15)
    clock.now = NOW + timedelta(minutes=14, seconds=59)
    assert await is_let_in(http, first)
    second = await refreshed(replace(context, now=clock.now), first.refresh_token)
    assert (second.id, second.owner_id, second.expires_at) == (first.id, first.owner_id, clock.now + timedelta(0, 900))
    assert [await is_let_in(http, each) for each in (first, second)] == [True, True]
    clock.now += SECOND  # the first one's own quarter of an hour is over, whatever the grace
    assert [await is_let_in(http, each) for each in (first, second)] == [False, True]
    third = await refreshed(replace(context, now=clock.now), second.refresh_token)
    clock.now += 29 * SECOND
    assert [await is_let_in(http, each) for each in (first, second, third)] == [False, True, True]
    clock.now += SECOND
    assert [await is_let_in(http, each) for each in (first, second, third)] == [False, False, True]
    clock.now += timedelta(minutes=15)
    assert not await is_let_in(http, third)
    fourth = await refreshed(replace(context, now=clock.now), third.refresh_token)
    assert await is_let_in(http, fourth)
    assert not await is_let_in(http, third)  # it had ended before its successor came


async def test_twenty_at_once_are_told_the_same(context: Context, shop_settings: Settings) -> None:
    """Tabs of one browser, whose requests reach several processes: one chain, and the honest tab goes on."""
    first = await opened(context, await a_customer(context))
    async with AsyncExitStack() as stack:
        apps = [await stack.enter_async_context(calling(shop_settings)) for _ in range(4)]
        tabs = [Caller(http, "/shop/graphql", {"Authorization": "Bearer over"}) for http in apps * 5]
        told = await asyncio.gather(*(tab(REFRESH, {"token": first.refresh_token}) for tab in tabs))
        pairs = Counter((each["sessionRefresh"]["token"], each["sessionRefresh"]["refreshToken"]) for each in told)
        [((token, refresh_token), number)] = pairs.items()
        assert number == 20
        assert None not in {token, refresh_token}
        chain = "SELECT count(*), count(used_at) FROM identity.refresh_token WHERE session_id = :id"
        assert await rows(context, chain, id=first.id) == [(2, 1)]
        for http in apps:
            assert await is_let_in(http, replace(first, token=token))
            assert await is_let_in(http, first)
        following = (await tabs[0](REFRESH, {"token": refresh_token}))["sessionRefresh"]
        assert await is_let_in(apps[1], replace(first, token=following["token"]))
    assert await rows(context, chain, id=first.id) == [(3, 2)]
    assert await endings(context, first) == (None, 0, 0)


async def test_a_lost_answer_is_given_again_within_half_a_minute(context: Context) -> None:
    first = await opened(context, await a_customer(context))
    second = await refreshed(context, first.refresh_token)
    assert await refreshed(after(context, seconds=29.999), first.refresh_token) == second


@pytest.mark.parametrize("others", [1, 5], ids=["twice", "five at once"])
async def test_one_that_is_shown_later_ends_the_session(
    context: Context, clock: Clock, http: httpx2.AsyncClient, others: int
) -> None:
    first = await opened(context, await a_customer(context))
    second = await refreshed(context, first.refresh_token)
    clock.now += 30 * SECOND
    late = replace(context, now=clock.now)
    assert await is_let_in(http, second)
    replays = (refreshed(late, first.refresh_token) for _ in range(others))
    assert [type(each) for each in await asyncio.gather(*replays, return_exceptions=True)] == [TokenUnusable] * others
    assert not await is_let_in(http, second)
    with pytest.raises(TokenUnusable):
        await refreshed(late, second.refresh_token)
    with pytest.raises(TokenUnusable):
        await refreshed(late, first.refresh_token)
    assert await endings(context, first) == ("replayed", 1, 1)


async def test_a_thief_who_comes_first_is_found_out_too(context: Context, http: httpx2.AsyncClient) -> None:
    first = await opened(context, await a_customer(context))
    thiefs = await refreshed(context, first.refresh_token)
    later = after(context, minutes=20)
    with pytest.raises(TokenUnusable):
        await refreshed(later, first.refresh_token)
    assert not await is_let_in(http, thiefs)
    with pytest.raises(TokenUnusable):
        await refreshed(later, thiefs.refresh_token)
    assert await endings(context, first) == ("replayed", 1, 1)


async def test_who_is_tokens_behind_is_told_the_latest_and_ends_nothing(
    context: Context, http: httpx2.AsyncClient
) -> None:
    first = await opened(context, await a_customer(context))
    second = await refreshed(context, first.refresh_token)
    third = await refreshed(context, second.refresh_token)
    fourth = await refreshed(context, third.refresh_token)
    for behind in (first, second, third):
        assert await refreshed(context, behind.refresh_token) == fourth
    chain = "SELECT count(*), count(used_at) FROM identity.refresh_token WHERE session_id = :id"
    assert await rows(context, chain, id=first.id) == [(4, 3)]
    assert [await is_let_in(http, each) for each in (second, third, fourth)] == [False, True, True]
    assert await endings(context, first) == (None, 0, 0)


async def test_a_slow_tab_ends_no_session_later(context: Context) -> None:
    """It shows the first token just within the window, and what it is told works on when that is over."""
    first = await opened(context, await a_customer(context))
    second = await refreshed(context, first.refresh_token)
    third = await refreshed(after(context, seconds=1), second.refresh_token)
    slow = await refreshed(after(context, seconds=29), first.refresh_token)
    assert slow == third
    fourth = await refreshed(after(context, seconds=40), slow.refresh_token)
    assert await refreshed(after(context, seconds=69), third.refresh_token) == fourth
    assert await endings(context, first) == (None, 0, 0)


UNUSABLE = [
    "",
    "nonsense",
    "mercer_refresh_",
    "mercer_refresh_" + "x" * 43,
    "mercer_refresh_" + "x" * 9_000,
    "é",
]


@pytest.mark.parametrize("api", ["shop", "admin"])
async def test_what_is_no_refresh_token_brings_nothing(context: Context, http: httpx2.AsyncClient, api: str) -> None:
    person = await a_customer(context) if api == "shop" else await a_staff_member(context)
    session = await opened(context, person, Audience(api))
    before = await rows(context, "SELECT * FROM identity.session ORDER BY id")
    own, other = (Caller(http, f"/{each}/graphql", {}) for each in sorted(("shop", "admin"), key=lambda it: it != api))
    refused = {"sessionRefresh": {"code": "TOKEN_UNUSABLE"}}
    for shown in [session.token, person.token, *UNUSABLE]:
        assert await own(REFRESH, {"token": shown}) == refused, shown
    assert await other(REFRESH, {"token": session.refresh_token}) == refused
    answer = await own.send("{ __typename }", authorization=f"Bearer {session.refresh_token}")
    assert code_of(answer) == (401, "UNAUTHENTICATED")
    assert answer.json()["errors"][0]["message"].startswith("A refresh token opens nothing by itself.")
    assert await rows(context, "SELECT * FROM identity.session ORDER BY id") == before
    found = (await own(REFRESH, {"token": session.refresh_token}))["sessionRefresh"]
    assert found["expiresAt"] == "2026-11-22T12:15:00.000000Z"


async def test_sessions_that_are_over_are_not_refreshed(context: Context) -> None:
    person = await a_customer(context)
    ended, idle, refused = [await opened(context, person) for _ in range(3)]
    async with transaction(context) as inner:
        await revoke_sessions(
            inner, audience=Audience.SHOP, owner_id=person.id, only=ended.id, reason=Ending.SIGNED_OUT
        )
    for session, later in ((ended, timedelta()), (idle, timedelta(days=14))):
        with pytest.raises(TokenUnusable):
            await refreshed(replace(context, now=NOW + later), session.refresh_token)
    async with transaction(context) as inner:
        await service.block_customer(inner, customer_id=person.id)
    with pytest.raises(TokenUnusable):
        await refreshed(context, refused.refresh_token)
    for session in (ended, idle, refused):
        assert (await endings(context, session))[1:] == (0, 0)
    used = "SELECT count(*) FROM identity.refresh_token WHERE used_at IS NOT NULL"
    assert await rows(context, used) == [(0,)]


async def test_a_session_that_ends_while_it_is_refreshed_stays_ended(
    context: Context, http: httpx2.AsyncClient
) -> None:
    """Whichever of the two comes first."""
    person = await a_customer(context)
    for _ in range(5):
        session = await opened(context, person)
        revoking = partial(
            revoke_sessions, audience=Audience.SHOP, owner_id=person.id, only=session.id, reason=Ending.REVOKED
        )
        outcome, revoked = await asyncio.gather(
            refreshed(context, session.refresh_token), in_transaction(context, revoking), return_exceptions=True
        )
        assert revoked == 1
        told = [session, *([outcome] if isinstance(outcome, OpenedSession) else [])]
        assert [await is_let_in(http, each) for each in told] == [False] * len(told)
        for each in told:
            with pytest.raises(TokenUnusable):
                await refreshed(context, each.refresh_token)
        assert await endings(context, session) == ("revoked", 0, 0)


async def test_no_refreshing_outlives_the_longest_a_session_lasts(context: Context) -> None:
    person = await a_staff_member(context)
    session = await opened(context, person, Audience.ADMIN)
    for hours in (7, 14, 21, 23.9):
        session = await refreshed(after(context, hours=hours), session.refresh_token, Audience.ADMIN)
    assert session.expires_at == NOW + timedelta(hours=24)
    with pytest.raises(TokenUnusable):
        await refreshed(after(context, hours=24), session.refresh_token, Audience.ADMIN)


async def test_who_has_shown_again_who_he_is_has_other_tokens(
    context: Context, clock: Clock, http: httpx2.AsyncClient
) -> None:
    person = await a_customer(context)
    session = await opened(context, person)
    before = await refreshed(context, session.refresh_token)
    clock.now += timedelta(minutes=1)
    later = replace(context, now=clock.now)
    assert await is_let_in(http, before)
    async with transaction(later) as inner:
        renewed = await service.renew_session(inner, session_id=session.id, factor_level=FactorLevel.TWO_FACTORS)
    assert [await is_let_in(http, each) for each in (session, before, renewed)] == [False, False, True]
    found = "SELECT confirmed_at, factor_level FROM identity.session WHERE id = :id"
    assert await rows(context, found, id=session.id) == [(clock.now, "two_factors")]
    with pytest.raises(TokenUnusable):  # another tab, which has not heard of it yet
        await refreshed(later, before.refresh_token)
    following = await refreshed(after(later, minutes=10), renewed.refresh_token)
    with pytest.raises(TokenUnusable):  # nobody had used it: that is no theft
        await refreshed(after(later, minutes=11), before.refresh_token)
    clock.now += timedelta(minutes=11)
    assert await is_let_in(http, following)


async def test_a_session_without_refresh_token_is_renewed_as_one(context: Context, http: httpx2.AsyncClient) -> None:
    person = await a_staff_member(context)
    held = OpenedSession(id=person.session_id, owner_id=person.id, token=person.token, expires_at=NOW)
    assert await is_let_in(http, held)
    async with transaction(context) as inner:
        renewed = await service.renew_session(inner, session_id=person.session_id, factor_level=FactorLevel.PASSWORD)
    assert (renewed.refresh_token, renewed.expires_at) == (None, NOW + timedelta(hours=24))
    assert [await is_let_in(http, each) for each in (held, renewed)] == [False, True]
    async with transaction(context) as inner:
        await revoke_sessions(inner, audience=Audience.ADMIN, owner_id=person.id, reason=Ending.REVOKED)
    with pytest.raises(SessionUnknown):
        async with transaction(context) as inner:
            await service.renew_session(inner, session_id=person.session_id, factor_level=FactorLevel.PASSWORD)


CREATE = """mutation ($email: String!, $transport: SessionTransport!) { sessionCreate(
    email: $email, password: "%s", transport: $transport, isRefreshable: true
) { ... on Session { token refreshToken expiresAt } } }"""  # fmt: skip


async def test_cookies_are_never_refreshable(context: Context, http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    guest, create = Caller(http, "/shop/graphql", {}), CREATE % PASSWORD
    made = (await guest(create, {"email": person.email, "transport": "COOKIE"}))["sessionCreate"]
    assert made == {"token": None, "refreshToken": None, "expiresAt": "2026-12-22T12:00:00.000000Z"}
    http.cookies.clear()
    made = (await guest(create, {"email": person.email, "transport": "BEARER"}))["sessionCreate"]
    assert made["refreshToken"].startswith("mercer_refresh_")
    assert made["expiresAt"] == "2026-11-22T12:15:00.000000Z"
    refreshable = "{ mySessions { nodes { isRefreshable isCurrent } } }"
    found = await Caller(http, "/shop/graphql", {"Authorization": f"Bearer {made['token']}"})(refreshable)
    assert sorted((each["isCurrent"], each["isRefreshable"]) for each in found["mySessions"]["nodes"]) == [
        (False, False),
        (False, False),
        (True, True),
    ]


async def test_no_refresh_token_is_stored_or_logged(context: Context) -> None:
    first = await opened(context, await a_customer(context))
    second = await refreshed(context, first.refresh_token)
    with pytest.raises(TokenUnusable):
        await refreshed(after(context, minutes=1), first.refresh_token)
    secrets = [str(each).rpartition("_")[2] for each in (first.refresh_token, second.refresh_token, second.token)]
    for table in (
        "identity.session",
        "identity.refresh_token",
        "platform.audit",
        "platform.outbox",
        "identity.attempt",
    ):
        [(found,)] = await rows(context, f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
        assert not [secret for secret in secrets if secret in found], table


def test_successors_depend_on_the_token_and_on_the_salt() -> None:
    """Who has only one of them, the row's reader or the token's first owner, cannot make them."""
    made = {
        successor
        for token in ("one", "other")
        for salt in (b"a" * 32, b"b" * 32)
        for successor in (
            next_refresh_token(token, salt=salt),
            next_session_token(token, Audience.SHOP, salt=salt).replace("shop", "refresh"),
        )
    }
    assert len(made) == 8


async def test_old_tokens_and_challenges_are_forgotten_with_their_sessions(shop_settings: Settings) -> None:
    challenge = """INSERT INTO identity.challenge (customer_id, token_hash, created_at, expires_at)
        VALUES (:id, sha256('a'), :at, :at)"""
    async with acting(shop_settings) as context:
        person = await a_customer(context)
        session = await opened(context, person)
        await refreshed(context, session.refresh_token)
        async with context.database.transaction() as connection:
            await connection.execute(sa.text(challenge), {"id": person.id, "at": NOW})
    counts = "SELECT (SELECT count(*) FROM identity.refresh_token), (SELECT count(*) FROM identity.challenge)"
    for days, expected in ((20, (2, 1)), (70, (0, 0))):
        async with acting(shop_settings, now=NOW + timedelta(days=days)) as context:
            async with transaction(context) as inner:
                await service.forget_old(inner)
            assert await rows(context, counts) == [expected], days
