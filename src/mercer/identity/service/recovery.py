"""The ways back into an account, by mail: a reset for customers, and for staff an invitation or another one's help.

None of them opens a session, and none goes around a customer's second factor: who has one shows it when he signs in
next (OWASP ASVS 5.0, 6.4.3). What a reset asks for tells nobody whether an account exists.
"""

from datetime import timedelta
from uuid import UUID

from mercer.identity.errors import (
    AddressChangedByYou,
    CustomerUnknown,
    InvitationAccepted,
    OwnAccount,
    StaffInactive,
    StaffUnknown,
)
from mercer.identity.events import (
    PasswordChanged,
    PasswordResetRequested,
    StaffInvited,
    StaffRecoveryBegun,
    StaffUpdated,
)
from mercer.identity.models import Audience, Ending, Outcome, Staff, Surface, TokenPurpose
from mercer.identity.providers import passwords
from mercer.identity.queries import accounts
from mercer.identity.rules.passwords import check_password
from mercer.identity.rules.people import email_key, read_email
from mercer.identity.service.customers import note_verified
from mercer.identity.service.factors import remove_factors
from mercer.identity.service.known_devices import forget_devices
from mercer.identity.service.passwords import check_new_password
from mercer.identity.service.sessions import revoke_sessions
from mercer.identity.service.staff import lock_governed
from mercer.identity.service.throttling import begin_attempt, forgive, log_attempt, refuse_wrong_token
from mercer.identity.service.tokens import check_token, end_tokens, issue_token, redeem_customers_token, redeem_token
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

NOT_BY_WHO_CHANGED_ADDRESS = timedelta(days=7)
"""How long whoever changed the address of a member of staff does not recover him."""

_STAFF_PURPOSES = (TokenPurpose.ACCEPT_INVITATION, TokenPurpose.RECOVER_STAFF)


async def request_password_reset(context: Context, *, email: str) -> str:
    """Have a token mailed to whoever has an account with this address. It opens its own transactions.

    Returns the address; what is done and answered is the same when nobody has one. Raises `EmailInvalid`,
    `TooManyAttempts`.
    """
    address = read_email(email)
    key = address.casefold()
    async with transaction(context) as inner:
        attempt = await begin_attempt(inner, surface=Surface.PASSWORD_RESET, account=key)
    async with transaction(context) as inner:
        customer_id = await accounts.find_customer_id(inner.db, email_key=key)
        inner.announce(PasswordResetRequested(customer_id=customer_id))
        await log_attempt(inner, attempt=attempt, outcome=Outcome.SUCCEEDED, account_id=customer_id)
    return address


async def reset_password(context: Context, *, token: str, password: str) -> int:
    """Set the password of the customer to whom this token was mailed. It opens its own transactions.

    The address is verified by it, and all of his sessions are revoked. Returns how many those were. Raises
    `TokenUnusable`, `TooManyAttempts`, and what `check_new_password` raises.
    """
    async with transaction(context) as inner:
        await check_token(inner, token=token, purposes=(TokenPurpose.RESET_PASSWORD,))
    await check_new_password(context, password=password)
    hash = await passwords.hash_password(context.settings, password)
    async with transaction(context) as inner:
        customer = await redeem_customers_token(inner, token=token, purpose=TokenPurpose.RESET_PASSWORD)
        check_password(password, personal=(customer.email, customer.name))
        await accounts.set_password_hash(inner.db, Audience.SHOP, id=customer.id, password_hash=hash, now=context.now)
        await note_verified(inner, customer=customer)
        await forgive(inner, surface=Surface.SHOP_SIGN_IN, account=email_key(customer.email))
        await forget_devices(inner, audience=Audience.SHOP, account=email_key(customer.email))
        inner.record("Customer", customer.id, {"password": (None, "reset")})
        inner.announce(PasswordChanged(customer_id=customer.id))
        return await revoke_sessions(
            inner, audience=Audience.SHOP, owner_id=customer.id, reason=Ending.PASSWORD_CHANGED
        )


async def invite_staff(context: Context, *, staff_id: UUID) -> None:
    """Mail another invitation to a member of staff who has set no password yet. The one before works no more.

    Raises `StaffUnknown`, `PermissionsLacking`, `StaffInactive`, `InvitationAccepted`.
    """
    staff = await _lock_active(context, staff_id)
    if staff.has_password:
        raise InvitationAccepted
    await end_tokens(context, staff_id=staff.id)
    context.record("Staff", staff.id, {"invitation": (None, "sent")})
    context.announce(StaffInvited(staff_id=staff.id))


async def recover_staff(context: Context, *, staff_id: UUID) -> None:
    """Let a member of staff in again, by mail, who lost his password or his second factor.

    Somebody else does that who governs him (OWASP ASVS 5.0, 6.4.4), and who has not changed his address lately: he
    could have it mailed to himself. Nothing ends before he uses what is mailed. Raises `OwnAccount`, `StaffUnknown`,
    `PermissionsLacking`, `StaffInactive`, `AddressChangedByYou`.
    """
    own_id = context.actor.id
    if own_id == staff_id:
        raise OwnAccount
    staff = await _lock_active(context, staff_id)
    since = context.now - NOT_BY_WHO_CHANGED_ADDRESS
    if own_id is not None and await accounts.has_changed_address(context.db, staff_id, by=own_id, since=since):
        raise AddressChangedByYou
    await _note_recovery(context, staff)
    context.announce(StaffRecoveryBegun(staff_id=staff.id))


async def recover_staff_here(context: Context, *, email: str) -> str:
    """A token by which a member of staff sets a new password: for whoever has the machine, when nobody else can help.

    It is mailed to nobody: the mailbox may be what was lost. He is written to once it has been used. Raises
    `StaffUnknown`, `StaffInactive`.
    """
    account = await accounts.find_account(context.db, Audience.ADMIN, email_key=email_key(email))
    if account is None:
        raise StaffUnknown
    staff = await _lock_active(context, account.id)
    await _note_recovery(context, staff)
    return await issue_token(context, staff_id=staff.id, purpose=TokenPurpose.RECOVER_STAFF)


async def remove_customer_factors(context: Context, *, customer_id: UUID, reason: str | None = None) -> None:
    """Take all second factors and recovery codes away from a customer who has lost them, as staff made sure.

    His sessions end, and he is told by mail; his password stays. Done again, it changes nothing. Raises
    `CustomerUnknown`.
    """
    customer = await accounts.lock_customer(context.db, customer_id)
    if customer is None:
        raise CustomerUnknown
    removed = await remove_factors(context, audience=Audience.SHOP, owner_id=customer.id)
    if removed:
        context.record("Customer", customer.id, {"factors": (removed, 0)}, reason=reason)
        await revoke_sessions(context, audience=Audience.SHOP, owner_id=customer.id, reason=Ending.FACTOR_CHANGED)


async def set_staff_password(context: Context, *, token: str, password: str) -> int:
    """Set the password of the member of staff to whom this token was mailed. It opens its own transactions.

    After a recovery his second factors and recovery codes are gone too. All of his sessions are revoked; returns how
    many those were. Raises `TokenUnusable`, `TooManyAttempts`, and what `check_new_password` raises.
    """
    async with transaction(context) as inner:
        await check_token(inner, token=token, purposes=_STAFF_PURPOSES)
    await check_new_password(context, password=password)
    hash = await passwords.hash_password(context.settings, password)
    async with transaction(context) as inner:
        redeemed = await redeem_token(inner, token=token, purposes=_STAFF_PURPOSES)
        staff, is_recovered = redeemed.staff, redeemed.purpose is TokenPurpose.RECOVER_STAFF
        if staff is None or not staff.is_active:
            await refuse_wrong_token(inner)
        check_password(password, personal=(staff.email, staff.name))
        await accounts.set_password_hash(inner.db, Audience.ADMIN, id=staff.id, password_hash=hash, now=inner.now)
        await forgive(inner, surface=Surface.ADMIN_SIGN_IN, account=email_key(staff.email))
        await forget_devices(inner, audience=Audience.ADMIN, account=email_key(staff.email))
        inner.record("Staff", staff.id, {"password": (None, "recovered" if is_recovered else "set")})
        inner.announce(PasswordChanged(staff_id=staff.id) if is_recovered else StaffUpdated(staff_id=staff.id))
        ended = await revoke_sessions(inner, audience=Audience.ADMIN, owner_id=staff.id, reason=Ending.RECOVERED)
        if is_recovered:
            await remove_factors(inner, audience=Audience.ADMIN, owner_id=staff.id)
        return ended


async def _note_recovery(context: Context, staff: Staff) -> None:
    await end_tokens(context, staff_id=staff.id)
    context.record("Staff", staff.id, {"recovery": (None, "begun")})


async def _lock_active(context: Context, staff_id: UUID) -> Staff:
    staff = await lock_governed(context, staff_id=staff_id)
    if not staff.is_active:
        raise StaffInactive
    return staff
