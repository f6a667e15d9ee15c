"""Who may give what: nobody gives, takes or governs what he lacks, in any dimension."""

from collections.abc import Collection, Iterable

from mercer.identity.errors import PermissionsLacking
from mercer.identity.rules.bounds import EVERYTHING, HeldRole, covers, resolved
from mercer.platform.actors import Actor


def check_granted(actor: Actor, roles: Iterable[HeldRole], *, catalogue: Collection[str]) -> None:
    """Raise `PermissionsLacking` unless the actor has all that these roles give, and as far as they give it.

    It does not matter whether they need a second factor: whoever has them can set one up.
    """
    lacking = {
        permission
        for role in roles
        for permission in resolved(role.permissions, catalogue=catalogue or (EVERYTHING,))
        if not actor.may(permission) or not covers(actor.bounds.get(permission), role.bounds.get(permission))
    }
    if lacking:
        raise PermissionsLacking(permissions=tuple(sorted(lacking)))
