"""Customers: registration, verification, profiles, and being blocked."""

from uuid import UUID

from mercer.identity.errors import CustomerUnknown
from mercer.identity.events import (
    CustomerBlocked,
    CustomerRegistered,
    CustomerUnblocked,
    CustomerUpdated,
    CustomerVerified,
    RegistrationRepeated,
    VerificationRequested,
)
from mercer.identity.models import Audience, Customer, Ending, Outcome, Surface, TokenPurpose
from mercer.identity.providers import passwords
from mercer.identity.queries import accounts
from mercer.identity.rules.people import read_email, read_language, read_name
from mercer.identity.service.passwords import check_new_password
from mercer.identity.service.sessions import revoke_sessions
from mercer.identity.service.throttling import begin_attempt, counting_what_is_checked, log_attempt
from mercer.identity.service.tokens import redeem_customers_token
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.transactions import transaction


async def register_customer(context: Context, *, email: str, password: str, name: str, language: str) -> str:
    """Make an account that can be used once its address is verified. It opens its own transactions.

    Returns the address, and nothing else: whether it was known is told to its owner only, by mail. That is also why
    nobody can sign in before he has shown that the address is his. When it is registered again before that, no password
    holds: nobody shall have the owner verify an account with a password of somebody else's. He sets one by a reset.
    Raises `TooManyAttempts`, and what the rules of each value raise.
    """
    address, known_as = read_email(email), read_name(name)
    read_language(language)
    await check_new_password(context, password=password, personal=(address, known_as))
    key = address.casefold()
    async with transaction(context) as inner:
        attempt = await begin_attempt(inner, surface=Surface.REGISTRATION, account=key)
    async with counting_what_is_checked(context, attempt=attempt):
        hash = await passwords.hash_password(context.settings, password)
    async with transaction(context) as inner:
        customer, is_new = await accounts.register(
            inner.db,
            now=context.now,
            email=address,
            email_key=key,
            name=known_as,
            language=language,
            password_hash=hash,
        )
        is_known = customer.email_verified_at is not None or customer.blocked_at is not None
        event = RegistrationRepeated if is_known else CustomerRegistered
        inner.announce(event(customer_id=customer.id))
        inner.record("Customer", customer.id, {"registered": (None, "first" if is_new else "again")})
        await log_attempt(inner, attempt=attempt, outcome=Outcome.SUCCEEDED, account_id=customer.id)
    return address


async def verify_customer(context: Context, *, token: str) -> UUID:
    """Note that a customer's address is his: he has the token that was mailed there.

    Raises `TokenUnusable`, `TooManyAttempts`.
    """
    customer = await redeem_customers_token(context, token=token, purpose=TokenPurpose.VERIFY_EMAIL)
    await note_verified(context, customer=customer)
    return customer.id


async def note_verified(context: Context, *, customer: Customer) -> None:
    """Note that the address of a customer, who is locked, is his. Again, it changes nothing."""
    if customer.email_verified_at is not None:
        return
    await accounts.update_customer(context.db, customer.id, now=context.now, email_verified_at=context.now)
    context.record("Customer", customer.id, {"emailVerifiedAt": (None, context.now)})
    context.announce(CustomerVerified(customer_id=customer.id))


async def request_verification(context: Context, *, email: str) -> str:
    """Have another token mailed to whoever registered with this address and has yet to show that it is his.

    It opens its own transactions. Returns the address; what is done and answered is the same whoever has it, and when
    nobody has. Raises `EmailInvalid`, `TooManyAttempts`.
    """
    address = read_email(email)
    key = address.casefold()
    async with transaction(context) as inner:
        attempt = await begin_attempt(inner, surface=Surface.VERIFICATION, account=key)
    async with transaction(context) as inner:
        customer_id = await accounts.find_unverified_id(inner.db, email_key=key)
        inner.announce(VerificationRequested(customer_id=customer_id))
        await log_attempt(inner, attempt=attempt, outcome=Outcome.SUCCEEDED, account_id=customer_id)
    return address


async def update_customer(
    context: Context,
    *,
    customer_id: UUID,
    name: str | None = None,
    language: str | None = None,
    version: int | None = None,
) -> None:
    """Change a customer's profile; None leaves a value as it is.

    Raises `CustomerUnknown`, `VersionConflict`, and what the rules of each value raise.
    """
    customer = await _locked(context, customer_id)
    if version is not None and version != customer.version:
        raise VersionConflict(current=customer.version)
    changes = {}
    if name is not None:
        changes["name"] = read_name(name)
    if language is not None:
        changes["language"] = read_language(language)
    changes = {field: value for field, value in changes.items() if value != getattr(customer, field)}
    if not changes:
        return
    context.record("Customer", customer.id, {field: (getattr(customer, field), changes[field]) for field in changes})
    await accounts.update_customer(context.db, customer.id, now=context.now, **changes)
    context.announce(CustomerUpdated(customer_id=customer.id))


async def block_customer(context: Context, *, customer_id: UUID, reason: str | None = None) -> None:
    """Let a customer sign in no more, and revoke his sessions. Done again, it changes nothing.

    Raises `CustomerUnknown`.
    """
    customer = await _locked(context, customer_id)
    if customer.blocked_at is not None:
        return
    await accounts.update_customer(context.db, customer.id, now=context.now, blocked_at=context.now)
    context.record("Customer", customer.id, {"blockedAt": (None, context.now)}, reason=reason)
    context.announce(CustomerBlocked(customer_id=customer.id))
    await revoke_sessions(context, audience=Audience.SHOP, owner_id=customer.id, reason=Ending.BLOCKED)


async def unblock_customer(context: Context, *, customer_id: UUID, reason: str | None = None) -> None:
    """Let a customer sign in again. Done again, it changes nothing. Raises `CustomerUnknown`."""
    customer = await _locked(context, customer_id)
    if customer.blocked_at is None:
        return
    await accounts.update_customer(context.db, customer.id, now=context.now, blocked_at=None)
    context.record("Customer", customer.id, {"blockedAt": (customer.blocked_at, None)}, reason=reason)
    context.announce(CustomerUnblocked(customer_id=customer.id))


async def _locked(context: Context, customer_id: UUID) -> Customer:
    customer = await accounts.lock_customer(context.db, customer_id)
    if customer is None:
        raise CustomerUnknown
    return customer
