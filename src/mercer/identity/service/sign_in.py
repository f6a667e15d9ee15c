"""Signing in. No answer tells whether an account exists, and neither does the work: the same statements, one hash."""

from typing import NoReturn

from mercer.identity.errors import CredentialsWrong
from mercer.identity.events import CustomerSignedIn
from mercer.identity.models import Account, Audience, OpenedSession, Outcome, Surface
from mercer.identity.providers import passwords
from mercer.identity.queries import accounts
from mercer.identity.rules.passwords import LONGEST, is_known_to_all
from mercer.identity.rules.people import email_key
from mercer.identity.service.sessions import open_session
from mercer.identity.service.throttling import Attempt, begin_attempt, log_attempt, log_failed_attempt, settle_attempt
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

SURFACES = {Audience.SHOP: Surface.SHOP_SIGN_IN, Audience.ADMIN: Surface.ADMIN_SIGN_IN}


async def sign_in(
    context: Context, *, audience: Audience, email: str, password: str, is_refreshable: bool = False
) -> OpenedSession:
    """Open a session for whoever knows an account's password. It opens its own transactions.

    The attempt is counted in the first; the hash is computed outside; the session is opened in the second, if the
    account is still as it was. Raises `CredentialsWrong`, `TooManyAttempts`.
    """
    key = email_key(email)
    async with transaction(context) as inner:
        attempt = await begin_attempt(inner, surface=SURFACES[audience], account=key)
        account = await accounts.find_account(inner.db, audience, email_key=key)
    stored = None if account is None else account.password_hash
    is_right = await passwords.verify_password(context.settings, password[: LONGEST * 4], stored)
    if account is None or stored is None or not is_right:
        await _fail(context, attempt, Outcome.WRONG, account)
    if not account.may_enter or (context.settings.is_production and is_known_to_all(password)):
        await _fail(context, attempt, Outcome.REFUSED, account)
    better = None
    if passwords.is_outdated(context.settings, stored):
        better = await passwords.hash_password(context.settings, password)
    session = await _enter(context, audience, account, attempt, better_hash=better, is_refreshable=is_refreshable)
    if session is None:
        await _fail(context, attempt, Outcome.REFUSED, account)
    return session


async def _enter(
    context: Context,
    audience: Audience,
    account: Account,
    attempt: Attempt,
    *,
    better_hash: str | None,
    is_refreshable: bool,
) -> OpenedSession | None:
    """Open the session, unless the account changed while the password was checked."""
    async with transaction(context) as inner:
        present = await accounts.lock_account(inner.db, audience, id=account.id)
        await settle_attempt(inner, attempt=attempt)
        if present != account:
            return None
        if better_hash is not None:
            await accounts.set_password_hash(inner.db, audience, id=account.id, password_hash=better_hash, now=None)
        session = await open_session(inner, audience=audience, owner_id=account.id, is_refreshable=is_refreshable)
        await log_attempt(inner, attempt=attempt, outcome=Outcome.SUCCEEDED, account_id=account.id)
        if audience is Audience.SHOP:
            inner.announce(CustomerSignedIn(customer_id=account.id, session_id=session.id))
        return session


async def _fail(context: Context, attempt: Attempt, outcome: Outcome, account: Account | None) -> NoReturn:
    await log_failed_attempt(
        context, attempt=attempt, outcome=outcome, account_id=None if account is None else account.id
    )
    raise CredentialsWrong
