"""A customer's change of address: shown at the new one, told at the old one, and undone from there for a week.

Nobody but the new address's reader is told whether somebody has it: what is done and answered is the same.
"""

from datetime import timedelta

from mercer.identity.errors import EmailTaken, EmailUnchanged, SessionUnknown
from mercer.identity.events import (
    CustomerEmailChanged,
    CustomerEmailRestored,
    EmailChangeRequested,
    EmailChangeTaken,
    PasswordResetRequested,
)
from mercer.identity.models import Audience, Customer, EmailChange, Ending, Outcome, Surface, TokenPurpose
from mercer.identity.queries import accounts, refreshing
from mercer.identity.queries import email_changes as queries
from mercer.identity.rules.people import email_key, read_email
from mercer.identity.service.factors import remove_factors
from mercer.identity.service.known_devices import forget_devices
from mercer.identity.service.sessions import own_session, revoke_sessions
from mercer.identity.service.throttling import begin_attempt, log_attempt, refuse_wrong_token
from mercer.identity.service.tokens import redeem_token
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

_SUSPECT = timedelta(days=7)
"""How long before a change of address, which was undone, whoever asked for it may have set up a second factor."""


async def request_email_change(context: Context, *, email: str) -> str:
    """Have a token mailed to the address that the caller wants. It opens its own transaction.

    Until it comes back, nothing changes, and whatever ends all other sessions ends it. If another customer has the
    address, he is told instead; the caller is not. Returns the address. Raises `EmailInvalid`, `EmailUnchanged`,
    `TooManyAttempts`; `SessionUnknown` when his session ended meanwhile.
    """
    address = read_email(email)
    key = address.casefold()
    _, customer_id, session_id = own_session(context)
    async with transaction(context) as inner:
        customer = await accounts.lock_customer(inner.db, customer_id)
        assert customer is not None, "a session goes with its account"
        session = await refreshing.lock_session(inner.db, id=session_id)
        if session is None or session.is_revoked:
            raise SessionUnknown
        if email_key(customer.email) == key:
            raise EmailUnchanged
        attempt = await begin_attempt(inner, surface=Surface.EMAIL_CHANGE, account=key)
        owner = await accounts.find_verified_id(inner.db, email_key=key)
        change_id = await queries.insert_change(
            inner.db,
            customer_id=customer_id,
            old_email=customer.email,
            new_email=address,
            requested_at=inner.now,
        )
        if owner is None:
            inner.announce(EmailChangeRequested(customer_id=customer_id, email_change_id=change_id))
        else:
            inner.announce(EmailChangeTaken(customer_id=owner))
        inner.record("Customer", customer_id, {"emailChange": (None, "requested")})
        await log_attempt(inner, attempt=attempt, outcome=Outcome.SUCCEEDED, account_id=customer_id)
    return address


async def confirm_email_change(context: Context, *, token: str) -> str:
    """Give a customer the address to which this token was mailed. His other sessions end (OWASP ASVS 5.0, 7.4.3).

    Returns the address. Raises `TokenUnusable`, also when the address was changed or the customer blocked meanwhile;
    `EmailTaken` when another one has verified it meanwhile; `TooManyAttempts`.
    """
    customer, change = await _redeem(context, token, TokenPurpose.CHANGE_EMAIL)
    is_over = change.confirmed_at is not None or change.ended_at is not None or change.old_email != customer.email
    if is_over or customer.blocked_at is not None:
        await refuse_wrong_token(context)
    await _take(context, customer, change.new_email)
    await queries.note_confirmed(context.db, change.id, now=context.now)
    context.record("Customer", customer.id, {"email": (customer.email, change.new_email)})
    context.announce(CustomerEmailChanged(customer_id=customer.id, email_change_id=change.id))
    own = context.actor.session_id if context.actor.id == customer.id else None
    await revoke_sessions(context, audience=Audience.SHOP, owner_id=customer.id, but=own, reason=Ending.EMAIL_CHANGED)
    return change.new_email


async def undo_email_change(context: Context, *, token: str) -> str:
    """Give a customer the address back that this token was mailed to, and shut out whoever changed it.

    Later changes are undone with it. No password holds any more: a reset is mailed. All sessions end, and second
    factors are gone that came since a week before the change was asked for. Returns the address. Raises
    `TokenUnusable`, also when it is undone already; `EmailTaken` when another customer has verified the old address
    meanwhile; `TooManyAttempts`.
    """
    customer, change = await _redeem(context, token, TokenPurpose.UNDO_EMAIL_CHANGE)
    if change.confirmed_at is None or change.undone_at is not None:
        await refuse_wrong_token(context)
    await _take(context, customer, change.old_email)
    await accounts.void_password(context.db, customer.id, now=context.now)
    await queries.note_undone(context.db, change, now=context.now)
    context.record("Customer", customer.id, {"email": (customer.email, change.old_email), "password": ("set", None)})
    context.announce(CustomerEmailRestored(customer_id=customer.id, email_change_id=change.id))
    context.announce(PasswordResetRequested(customer_id=customer.id))
    await revoke_sessions(context, audience=Audience.SHOP, owner_id=customer.id, reason=Ending.RECOVERED)
    await remove_factors(context, audience=Audience.SHOP, owner_id=customer.id, since=change.requested_at - _SUSPECT)
    return change.old_email


async def _take(context: Context, customer: Customer, email: str) -> None:
    """Give a customer an address that he has shown to be his. Raises `EmailTaken`.

    An account that was registered with it and never verified gives way: else whoever took the address of somebody's
    account could register it, and bar the way back.
    """
    gone = await accounts.remove_unverified(context.db, email_key=email.casefold(), but=customer.id)
    if gone is not None:
        context.record("Customer", gone, {"registered": ("once", None)}, reason="the address is another one's")
    if not await accounts.set_email(context.db, customer.id, email=email, now=context.now):
        raise EmailTaken().at("token")
    for each in (customer.email, email):
        await forget_devices(context, audience=Audience.SHOP, account=email_key(each))


async def _redeem(context: Context, token: str, purpose: TokenPurpose) -> tuple[Customer, EmailChange]:
    redeemed = await redeem_token(context, token=token, purposes=(purpose,))
    assert redeemed.customer is not None
    assert redeemed.email_change_id is not None, "tokens of this purpose name a change"
    return redeemed.customer, await queries.find_change(context.db, redeemed.email_change_id)
