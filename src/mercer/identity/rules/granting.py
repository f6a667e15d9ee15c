"""Who may give what: nobody gives, takes or governs what he lacks, in any dimension."""

from collections.abc import Collection, Iterable, Sequence

from mercer.identity.errors import PermissionsLacking
from mercer.identity.models import Bound
from mercer.identity.rules.bounds import EVERYTHING, Held, HeldRole, covers


def check_granted(own: Held, roles: Iterable[HeldRole], *, catalogue: Collection[str]) -> None:
    """Raise `PermissionsLacking` unless somebody has all that these roles give, and as far as they give it.

    It does not matter whether they need a second factor: whoever has them can set one up. Only who has `*` gives it,
    for it stands for what is yet to come too; the error writes out what of the catalogue he lacks besides.
    """
    lacking = {permission for role in roles for permission in lacking_of(own, role, catalogue=catalogue)}
    if lacking:
        raise PermissionsLacking(permissions=tuple(sorted(lacking)))


def lacking_of(own: Held, role: HeldRole, *, catalogue: Collection[str]) -> list[str]:
    """What a role gives, or gives further, that somebody has not, in order."""
    return [
        permission
        for permission in sorted(_written_out(role.permissions, catalogue))
        if not covers(_limits(own, permission), role.bounds.get(permission))
    ]


def differing(before: HeldRole, after: HeldRole) -> tuple[HeldRole, HeldRole]:
    """What of a role changes, as it was and as it is to be: all of it, if another kind of session is to have it."""
    if before.needs_factor != after.needs_factor:
        return before, after
    named = {*before.permissions} ^ {*after.permissions}
    named |= {each for each in before.permissions if before.bounds.get(each) != after.bounds.get(each)}
    return _only(before, named), _only(after, named)


def _written_out(permissions: Collection[str], catalogue: Collection[str]) -> set[str]:
    return {*permissions, *(catalogue if EVERYTHING in permissions else ())}


def _limits(own: Held, permission: str) -> Sequence[Bound] | None:
    """How far somebody has a permission. None: everywhere. Nothing: he has it not."""
    if EVERYTHING in own.permissions:
        return None
    return own.bounds.get(permission) if permission in own.permissions else ()


def _only(role: HeldRole, named: Collection[str]) -> HeldRole:
    return HeldRole(
        permissions=tuple(each for each in role.permissions if each in named),
        bounds={each: bound for each, bound in role.bounds.items() if each in named},
    )
