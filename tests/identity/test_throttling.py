"""Guessing, held up: exactly as often as is allowed, wherever from and however many at once, with Valkey or without."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from typing import Any
from unittest.mock import patch

import pytest
from tests.factories.shop import NOW
from tests.identity.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Person,
    a_customer,
    a_staff_member,
    acting,
    as_customer,
    rows,
)

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong, PasswordWrong, TokenUnusable, TooManyAttempts
from mercer.identity.models import Audience, OpenedSession, Outcome, Proof, Surface
from mercer.identity.providers import passwords
from mercer.identity.rules.throttling import ACCOUNT, ALLOWANCES
from mercer.identity.service.throttling import (
    begin_attempt,
    log_failed_attempt,
    refuse_wrong_token,
    settle_attempt,
)
from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

AT_ONCE = 20
ADDRESSES = [f"198.51.100.{number}" for number in range(200)]
OUTCOMES = "SELECT outcome, count(*) FROM identity.attempt WHERE surface = 'shop_sign_in' GROUP BY 1 ORDER BY 1"
SIGN_IN = {Surface.SHOP_SIGN_IN, Surface.ADMIN_SIGN_IN}
FACTOR_WAITS = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
MAIL_WAITS = [300, 600, 900, 900, 900, 900, 900, 900, 900]
WAITS = {
    Surface.SHOP_FACTOR: FACTOR_WAITS,
    Surface.ADMIN_FACTOR: FACTOR_WAITS,
    Surface.REGISTRATION: MAIL_WAITS,
    Surface.PASSWORD_RESET: MAIL_WAITS,
    Surface.VERIFICATION: MAIL_WAITS,
    Surface.EMAIL_CHANGE: MAIL_WAITS,
}
"""In seconds, once what is free is used up."""

TOLD = "SELECT payload FROM platform.outbox WHERE name = 'identity.AccountHeldUp' ORDER BY position"


@pytest.fixture
async def processes(shop_settings: Settings) -> AsyncIterator[list[Context]]:
    """Two processes' worth of the program, with connections to spare."""
    busy = shop_settings.model_copy(update={"write_connections": AT_ONCE // 2})
    async with acting(busy) as one, acting(busy) as other:
        yield [one, other]


async def _sign_in(
    context: Context,
    email: str,
    password: str = OTHER_PASSWORD,
    *,
    ip: str = "192.0.2.7",
    audience: Audience = Audience.SHOP,
    device: str | None = None,
) -> Any:
    context = replace(context, origin=Origin(ip=ip, user_agent="curl/8.5.0"))
    return await service.sign_in(context, audience=audience, email=email, password=password, device=device)


async def _guess_in_parallel(
    processes: list[Context], email: str, count: int, addresses: list[str] = ADDRESSES
) -> tuple[Counter[str], int]:
    """What comes of so many guesses, and how many passwords were checked. Each has a connection, or waits its turn."""
    turns = asyncio.Semaphore(AT_ONCE - 2)

    async def guess(context: Context, ip: str) -> str:
        async with turns:
            try:
                await _sign_in(context, email, ip=ip)
            except (CredentialsWrong, TooManyAttempts) as error:
                return type(error).__name__
        return "in"

    made = zip(range(count), cycle(processes), cycle(addresses), strict=False)
    with patch.object(passwords, "_is_right", wraps=passwords._is_right) as checked:
        outcomes = await asyncio.gather(*(guess(context, ip) for _, context, ip in made))
    return Counter(outcomes), checked.call_count


async def test_a_thousand_parallel_guesses_from_everywhere(processes: list[Context]) -> None:
    """Twenty reach the password, whatever becomes of Valkey; the owner comes in from a device that is known."""
    context = processes[0]
    person = await a_customer(context)
    device = (await _sign_in(context, person.email, PASSWORD, ip="203.0.113.5")).device_token
    outcomes, checked = await _guess_in_parallel(processes, person.email, 1_000)
    assert (outcomes, checked) == ({"CredentialsWrong": 20, "TooManyAttempts": 980}, 20)
    assert await rows(context, OUTCOMES) == [("held_up", 980), ("succeeded", 1), ("wrong", 20)]

    assert context.valkey is not None
    await context.valkey.client.flushdb()
    outcomes, checked = await _guess_in_parallel(processes, person.email, 100)
    assert (outcomes, checked) == ({"TooManyAttempts": 100}, 0)

    with pytest.raises(TooManyAttempts):
        await _sign_in(context, person.email, PASSWORD, ip="203.0.113.5")
    opened = await _sign_in(context, person.email, PASSWORD, ip="203.0.113.5", device=device)
    assert opened.owner_id == person.id
    with pytest.raises(TooManyAttempts):  # and lets nobody else in by that
        await _sign_in(context, person.email, PASSWORD, ip="203.0.113.6")


async def test_parallel_guesses_from_one_address(processes: list[Context]) -> None:
    """At one account, and at accounts that do not exist: five each, and a hundred from the address in all."""
    person = await a_customer(processes[0])
    outcomes, checked = await _guess_in_parallel(processes, person.email, 60, ADDRESSES[:1])
    assert (outcomes, checked) == ({"CredentialsWrong": 5, "TooManyAttempts": 55}, 5)
    guesses = [_guess_in_parallel(processes, f"nobody{number}@example.com", 10, ADDRESSES[:1]) for number in range(20)]
    outcomes, checked = Counter(), 0
    for each in guesses:
        found, count = await each
        outcomes, checked = outcomes + found, checked + count
    assert (outcomes, checked) == ({"CredentialsWrong": 95, "TooManyAttempts": 105}, 95)


async def test_parallel_guesses_at_an_account_that_does_not_exist(processes: list[Context]) -> None:
    """It is held up as one that does."""
    outcomes, checked = await _guess_in_parallel(processes, "nobody@example.com", 60)
    assert (outcomes, checked) == ({"CredentialsWrong": 20, "TooManyAttempts": 40}, 20)


async def _held_up(context: Context, email: str, *, audience: Audience = Audience.SHOP) -> None:
    """Guess at an account from everywhere until it is held up."""
    for ip in ADDRESSES[:20]:
        with pytest.raises(CredentialsWrong):
            await _sign_in(context, email, ip=ip, audience=audience)


async def test_a_known_device_is_counted_by_itself(context: Context) -> None:
    """Five wrong passwords are free there, and the delay grows, as everywhere."""
    person = await a_customer(context)
    device = (await _sign_in(context, person.email, PASSWORD)).device_token
    await _held_up(context, person.email)
    for place in range(5):
        with pytest.raises(CredentialsWrong):
            await _sign_in(context, person.email, ip=ADDRESSES[place], device=device)
    with pytest.raises(TooManyAttempts) as held:
        await _sign_in(context, person.email, PASSWORD, ip="203.0.113.1", device=device)
    assert held.value.retry_at == NOW + timedelta(seconds=30)
    later = replace(context, now=NOW + timedelta(seconds=30))
    assert isinstance(await _sign_in(later, person.email, PASSWORD, ip="203.0.113.1", device=device), OpenedSession)


async def test_what_shows_no_known_device(context: Context) -> None:
    """Another account's, the other API's, one of long ago, and what never was one."""
    person, stranger, staff = await a_customer(context), await a_customer(context), await a_staff_member(context)
    own = (await _sign_in(context, person.email, PASSWORD)).device_token
    anothers = (await _sign_in(context, stranger.email, PASSWORD)).device_token
    the_other_apis = (await _sign_in(context, staff.email, PASSWORD, audience=Audience.ADMIN)).device_token
    later = replace(context, now=NOW + timedelta(days=30))
    for at, tokens in ((context, [anothers, the_other_apis, "", "x" * 100_000, "\x00"]), (later, [own])):
        await _held_up(at, person.email)
        for place, token in enumerate(tokens):
            with pytest.raises(TooManyAttempts):
                await _sign_in(at, person.email, PASSWORD, ip=f"203.0.113.{place}", device=token)


async def test_devices_are_stored_hashed_and_forgotten(context: Context) -> None:
    person = await a_customer(context)
    device = (await _sign_in(context, person.email, PASSWORD)).device_token
    [(stored,)] = await rows(context, "SELECT string_agg(d::text, ' ') FROM identity.known_device d")
    assert device not in stored
    assert person.email not in stored
    for now, left in ((NOW + timedelta(days=29), 1), (NOW + timedelta(days=30), 0)):
        async with transaction(replace(context, now=now)) as inner:
            await service.forget_old(inner)
        assert await rows(context, "SELECT count(*) FROM identity.known_device") == [(left,)]


async def test_its_owner_is_told_once_a_day_that_an_account_is_held_up(context: Context) -> None:
    """By an event that names nobody when there is no such account."""
    person = await a_customer(context)
    staff = await a_staff_member(context)
    later, next_day = replace(context, now=NOW + timedelta(hours=1)), replace(context, now=NOW + timedelta(days=1))
    for email, audience in ((person.email, Audience.SHOP), (staff.email, Audience.ADMIN), ("no@x.com", Audience.SHOP)):
        await _held_up(context, email, audience=audience)
        with pytest.raises(CredentialsWrong):
            await _sign_in(later, email, audience=audience)
    nobody = {"customer_id": None, "staff_id": None}
    expected = [
        nobody | {"surface": "shop_sign_in", "customer_id": str(person.id)},
        nobody | {"surface": "admin_sign_in", "staff_id": str(staff.id)},
        nobody | {"surface": "shop_sign_in"},
    ]
    assert [payload for (payload,) in await rows(context, TOLD)] == expected
    with pytest.raises(CredentialsWrong):
        await _sign_in(next_day, person.email)
    assert len(await rows(context, TOLD)) == 4


async def test_an_attempt_that_succeeds_tells_nobody(context: Context) -> None:
    person = await a_customer(context)
    for ip in ADDRESSES[:19]:
        with pytest.raises(CredentialsWrong):
            await _sign_in(context, person.email, ip=ip)
    assert await _sign_in(context, person.email, PASSWORD)
    assert await rows(context, TOLD) == []


async def test_every_surface_is_held_up_by_account(context: Context) -> None:
    """Attempts from an address each: so many are free, then each waits, longer and longer."""
    for surface, allowances in ALLOWANCES.items():
        if ACCOUNT not in allowances or surface in SIGN_IN:
            continue
        now, waits = NOW, []
        for number in range(allowances[ACCOUNT].failures + 8):
            at = replace(context, now=now, origin=Origin(ip=f"2001:db8:{number:x}::1"))
            async with transaction(at) as inner:
                attempt = await begin_attempt(inner, surface=surface, account="ada@example.com")
            await log_failed_attempt(at, attempt=attempt, outcome=Outcome.WRONG, account_id=None)
            try:
                async with transaction(replace(at, origin=Origin(ip="2001:db8:ffff::1"))) as inner:
                    again = await begin_attempt(inner, surface=surface, account="ada@example.com")
                    await settle_attempt(inner, attempt=again)
            except TooManyAttempts as held:
                waits.append((held.retry_at - now).total_seconds())
                now = held.retry_at
        assert (surface, waits) == (surface, WAITS[surface])
    assert len(await rows(context, TOLD)) == 2  # of the factors, which only their owner should know


async def _confirm(context: Context, person: Person, password: str) -> None:
    await service.confirm_session(as_customer(context, person), proof=Proof(password=password))


async def _change(context: Context, person: Person, password: str) -> None:
    await service.change_password(as_customer(context, person), current=password, new=OTHER_PASSWORD)


async def _enter(context: Context, person: Person, password: str) -> None:
    await service.sign_in(context, audience=Audience.SHOP, email=person.email, password=password)


@pytest.mark.parametrize("show", [_enter, _change, _confirm])
async def test_what_could_not_be_checked_counts_as_no_guess(
    context: Context, monkeypatch: pytest.MonkeyPatch, show: Callable[[Context, Person, str], Awaitable[None]]
) -> None:
    """When too many passwords wait: whoever tries again then is not held up by that. Guesses before it still count."""
    person = await a_customer(context)
    for _ in range(4):
        with pytest.raises((CredentialsWrong, PasswordWrong)):
            await show(context, person, "a wrong one")
    counted = "SELECT key, failures, held_until FROM identity.throttle WHERE key !~ 'registration' ORDER BY key"
    before = await rows(context, counted)
    assert {failures for _, failures, _ in before} == {4}
    with monkeypatch.context() as busy:
        busy.setattr(passwords, "MOST_WAITING", 0)
        for password in (PASSWORD, "a wrong one") * 3:
            with pytest.raises(passwords.PasswordsBusy):
                await show(context, person, password)
        assert await rows(context, counted) == before
    with pytest.raises((CredentialsWrong, PasswordWrong)):
        await show(context, person, "a wrong one")
    with pytest.raises(TooManyAttempts):
        await show(context, person, PASSWORD)
    await show(replace(context, now=NOW + timedelta(seconds=31)), person, PASSWORD)


async def test_registrations_that_could_not_be_made_do_not_count(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as busy:
        busy.setattr(passwords, "MOST_WAITING", 0)
        for _ in range(6):
            with pytest.raises(passwords.PasswordsBusy):
                await a_customer(context, email="ada@example.com")
    assert {failures for (failures,) in await rows(context, "SELECT failures FROM identity.throttle")} == {0}
    assert await a_customer(context, email="ada@example.com")


async def test_of_parallel_guesses_those_count_that_were_checked(
    processes: list[Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await a_customer(processes[0])
    monkeypatch.setattr(passwords, "MOST_WAITING", 1)
    told = await asyncio.gather(
        *(_enter(context, person, "a wrong one") for context in processes * 2), return_exceptions=True
    )
    names = Counter(type(each).__name__ for each in told)
    assert names.keys() <= {"CredentialsWrong", "PasswordsBusy"}
    counted = await rows(processes[0], "SELECT failures, held_until FROM identity.throttle WHERE key ~ 'sign_in'")
    assert counted == [(names["CredentialsWrong"], None)] * 3


async def test_wrong_tokens_of_mails_are_counted_by_address(context: Context) -> None:
    """Though the transaction is rolled back. Nobody waits who has a right one: it is only told after the fact."""

    async def refused(ip: str) -> str:
        try:
            async with transaction(replace(context, origin=Origin(ip=ip))) as inner:
                await refuse_wrong_token(inner)
        except (TokenUnusable, TooManyAttempts) as error:
            return type(error).__name__

    answers = [await refused("192.0.2.7") for _ in range(32)]
    assert answers == ["TokenUnusable"] * 30 + ["TooManyAttempts"] * 2
    assert await refused("192.0.2.8") == "TokenUnusable"
    logged = "SELECT outcome, account, count(*) FROM identity.attempt GROUP BY 1, 2 ORDER BY 1"
    assert await rows(context, logged) == [("held_up", None, 2), ("wrong", None, 31)]
