"""Which passwords one may choose, and changing one's own."""

from collections.abc import Iterable

from mercer.identity.errors import PasswordBreached, PasswordWrong
from mercer.identity.events import PasswordChanged
from mercer.identity.models import Audience, Ending, Outcome
from mercer.identity.providers import breaches, passwords
from mercer.identity.queries import accounts, factors
from mercer.identity.rules.factors import confirmed
from mercer.identity.rules.passwords import LONGEST, check_password
from mercer.identity.rules.people import email_key
from mercer.identity.service.known_devices import forget_devices
from mercer.identity.service.sessions import revoke_sessions
from mercer.identity.service.sign_in import SURFACES
from mercer.identity.service.throttling import (
    begin_attempt,
    counting_what_is_checked,
    log_attempt,
    log_failed_attempt,
    settle_attempt,
)
from mercer.identity.service.tokens import end_tokens
from mercer.platform.actors import ActorKind
from mercer.platform.context import Context
from mercer.platform.permissions import FreshFactorMissing
from mercer.platform.transactions import transaction


async def check_new_password(context: Context, *, password: str, personal: Iterable[str] = ()) -> None:
    """Refuse a password that others would guess, or that was stolen somewhere before (NIST SP 800-63B-4, 3.1.1.2).

    `personal` is what is known of its owner; what the shop is called is known too. It reads files: call it outside of
    a transaction. Raises `PasswordBreached`, and what the rule `check_password` raises.
    """
    check_password(password, personal=(*personal, context.settings.shop_name))
    if await breaches.is_breached(context.settings, password):
        raise PasswordBreached


async def change_password(context: Context, *, current: str, new: str) -> int:
    """Set the caller's password, and revoke all of his sessions but this one. It opens its own transactions.

    The present one is asked for (OWASP ASVS 5.0, 6.2.3), and guessing it is throttled as signing in is. Returns how
    many sessions were revoked. Who has a second factor must have shown it lately (7.5.1). Raises `PasswordWrong`,
    `TooManyAttempts`, `FreshFactorMissing`, and what `check_new_password` raises.
    """
    actor = context.actor
    audience = Audience.SHOP if actor.kind is ActorKind.CUSTOMER else Audience.ADMIN
    assert actor.id is not None, "the door lets nobody in who is not signed in"
    await check_new_password(context, password=new)
    async with transaction(context) as inner:
        account = await accounts.lock_account(inner.db, audience, id=actor.id)
        assert account is not None, "a session goes with its account"
        check_password(new, personal=(account.email,))
        if not actor.is_fresh and confirmed(await factors.lock_factors(inner.db, audience, owner_id=account.id)):
            raise FreshFactorMissing
        attempt = await begin_attempt(inner, surface=SURFACES[audience], account=email_key(account.email))
    async with counting_what_is_checked(context, attempt=attempt):
        is_right = await passwords.verify_password(context.settings, current[: LONGEST * 4], account.password_hash)
        hash = await passwords.hash_password(context.settings, new) if is_right else None
    if hash is None:
        await log_failed_attempt(context, attempt=attempt, outcome=Outcome.WRONG, account_id=account.id)
        raise PasswordWrong
    async with transaction(context) as inner:
        if await accounts.lock_account(inner.db, audience, id=account.id) != account:
            raise PasswordWrong
        await settle_attempt(inner, attempt=attempt)
        await accounts.set_password_hash(inner.db, audience, id=account.id, password_hash=hash, now=context.now)
        await log_attempt(inner, attempt=attempt, outcome=Outcome.SUCCEEDED, account_id=account.id)
        owner = {"customer_id" if audience is Audience.SHOP else "staff_id": account.id}
        await end_tokens(inner, **owner)
        await forget_devices(inner, audience=audience, account=email_key(account.email))
        inner.announce(PasswordChanged(**owner))
        inner.record("Customer" if audience is Audience.SHOP else "Staff", account.id, {"password": (None, "changed")})
        return await revoke_sessions(
            inner, audience=audience, owner_id=account.id, but=actor.session_id, reason=Ending.PASSWORD_CHANGED
        )
