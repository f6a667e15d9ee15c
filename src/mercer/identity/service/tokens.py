"""Tokens that are mailed to customers and staff. They stand in no event: the job that writes the mail issues them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from mercer.identity.errors import CustomerUnknown, StaffUnknown
from mercer.identity.models import Customer, Outcome, Staff, Surface, TokenPurpose
from mercer.identity.queries import accounts, email_changes
from mercer.identity.queries import tokens as queries
from mercer.identity.rules.sessions import LIFETIMES, new_token, token_hash
from mercer.identity.service.sign_in_log import log_outcome
from mercer.identity.service.throttling import refuse_wrong_token
from mercer.platform.context import Context

_LASTING = frozenset({TokenPurpose.UNDO_EMAIL_CHANGE})
"""What no other token, and no new password, ends: else whoever took an account over would end its owner's way back."""

_ENDED = frozenset(TokenPurpose) - _LASTING
"""What ends with an account's next proof of who its owner is: one use ends all."""


@dataclass(frozen=True, kw_only=True)
class Redeemed:
    """What a token was for. Its owner is locked."""

    purpose: TokenPurpose
    customer: Customer | None
    staff: Staff | None
    email_change_id: UUID | None


async def issue_token(
    context: Context,
    *,
    purpose: TokenPurpose,
    customer_id: UUID | None = None,
    staff_id: UUID | None = None,
    email_change_id: UUID | None = None,
) -> str:
    """A new token for a mail to this customer or member of staff: it works once, for a limited time.

    One about a change of address names the change. Raises `CustomerUnknown`, `StaffUnknown`.
    """
    if customer_id is not None and await accounts.lock_customer(context.db, customer_id) is None:
        raise CustomerUnknown
    if staff_id is not None and await accounts.lock_staff(context.db, staff_id) is None:
        raise StaffUnknown
    token = new_token()
    await queries.insert_token(
        context.db,
        customer_id=customer_id,
        staff_id=staff_id,
        email_change_id=email_change_id,
        purpose=purpose.value,
        token_hash=token_hash(token),
        created_at=context.now,
        expires_at=context.now + LIFETIMES[purpose],
    )
    return token


async def check_token(context: Context, *, token: str, purposes: Collection[TokenPurpose]) -> None:
    """Refuse a token that `redeem_token` would refuse, before anything dear is done for whoever shows it.

    Wrong ones are counted. Raises `TokenUnusable`, `TooManyAttempts`.
    """
    hash = token_hash(token)
    if not await queries.is_usable(context.db, token_hash=hash, purposes=purposes, now=context.now):
        await refuse_wrong_token(context)


async def redeem_token(context: Context, *, token: str, purposes: Collection[TokenPurpose]) -> Redeemed:
    """What a token of one of these purposes is for; its owner is locked before it. It works no second time.

    Neither do the others of its owner, but those that take a change of address back; one that unlocks ends only such.
    Changes of address that wait end too, but the one that it is about. Wrong ones are counted. Raises `TokenUnusable`,
    `TooManyAttempts`.
    """
    hash = token_hash(token)
    found = await queries.find_token(context.db, token_hash=hash)
    if found is None or found.purpose not in purposes:
        await refuse_wrong_token(context)
    customer = None if found.customer_id is None else await accounts.lock_customer(context.db, found.customer_id)
    staff = None if found.staff_id is None else await accounts.lock_staff(context.db, found.staff_id)
    is_usable = (customer is not None or staff is not None) and await queries.use_token(
        context.db, token_hash=hash, now=context.now
    )
    if not is_usable:
        await refuse_wrong_token(context)
    owner_id = found.customer_id or found.staff_id
    await log_outcome(context, surface=Surface.MAILED_TOKEN, outcome=Outcome.SUCCEEDED, account_id=owner_id)
    if found.purpose is TokenPurpose.UNLOCK:
        await _use_up(context, {found.purpose}, customer_id=found.customer_id, staff_id=found.staff_id)
    else:
        await _end(context, customer_id=found.customer_id, staff_id=found.staff_id, but=found.email_change_id)
    return Redeemed(purpose=found.purpose, customer=customer, staff=staff, email_change_id=found.email_change_id)


async def redeem_customers_token(context: Context, *, token: str, purpose: TokenPurpose) -> Customer:
    """The customer of a token of this purpose, as `redeem_token` has it, and raises."""
    redeemed = await redeem_token(context, token=token, purposes=(purpose,))
    assert redeemed.customer is not None, "tokens of this purpose are customers'"
    return redeemed.customer


async def end_tokens(context: Context, *, customer_id: UUID | None = None, staff_id: UUID | None = None) -> None:
    """End what was mailed to somebody, but for what takes a change of address back. Lock him first.

    A change of address that waits ends too: its token may not have been made yet.
    """
    await _end(context, customer_id=customer_id, staff_id=staff_id)


async def _end(context: Context, *, customer_id: UUID | None, staff_id: UUID | None, but: UUID | None = None) -> None:
    await _use_up(context, _ENDED, customer_id=customer_id, staff_id=staff_id)
    if customer_id is not None:
        await email_changes.end_changes(context.db, customer_id=customer_id, but=but, now=context.now)


async def _use_up(
    context: Context, purposes: Collection[TokenPurpose], *, customer_id: UUID | None, staff_id: UUID | None
) -> None:
    await queries.use_up_tokens(
        context.db, purposes=purposes, customer_id=customer_id, staff_id=staff_id, now=context.now
    )
