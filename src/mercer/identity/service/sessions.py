"""Sessions: opened, asked for by each request, seen, and revoked.

The rows are the truth. What Valkey remembers of one holds only while its version is that of the row, and each process
asks PostgreSQL several times a second which versions have changed lately (`graphql/authentication.py`). So nothing
that Valkey loses, keeps too long or brings back after an outage can open a session that was revoked.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from mercer.identity.errors import SessionUnknown
from mercer.identity.events import SessionsRevoked
from mercer.identity.models import Audience, Ending, LiveSession, OpenedSession
from mercer.identity.queries import sessions as queries
from mercer.identity.rules.sessions import SEEN_AGAIN, new_session_token, remembered_as, session_ends, token_hash
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

LONGEST_USER_AGENT = 500


async def open_session(context: Context, *, audience: Audience, owner_id: UUID) -> OpenedSession:
    """Open a session of an account that whoever calls has locked and found to be allowed in."""
    token = new_session_token(audience)
    expires_at, idle_expires_at = session_ends(context.settings, audience, now=context.now)
    owner = "customer_id" if audience is Audience.SHOP else "staff_id"
    id = await queries.insert_session(
        context.db,
        **{owner: owner_id},
        audience=audience.value,
        token_hash=token_hash(token),
        confirmed_at=context.now,
        created_at=context.now,
        last_seen_at=context.now,
        expires_at=expires_at,
        idle_expires_at=min(idle_expires_at, expires_at),
        ip=context.origin.ip,
        user_agent=(context.origin.user_agent or "")[:LONGEST_USER_AGENT] or None,
    )
    context.record("Session", id, {"audience": (None, audience.value), owner: (None, str(owner_id))})
    return OpenedSession(id=id, owner_id=owner_id, token=token, expires_at=expires_at)


async def find_session(context: Context, *, token: str, audience: Audience) -> LiveSession | None:
    """The session of a token, read from its row: None if it is unknown, revoked or over, or its owner may not enter.

    One statement. Raises `DatabaseUnavailable`.
    """
    found = await queries.find_live(context.database, token_hash=token_hash(token), audience=audience)
    return None if found is None or found.until <= context.now else found


async def list_outdated_sessions(context: Context) -> dict[UUID, int]:
    """The sessions of which something changed in the last three minutes, with their versions. One statement."""
    return await queries.outdated_sessions(context.database)


async def note_session_seen(context: Context, *, session: LiveSession) -> None:
    """Note that a session was used, once a minute at most. It opens a transaction of its own when there is need."""
    before = context.now - SEEN_AGAIN
    if session.last_seen_at > before:
        return
    _, idle_expires_at = session_ends(context.settings, session.audience, now=context.now)
    async with transaction(context) as inner:
        await queries.touch_session(
            inner.db, id=session.id, now=context.now, before=before, idle_expires_at=idle_expires_at
        )


async def end_session(context: Context) -> None:
    """Sign out: revoke the session that the request came with."""
    audience, owner_id, session_id = _own(context)
    await revoke_sessions(context, audience=audience, owner_id=owner_id, only=session_id, reason=Ending.SIGNED_OUT)


async def revoke_session(context: Context, *, session_id: UUID) -> None:
    """Revoke one of the caller's own sessions. Raises `SessionUnknown`: also when it is over already."""
    audience, owner_id, _ = _own(context)
    revoked = await revoke_sessions(
        context, audience=audience, owner_id=owner_id, only=session_id, reason=Ending.REVOKED
    )
    if not revoked:
        raise SessionUnknown


async def revoke_other_sessions(context: Context) -> int:
    """Revoke all of the caller's sessions but the one of this request. Returns how many there were."""
    audience, owner_id, session_id = _own(context)
    return await revoke_sessions(context, audience=audience, owner_id=owner_id, but=session_id, reason=Ending.REVOKED)


async def revoke_sessions(
    context: Context,
    *,
    audience: Audience,
    owner_id: UUID,
    reason: Ending,
    only: UUID | None = None,
    but: UUID | None = None,
) -> int:
    """Revoke the sessions of an account: all of them, only one, or all but one. Returns how many there were."""
    asked = [queries.owned_by(audience, owner_id), queries.is_other_session(but)]
    if only is not None:
        asked.append(queries.is_session(only))
    revoked = await queries.revoke(context.db, *asked, reason=reason, now=context.now)
    if not revoked:
        return 0
    for id, _ in revoked:
        context.record("Session", id, {"revokedReason": (None, reason.value)})
    owner = {"customer_id": owner_id} if audience is Audience.SHOP else {"staff_id": owner_id}
    context.announce(SessionsRevoked(reason=reason.value, session_ids=tuple(id for id, _ in revoked), **owner))
    context.keep(partial(_forget, hashes=[hash_ for _, hash_ in revoked]))
    return len(revoked)


async def outdate_sessions(context: Context, *, staff: Sequence[UUID]) -> None:
    """Have what these staff may do be read again by their next requests. Lock their rows before."""
    hashes = await queries.outdate_staff_sessions(context.db, staff)
    if hashes:
        context.keep(partial(_forget, hashes=hashes))


async def _forget(context: Context, *, hashes: Sequence[bytes]) -> None:
    """Spare other processes the moment until they notice by themselves."""
    if context.valkey is not None:
        await context.valkey.forget(*(remembered_as(each) for each in hashes))


def _own(context: Context) -> tuple[Audience, UUID, UUID | None]:
    actor = context.actor
    assert actor.id is not None, "the door lets nobody in who is not signed in"
    audience = Audience.SHOP if actor.kind.value == "customer" else Audience.ADMIN
    return audience, actor.id, actor.session_id
