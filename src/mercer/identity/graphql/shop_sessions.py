"""How customers sign in and out, and what they do with their sessions."""

from datetime import datetime

import strawberry

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong, TokenUnusable, TooManyAttempts
from mercer.identity.graphql.sessions import (
    FactorRequired,
    SessionTransport,
    handed_over,
    required,
)
from mercer.identity.models import Audience, Challenge, OpenedSession
from mercer.platform.context import Context
from mercer.platform.graphql.mutations import Key, Transaction, mutation
from mercer.platform.permissions import ENTRY


@strawberry.type
class Session:
    """A session that was just opened, or goes on with new tokens."""

    token: str | None = strawberry.field(description="Goes into the header `Authorization`. Null with a cookie.")
    expires_at: datetime = strawberry.field(description="When the token ends at the latest.")
    refresh_token: str | None = strawberry.field(
        description="What `sessionRefresh` takes, once. Null unless the session was asked to be refreshable."
    )
    device_token: str | None = strawberry.field(
        description="Keep it for the next `sessionCreate`. It opens nothing. Null when the session only goes on."
    )


def shown(context: Context, session: OpenedSession, transport: SessionTransport = SessionTransport.BEARER) -> Session:
    """A session as the answer shows it: this once."""
    token = handed_over(context, session, Audience.SHOP, transport)
    return Session(
        token=token,
        expires_at=session.expires_at,
        refresh_token=session.refresh_token,
        device_token=session.device_token,
    )


@mutation(CredentialsWrong, TooManyAttempts, needs=ENTRY, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def session_create(
    context: Context,
    email: str,
    password: str,
    transport: SessionTransport = SessionTransport.BEARER,
    *,
    is_refreshable: bool = False,
    device_token: str | None = None,
) -> Session | FactorRequired:
    """Sign in. Who has a second factor is asked for it, and goes on with `sessionCreateWithFactor`.

    A refreshable session has a token that ends after a quarter of an hour, and one that brings the next. Cookies are
    never refreshable. The device token of an earlier session lets you in while others guess at your account.
    """
    opened = await service.sign_in(
        context,
        audience=Audience.SHOP,
        email=email,
        password=password,
        is_refreshable=is_refreshable and transport is SessionTransport.BEARER,
        device=device_token,
    )
    return required(opened) if isinstance(opened, Challenge) else shown(context, opened, transport)


@mutation(TokenUnusable, needs=ENTRY, key=Key.IGNORED)
async def session_refresh(context: Context, refresh_token: str) -> Session:
    """Go on with new tokens.

    A refresh token works once, and for half a minute more, when it brings the same tokens again. One that is shown
    after that was stolen from somebody: the session ends.
    """
    session = await service.refresh_session(context, audience=Audience.SHOP, token=refresh_token)
    return shown(context, session)
