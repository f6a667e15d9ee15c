"""New tokens for sessions that go on: by a refresh token, or because their owner has shown again who he is.

Successors of a refresh token are not drawn but derived from it, with a salt that is drawn when it is used first. So
all who show one token within the grace window, two tabs or one whose answer was lost, are told the same pair: the
session has one chain of tokens. One that is shown after that was stolen, before or after, and ends the session (RFC
9700, 4.14.2; OWASP ASVS 5.0, 10.4.5).
"""

from datetime import datetime
from functools import partial
from uuid import UUID

from mercer.identity.errors import SessionUnknown, TokenUnusable
from mercer.identity.events import SessionReplayed
from mercer.identity.models import Audience, Ending, FactorLevel, OpenedSession, Outcome, Surface
from mercer.identity.queries import refreshing as queries
from mercer.identity.queries.refreshing import GoingOn
from mercer.identity.rules.sessions import (
    GRACE,
    TOKEN_LASTS,
    is_refresh_token,
    new_refresh_token,
    new_salt,
    new_session_token,
    next_refresh_token,
    next_session_token,
    session_ends,
    token_hash,
)
from mercer.identity.service.sessions import forget_sessions, owner_of, revoke_sessions
from mercer.identity.service.sign_in_log import log_outcome
from mercer.platform.context import Context


async def refresh_session(context: Context, *, audience: Audience, token: str) -> OpenedSession:
    """The next access and refresh tokens of a session, which goes on as if it had been used.

    The access token before works on for half a minute. Raises `TokenUnusable`: unknown, the other API's, or its
    session is over; or it was used before that half minute, which revokes the session and tells its owner.
    """
    if not is_refresh_token(token):
        raise TokenUnusable
    hash = token_hash(token)
    session_id = await queries.find_session_of(context.db, token_hash=hash)
    session = None if session_id is None else await queries.lock_session(context.db, id=session_id)
    if session is None or session.audience is not audience or session.is_revoked or session.ends_at <= context.now:
        raise TokenUnusable
    shown = await queries.find_refresh_token(context.db, token_hash=hash)
    if shown is None:
        raise TokenUnusable
    if shown.salt is None or shown.used_at is None:
        return await _rotate(context, session, token)
    if shown.used_at + GRACE <= context.now:
        context.keep(partial(_end_replayed, session=session))
        raise TokenUnusable
    return await _again(context, session, token, shown.salt)


async def renew_session(context: Context, *, session_id: UUID, factor_level: FactorLevel) -> OpenedSession:
    """A new access token for a session whose owner has just shown who he is: at this level, and fresh from now on.

    The old one ends at once (OWASP ASVS 5.0, 7.2.4), and so does the refresh token, if there is one: another comes with
    the answer. Lock the account before. Raises `SessionUnknown` if the session is over.
    """
    session = await queries.lock_session(context.db, id=session_id)
    if session is None or session.is_revoked or session.ends_at <= context.now:
        raise SessionUnknown
    token, refresh_token, expires_at = new_session_token(session.audience), None, session.expires_at
    values: dict[str, object] = {"confirmed_at": context.now, "factor_level": factor_level.value}
    if session.token_expires_at is not None:
        expires_at = min(context.now + TOKEN_LASTS, session.expires_at)
        refresh_token = new_refresh_token()
        # Nobody has used the one before, so whoever shows it later, another tab perhaps, is no thief.
        await queries.drop_unused_refresh_tokens(context.db, session_id=session.id)
        await _add_refresh_token(context, session, refresh_token)
        values["token_expires_at"] = expires_at
    values |= {"token_hash": token_hash(token), "previous_token_hash": None, "previous_expires_at": None}
    await queries.update_session(context.db, id=session.id, **values)
    forget_sessions(context, hashes=session.hashes)
    context.record(
        "Session",
        session.id,
        {
            "confirmedAt": (session.confirmed_at.isoformat(), context.now.isoformat()),
            "factorLevel": (session.factor_level.value, factor_level.value),
        },
    )
    return OpenedSession(
        id=session.id, owner_id=session.owner_id, token=token, expires_at=expires_at, refresh_token=refresh_token
    )


async def _rotate(context: Context, session: GoingOn, token: str) -> OpenedSession:
    """The first use of a refresh token: its successors take the place of the present tokens."""
    assert session.token_expires_at is not None, "it has a refresh token"
    salt, expires_at = new_salt(), min(context.now + TOKEN_LASTS, session.expires_at)
    opened = _pair(session, token, salt, expires_at=expires_at)
    await queries.use_refresh_tokens(context.db, session_id=session.id, salt=salt, now=context.now)
    await _add_refresh_token(context, session, str(opened.refresh_token))
    _, idle_expires_at = session_ends(context.settings, session.audience, now=context.now)
    await queries.update_session(
        context.db,
        id=session.id,
        token_hash=token_hash(opened.token),
        token_expires_at=expires_at,
        previous_token_hash=session.token_hash,
        previous_expires_at=min(context.now + GRACE, session.token_expires_at),
        last_seen_at=context.now,
        idle_expires_at=min(idle_expires_at, session.expires_at),
    )
    forget_sessions(context, hashes=session.hashes)
    return opened


async def _add_refresh_token(context: Context, session: GoingOn, token: str) -> None:
    await queries.insert_refresh_token(context.db, session_id=session.id, token_hash=token_hash(token), now=context.now)


async def _again(context: Context, session: GoingOn, token: str, salt: bytes) -> OpenedSession:
    """What whoever used this token first was told, or, if he has used that already, what he was told then, and so on.

    Whatever followed was used later, so within the grace window too. Raises `TokenUnusable` if other tokens have
    replaced it since.
    """
    while True:
        following = next_refresh_token(token, salt=salt)
        shown = await queries.find_refresh_token(context.db, token_hash=token_hash(following))
        if shown is None or shown.salt is None:
            break
        token, salt = following, shown.salt
    told = token_hash(next_session_token(token, session.audience, salt=salt))
    if shown is None or session.token_expires_at is None or told != session.token_hash:
        raise TokenUnusable
    return _pair(session, token, salt, expires_at=session.token_expires_at)


def _pair(session: GoingOn, token: str, salt: bytes, *, expires_at: datetime) -> OpenedSession:
    return OpenedSession(
        id=session.id,
        owner_id=session.owner_id,
        token=next_session_token(token, session.audience, salt=salt),
        expires_at=expires_at,
        refresh_token=next_refresh_token(token, salt=salt),
    )


async def _end_replayed(context: Context, *, session: GoingOn) -> None:
    """Revoke the session, and tell its owner: once, however often the token is shown."""
    revoked = await revoke_sessions(
        context, audience=session.audience, owner_id=session.owner_id, only=session.id, reason=Ending.REPLAYED
    )
    if revoked:
        context.announce(SessionReplayed(session_id=session.id, **owner_of(session.audience, session.owner_id)))
        await log_outcome(
            context, surface=Surface.SESSION_REFRESH, outcome=Outcome.REPLAYED, account_id=session.owner_id
        )
