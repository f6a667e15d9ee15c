"""Guessing, held up. Each attempt counts as a failure before it is made, so that parallel ones gain nothing.

Whoever locks an account too locks it before what is counted of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from mercer.identity.errors import TooManyAttempts
from mercer.identity.models import Outcome, Surface
from mercer.identity.queries import throttling as queries
from mercer.identity.rules.people import email_digest
from mercer.identity.rules.throttling import Allowance, account_keys, after_attempt, is_pair, retry_at, throttle_keys
from mercer.platform.context import Context
from mercer.platform.transactions import transaction


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Somebody's attempt on an account, which need not exist."""

    surface: Surface
    account: str
    """The key of the address that was typed."""
    ip: str | None

    @property
    def keys(self) -> Mapping[str, Allowance]:
        return throttle_keys(self.surface, account=self.account, ip=self.ip)


async def begin_attempt(context: Context, *, surface: Surface, account: str) -> Attempt:
    """Count an attempt, before anything is looked at. `account` is an e-mail address's key.

    Commit it before the attempt is made. Raises `TooManyAttempts`; that is logged, and not counted.
    """
    attempt = Attempt(surface=surface, account=account, ip=context.origin.ip)
    standings = await queries.lock_standings(context.db, list(attempt.keys), now=context.now)
    held = [until for each in standings.values() if (until := retry_at(each, now=context.now))]
    if held:
        context.keep(partial(_log_held_up, attempt=attempt))
        raise TooManyAttempts(retry_at=max(held))
    counted = {
        key: after_attempt(standings[key], allowance, now=context.now) for key, allowance in attempt.keys.items()
    }
    await queries.write_standings(context.db, counted)
    return attempt


async def settle_attempt(context: Context, *, attempt: Attempt) -> None:
    """Take back what an attempt counted: it succeeded. What the pair of account and address failed before is forgotten.

    What others failed on the account, or from the address on other accounts, stands: else whoever has an account
    could guess at others without end.
    """
    standings = await queries.lock_standings(context.db, list(attempt.keys), now=context.now)
    settled = {
        key: replace(each, failures=0 if is_pair(key) else max(each.failures - 1, 0), held_until=None)
        for key, each in standings.items()
    }
    await queries.write_standings(context.db, settled)


async def forgive(context: Context, *, surface: Surface, account: str) -> None:
    """Forget what failed on an account, from wherever: its owner has shown, by mail, that he is it."""
    key, prefix = account_keys(surface, account=account)
    await queries.forgive(context.db, key=key, prefix=prefix)


async def log_attempt(context: Context, *, attempt: Attempt, outcome: Outcome, account_id: UUID | None) -> None:
    """Write what came of an attempt."""
    await queries.insert_attempt(
        context.db,
        at=context.now,
        surface=attempt.surface.value,
        outcome=outcome.value,
        account=email_digest(attempt.account),
        account_id=account_id,
        ip=context.origin.ip,
        user_agent=(context.origin.user_agent or "")[:500] or None,
        request_id=context.origin.request_id,
    )


async def log_failed_attempt(context: Context, *, attempt: Attempt, outcome: Outcome, account_id: UUID | None) -> None:
    """Write what came of an attempt that failed, in a transaction of its own."""
    async with transaction(context) as inner:
        await log_attempt(inner, attempt=attempt, outcome=outcome, account_id=account_id)


async def _log_held_up(context: Context, *, attempt: Attempt) -> None:
    await log_attempt(context, attempt=attempt, outcome=Outcome.HELD_UP, account_id=None)
