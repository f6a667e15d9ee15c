"""What shoppers do with their own account."""

import strawberry
from strawberry import UNSET

from mercer.identity import service
from mercer.identity.errors import (
    EmailTaken,
    EmailUnchanged,
    SessionUnknown,
    TokenUnusable,
    TooManyAttempts,
)
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import SessionsEnded, given
from mercer.identity.graphql.shop import Customer
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.mutations import Key, Transaction, mutation, row
from mercer.platform.permissions import ENTRY, SIGNED_IN


@strawberry.type
class MailSent:
    """If the address can be used, a mail to it says how to go on. The answer is the same when it cannot."""

    email: str


@strawberry.type
class EmailVerified:
    """The address is verified: its owner can sign in."""

    is_verified: bool = True


@strawberry.type
class EmailChanged:
    """Your address is this one from now on."""

    email: str


@strawberry.type
class EmailRestored:
    """Your address is this one again. All sessions have ended, and a mail says how to set a new password."""

    email: str


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


@mutation(TokenUnusable, TooManyAttempts, needs=ENTRY, key=Key.IGNORED)
async def customer_verify(context: Context, token: str) -> EmailVerified:
    """Show with the token of a mail that the address is yours."""
    with placed():
        await service.verify_customer(context, token=token)
    return EmailVerified()


@mutation(TooManyAttempts, needs=ENTRY, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def verification_request(context: Context, email: str) -> MailSent:
    """Ask for another mail with a token to verify an account with."""
    with placed():
        return MailSent(email=await service.request_verification(context, email=email))


@mutation(
    EmailUnchanged,
    SessionUnknown,
    TooManyAttempts,
    needs=SIGNED_IN,
    key=Key.IGNORED,
    transaction=Transaction.MANUAL,
    fresh_factor=True,
)
async def email_change_request(context: Context, email: str) -> MailSent:
    """Ask for another address. A mail goes there; until its token is shown, nothing changes."""
    with placed():
        return MailSent(email=await service.request_email_change(context, email=email))


@mutation(TokenUnusable, EmailTaken, TooManyAttempts, needs=ENTRY, key=Key.IGNORED)
async def email_change_confirm(context: Context, token: str) -> EmailChanged:
    """Show with the token of a mail that the new address is yours. All other sessions end."""
    with placed():
        return EmailChanged(email=await service.confirm_email_change(context, token=token))


@mutation(TokenUnusable, EmailTaken, TooManyAttempts, needs=ENTRY, key=Key.IGNORED)
async def email_change_undo(context: Context, token: str) -> EmailRestored:
    """Take your old address back with the token that was mailed there: it was not you who changed it.

    The password holds no more, all sessions end, and second factors that came with the change are gone.
    """
    with placed():
        return EmailRestored(email=await service.undo_email_change(context, token=token))


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


@mutation(TokenUnusable, TooManyAttempts, needs=ENTRY, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def password_reset(context: Context, token: str, password: str) -> SessionsEnded:
    """Set a new password with the token of a mail. All sessions end; sign in with it."""
    with placed():
        return SessionsEnded(count=await service.reset_password(context, token=token, password=password))
