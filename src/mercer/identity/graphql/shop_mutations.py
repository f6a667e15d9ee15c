"""What shoppers do with their own account."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from mercer.identity import service
from mercer.identity.errors import (
    CredentialsWrong,
    PasswordWrong,
    SessionUnknown,
    TokenUnusable,
    TooManyAttempts,
)
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import SessionTransport, given, handed_over, take_cookie_back
from mercer.identity.graphql.shop import Customer
from mercer.identity.models import Audience
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, Transaction, mutation, row
from mercer.platform.permissions import ENTRY, SIGNED_IN


@strawberry.type
class Session:
    """A session that was just opened."""

    token: str | None = strawberry.field(description="Goes into the header `Authorization`. Null with a cookie.")
    expires_at: datetime = strawberry.field(description="At the latest.")


@strawberry.type
class SessionsEnded:
    """How many sessions were ended."""

    count: int


@strawberry.type
class MailSent:
    """If the address can be used, a mail to it says how to go on. The answer is the same when it cannot."""

    email: str


@strawberry.type
class EmailVerified:
    """The address is verified: its owner can sign in."""

    is_verified: bool = True


@strawberry.input(description="Who wants an account.")
class CustomerRegisterInput:
    email: str
    password: str
    name: str
    language: str | None = strawberry.field(default=UNSET, description="BCP 47. By default the request's.")


@strawberry.input(description="What changes of your account. What is left out stays as it is.")
class CustomerUpdateInput:
    name: str | None = UNSET
    language: str | None = UNSET
    version: int | None = strawberry.field(default=UNSET, description="The version that was read.")


@mutation(CredentialsWrong, TooManyAttempts, needs=ENTRY, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def session_create(
    context: Context, email: str, password: str, transport: SessionTransport = SessionTransport.BEARER
) -> Session:
    """Sign in."""
    session = await service.sign_in(context, audience=Audience.SHOP, email=email, password=password)
    token = handed_over(context, session, Audience.SHOP, transport)
    return Session(token=token, expires_at=session.expires_at)


@mutation(needs=SIGNED_IN, key=Key.IGNORED)
async def session_end(context: Context) -> SessionsEnded:
    """Sign out."""
    take_cookie_back(context, Audience.SHOP)
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


@mutation(TooManyAttempts, needs=ENTRY, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def customer_register(context: Context, input: CustomerRegisterInput) -> MailSent:
    """Ask for an account. A mail goes to the address; who has the token in it can verify the account, and sign in."""
    with placed("input"):
        email = await service.register_customer(
            context,
            email=input.email,
            password=input.password,
            name=input.name,
            language=input.language or context.binds["language"],
        )
    return MailSent(email=email)


@mutation(TokenUnusable, needs=ENTRY, key=Key.IGNORED)
async def customer_verify(context: Context, token: str) -> EmailVerified:
    """Show with the token of a mail that the address is yours."""
    with placed():
        await service.verify_customer(context, token=token)
    return EmailVerified()


@mutation(VersionConflict, needs=SIGNED_IN)
async def customer_update(context: Context, input: CustomerUpdateInput) -> Customer:
    """Change your account."""
    assert context.actor.id is not None
    with placed("input"):
        await service.update_customer(
            context,
            customer_id=context.actor.id,
            name=given(input.name),
            language=given(input.language),
            version=given(input.version),
        )
    return row(Customer, context.actor.id)


@mutation(TooManyAttempts, needs=ENTRY, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def password_reset_request(context: Context, email: str) -> MailSent:
    """Ask for a mail with a token to set a new password with."""
    with placed():
        return MailSent(email=await service.request_password_reset(context, email=email))


@mutation(TokenUnusable, needs=ENTRY, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def password_reset(context: Context, token: str, password: str) -> SessionsEnded:
    """Set a new password with the token of a mail. All sessions end; sign in with it."""
    with placed():
        return SessionsEnded(count=await service.reset_password(context, token=token, password=password))


@mutation(PasswordWrong, TooManyAttempts, needs=SIGNED_IN, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def password_change(context: Context, current: str, password: str) -> SessionsEnded:
    """Change your password. All other sessions end."""
    with placed():
        return SessionsEnded(count=await service.change_password(context, current=current, new=password))
