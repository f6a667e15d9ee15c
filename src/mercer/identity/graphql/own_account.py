"""What everybody does with his own account, customers and staff alike."""

import strawberry

from mercer.identity import service
from mercer.identity.errors import (
    FactorMissing,
    FactorNeeded,
    FactorUnknown,
    PasswordWrong,
    SessionUnknown,
    TooManyAttempts,
)
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import SessionsEnded, take_cookie_back
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, Transaction, mutation
from mercer.platform.permissions import SIGNED_IN


@strawberry.type
class FactorDeleted:
    """The second factor that is gone."""

    id: strawberry.ID


@strawberry.type
class RecoveryCodes:
    """New recovery codes. They are told this once, and those of before are void."""

    codes: list[str]


@mutation(needs=SIGNED_IN, key=Key.IGNORED)
async def session_end(context: Context) -> SessionsEnded:
    """Sign out."""
    take_cookie_back(context)
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


@mutation(FactorUnknown, FactorNeeded, needs=SIGNED_IN, fresh_factor=True)
async def factor_delete(context: Context, id: strawberry.ID) -> FactorDeleted:
    """Do without a second factor. Your other sessions end; with the last one, recovery codes are void."""
    await service.delete_factor(context, factor_id=given_id(id))
    return FactorDeleted(id=id)


@mutation(FactorMissing, needs=SIGNED_IN, key=Key.IGNORED, fresh_factor=True)
async def recovery_codes_make(context: Context) -> RecoveryCodes:
    """Have new recovery codes. Your other sessions end."""
    return RecoveryCodes(codes=list(await service.make_recovery_codes(context)))
