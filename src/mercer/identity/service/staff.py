"""Staff accounts. Whoever governs one must have all the permissions that it has, as far as it has them."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from mercer.identity.errors import EmailTaken, LastAdministrator, RoleUnknown, StaffUnknown
from mercer.identity.events import StaffCreated, StaffUpdated
from mercer.identity.models import Audience, Ending, Role, Staff
from mercer.identity.providers import passwords
from mercer.identity.queries import accounts
from mercer.identity.queries import roles as queries
from mercer.identity.rules.bounds import held_of
from mercer.identity.rules.granting import check_granted
from mercer.identity.rules.people import email_key, read_email, read_name
from mercer.identity.service.granting import Giver, lock_giver
from mercer.identity.service.known_devices import forget_devices
from mercer.identity.service.passwords import check_new_password
from mercer.identity.service.sessions import revoke_sessions
from mercer.identity.service.tokens import end_tokens
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.transactions import transaction

MANAGE = "staff.manage"


async def create_staff(
    context: Context, *, email: str, name: str, password: str | None = None, roles: Sequence[str] = ()
) -> UUID:
    """Make a staff account with these roles, by code. It opens its own transaction.

    Without a password he is invited by mail to set one: nobody else ever knows it (OWASP ASVS 5.0, 6.4.1). Raises
    `EmailTaken`, `RoleUnknown`, `PermissionsLacking`, and what the rules of each value raise.
    """
    address, known_as = read_email(email), read_name(name)
    hash = None
    if password is not None:
        await check_new_password(context, password=password, personal=(address, known_as))
        hash = await passwords.hash_password(context.settings, password)
    async with transaction(context) as inner:
        giver = await lock_giver(inner, needs=MANAGE)
        given = roles_named(await queries.lock_roles(inner.db, queries.by_codes(roles)), roles)
        check_granted(giver.held, map(held_of, given), catalogue=inner.catalogue)
        id = await accounts.insert_staff(
            inner.db,
            email=address,
            email_key=address.casefold(),
            name=known_as,
            password_hash=hash,
            created_at=inner.now,
            updated_at=inner.now,
        )
        if id is None:
            raise EmailTaken
        await queries.set_roles(inner.db, id, [role.id for role in given])
        shown = {
            "email": (None, address),
            "name": (None, known_as),
            "roles": (None, sorted(role.code for role in given)),
        }
        inner.record("Staff", id, shown)
        inner.announce(StaffCreated(staff_id=id))
    return id


async def update_staff(
    context: Context,
    *,
    staff_id: UUID,
    email: str | None = None,
    name: str | None = None,
    version: int | None = None,
) -> None:
    """Change a staff account; None leaves a value as it is. Another address ends sessions and mailed tokens.

    Raises `StaffUnknown`, `VersionConflict`, `EmailTaken`, `PermissionsLacking`, and what the rules of the values do.
    """
    staff = await lock_governed(context, staff_id=staff_id)
    if version is not None and version != staff.version:
        raise VersionConflict(current=staff.version)
    given = {
        "email": staff.email if email is None else read_email(email),
        "name": staff.name if name is None else read_name(name),
    }
    changes = {field: value for field, value in given.items() if value != getattr(staff, field)}
    if not changes:
        return
    keyed = {"email_key": changes["email"].casefold()} if "email" in changes else {}
    if not await accounts.update_staff(context.db, staff.id, now=context.now, **changes, **keyed):
        raise EmailTaken
    context.record("Staff", staff.id, {field: (getattr(staff, field), changes[field]) for field in changes})
    context.announce(StaffUpdated(staff_id=staff.id))
    if "email" in changes:
        await end_tokens(context, staff_id=staff.id)
        await forget_devices(context, audience=Audience.ADMIN, account=email_key(staff.email))
        await revoke_sessions(
            context, audience=Audience.ADMIN, owner_id=staff.id, but=_current(context), reason=Ending.EMAIL_CHANGED
        )


async def set_staff_active(context: Context, *, staff_id: UUID, is_active: bool) -> None:
    """Let a member of staff sign in, or not any more, which revokes his sessions. Done again, it changes nothing.

    Raises `StaffUnknown`, `PermissionsLacking`, `LastAdministrator`.
    """
    staff = await lock_governed(context, staff_id=staff_id)
    if staff.is_active == is_active:
        return
    if not is_active and await queries.is_last_administrator(context.db, staff.id):
        raise LastAdministrator
    await accounts.update_staff(context.db, staff.id, now=context.now, is_active=is_active)
    context.record("Staff", staff.id, {"isActive": (staff.is_active, is_active)})
    context.announce(StaffUpdated(staff_id=staff.id))
    await revoke_sessions(context, audience=Audience.ADMIN, owner_id=staff.id, reason=Ending.DEACTIVATED)


async def lock_governed(context: Context, *, staff_id: UUID) -> Staff:
    """A member of staff, locked, whom the caller may govern.

    Raises `StaffUnknown`, `PermissionsLacking`, and what `lock_giver` raises.
    """
    staff, _, _ = await lock_governed_with(context, staff_id=staff_id, roles=(), needs=MANAGE)
    return staff


async def lock_governed_with(
    context: Context, *, staff_id: UUID, roles: Collection[str], needs: str
) -> tuple[Staff, Sequence[Role], Giver]:
    """A member of staff, locked, whom the caller may govern; those roles that were asked for by code; and the caller.

    Locked are the administrators' role first, so that the last administrator is counted by one at a time; then, with
    what he was given meanwhile, his roles and those asked for; then he himself. Raises `StaffUnknown`, `RoleUnknown`,
    `PermissionsLacking`, and what `lock_giver` raises.
    """
    giver = await lock_giver(context, needs=needs)
    locked = await queries.lock_roles(context.db, queries.of_staff(staff_id) | queries.by_codes(roles))
    staff = await accounts.lock_staff(context.db, staff_id)
    if staff is None:
        raise StaffUnknown
    held = set(await queries.held_roles(context.db, staff_id))
    check_granted(giver.held, (held_of(role) for role in locked if role.id in held), catalogue=context.catalogue)
    return staff, roles_named(locked, roles), giver


def roles_named(locked: Iterable[Role], codes: Collection[str]) -> list[Role]:
    """Those of the roles that have these codes. Raises `RoleUnknown`."""
    named = [role for role in locked if role.code in codes]
    if missing := sorted(set(codes) - {role.code for role in named}):
        raise RoleUnknown(role=missing[0])
    return named


def _current(context: Context) -> UUID | None:
    return context.actor.session_id
