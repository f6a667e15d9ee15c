"""Sessions of others, which staff end (OWASP ASVS 5.0, 7.4.5)."""

from uuid import UUID

from mercer.identity.errors import CustomerUnknown, SessionUnknown
from mercer.identity.models import Audience, Ending
from mercer.identity.queries import accounts
from mercer.identity.queries import sessions as queries
from mercer.identity.service.sessions import revoke_sessions
from mercer.identity.service.staff import lock_governed
from mercer.platform.context import Context


async def end_customer_session(context: Context, *, session_id: UUID) -> None:
    """End a session of a customer. Raises `SessionUnknown`: also when it is over already."""
    customer_id = await queries.find_owner(context.db, Audience.SHOP, id=session_id)
    if customer_id is None or not await _end_customers(context, customer_id, only=session_id):
        raise SessionUnknown


async def end_customer_sessions(context: Context, *, customer_id: UUID) -> int:
    """End all sessions of a customer. Returns how many there were. Raises `CustomerUnknown`."""
    ended = await _end_customers(context, customer_id)
    if ended is None:
        raise CustomerUnknown
    return ended


async def end_staff_session(context: Context, *, session_id: UUID) -> None:
    """End a session of a member of staff whom the caller governs.

    Raises `SessionUnknown`: also when it is over already; `PermissionsLacking`.
    """
    staff_id = await queries.find_owner(context.db, Audience.ADMIN, id=session_id)
    if staff_id is None:
        raise SessionUnknown
    await lock_governed(context, staff_id=staff_id)
    if not await revoke_sessions(
        context, audience=Audience.ADMIN, owner_id=staff_id, only=session_id, reason=Ending.ENDED_BY_STAFF
    ):
        raise SessionUnknown


async def end_staff_sessions(context: Context, *, staff_id: UUID) -> int:
    """End all sessions of a member of staff whom the caller governs: of his own, all but the one of this request.

    Returns how many there were. Raises `StaffUnknown`, `PermissionsLacking`.
    """
    await lock_governed(context, staff_id=staff_id)
    return await revoke_sessions(
        context,
        audience=Audience.ADMIN,
        owner_id=staff_id,
        but=context.actor.session_id,
        reason=Ending.ENDED_BY_STAFF,
    )


async def _end_customers(context: Context, customer_id: UUID, *, only: UUID | None = None) -> int | None:
    """How many sessions were ended. None: there is no such customer."""
    if await accounts.lock_customer(context.db, customer_id) is None:
        return None
    return await revoke_sessions(
        context, audience=Audience.SHOP, owner_id=customer_id, only=only, reason=Ending.ENDED_BY_STAFF
    )
