"""Customers and staff."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.identity.models import Account, Audience, Customer, Staff
from mercer.identity.tables import customer, staff
from mercer.platform.audit import audit

_MAY_ENTER: Mapping[Audience, sa.ColumnElement[bool]] = {
    Audience.SHOP: sa.and_(customer.c.email_verified_at.is_not(None), customer.c.blocked_at.is_(None)),
    Audience.ADMIN: staff.c.is_active,
}


def _table(audience: Audience) -> sa.Table:
    return customer if audience is Audience.SHOP else staff


async def find_account(connection: AsyncConnection, audience: Audience, *, email_key: str) -> Account | None:
    table = _table(audience)
    return await _account(connection, audience, table.c.email_key == email_key, is_locked=False)


async def lock_account(connection: AsyncConnection, audience: Audience, *, id: UUID) -> Account | None:
    return await _account(connection, audience, _table(audience).c.id == id, is_locked=True)


async def _account(
    connection: AsyncConnection, audience: Audience, condition: sa.ColumnElement[bool], *, is_locked: bool
) -> Account | None:
    columns = _table(audience).c
    chosen = sa.select(columns.id, columns.email, columns.password_hash, _MAY_ENTER[audience].label("may_enter"))
    chosen = chosen.where(condition)
    row = (await connection.execute(chosen.with_for_update() if is_locked else chosen)).one_or_none()
    return None if row is None else Account(**row._mapping)  # noqa: SLF001 — SQLAlchemy's own name for it


async def set_password_hash(
    connection: AsyncConnection, audience: Audience, *, id: UUID, password_hash: str, now: datetime | None
) -> None:
    """Store a password's hash. With `now`, it is another password; otherwise the same one, hashed better."""
    table = _table(audience)
    changes: dict[str, Any] = {"password_hash": password_hash}
    if now is not None:
        changes |= {"updated_at": now, "version": table.c.version + 1}
    await connection.execute(sa.update(table).where(table.c.id == id).values(**changes))


async def register(connection: AsyncConnection, *, now: datetime, **values: Any) -> tuple[Customer, bool]:
    """The customer with this address, made if there was none, locked; and whether it was made.

    Of one that was registered before and is not verified yet, name and language are those given last, and no password
    holds any more: nobody knows which of the two was its owner's.
    """
    fresh = {**values, "created_at": now, "updated_at": now}
    made = insert(customer).values(**fresh).on_conflict_do_nothing().returning(customer.c.id)
    is_new = await connection.scalar(made) is not None
    own = customer.c.email_key == values["email_key"]
    latest = {name: values[name] for name in ("email", "name", "language")}
    latest["password_hash"] = values["password_hash"] if is_new else None
    unverified = sa.and_(own, customer.c.email_verified_at.is_(None), customer.c.blocked_at.is_(None))
    await connection.execute(sa.update(customer).where(unverified).values(**latest, updated_at=now))
    found = await _customer(connection, own)
    assert found is not None
    return found, is_new


async def insert_customer(connection: AsyncConnection, **values: Any) -> UUID | None:
    """Make a customer. Returns None if the address is taken."""
    made = insert(customer).values(**values).on_conflict_do_nothing().returning(customer.c.id)
    id: UUID | None = await connection.scalar(made)
    return id


async def find_customer_id(connection: AsyncConnection, *, email_key: str) -> UUID | None:
    chosen = sa.select(customer.c.id).where(customer.c.email_key == email_key)
    id: UUID | None = await connection.scalar(chosen)
    return id


async def find_verified_id(connection: AsyncConnection, *, email_key: str) -> UUID | None:
    """The customer who has this address, and has shown that it is his, or was blocked."""
    is_known = sa.or_(customer.c.email_verified_at.is_not(None), customer.c.blocked_at.is_not(None))
    chosen = sa.select(customer.c.id).where(customer.c.email_key == email_key, is_known)
    id: UUID | None = await connection.scalar(chosen)
    return id


async def find_unverified_id(connection: AsyncConnection, *, email_key: str) -> UUID | None:
    """The customer who has this address, and has yet to show that it is his."""
    waits = sa.and_(customer.c.email_verified_at.is_(None), customer.c.blocked_at.is_(None))
    chosen = sa.select(customer.c.id).where(customer.c.email_key == email_key, waits)
    id: UUID | None = await connection.scalar(chosen)
    return id


async def lock_customer(connection: AsyncConnection, id: UUID) -> Customer | None:
    return await _customer(connection, customer.c.id == id)


async def find_customer(connection: AsyncConnection, id: UUID) -> Customer | None:
    return await _customer(connection, customer.c.id == id, is_locked=False)


async def _customer(
    connection: AsyncConnection, condition: sa.ColumnElement[bool], *, is_locked: bool = True
) -> Customer | None:
    columns = customer.c
    chosen = sa.select(
        columns.id,
        columns.email,
        columns.name,
        columns.language,
        columns.email_verified_at,
        columns.blocked_at,
        columns.version,
    ).where(condition)
    row = (await connection.execute(chosen.with_for_update() if is_locked else chosen)).one_or_none()
    return None if row is None else Customer(**row._mapping)  # noqa: SLF001 — SQLAlchemy's own name for it


async def update_customer(connection: AsyncConnection, id: UUID, *, now: datetime, **changes: Any) -> None:
    changes |= {"updated_at": now, "version": customer.c.version + 1}
    await connection.execute(sa.update(customer).where(customer.c.id == id).values(**changes))


async def remove_unverified(connection: AsyncConnection, *, email_key: str, but: UUID) -> UUID | None:
    """Delete the account of another one that was registered with this address and never verified.

    None if there is none, or something hangs on it.
    """
    mine = sa.and_(customer.c.email_key == email_key, customer.c.id != but)
    waits = sa.and_(customer.c.email_verified_at.is_(None), customer.c.blocked_at.is_(None))
    try:
        async with connection.begin_nested():
            gone = sa.delete(customer).where(mine, waits).returning(customer.c.id)
            id: UUID | None = await connection.scalar(gone)
            return id
    except sa.exc.IntegrityError:
        return None


async def set_email(connection: AsyncConnection, id: UUID, *, email: str, now: datetime) -> bool:
    """Give a customer an address that he has shown to be his. False, and nothing, if another one has it."""
    values = {"email": email, "email_key": email.casefold(), "email_verified_at": now}
    try:
        async with connection.begin_nested():
            await update_customer(connection, id, now=now, **values)
    except sa.exc.IntegrityError:
        return False
    return True


async def void_password(connection: AsyncConnection, id: UUID, *, now: datetime) -> None:
    """Let no password open a customer's account, until he sets another one."""
    await update_customer(connection, id, now=now, password_hash=None)


async def insert_staff(connection: AsyncConnection, **values: Any) -> UUID | None:
    """Make a staff account. Returns None if the address is taken."""
    made = insert(staff).values(**values).on_conflict_do_nothing().returning(staff.c.id)
    id: UUID | None = await connection.scalar(made)
    return id


async def find_staff(connection: AsyncConnection, id: UUID) -> Staff | None:
    return await _staff(connection, id, is_locked=False)


async def has_changed_address(connection: AsyncConnection, staff_id: UUID, *, by: UUID, since: datetime) -> bool:
    """Whether this member of staff has changed the address of that one after that moment, as the audit has it."""
    before = audit.c.changes["email"][0].astext
    own = sa.and_(audit.c.entity == "Staff", audit.c.entity_id == staff_id, audit.c.at > since, before.is_not(None))
    return bool(await connection.scalar(sa.select(sa.exists().where(own, audit.c.actor_id == by))))


async def lock_staff(connection: AsyncConnection, id: UUID) -> Staff | None:
    return await _staff(connection, id, is_locked=True)


async def _staff(connection: AsyncConnection, id: UUID, *, is_locked: bool) -> Staff | None:
    columns = staff.c
    has_password = columns.password_hash.is_not(None).label("has_password")
    chosen = sa.select(columns.id, columns.email, columns.name, columns.is_active, has_password, columns.version)
    chosen = chosen.where(columns.id == id)
    row = (await connection.execute(chosen.with_for_update() if is_locked else chosen)).one_or_none()
    return None if row is None else Staff(**row._mapping)  # noqa: SLF001 — SQLAlchemy's own name for it


async def update_staff(connection: AsyncConnection, id: UUID, *, now: datetime, **changes: Any) -> bool:
    """Change a staff account. Returns False, and changes nothing, if the address is another one's."""
    changes |= {"updated_at": now, "version": staff.c.version + 1}
    try:
        async with connection.begin_nested():
            await connection.execute(sa.update(staff).where(staff.c.id == id).values(**changes))
    except sa.exc.IntegrityError:
        return False
    return True
