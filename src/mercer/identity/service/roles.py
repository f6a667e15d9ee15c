"""Roles, and who has them. Nobody gives or takes what he lacks."""

from collections.abc import Sequence
from uuid import UUID

from mercer.identity.errors import LastAdministrator, RoleBuiltin, RoleCodeTaken, RoleInUse, RoleUnknown
from mercer.identity.events import RoleChanged, StaffUpdated
from mercer.identity.models import Role
from mercer.identity.queries import roles as queries
from mercer.identity.rules.people import read_name
from mercer.identity.rules.roles import ADMINISTRATOR, check_code, check_held, check_permissions
from mercer.identity.service.sessions import outdate_sessions
from mercer.identity.service.staff import lock_governed, permissions_of
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict


async def create_role(context: Context, *, code: str, name: str, permissions: Sequence[str]) -> UUID:
    """Make a role.

    Raises `RoleCodeTaken`, `PermissionUnknown`, `PermissionsLacking`, and what the rules of each value raise.
    """
    check_code(code)
    known_as = read_name(name)
    given = check_permissions(permissions, catalogue=context.catalogue)
    check_held(context.actor, given, catalogue=context.catalogue)
    id = await queries.insert_role(
        context.db,
        code=code,
        name=known_as,
        permissions=list(given),
        created_at=context.now,
        updated_at=context.now,
    )
    if id is None:
        raise RoleCodeTaken
    context.record("Role", id, {"code": (None, code), "name": (None, known_as), "permissions": (None, given)})
    context.announce(RoleChanged(role_id=id))
    return id


async def update_role(
    context: Context,
    *,
    role_id: UUID,
    name: str | None = None,
    permissions: Sequence[str] | None = None,
    version: int | None = None,
) -> None:
    """Change a role; None leaves a value as it is. Whoever has it may do the new things, and only those, at once.

    Raises `RoleUnknown`, `RoleBuiltin`, `VersionConflict`, `PermissionUnknown`, `PermissionsLacking`, and what the
    rules of each value raise.
    """
    role = await _lock_own(context, role_id)
    if version is not None and version != role.version:
        raise VersionConflict(current=role.version)
    known_as = role.name if name is None else read_name(name)
    given = role.permissions
    if permissions is not None:
        given = check_permissions(permissions, catalogue=context.catalogue)
        check_held(context.actor, {*role.permissions} ^ {*given}, catalogue=context.catalogue)
    if (known_as, {*given}) == (role.name, {*role.permissions}):
        return
    holders = await queries.lock_holders(context.db, role.id)
    await queries.update_role(context.db, role.id, now=context.now, name=known_as, permissions=list(given))
    context.record("Role", role.id, {"name": (role.name, known_as), "permissions": (role.permissions, given)})
    context.announce(RoleChanged(role_id=role.id))
    await outdate_sessions(context, staff=holders)


async def delete_role(context: Context, *, role_id: UUID) -> None:
    """Delete a role that nobody has. Raises `RoleUnknown`, `RoleBuiltin`, `RoleInUse`, `PermissionsLacking`."""
    role = await _lock_own(context, role_id)
    check_held(context.actor, role.permissions, catalogue=context.catalogue)
    if holders := await queries.lock_holders(context.db, role.id):
        raise RoleInUse(staff_count=len(holders))
    await queries.delete_role(context.db, role.id)
    context.record(
        "Role", role.id, {"code": (role.code, None), "name": (role.name, None), "permissions": (role.permissions, None)}
    )
    context.announce(RoleChanged(role_id=role.id))


async def set_staff_roles(context: Context, *, staff_id: UUID, roles: Sequence[str]) -> None:
    """Give a member of staff these roles, by code, and no others. He may do what they say at once.

    Raises `StaffUnknown`, `RoleUnknown`, `PermissionsLacking`, `LastAdministrator`.
    """
    staff, given = await lock_governed(context, staff_id=staff_id, also=frozenset(roles))
    check_held(context.actor, permissions_of(given), catalogue=context.catalogue)
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


async def _lock_own(context: Context, role_id: UUID) -> Role:
    """A role that is no ready one, locked with the administrators'."""
    locked = await queries.lock_roles(context.db, queries.administrators_role() | queries.by_ids([role_id]))
    role = next((role for role in locked if role.id == role_id), None)
    if role is None:
        raise RoleUnknown(role=str(role_id))
    if role.is_builtin:
        raise RoleBuiltin
    return role
