"""What staff do with their own account."""

from mercer.identity import service
from mercer.identity.errors import PasswordWrong, TooManyAttempts
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import SessionsEnded
from mercer.platform.context import Context
from mercer.platform.graphql.mutations import Key, Transaction, mutation
from mercer.platform.permissions import SIGNED_IN


@mutation(PasswordWrong, TooManyAttempts, needs=SIGNED_IN, key=Key.IGNORED, transaction=Transaction.MANUAL)
async def password_change(context: Context, current: str, password: str) -> SessionsEnded:
    """Change your password. All other sessions end."""
    with placed():
        return SessionsEnded(count=await service.change_password(context, current=current, new=password))
