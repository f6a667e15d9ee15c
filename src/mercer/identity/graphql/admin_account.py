"""What staff do with their own account."""

from mercer.identity import service
from mercer.identity.errors import TokenUnusable, TooManyAttempts
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import SessionsEnded
from mercer.platform.context import Context
from mercer.platform.graphql.mutations import Key, Transaction, mutation
from mercer.platform.permissions import ENTRY


@mutation(TokenUnusable, TooManyAttempts, needs=ENTRY, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def password_set(context: Context, token: str, password: str) -> SessionsEnded:
    """Set your password with the token of an invitation, or of a recovery. All sessions end; sign in with it.

    After a recovery, second factors and recovery codes are gone too.
    """
    with placed():
        return SessionsEnded(count=await service.set_staff_password(context, token=token, password=password))
