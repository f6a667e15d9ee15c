"""What the mails about accounts tell: read when they are written, for events and mails' records hold ids only."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from mercer.identity.models import EmailChange, MadeKey, Occasion, TokenPurpose
from mercer.identity.queries import telling as queries
from mercer.identity.rules.devices import device_of
from mercer.platform.context import Context


async def find_occasion(
    context: Context, *, owner_id: UUID, about: Collection[UUID] = (), request_id: str | None
) -> Occasion | None:
    """When and from where a request did something about this account, or about what is named. None: it is not known."""
    if request_id is None:
        return None
    found = await queries.find_audited(context.db, ids=[owner_id, *about], request_id=request_id)
    if found is None:
        found = await queries.find_attempted(context.db, account_id=owner_id, request_id=request_id)
    if found is None:
        return None
    return Occasion(at=found.at, ip=found.ip, device=None if found.user_agent is None else device_of(found.user_agent))


async def find_opening(context: Context, *, session_id: UUID) -> Occasion | None:
    """When and from where a session was opened, or None if it is forgotten."""
    found = await queries.find_opening(context.db, session_id)
    return None if found is None else Occasion(at=found.created_at, ip=found.ip, device=found.device)


async def find_email_change(context: Context, *, email_change_id: UUID) -> EmailChange | None:
    """A change of address, or None."""
    return await queries.find_email_change(context.db, email_change_id)


async def find_made_key(context: Context, *, api_key_id: UUID) -> MadeKey | None:
    """An API key and who made it, or None."""
    return await queries.find_made_key(context.db, api_key_id)


async def list_administrators(context: Context) -> list[UUID]:
    """The active members of staff who may do everything, by id."""
    return await queries.list_administrators(context.db)


async def count_recovery_codes(
    context: Context, *, customer_id: UUID | None = None, staff_id: UUID | None = None
) -> int:
    """How many recovery codes somebody has left."""
    return await queries.count_recovery_codes(context.db, customer_id=customer_id, staff_id=staff_id)


async def is_token_needed(
    context: Context,
    *,
    purpose: TokenPurpose,
    since: datetime,
    customer_id: UUID | None = None,
    staff_id: UUID | None = None,
) -> bool:
    """Whether there is still a reason for a token that was asked for then.

    There is none once another one has shown who its owner is, as one use ends all that were mailed before. One that
    only unlocked shows it for that alone.
    """
    if purpose is TokenPurpose.UNDO_EMAIL_CHANGE:
        return True
    ending = (frozenset(TokenPurpose) - {TokenPurpose.UNLOCK}) | {purpose}
    return not await queries.was_token_used(
        context.db, purposes=ending, since=since, customer_id=customer_id, staff_id=staff_id
    )
