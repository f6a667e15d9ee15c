"""Guessing, held up. Each attempt counts as a failure before it is made, so that parallel ones gain nothing.

Whoever locks an account too locks it before what is counted of it. What a surface allows stands in
`rules/throttling.py`; one that has no account of its own, such as coupon codes, calls `count_wrong` after a wrong one.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import NoReturn
from uuid import UUID

from mercer.identity.errors import TokenUnusable, TooManyAttempts
from mercer.identity.events import AccountHeldUp
from mercer.identity.models import Audience, Outcome, Surface
from mercer.identity.providers.passwords import PasswordsBusy
from mercer.identity.queries import accounts
from mercer.identity.queries import throttling as queries
from mercer.identity.rules.throttling import (
    FACTOR_SURFACES,
    GUESSED,
    TOLD_AGAIN,
    Allowance,
    Standing,
    account_keys,
    after_attempt,
    audience_of,
    is_of_one,
    retry_at,
    throttle_keys,
)
from mercer.identity.service.known_devices import is_known_device
from mercer.identity.service.sign_in_log import log_outcome
from mercer.platform.context import Context
from mercer.platform.transactions import transaction


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Somebody's attempt on an account, which need not exist."""

    surface: Surface
    account: str | None
    """The key of the address that was typed, or is the account's. None: the surface has no accounts."""
    counted: Mapping[str, Allowance]
    """What it is counted under."""
    is_holding: bool = False
    """Whether the account is held up from now on, unless the attempt succeeds."""
    holds: Mapping[str, datetime] = field(default_factory=dict)
    """What it holds up by itself, until when."""
    device: str | None = field(default=None, repr=False)
    """What was shown of a device that is known."""


async def begin_attempt(
    context: Context, *, surface: Surface, account: str | None = None, device: str | None = None
) -> Attempt:
    """Count an attempt, before anything is looked at. `account` is an e-mail address's key.

    `device` is what an earlier sign-in brought (`remember_device`): with it, what others fail on the account holds
    nobody up. Commit it before the attempt is made. Raises `TooManyAttempts`; that is logged, and not counted.
    """
    if device is not None and not (
        account is not None
        and await is_known_device(context, audience=audience_of(surface), account=account, token=device)
    ):
        device = None
    counted = throttle_keys(surface, account=account, ip=context.origin.ip, device=device)
    standings = await queries.lock_standings(context.db, list(counted), now=context.now)
    held = [until for each in standings.values() if (until := retry_at(each, now=context.now))]
    if held:
        context.keep(partial(_log_held_up, surface=surface, account=account))
        raise TooManyAttempts(retry_at=max(held))
    after = {key: after_attempt(standings[key], allowance, now=context.now) for key, allowance in counted.items()}
    await queries.write_standings(context.db, after)
    key = None if account is None else account_keys(surface, account=account)[0]
    is_holding = key in after and after[key].held_until is not None
    holds = {key: each.held_until for key, each in after.items() if each.held_until is not None}
    return Attempt(surface=surface, account=account, counted=counted, is_holding=is_holding, holds=holds, device=device)


async def settle_attempt(context: Context, *, attempt: Attempt) -> None:
    """Take back what an attempt counted: it succeeded. What the pair of account and address failed before is forgotten.

    What others failed on the account, or from the address on other accounts, stands, and what that holds up: else
    whoever has an account could guess at others without end.
    """
    standings = await queries.lock_standings(context.db, list(attempt.counted), now=context.now)
    settled = {
        key: replace(each, failures=0, held_until=None)
        if is_of_one(key)
        else _without(each, own=attempt.holds.get(key))
        for key, each in standings.items()
    }
    await queries.write_standings(context.db, settled)


@asynccontextmanager
async def counting_what_is_checked(context: Context, *, attempt: Attempt) -> AsyncIterator[None]:
    """Within, passwords are checked, outside of a transaction. If too many wait, nobody has guessed anything.

    The attempt is taken back then, and no more than that. Raises `PasswordsBusy` all the same.
    """
    try:
        yield
    except PasswordsBusy:
        async with transaction(context) as inner:
            standings = await queries.lock_standings(inner.db, list(attempt.counted), now=context.now)
            before = {key: _without(each, own=attempt.holds.get(key)) for key, each in standings.items()}
            await queries.write_standings(inner.db, before)
        raise


def _without(standing: Standing, *, own: datetime | None) -> Standing:
    """What would be counted without an attempt that holds up until then."""
    held_until = None if standing.held_until == own else standing.held_until
    return replace(standing, failures=max(standing.failures - 1, 0), held_until=held_until)


async def forgive(context: Context, *, surface: Surface, account: str) -> None:
    """Forget what failed on an account, from wherever: its owner has shown, by mail, that he is it.

    When others hold it up again he is told again, unless they know the password: that he should change.
    """
    key, prefix = account_keys(surface, account=account)
    is_told_again = surface not in FACTOR_SURFACES
    await queries.forgive(context.db, key=key, prefix=prefix, is_told_again=is_told_again)


async def log_attempt(context: Context, *, attempt: Attempt, outcome: Outcome, account_id: UUID | None) -> None:
    """Write what came of an attempt."""
    await log_outcome(context, surface=attempt.surface, outcome=outcome, account_id=account_id, account=attempt.account)


async def log_failed_attempt(context: Context, *, attempt: Attempt, outcome: Outcome, account_id: UUID | None) -> None:
    """Write what came of an attempt that failed, in a transaction of its own.

    When the account is held up now, its owner is told, once a day: he may unlock it by mail. For an account that does
    not exist the same is done, and told to nobody.
    """
    async with transaction(context) as inner:
        await log_attempt(inner, attempt=attempt, outcome=outcome, account_id=account_id)
        if attempt.is_holding:
            await _tell_held_up(inner, attempt, account_id)


async def count_wrong(context: Context, *, surface: Surface) -> None:
    """Count what was wrong and names no account, by address only. Raises `TooManyAttempts`; that is logged.

    It is called after the fact: nobody is held up who was right, for the space to guess in is far too large.
    """
    attempt = await begin_attempt(context, surface=surface)
    await log_attempt(context, attempt=attempt, outcome=Outcome.WRONG, account_id=None)


async def refuse_wrong_token(context: Context) -> NoReturn:
    """Count a wrong token of a mail, even though the transaction is rolled back.

    Raises `TokenUnusable`, or `TooManyAttempts` to whoever showed too many.
    """
    keys = throttle_keys(Surface.MAILED_TOKEN, account=None, ip=context.origin.ip)
    until = await queries.held_until(context.db, list(keys), now=context.now)
    context.keep(_count_wrong_token)
    if until is not None:
        raise TooManyAttempts(retry_at=until)
    raise TokenUnusable


async def _count_wrong_token(context: Context) -> None:
    with suppress(TooManyAttempts):
        await count_wrong(context, surface=Surface.MAILED_TOKEN)


async def _tell_held_up(context: Context, attempt: Attempt, account_id: UUID | None) -> None:
    audience = audience_of(attempt.surface)
    if attempt.account is None or attempt.surface not in GUESSED[audience]:
        return
    key, _ = account_keys(attempt.surface, account=attempt.account)
    if await queries.note_told(context.db, key=key, now=context.now, before=context.now - TOLD_AGAIN):
        owner = {"customer_id" if audience is Audience.SHOP else "staff_id": account_id}
        context.announce(AccountHeldUp(surface=attempt.surface.value, **owner))


async def _log_held_up(context: Context, *, surface: Surface, account: str | None) -> None:
    """Its owner reads of it too, so the account is looked for, whether or not there is one."""
    found = None
    if account is not None:
        found = await accounts.find_account(context.db, audience_of(surface), email_key=account)
    await log_outcome(
        context,
        surface=surface,
        outcome=Outcome.HELD_UP,
        account_id=None if found is None else found.id,
        account=account,
    )
