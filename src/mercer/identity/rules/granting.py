"""Who may give what: nobody gives, takes or governs what he lacks, in any dimension."""

from collections.abc import Collection, Iterable

from mercer.identity.errors import PermissionsLacking
from mercer.identity.rules.bounds import EVERYTHING, HeldRole, covers, resolved
from mercer.platform.actors import Actor


def check_granted(actor: Actor, roles: Iterable[HeldRole], *, catalogue: Collection[str]) -> None:
    """Raise `PermissionsLacking` unless the actor has all that these roles give, and as far as they give it.

    It does not matter whether they need a second factor: whoever has them can set one up. A permission that is not in
    the catalogue (any more) opens nothing, and nobody has it. In commands, which know no catalogue, all count.
    """
    lacking = {
        permission
        for role in roles
        for permission in resolved(role.permissions, catalogue=catalogue or (EVERYTHING,))
        if permission in catalogue or not catalogue
        if not actor.may(permission) or not covers(actor.bounds.get(permission), role.bounds.get(permission))
    }
    if lacking:
        raise PermissionsLacking(permissions=tuple(sorted(lacking)))


def differing(before: HeldRole, after: HeldRole) -> tuple[HeldRole, HeldRole]:
    """What of a role changes, as it was and as it is to be: all of it, if another kind of session is to have it."""
    if before.needs_factor != after.needs_factor:
        return before, after
    named = {*before.permissions} ^ {*after.permissions}
    named |= {each for each in before.permissions if before.bounds.get(each) != after.bounds.get(each)}
    return _only(before, named), _only(after, named)


def _only(role: HeldRole, named: Collection[str]) -> HeldRole:
    return HeldRole(
        permissions=tuple(each for each in role.permissions if each in named),
        bounds={each: bound for each, bound in role.bounds.items() if each in named},
    )
