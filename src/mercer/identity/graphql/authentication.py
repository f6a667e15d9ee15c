"""Who sends a request: found by its bearer token or its cookie, with one question to Valkey and none to PostgreSQL.

What Valkey remembers of a session, or of an API key, is believed for a minute at most, and only if it has not changed
since. Which have, each process asks PostgreSQL twice a second, once for all requests that come meanwhile. So what was
revoked is refused everywhere within a second, whatever becomes of Valkey (OWASP ASVS 5.0, 7.4.1).
"""

import asyncio
import contextvars
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa
from starlette.requests import HTTPConnection

from mercer.identity import service
from mercer.identity.graphql.cookies import cookie_name, no_cookie, refuse_foreign_page
from mercer.identity.models import Audience, LiveSession
from mercer.identity.rules.api_keys import is_api_key
from mercer.identity.rules.bounds import resolved, scopes_of
from mercer.identity.rules.sessions import is_refresh_token, is_session_token, remembered_as, token_hash
from mercer.platform.actors import GUEST, Actor, ActorKind
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.graphql.views import request
from mercer.platform.permissions import TokenRefused

BELIEVED_S = 0.5
"""How old the answer which have changed may be, in seconds, before PostgreSQL is asked again."""

REMEMBERED_S = 60
"""How long a session is remembered. Changes are told for three minutes, so none is missed."""

CUSTOMER = request("customer", sa.Uuid)
STAFF = request("staff", sa.Uuid)
SESSION = request("session", sa.Uuid)

SESSION_OVER = "This session is over. Sign in again, or go on with sessionRefresh if it has a refresh token."
KEY_OVER = "This API key is unknown, was revoked or has ended."
KEY_ELSEWHERE = "An API key opens the admin API only."
NO_ACCESS_TOKEN = "A refresh token opens nothing by itself. Send it to sessionRefresh."  # noqa: S105 — a message

_KINDS = {Audience.SHOP: ActorKind.CUSTOMER, Audience.ADMIN: ActorKind.STAFF}


class Remembered(msgspec.Struct, frozen=True):
    """A session as Valkey remembers it."""

    session: LiveSession
    read_at: datetime


async def authenticate(context: Context, request: HTTPConnection) -> Actor:
    """Whose token, or cookie, a request shows; without either it is a guest's.

    Raises `TokenRefused`, `ForeignPage`, `DatabaseUnavailable`.
    """
    audience = Audience(context.origin.api or "")
    authorization = request.headers.get("authorization")
    cookie = request.cookies.get(cookie_name(context.settings, audience))
    if authorization is not None:
        session = await _find(context, _bearer(authorization), audience)
        if session is None:
            raise TokenRefused(_why_refused(authorization, audience))
    elif cookie is not None:
        session = await _find(context, cookie, audience) if is_session_token(cookie, audience) else None
        if session is None:
            raise TokenRefused(SESSION_OVER, ("Set-Cookie", no_cookie(context.settings, audience)))
        await refuse_foreign_page(context, request, audience)
    else:
        return GUEST
    return _actor(context, session, has_cookie=authorization is None)


async def identity_binds(context: Context, _request: HTTPConnection) -> Mapping[str, Any]:
    """Who asks."""
    actor = context.actor
    return {
        "customer": actor.id if actor.kind is ActorKind.CUSTOMER else None,
        "staff": actor.id if actor.kind is ActorKind.STAFF else None,
        "session": actor.session_id,
    }


def _actor(context: Context, session: LiveSession, *, has_cookie: bool) -> Actor:
    return Actor(
        kind=ActorKind.API_KEY if session.is_api_key else _KINDS[session.audience],
        id=session.owner_id,
        session_id=None if session.is_api_key else session.id,
        permissions=resolved(session.permissions, catalogue=context.catalogue),
        bounds=scopes_of(session.bounds),
        withheld=resolved(session.withheld, catalogue=context.catalogue),
        is_fresh=session.fresh_until is None or context.now < session.fresh_until,
        has_cookie=has_cookie,
    )


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _why_refused(authorization: str, audience: Audience) -> str:
    token = _bearer(authorization)
    if is_session_token(token, audience):
        return SESSION_OVER
    if is_api_key(token):
        return KEY_OVER if audience is Audience.ADMIN else KEY_ELSEWHERE
    if is_refresh_token(token):
        return NO_ACCESS_TOKEN
    for other in Audience:
        if is_session_token(token, other):
            return f"This token is for the {other} API. Sign in to the {audience} API."
    return "This is no token of a session. Send the one that sessionCreate answers, as `Authorization: Bearer …`."


async def _find(context: Context, token: str, audience: Audience) -> LiveSession | None:
    """What a token opens, as Valkey remembers it or, once a minute, as it is read from its row."""
    if not _is_for(token, audience):
        return None
    versions = await _changes_in(context.database).versions(context)
    name = remembered_as(token_hash(token))
    found = None if context.valkey is None else await context.valkey.fetch(name)
    if found is not None:
        remembered = _decode(found)
        if remembered is not None and _holds(remembered, context.now, versions):
            return remembered.session
    session = await _read(context, token, audience)
    if session is not None and context.valkey is not None:
        written = msgspec.json.encode(Remembered(session=session, read_at=context.now))
        await context.valkey.remember(name, written, seconds=REMEMBERED_S)
    return session


def _is_for(token: str, audience: Audience) -> bool:
    """Whether this could open anything of that API: whatever else is sent costs nothing."""
    return is_session_token(token, audience) or (audience is Audience.ADMIN and is_api_key(token))


async def _read(context: Context, token: str, audience: Audience) -> LiveSession | None:
    """The session or API key of a token, and note that it is used."""
    if is_api_key(token):
        key = await service.find_api_key(context, key=token)
        if key is not None:
            await service.note_api_key_used(context, session=key)
        return key
    session = await service.find_session(context, token=token, audience=audience)
    if session is not None:
        await service.note_session_seen(context, session=session)
    return session


def _decode(found: bytes) -> Remembered | None:
    try:
        return msgspec.json.decode(found, type=Remembered)
    except msgspec.MsgspecError:
        return None  # another version of the program wrote it


def _holds(remembered: Remembered, now: datetime, versions: Mapping[UUID, int]) -> bool:
    """Whether what is remembered is young enough, and still true."""
    session = remembered.session
    return (
        timedelta() <= now - remembered.read_at < timedelta(seconds=REMEMBERED_S)
        and session.until > now
        and session.version >= versions.get(session.id, 0)
    )


class Changes:
    """Which sessions and keys have changed lately, as PostgreSQL last told. It is asked once at a time."""

    def __init__(self) -> None:
        self._versions: Mapping[UUID, int] = {}
        self._asked_at = float("-inf")
        self._asked_after = -1
        """How much this process had had forgotten when it asked: what it revoked itself, it knows at once."""
        self._asking: asyncio.Task[None] | None = None

    async def versions(self, context: Context) -> Mapping[UUID, int]:
        """The versions of those that changed, known not long ago. Raises `DatabaseUnavailable`."""
        is_old = time.monotonic() - self._asked_at >= BELIEVED_S
        if is_old or self._asked_after != _forgotten(context):
            await self._answer(context)
        if self._asked_after != _forgotten(context):
            await self._answer(context)  # what was under way had begun before
        return self._versions

    async def _answer(self, context: Context) -> None:
        if self._asking is None or self._asking.done():
            # It belongs to no request, so neither do its statements.
            self._asking = asyncio.create_task(self._ask(context), context=contextvars.Context())
        await asyncio.shield(self._asking)

    async def _ask(self, context: Context) -> None:
        asked_at, asked_after = time.monotonic(), _forgotten(context)
        self._versions = await service.list_outdated_sessions(context)
        self._asked_at, self._asked_after = asked_at, asked_after


def _forgotten(context: Context) -> int:
    return 0 if context.valkey is None else context.valkey.forgotten


_known: WeakKeyDictionary[Database, Changes] = WeakKeyDictionary()


def _changes_in(database: Database) -> Changes:
    return _known.setdefault(database, Changes())
