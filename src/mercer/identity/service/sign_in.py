"""Signing in. No answer tells whether an account exists, and neither does the work: the same statements, one hash.

Who has a second factor signs in in two steps. That he has one is told only to whoever knows the password.
"""

from dataclasses import replace
from typing import NoReturn

from mercer.identity.errors import CredentialsWrong, TokenUnusable
from mercer.identity.events import CustomerSignedIn
from mercer.identity.models import Account, Audience, Challenge, FactorLevel, OpenedSession, Outcome, Proof, Surface
from mercer.identity.providers import passwords
from mercer.identity.queries import accounts
from mercer.identity.queries import factors as queries
from mercer.identity.rules.factors import check_one_shown, confirmed
from mercer.identity.rules.passwords import LONGEST, is_known_to_all
from mercer.identity.rules.people import email_key
from mercer.identity.rules.sessions import token_hash
from mercer.identity.service.challenges import FACTOR_SURFACES, challenge_account, show_factor, showing
from mercer.identity.service.known_devices import remember_device
from mercer.identity.service.sessions import end_session, open_session
from mercer.identity.service.throttling import (
    Attempt,
    begin_attempt,
    counting_what_is_checked,
    log_attempt,
    log_failed_attempt,
    settle_attempt,
)
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

SURFACES = {Audience.SHOP: Surface.SHOP_SIGN_IN, Audience.ADMIN: Surface.ADMIN_SIGN_IN}


async def sign_in(
    context: Context,
    *,
    audience: Audience,
    email: str,
    password: str,
    is_refreshable: bool = False,
    device: str | None = None,
) -> OpenedSession | Challenge:
    """Open a session for whoever knows an account's password. It opens its own transactions.

    The attempt is counted in the first; the hash is computed outside; the session is opened in the second, if the
    account is still as it was. If it has a second factor, that is asked for instead (`sign_in_with_factor`).
    `device` is the device token of an earlier session. Raises `CredentialsWrong`, `TooManyAttempts`.
    """
    key = email_key(email)
    async with transaction(context) as inner:
        attempt = await begin_attempt(inner, surface=SURFACES[audience], account=key, device=device)
        account = await accounts.find_account(inner.db, audience, email_key=key)
    stored = None if account is None else account.password_hash
    async with counting_what_is_checked(context, attempt=attempt):
        is_right = await passwords.verify_password(context.settings, password[: LONGEST * 4], stored)
    if account is None or stored is None or not is_right:
        await _fail(context, attempt, Outcome.WRONG, account)
    if not account.may_enter or (context.settings.is_production and is_known_to_all(password)):
        await _fail(context, attempt, Outcome.REFUSED, account)
    better = None
    if passwords.is_outdated(context.settings, stored):
        async with counting_what_is_checked(context, attempt=attempt):
            better = await passwords.hash_password(context.settings, password[: LONGEST * 4])
    opened = await _enter(context, audience, account, attempt, better_hash=better, is_refreshable=is_refreshable)
    if opened is None:
        await _fail(context, attempt, Outcome.REFUSED, account)
    return opened


async def sign_in_with_factor(
    context: Context, *, audience: Audience, challenge: str, proof: Proof, is_refreshable: bool = False
) -> OpenedSession:
    """Open a session for whoever was challenged, and shows a second factor. It opens its own transactions.

    Wrong ones are counted by account, whatever the challenge, and a challenge can be answered once. Raises
    `ProofUnclear`, `TokenUnusable`, `FactorWrong`, `FactorUnreadable`, `TooManyAttempts`.
    """
    check_one_shown(proof)
    hash = token_hash(challenge)
    async with transaction(context) as inner:
        owner_id = await queries.find_challenged(inner.db, audience, token_hash=hash, now=inner.now)
        account = None if owner_id is None else await accounts.lock_account(inner.db, audience, id=owner_id)
        if account is None:
            raise TokenUnusable
        attempt = await begin_attempt(inner, surface=FACTOR_SURFACES[audience], account=email_key(account.email))
    async with showing(context, attempt=attempt, account_id=account.id) as inner:
        present = await accounts.lock_account(inner.db, audience, id=account.id)
        if present is None or not present.may_enter:
            raise TokenUnusable
        factors = confirmed(await queries.lock_factors(inner.db, audience, owner_id=account.id))
        if not await queries.use_challenge(inner.db, token_hash=hash, now=inner.now):
            raise TokenUnusable
        await show_factor(inner, audience=audience, owner_id=account.id, factors=factors, proof=proof)
        return await _open(inner, audience, account, FactorLevel.TWO_FACTORS, is_refreshable=is_refreshable)


async def _enter(
    context: Context,
    audience: Audience,
    account: Account,
    attempt: Attempt,
    *,
    better_hash: str | None,
    is_refreshable: bool,
) -> OpenedSession | Challenge | None:
    """Open the session, or ask for a second factor; None, if the account changed while the password was checked."""
    async with transaction(context) as inner:
        present = await accounts.lock_account(inner.db, audience, id=account.id)
        await settle_attempt(inner, attempt=attempt)
        if present != account:
            return None
        if better_hash is not None:
            await accounts.set_password_hash(inner.db, audience, id=account.id, password_hash=better_hash, now=None)
        if factors := confirmed(await queries.lock_factors(inner.db, audience, owner_id=account.id)):
            await log_attempt(inner, attempt=attempt, outcome=Outcome.CHALLENGED, account_id=account.id)
            return await challenge_account(inner, audience=audience, owner_id=account.id, factors=factors)
        await log_attempt(inner, attempt=attempt, outcome=Outcome.SUCCEEDED, account_id=account.id)
        return await _open(
            inner, audience, account, FactorLevel.PASSWORD, is_refreshable=is_refreshable, device=attempt.device
        )


async def _open(
    context: Context,
    audience: Audience,
    account: Account,
    level: FactorLevel,
    *,
    is_refreshable: bool,
    device: str | None = None,
) -> OpenedSession:
    """Open a session. The one that the request came with ends: this one replaces it (OWASP ASVS 5.0, 7.2.4)."""
    if context.actor.session_id is not None:
        await end_session(context)
    session = await open_session(
        context, audience=audience, owner_id=account.id, factor_level=level, is_refreshable=is_refreshable
    )
    if audience is Audience.SHOP:
        context.announce(CustomerSignedIn(customer_id=account.id, session_id=session.id))
    token = await remember_device(context, audience=audience, account=email_key(account.email), shown=device)
    return replace(session, device_token=token)


async def _fail(context: Context, attempt: Attempt, outcome: Outcome, account: Account | None) -> NoReturn:
    await log_failed_attempt(
        context, attempt=attempt, outcome=outcome, account_id=None if account is None else account.id
    )
    raise CredentialsWrong
