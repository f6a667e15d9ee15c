"""Roles, and who has them. Nobody gives or takes what he lacks, or has only within narrower limits.

What a role gives changes at once for those who have it (OWASP ASVS 5.0, 8.3.2).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from mercer.identity.errors import LastAdministrator, RoleBuiltin, RoleCodeTaken, RoleInUse, RoleUnknown
from mercer.identity.events import RoleChanged, StaffUpdated
from mercer.identity.models import AskedBound, Role
from mercer.identity.queries import roles as queries
from mercer.identity.rules.bounds import HeldRole, held_of, stored_bounds
from mercer.identity.rules.granting import check_granted, differing
from mercer.identity.rules.people import read_name
from mercer.identity.rules.roles import ADMINISTRATOR, check_code, check_permissions
from mercer.identity.service.bounds import check_bounds
from mercer.identity.service.granting import Giver, lock_giver
from mercer.identity.service.sessions import outdate_sessions
from mercer.identity.service.staff import lock_governed_with
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.transactions import transaction

MANAGE = "roles.manage"


async def create_role(
    context: Context,
    *,
    code: str,
    name: str,
    permissions: Sequence[str],
    bounds: Sequence[AskedBound] = (),
    needs_factor: bool = False,
) -> UUID:
    """Make a role.

    Raises `RoleCodeTaken`, `PermissionUnknown`, `BoundInvalid`, `PermissionsLacking`, and what the rules of each value
    raise.
    """
    check_code(code)
    known_as = read_name(name)
    named = check_permissions(permissions, catalogue=context.catalogue)
    limits = await check_bounds(context, asked=bounds, permissions=named)
    given = HeldRole(permissions=named, bounds=limits, needs_factor=needs_factor)
    giver = await lock_giver(context, needs=MANAGE)
    check_granted(giver.held, [given], catalogue=context.catalogue)
    id = await queries.insert_role(
        context.db, code=code, created_at=context.now, updated_at=context.now, **_stored(known_as, given)
    )
    if id is None:
        raise RoleCodeTaken
    told = {"code": code, **_told(known_as, given)}
    context.record("Role", id, {field: (None, value) for field, value in told.items()})
    context.announce(RoleChanged(role_id=id))
    return id


async def update_role(
    context: Context,
    *,
    role_id: UUID,
    name: str | None = None,
    permissions: Sequence[str] | None = None,
    bounds: Sequence[AskedBound] | None = None,
    needs_factor: bool | None = None,
    version: int | None = None,
) -> None:
    """Change a role; None leaves a value as it is. Whoever has it may do the new things, and only those, at once.

    Permissions that stay keep their bounds, unless others are given. Of a ready role only `needs_factor` changes. Who
    names a role anew has all that it gives.
    Raises `RoleUnknown`, `RoleBuiltin`, `VersionConflict`, `PermissionUnknown`, `BoundInvalid`, `PermissionsLacking`,
    and what the rules of each value raise.
    """
    role, giver = await _locked(context, role_id)
    if role.is_builtin and (name, permissions, bounds) != (None, None, None):
        raise RoleBuiltin
    if version is not None and version != role.version:
        raise VersionConflict(current=role.version)
    known_as, before = role.name if name is None else read_name(name), held_of(role)
    named = role.permissions
    if permissions is not None:
        named = check_permissions(permissions, catalogue=context.catalogue)
    limits = {each: bound for each, bound in role.bounds.items() if each in named}
    if bounds is not None:
        limits = await check_bounds(context, asked=bounds, permissions=named)
    after = HeldRole(
        permissions=named, bounds=limits, needs_factor=role.needs_factor if needs_factor is None else needs_factor
    )
    # Whoever gives a role goes by its name: another one makes others give what it gives.
    changing = differing(before, after) if known_as == role.name else (before, after)
    check_granted(giver.held, changing, catalogue=context.catalogue)
    was, is_ = _told(role.name, before), _told(known_as, after)
    if was == is_:
        return
    holders = await queries.lock_holders(context.db, role.id)
    await queries.update_role(context.db, role.id, now=context.now, **_stored(known_as, after))
    context.record("Role", role.id, {field: (was[field], is_[field]) for field in was})
    context.announce(RoleChanged(role_id=role.id))
    await outdate_sessions(context, staff=holders)


async def delete_role(context: Context, *, role_id: UUID) -> None:
    """Delete a role that nobody has. Raises `RoleUnknown`, `RoleBuiltin`, `RoleInUse`, `PermissionsLacking`."""
    role, giver = await _locked(context, role_id)
    if role.is_builtin:
        raise RoleBuiltin
    check_granted(giver.held, [held_of(role)], catalogue=context.catalogue)
    if holders := await queries.lock_holders(context.db, role.id):
        raise RoleInUse(staff_count=len(holders))
    await queries.delete_role(context.db, role.id)
    told = {"code": role.code, **_told(role.name, held_of(role))}
    context.record("Role", role.id, {field: (value, None) for field, value in told.items()})
    context.announce(RoleChanged(role_id=role.id))


async def set_staff_roles(context: Context, *, staff_id: UUID, roles: Sequence[str]) -> None:
    """Give a member of staff these roles, by code, and no others. He may do what they say at once.

    Raises `StaffUnknown`, `RoleUnknown`, `PermissionsLacking`, `LastAdministrator`.
    """
    staff, given, giver = await lock_governed_with(context, staff_id=staff_id, roles=frozenset(roles), needs=MANAGE)
    check_granted(giver.held, map(held_of, given), catalogue=context.catalogue)
    is_kept = any(role.code == ADMINISTRATOR for role in given)
    if not is_kept and await queries.is_last_administrator(context.db, staff.id):
        raise LastAdministrator
    before = await queries.role_codes(context.db, staff.id)
    after = sorted(role.code for role in given)
    if before == after:
        return
    await queries.set_roles(context.db, staff.id, [role.id for role in given])
    context.record("Staff", staff.id, {"roles": (before, after)})
    context.announce(StaffUpdated(staff_id=staff.id))
    await outdate_sessions(context, staff=[staff.id])


async def find_role(context: Context, *, role_id: UUID, code: str) -> Role | None:
    """The role that has this id, or this code."""
    async with transaction(context) as inner:
        return await queries.find_role(inner.db, queries.by_ids([role_id]) | queries.by_codes([code]))


async def _locked(context: Context, role_id: UUID) -> tuple[Role, Giver]:
    """A role, locked after the administrators', and the caller."""
    giver = await lock_giver(context, needs=MANAGE)
    locked = await queries.lock_roles(context.db, queries.by_ids([role_id]))
    if not locked:
        raise RoleUnknown(role=str(role_id))
    return locked[0], giver


def _stored(name: str, given: HeldRole) -> Mapping[str, Any]:
    return {
        "name": name,
        "permissions": list(given.permissions),
        "bounds": stored_bounds(given.bounds),
        "needs_factor": given.needs_factor,
    }


def _told(name: str, given: HeldRole) -> Mapping[str, Any]:
    """A role's values, as the audit tells of them."""
    return {
        "name": name,
        "permissions": tuple(sorted(given.permissions)),
        "bounds": stored_bounds(given.bounds) or None,
        "needsFactor": given.needs_factor,
    }
