"""Showing once more who one is, in a session that is open: what matters most asks for it (OWASP ASVS 5.0, 7.5.1)."""

from mercer.identity.errors import PasswordNotEnough, PasswordWrong
from mercer.identity.models import FactorLevel, OpenedSession, Proof
from mercer.identity.providers import passwords
from mercer.identity.queries import accounts
from mercer.identity.queries import factors as queries
from mercer.identity.rules.factors import check_one_shown, confirmed
from mercer.identity.rules.passwords import LONGEST
from mercer.identity.rules.people import email_key
from mercer.identity.service.challenges import FACTOR_SURFACES, show_factor, showing
from mercer.identity.service.refreshing import renew_session
from mercer.identity.service.sessions import own_session
from mercer.identity.service.throttling import begin_attempt, counting_what_is_checked
from mercer.platform.context import Context
from mercer.platform.transactions import transaction


async def confirm_session(context: Context, *, proof: Proof) -> OpenedSession:
    """Have the caller's session be fresh again: it has a new token, and the old one ends.

    It opens its own transactions. Who has a second factor shows that; a password is enough for those alone who have
    none. Guessing is throttled. Raises `ProofUnclear`, `PasswordNotEnough`, `PasswordWrong`, `FactorWrong`,
    `FactorUnreadable`, `TooManyAttempts`, `SessionUnknown`.
    """
    check_one_shown(proof)
    audience, owner_id, session_id = own_session(context)
    async with transaction(context) as inner:
        account = await accounts.lock_account(inner.db, audience, id=owner_id)
        assert account is not None, "a session goes with its account"
        factors = confirmed(await queries.lock_factors(inner.db, audience, owner_id=owner_id))
        if factors and proof.password is not None:
            raise PasswordNotEnough
        attempt = await begin_attempt(inner, surface=FACTOR_SURFACES[audience], account=email_key(account.email))
    is_right = False
    if proof.password is not None:
        typed = proof.password[: LONGEST * 4]
        async with counting_what_is_checked(context, attempt=attempt):
            is_right = await passwords.verify_password(context.settings, typed, account.password_hash)
    async with showing(context, attempt=attempt, account_id=account.id) as inner:
        present = await accounts.lock_account(inner.db, audience, id=owner_id)
        factors = confirmed(await queries.lock_factors(inner.db, audience, owner_id=owner_id))
        if proof.password is None:
            await show_factor(inner, audience=audience, owner_id=owner_id, factors=factors, proof=proof)
        elif not is_right or factors or present != account:
            raise PasswordWrong
        level = FactorLevel.PASSWORD if proof.password is not None else FactorLevel.TWO_FACTORS
        return await renew_session(inner, session_id=session_id, factor_level=level)
