"""Roles, and who has them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.identity.models import Role
from mercer.identity.rules.bounds import read_bounds
from mercer.identity.rules.roles import ADMINISTRATOR
from mercer.identity.tables import role, staff, staff_role


def by_ids(ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    return role.c.id.in_(list(ids))


def by_codes(codes: Collection[str]) -> sa.ColumnElement[bool]:
    return role.c.code.in_(list(codes))


def of_staff(staff_id: UUID) -> sa.ColumnElement[bool]:
    return role.c.id.in_(sa.select(staff_role.c.role_id).where(staff_role.c.staff_id == staff_id))


def administrators_role() -> sa.ColumnElement[bool]:
    return role.c.code == ADMINISTRATOR


async def lock_roles(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> list[Role]:
    """The roles that meet the condition, by id, locked. Roles are locked before staff, staff before sessions."""
    chosen = sa.select(role).where(condition).order_by(role.c.id).with_for_update()
    return [_role(row) for row in await connection.execute(chosen)]


async def list_roles(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> list[Role]:
    """The roles that meet the condition, as they are now."""
    return [_role(row) for row in await connection.execute(sa.select(role).where(condition).order_by(role.c.id))]


async def find_role(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Role | None:
    """The one role that meets the condition, as it is now."""
    row = (await connection.execute(sa.select(role).where(condition))).one_or_none()
    return None if row is None else _role(row)


async def insert_role(connection: AsyncConnection, **values: Any) -> UUID | None:
    """Make a role. Returns None if the code is taken."""
    made = insert(role).values(**values).on_conflict_do_nothing().returning(role.c.id)
    id: UUID | None = await connection.scalar(made)
    return id


async def update_role(connection: AsyncConnection, id: UUID, *, now: datetime, **changes: Any) -> None:
    changes |= {"updated_at": now, "version": role.c.version + 1}
    await connection.execute(sa.update(role).where(role.c.id == id).values(**changes))


async def delete_role(connection: AsyncConnection, id: UUID) -> None:
    await connection.execute(sa.delete(role).where(role.c.id == id))


async def lock_holders(connection: AsyncConnection, role_id: UUID) -> list[UUID]:
    """Who has this role, locked, by id."""
    holders = sa.select(staff_role.c.staff_id).where(staff_role.c.role_id == role_id)
    chosen = sa.select(staff.c.id).where(staff.c.id.in_(holders)).order_by(staff.c.id).with_for_update()
    return list((await connection.scalars(chosen)).all())


async def is_last_administrator(connection: AsyncConnection, staff_id: UUID) -> bool:
    """Whether this is the only administrator who may sign in. Ask it with the administrators' role locked.

    One who is not active does not count, nor one who has not accepted his invitation yet.
    """
    active = (
        sa.select(staff.c.id)
        .join(staff_role, staff_role.c.staff_id == staff.c.id)
        .join(role, role.c.id == staff_role.c.role_id)
        .where(role.c.code == ADMINISTRATOR, staff.c.is_active, staff.c.password_hash.is_not(None))
    )
    return list((await connection.scalars(active.limit(2))).all()) == [staff_id]


async def held_roles(connection: AsyncConnection, staff_id: UUID) -> list[UUID]:
    held = sa.select(staff_role.c.role_id).where(staff_role.c.staff_id == staff_id)
    return list((await connection.scalars(held)).all())


async def role_codes(connection: AsyncConnection, staff_id: UUID) -> list[str]:
    """The codes of the roles that a member of staff has, in order."""
    codes = sa.select(role.c.code).where(of_staff(staff_id)).order_by(role.c.code)
    return list((await connection.scalars(codes)).all())


async def set_roles(connection: AsyncConnection, staff_id: UUID, roles: Sequence[UUID]) -> None:
    """Give a member of staff these roles and no others."""
    own = staff_role.c.staff_id == staff_id
    await connection.execute(sa.delete(staff_role).where(own, staff_role.c.role_id.not_in(roles)))
    if roles:
        rows = [{"staff_id": staff_id, "role_id": id} for id in roles]
        await connection.execute(insert(staff_role).on_conflict_do_nothing(), rows)


def _role(row: Any) -> Role:
    return Role(
        id=row.id,
        code=row.code,
        name=row.name,
        permissions=tuple(row.permissions),
        bounds=read_bounds(row.bounds),
        needs_factor=row.needs_factor,
        is_builtin=row.is_builtin,
        version=row.version,
    )
