"""What both APIs say of sessions."""

from datetime import datetime
from enum import Enum
from typing import TypeVar

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from mercer.identity.graphql.authentication import SESSION
from mercer.identity.graphql.cookies import cookie, no_cookie
from mercer.identity.models import Audience, Challenge, FactorKind, FactorLevel, OpenedSession
from mercer.platform.context import Context
from mercer.platform.graphql.views import Row, request

T = TypeVar("T")

strawberry.enum(FactorKind, description=FactorKind.__doc__)
strawberry.enum(FactorLevel, description=FactorLevel.__doc__)

NOW = request("now", sa.DateTime(timezone=True))


@strawberry.enum(description="How a web page or an app keeps its session.")
class SessionTransport(Enum):
    BEARER = "bearer"
    COOKIE = "cookie"


@strawberry.type
class FactorRequired:
    """The password was right. Show a second factor with this challenge: `sessionCreateWithFactor`."""

    challenge: str
    expires_at: datetime
    factors: list[FactorKind] = strawberry.field(description="The kinds of factors that you have.")


def required(challenge: Challenge) -> FactorRequired:
    """A challenge as the answer shows it: this once."""
    return FactorRequired(challenge=challenge.token, expires_at=challenge.expires_at, factors=list(challenge.factors))


@strawberry.type
class SessionsEnded:
    """How many sessions were ended."""

    count: int


def is_active(row: Row) -> sa.ColumnElement[bool]:
    """Whether a session still opens something."""
    return sa.and_(row.c.revoked_at.is_(None), row.c.expires_at > NOW, row.c.idle_expires_at > NOW)


def ends_at(row: Row) -> sa.ColumnElement[object]:
    """When a session ends unless it is used before."""
    return sa.func.least(row.c.expires_at, row.c.idle_expires_at, type_=sa.DateTime(timezone=True))


def is_refreshable(row: Row) -> sa.ColumnElement[bool]:
    """Whether its access token ends before it does, and a refresh token brings the next."""
    return row.c.token_expires_at.is_not(None)


def is_of_request(row: Row) -> sa.ColumnElement[bool]:
    """Whether the request came with this session."""
    return row.c.id.is_not_distinct_from(SESSION)


def handed_over(
    context: Context, session: OpenedSession, audience: Audience, transport: SessionTransport
) -> str | None:
    """The token for the answer's body; None when it goes into a cookie, where no script can read it.

    That of a session that can be refreshed goes into none: it ends too soon.
    """
    if transport is SessionTransport.BEARER or session.refresh_token is not None:
        return session.token
    made = cookie(context.settings, audience, token=session.token, now=context.now, expires_at=session.expires_at)
    context.reply_headers.append(("Set-Cookie", made))
    return None


def transport_of(context: Context) -> SessionTransport:
    """How the session that the request came with is kept: a new token of it is handed over the same way."""
    return SessionTransport.COOKIE if context.actor.has_cookie else SessionTransport.BEARER


def take_cookie_back(context: Context) -> None:
    """Have a browser forget the session that has ended."""
    audience = Audience(context.origin.api or "")
    context.reply_headers.append(("Set-Cookie", no_cookie(context.settings, audience)))


def given(value: T | None) -> T | None:
    """What was left out is as null: it stays as it is."""
    return None if value is UNSET else value
