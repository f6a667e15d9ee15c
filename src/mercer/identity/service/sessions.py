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
from mercer.identity.models import Audience, Ending, FactorLevel, LiveSession, OpenedSession
from mercer.identity.queries import accounts, factors, refreshing
from mercer.identity.queries import sessions as queries
from mercer.identity.rules.bounds import merged
from mercer.identity.rules.devices import device_of
from mercer.identity.rules.sessions import (
    FRESH_FOR,
    SEEN_AGAIN,
    TOKEN_LASTS,
    new_refresh_token,
    new_session_token,
    remembered_as,
    session_ends,
    token_hash,
)
from mercer.identity.service.tokens import end_tokens
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

LONGEST_USER_AGENT = 500


async def open_session(
    context: Context,
    *,
    audience: Audience,
    owner_id: UUID,
    factor_level: FactorLevel = FactorLevel.PASSWORD,
    is_refreshable: bool = False,
) -> OpenedSession:
    """Open a session of an account that whoever calls has locked and found to be allowed in.

    One that can be refreshed has an access token that ends soon, and a token that brings the next one.
    """
    token = new_session_token(audience)
    expires_at, idle_expires_at = session_ends(context.settings, audience, now=context.now)
    token_expires_at = min(context.now + TOKEN_LASTS, expires_at) if is_refreshable else None
    user_agent = (context.origin.user_agent or "")[:LONGEST_USER_AGENT] or None
    owner = owner_of(audience, owner_id)
    id = await queries.insert_session(
        context.db,
        **owner,
        audience=audience.value,
        token_hash=token_hash(token),
        token_expires_at=token_expires_at,
        factor_level=factor_level.value,
        confirmed_at=context.now,
        created_at=context.now,
        last_seen_at=context.now,
        expires_at=expires_at,
        idle_expires_at=min(idle_expires_at, expires_at),
        ip=context.origin.ip,
        user_agent=user_agent,
        device=None if user_agent is None else device_of(user_agent),
    )
    refresh_token = None
    if is_refreshable:
        refresh_token = new_refresh_token()
        hash = token_hash(refresh_token)
        await refreshing.insert_refresh_token(context.db, session_id=id, token_hash=hash, now=context.now)
    shown = {"audience": (None, audience.value), **{name: (None, str(value)) for name, value in owner.items()}}
    context.record("Session", id, shown)
    return OpenedSession(
        id=id, owner_id=owner_id, token=token, expires_at=token_expires_at or expires_at, refresh_token=refresh_token
    )


async def find_session(context: Context, *, token: str, audience: Audience) -> LiveSession | None:
    """The session of a token, read from its row: None if it is unknown, revoked or over, or its owner may not enter.

    One statement. Raises `DatabaseUnavailable`.
    """
    found = await queries.find_live(context.database, token_hash=token_hash(token), audience=audience)
    if found is None or found.until <= context.now:
        return None
    held = merged(found.roles, factor_level=found.factor_level)
    return LiveSession(
        id=found.id,
        version=found.version,
        audience=found.audience,
        owner_id=found.owner_id,
        permissions=held.permissions,
        bounds=held.bounds,
        withheld=held.withheld,
        last_seen_at=found.last_seen_at,
        until=found.until,
        fresh_until=found.confirmed_at + FRESH_FOR,
    )


async def list_outdated_sessions(context: Context) -> dict[UUID, int]:
    """The sessions and API keys that changed in the last three minutes, with their versions. One statement."""
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
    audience, owner_id, session_id = own_session(context)
    await revoke_sessions(context, audience=audience, owner_id=owner_id, only=session_id, reason=Ending.SIGNED_OUT)


async def revoke_session(context: Context, *, session_id: UUID) -> None:
    """Revoke one of the caller's own sessions. Raises `SessionUnknown`: also when it is over already."""
    audience, owner_id, _ = own_session(context)
    revoked = await revoke_sessions(
        context, audience=audience, owner_id=owner_id, only=session_id, reason=Ending.REVOKED
    )
    if not revoked:
        raise SessionUnknown


async def revoke_other_sessions(context: Context) -> int:
    """Revoke all of the caller's sessions but the one of this request. Returns how many there were."""
    audience, owner_id, session_id = own_session(context)
    await accounts.lock_account(context.db, audience, id=owner_id)
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
    """Revoke the sessions of an account: all of them, only one, or all but one. Returns how many there were.

    Unless it is only one, what was begun of signing in ends too, and what was mailed, and changes of address that wait:
    whoever had those sessions may have begun them. Lock the account before.
    """
    owner = owner_of(audience, owner_id)
    if only is None:
        await factors.void_challenges(context.db, audience, owner_id=owner_id, now=context.now)
        await end_tokens(context, **owner)
    asked = [queries.owned_by(audience, owner_id), queries.is_other_session(but)]
    if only is not None:
        asked.append(queries.is_session(only))
    revoked = await queries.revoke(context.db, *asked, reason=reason, now=context.now)
    if not revoked:
        return 0
    for id in revoked:
        context.record("Session", id, {"revokedReason": (None, reason.value)})
    context.announce(SessionsRevoked(reason=reason.value, session_ids=tuple(revoked), **owner))
    forget_sessions(context, hashes=[hash for hashes in revoked.values() for hash in hashes])
    return len(revoked)


async def outdate_sessions(context: Context, *, staff: Sequence[UUID]) -> None:
    """Have what these staff may do be read again by their next requests. Lock their rows before."""
    hashes = await queries.outdate_staff_sessions(context.db, staff)
    if hashes:
        forget_sessions(context, hashes=hashes)


def forget_sessions(context: Context, *, hashes: Sequence[bytes]) -> None:
    """Have what is remembered of these tokens dropped with the commit: this process knows of the change at once."""
    context.keep(partial(_forget, hashes=hashes))


def owner_of(audience: Audience, id: UUID) -> dict[str, UUID]:
    """The owner of a session, as rows and events name him."""
    return {"customer_id" if audience is Audience.SHOP else "staff_id": id}


async def _forget(context: Context, *, hashes: Sequence[bytes]) -> None:
    """Spare other processes the moment until they notice by themselves."""
    if context.valkey is not None:
        await context.valkey.forget(*(remembered_as(each) for each in hashes))


def own_session(context: Context) -> tuple[Audience, UUID, UUID]:
    """The caller's audience, his id, and that of the session that the request came with."""
    actor = context.actor
    assert actor.id is not None, "the door lets nobody in who is not signed in"
    assert actor.session_id is not None, "API keys, which have none, have nothing of their own"
    audience = Audience.SHOP if actor.kind.value == "customer" else Audience.ADMIN
    return audience, actor.id, actor.session_id
