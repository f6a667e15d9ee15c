"""Second factors: set up, confirmed, taken away; and the recovery codes that stand in for them.

Whatever changes here ends the account's other sessions (OWASP ASVS 5.0, 7.4.3), and its owner is told by mail (6.3.7).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from mercer.identity.errors import FactorMissing, FactorNeeded, FactorUnknown, FactorWrong, TooManyFactors
from mercer.identity.events import FactorAdded, FactorRemoved, RecoveryCodesMade
from mercer.identity.models import (
    Account,
    Audience,
    ConfirmedFactor,
    Ending,
    Factor,
    FactorKind,
    FactorLevel,
    NewFactor,
)
from mercer.identity.providers import secrets, totp
from mercer.identity.queries import accounts
from mercer.identity.queries import factors as queries
from mercer.identity.rules.factors import (
    MOST_FACTORS,
    RECOVERY_CODES,
    confirmed,
    is_pending,
    new_recovery_code,
    read_code,
    recovery_code_hash,
)
from mercer.identity.rules.people import read_label
from mercer.identity.service.challenges import ENTITIES, step_of
from mercer.identity.service.refreshing import renew_session
from mercer.identity.service.sessions import forget_sessions, own_session, owner_of, revoke_sessions
from mercer.platform.context import Context

_AT_A_TIME = 500


async def create_factor(context: Context, *, name: str) -> NewFactor:
    """Set up an authenticator app for the caller. It counts once he has shown a code of it, within an hour.

    What he had set up before and not confirmed is gone. Raises `FactorNameInvalid`, `TooManyFactors`.
    """
    known_as = read_label(name)
    audience, account, factors = await _lock_own(context)
    if len(confirmed(factors)) >= MOST_FACTORS:
        raise TooManyFactors
    await queries.delete_factors(context.db, [each.id for each in factors if each.confirmed_at is None])
    secret = totp.new_secret()
    id = await queries.insert_factor(
        context.db,
        **owner_of(audience, account.id),
        kind=FactorKind.TOTP.value,
        name=known_as,
        secret=secrets.encrypt(context.settings, secret),
        created_at=context.now,
    )
    uri = totp.uri(secret, account=account.email, issuer=context.settings.shop_name)
    return NewFactor(id=id, secret=secret, uri=uri)


async def confirm_factor(context: Context, *, factor_id: UUID, code: str) -> ConfirmedFactor:
    """Have a factor count of which the caller shows a code. His session is raised by it, and all others end.

    With the first one come recovery codes. Guessing gains nothing, for the secret was told to whoever asks: it is not
    counted. Raises `FactorUnknown`, `FactorWrong`, `FactorUnreadable`, `SessionUnknown`.
    """
    audience, account, factors = await _lock_own(context)
    factor = _named(factors, factor_id)
    if not is_pending(factor, now=context.now):
        raise FactorUnknown
    step = step_of(context, factor, read_code(code))
    if step is None:
        raise FactorWrong
    await queries.update_factor(
        context.db, factor.id, confirmed_at=context.now, last_used_at=context.now, last_step=step
    )
    codes = () if confirmed(factors) else await _make_codes(context, audience, account.id)
    owner = owner_of(audience, account.id)
    context.record(ENTITIES[audience], account.id, {"factor": (None, factor.kind.value)})
    context.announce(FactorAdded(factor_id=factor.id, **owner))
    await _end_others(context, audience, account.id)
    _, _, session_id = own_session(context)
    session = await renew_session(context, session_id=session_id, factor_level=FactorLevel.TWO_FACTORS)
    return ConfirmedFactor(session=session, recovery_codes=codes)


async def delete_factor(context: Context, *, factor_id: UUID) -> None:
    """Take one of the caller's factors away. His other sessions end; with the last one, his recovery codes are void.

    Raises `FactorUnknown`; `FactorNeeded` if it is the last one, and a role of his gives nothing without.
    """
    audience, account, factors = await _lock_own(context)
    factor = _named(factors, factor_id)
    is_last = confirmed(factors) == (factor,)
    if is_last and audience is Audience.ADMIN and await queries.needs_factor(context.db, staff_id=account.id):
        raise FactorNeeded
    await _remove(context, audience, account.id, [factor])
    if factor.confirmed_at is None:
        return
    await _end_others(context, audience, account.id)
    if is_last:
        await queries.delete_recovery_codes(context.db, audience, owner_id=account.id)
        hashes = await queries.lower_sessions(context.db, audience, owner_id=account.id)
        forget_sessions(context, hashes=hashes)


async def make_recovery_codes(context: Context) -> tuple[str, ...]:
    """New recovery codes for the caller: they are told this once, and those of before are void.

    His other sessions end. Raises `FactorMissing`: they stand in for a second factor, and he has none.
    """
    audience, account, factors = await _lock_own(context)
    if not confirmed(factors):
        raise FactorMissing
    codes = await _make_codes(context, audience, account.id)
    await _end_others(context, audience, account.id)
    return codes


async def remove_factors(context: Context, *, audience: Audience, owner_id: UUID, since: datetime | None = None) -> int:
    """Take all factors away from an account that is recovered, or those only that came to it since then.

    Recovery codes go with them. Lock the account before, and revoke its sessions. Returns how many factors counted.
    """
    factors = await queries.lock_factors(context.db, audience, owner_id=owner_id)
    gone = [each for each in factors if since is None or each.confirmed_at is None or each.confirmed_at >= since]
    await _remove(context, audience, owner_id, gone)
    is_bare = len(confirmed(gone)) == len(confirmed(factors))
    await queries.delete_recovery_codes(context.db, audience, owner_id=owner_id, since=None if is_bare else since)
    return len(confirmed(gone))


async def encrypt_anew(context: Context) -> int:
    """Encrypt every secret with the first key that is not yet, so that older keys can go. Returns how many there were.

    Those that no key reads stay as they are.
    """
    after, changed = None, 0
    while found := await queries.list_secrets(context.db, after=after, most=_AT_A_TIME):
        for id, before in found:
            renewed = secrets.encrypted_anew(context.settings, before)
            if renewed is not None:
                await queries.replace_secret(context.db, id, before=before, after=renewed)
                changed += 1
        after = found[-1][0]
    return changed


async def _lock_own(context: Context) -> tuple[Audience, Account, list[Factor]]:
    """The caller's account and its factors, locked in this order by everybody, so that each code works once."""
    audience, owner_id, _ = own_session(context)
    account = await accounts.lock_account(context.db, audience, id=owner_id)
    assert account is not None, "a session goes with its account"
    return audience, account, await queries.lock_factors(context.db, audience, owner_id=owner_id)


def _named(factors: Sequence[Factor], id: UUID) -> Factor:
    for factor in factors:
        if factor.id == id:
            return factor
    raise FactorUnknown


async def _remove(context: Context, audience: Audience, owner_id: UUID, factors: Sequence[Factor]) -> None:
    await queries.delete_factors(context.db, [each.id for each in factors])
    for factor in confirmed(factors):
        context.record(ENTITIES[audience], owner_id, {"factor": (factor.kind.value, None)})
        context.announce(FactorRemoved(factor_id=factor.id, **owner_of(audience, owner_id)))


async def _make_codes(context: Context, audience: Audience, owner_id: UUID) -> tuple[str, ...]:
    codes = tuple(new_recovery_code() for _ in range(RECOVERY_CODES))
    await queries.delete_recovery_codes(context.db, audience, owner_id=owner_id)
    owner = owner_of(audience, owner_id)
    rows = [{**owner, "code_hash": recovery_code_hash(code), "created_at": context.now} for code in codes]
    await queries.insert_recovery_codes(context.db, rows)
    context.record(ENTITIES[audience], owner_id, {"recoveryCodes": (None, "made")})
    context.announce(RecoveryCodesMade(**owner))
    return codes


async def _end_others(context: Context, audience: Audience, owner_id: UUID) -> None:
    _, _, session_id = own_session(context)
    await revoke_sessions(context, audience=audience, owner_id=owner_id, but=session_id, reason=Ending.FACTOR_CHANGED)
