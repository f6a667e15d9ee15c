"""What staff do with their own account."""

from datetime import datetime

import strawberry

from mercer.identity import service
from mercer.identity.errors import CredentialsWrong, PasswordWrong, SessionUnknown, TooManyAttempts
from mercer.identity.graphql.admin import StaffMember
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import SessionTransport, handed_over, take_cookie_back
from mercer.identity.models import Audience
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, Transaction, mutation, row
from mercer.platform.permissions import ENTRY, SIGNED_IN


@strawberry.type
class Session:
    """A session that was just opened."""

    token: str | None = strawberry.field(description="Goes into the header `Authorization`. Null with a cookie.")
    expires_at: datetime = strawberry.field(description="At the latest.")
    staff: StaffMember


@strawberry.type
class SessionsEnded:
    """How many sessions were ended."""

    count: int


@mutation(CredentialsWrong, TooManyAttempts, needs=ENTRY, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def session_create(
    context: Context, email: str, password: str, transport: SessionTransport = SessionTransport.BEARER
) -> Session:
    """Sign in."""
    session = await service.sign_in(context, audience=Audience.ADMIN, email=email, password=password)
    token = handed_over(context, session, Audience.ADMIN, transport)
    return Session(token=token, expires_at=session.expires_at, staff=row(StaffMember, session.owner_id))


@mutation(needs=SIGNED_IN, key=Key.IGNORED)
async def session_end(context: Context) -> SessionsEnded:
    """Sign out."""
    take_cookie_back(context, Audience.ADMIN)
    await service.end_session(context)
    return SessionsEnded(count=1)


@mutation(SessionUnknown, needs=SIGNED_IN)
async def session_revoke(context: Context, id: strawberry.ID) -> SessionsEnded:
    """End one of your sessions."""
    await service.revoke_session(context, session_id=given_id(id))
    return SessionsEnded(count=1)


@mutation(needs=SIGNED_IN)
async def session_revoke_others(context: Context) -> SessionsEnded:
    """End all of your sessions but this one."""
    return SessionsEnded(count=await service.revoke_other_sessions(context))


@mutation(PasswordWrong, TooManyAttempts, needs=SIGNED_IN, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def password_change(context: Context, current: str, password: str) -> SessionsEnded:
    """Change your password. All other sessions end."""
    with placed():
        return SessionsEnded(count=await service.change_password(context, current=current, new=password))
