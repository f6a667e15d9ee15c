"""What stands between a right password and a session: a challenge, and what answers it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from mercer.identity.errors import FactorUnreadable, FactorWrong, PasswordWrong, TokenUnusable
from mercer.identity.events import RecoveryCodeUsed
from mercer.identity.models import Audience, Challenge, Factor, Outcome, Proof, Surface
from mercer.identity.providers import secrets
from mercer.identity.providers.factors import CHECKS
from mercer.identity.queries import factors as queries
from mercer.identity.queries.telling import count_recovery_codes
from mercer.identity.rules.factors import CHALLENGE_LASTS, read_code, recovery_code_hash
from mercer.identity.rules.sessions import new_token, token_hash
from mercer.identity.service.sessions import owner_of
from mercer.identity.service.throttling import Attempt, log_attempt, log_failed_attempt, settle_attempt
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

FACTOR_SURFACES = {Audience.SHOP: Surface.SHOP_FACTOR, Audience.ADMIN: Surface.ADMIN_FACTOR}
ENTITIES = {Audience.SHOP: "Customer", Audience.ADMIN: "Staff"}
"""What the audit calls an account."""

log = structlog.get_logger("mercer.identity")


async def challenge_account(
    context: Context, *, audience: Audience, owner_id: UUID, factors: Sequence[Factor]
) -> Challenge:
    """Ask whoever has shown the password of this account for one of its factors. Lock the account before.

    Nothing else can be done with a challenge: it is no session of less. It ends when the account's sessions are
    revoked, so a password that was changed meanwhile is worth nothing.
    """
    token, expires_at = new_token(), context.now + CHALLENGE_LASTS
    await queries.insert_challenge(
        context.db,
        **owner_of(audience, owner_id),
        token_hash=token_hash(token),
        created_at=context.now,
        expires_at=expires_at,
    )
    kinds = tuple(sorted({each.kind for each in factors}))
    return Challenge(token=token, expires_at=expires_at, factors=kinds)


@asynccontextmanager
async def showing(context: Context, *, attempt: Attempt, account_id: UUID) -> AsyncIterator[Context]:
    """A transaction in which somebody shows who he is. What comes of it is logged, and taken back when it goes well.

    Within, the account is locked first. A factor that cannot be checked is nobody's guess, and does not count as one.
    """
    try:
        async with transaction(context) as inner:
            yield inner
            await settle_attempt(inner, attempt=attempt)
            await log_attempt(inner, attempt=attempt, outcome=Outcome.SUCCEEDED, account_id=account_id)
    except (FactorWrong, PasswordWrong):
        await log_failed_attempt(context, attempt=attempt, outcome=Outcome.WRONG, account_id=account_id)
        raise
    except TokenUnusable:
        await log_failed_attempt(context, attempt=attempt, outcome=Outcome.REFUSED, account_id=account_id)
        raise
    except FactorUnreadable:
        async with transaction(context) as inner:
            await settle_attempt(inner, attempt=attempt)
            await log_attempt(inner, attempt=attempt, outcome=Outcome.REFUSED, account_id=account_id)
        raise


async def show_factor(
    context: Context, *, audience: Audience, owner_id: UUID, factors: Sequence[Factor], proof: Proof
) -> None:
    """Use up a code of one of these factors, or a recovery code. Lock the account and the factors before.

    Raises `FactorWrong`; `FactorUnreadable` if none of the factors can be read.
    """
    if proof.recovery_code is not None and factors:
        hash = recovery_code_hash(proof.recovery_code)
        if hash is not None and await _use_recovery_code(context, audience, owner_id, hash):
            return
    elif proof.code is not None and await _use_code(context, factors, read_code(proof.code)):
        return
    raise FactorWrong


def step_of(context: Context, factor: Factor, code: str) -> int | None:
    """The counter of a code that is right for this factor, and was not used. Raises `FactorUnreadable`."""
    try:
        secret = secrets.decrypt(context.settings, factor.secret)
    except secrets.SecretUnreadable:
        log.error("factor_unreadable", factor_id=str(factor.id))  # noqa: TRY400 — there is nothing to trace
        raise FactorUnreadable from None
    return CHECKS[factor.kind](secret, code, after=factor.last_step, now=context.now)


async def _use_code(context: Context, factors: Sequence[Factor], code: str) -> bool:
    unreadable = 0
    for factor in factors:
        try:
            step = step_of(context, factor, code)
        except FactorUnreadable:
            unreadable += 1
            continue
        if step is not None:
            await queries.update_factor(context.db, factor.id, last_step=step, last_used_at=context.now)
            return True
    if unreadable and unreadable == len(factors):
        raise FactorUnreadable
    return False


async def _use_recovery_code(context: Context, audience: Audience, owner_id: UUID, hash: bytes) -> bool:
    is_used = await queries.use_recovery_code(context.db, audience, owner_id=owner_id, code_hash=hash, now=context.now)
    if is_used:
        left = await count_recovery_codes(context.db, **owner_of(audience, owner_id))
        context.record(ENTITIES[audience], owner_id, {"recoveryCodesLeft": (left + 1, left)})
        context.announce(RecoveryCodeUsed(left=left, **owner_of(audience, owner_id)))
    return is_used
