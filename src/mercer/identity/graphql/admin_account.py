"""What staff do with their own account."""

from mercer.identity import service
from mercer.identity.errors import PasswordWrong, TokenUnusable, TooManyAttempts
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import SessionsEnded
from mercer.platform.context import Context
from mercer.platform.graphql.mutations import Key, Transaction, mutation
from mercer.platform.permissions import ENTRY, SIGNED_IN


@mutation(PasswordWrong, TooManyAttempts, needs=SIGNED_IN, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def password_change(context: Context, current: str, password: str) -> SessionsEnded:
    """Change your password. All other sessions end."""
    with placed():
        return SessionsEnded(count=await service.change_password(context, current=current, new=password))


@mutation(TokenUnusable, TooManyAttempts, needs=ENTRY, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def password_set(context: Context, token: str, password: str) -> SessionsEnded:
    """Set your password with the token of an invitation, or of a recovery. All sessions end; sign in with it.

    After a recovery, second factors and recovery codes are gone too.
    """
    with placed():
        return SessionsEnded(count=await service.set_staff_password(context, token=token, password=password))
