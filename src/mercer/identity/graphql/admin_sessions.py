"""How staff sign in and out, and what they do with their sessions and those of others."""

from datetime import datetime

import strawberry

from mercer.identity import service
from mercer.identity.errors import (
    CredentialsWrong,
    CustomerUnknown,
    PermissionsLacking,
    SessionUnknown,
    StaffUnknown,
    TokenUnusable,
    TooManyAttempts,
)
from mercer.identity.graphql.admin import StaffMember
from mercer.identity.graphql.sessions import (
    FactorRequired,
    SessionsEnded,
    SessionTransport,
    handed_over,
    required,
)
from mercer.identity.models import Audience, Challenge, OpenedSession
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, Transaction, mutation, row
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
    staff: StaffMember


def shown(context: Context, session: OpenedSession, transport: SessionTransport = SessionTransport.BEARER) -> Session:
    """A session as the answer shows it: this once."""
    token = handed_over(context, session, Audience.ADMIN, transport)
    return Session(
        token=token,
        expires_at=session.expires_at,
        refresh_token=session.refresh_token,
        device_token=session.device_token,
        staff=row(StaffMember, session.owner_id),
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
        audience=Audience.ADMIN,
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
    session = await service.refresh_session(context, audience=Audience.ADMIN, token=refresh_token)
    return shown(context, session)


@mutation(SessionUnknown, needs="customers.manage")
async def customer_session_revoke(context: Context, id: strawberry.ID) -> SessionsEnded:
    """End a session of a customer."""
    await service.end_customer_session(context, session_id=given_id(id))
    return SessionsEnded(count=1)


@mutation(CustomerUnknown, needs="customers.manage")
async def customer_sessions_revoke(context: Context, customer_id: strawberry.ID) -> SessionsEnded:
    """End all sessions of a customer."""
    return SessionsEnded(count=await service.end_customer_sessions(context, customer_id=given_id(customer_id)))


@mutation(SessionUnknown, PermissionsLacking, needs="staff.manage", fresh_factor=True)
async def staff_session_revoke(context: Context, id: strawberry.ID) -> SessionsEnded:
    """End a session of a member of staff."""
    await service.end_staff_session(context, session_id=given_id(id))
    return SessionsEnded(count=1)


@mutation(StaffUnknown, PermissionsLacking, needs="staff.manage", fresh_factor=True)
async def staff_sessions_revoke(context: Context, staff_id: strawberry.ID) -> SessionsEnded:
    """End all sessions of a member of staff: of your own, all but this one."""
    return SessionsEnded(count=await service.end_staff_sessions(context, staff_id=given_id(staff_id)))
