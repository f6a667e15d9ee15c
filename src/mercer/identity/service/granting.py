"""What somebody may give, as it stands when it is his turn.

What he could do when his request was let in may have been taken from him while it waited.
"""

from dataclasses import dataclass, replace

from mercer.identity.models import FactorLevel
from mercer.identity.queries import roles as queries
from mercer.identity.queries import sessions
from mercer.identity.rules.bounds import EVERYTHING, Held, held_of, merged, resolved
from mercer.platform.actors import ActorKind
from mercer.platform.context import Context
from mercer.platform.permissions import NotSignedIn, check_access

_ALL = Held(permissions=(EVERYTHING,))


@dataclass(frozen=True, kw_only=True)
class Giver:
    """What somebody has who gives or governs."""

    held: Held
    without_factor: Held
    """What of it his roles give to a session that was opened without a second factor, too."""


async def lock_giver(context: Context, *, needs: str) -> Giver:
    """What the caller has now, with the administrators' role locked: whoever gives or takes anything waits for it.

    It is locked by a statement of its own: only a later one sees what was given meanwhile. The program itself has all.
    Raises what `check_access` does of this permission, `NotSignedIn` if his session or his account is closed by now.
    """
    await queries.lock_roles(context.db, queries.administrators_role())
    actor = context.actor
    if actor.kind is ActorKind.SYSTEM:
        return Giver(held=_ALL, without_factor=_ALL)
    if actor.kind is not ActorKind.STAFF or actor.id is None or actor.session_id is None:
        raise NotSignedIn
    level = await sessions.find_open_level(context.db, actor.session_id, staff_id=actor.id)
    if level is None:
        raise NotSignedIn
    roles = [held_of(role) for role in await queries.list_roles(context.db, queries.of_staff(actor.id))]
    held = merged(roles, factor_level=level)
    permissions = resolved(held.permissions, catalogue={*context.catalogue, needs})
    withheld = resolved(held.withheld, catalogue={*context.catalogue, needs})
    check_access(
        replace(actor, permissions=permissions, withheld=withheld), [needs], operation=context.origin.operation
    )
    return Giver(held=held, without_factor=merged(roles, factor_level=FactorLevel.PASSWORD))
