"""Customers, staff and roles, as the admin API shows them."""

from datetime import datetime

import sqlalchemy as sa
import strawberry

from mercer.identity import tables
from mercer.identity.graphql.authentication import STAFF
from mercer.identity.graphql.catalogue import Permission, list_permissions
from mercer.identity.graphql.sessions import ends_at, is_active, is_of_request
from mercer.platform.graphql.views import (
    PERMISSIONS,
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Given,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    computed,
    many,
    one,
    page,
    view,
)
from mercer.platform.graphql.views.operators import BooleanOperators, DateTimeOperators
from mercer.platform.permissions import SIGNED_IN


@view(tables.session, rows=is_active)
class ActiveSession:
    """Where somebody is signed in."""

    id: strawberry.ID = column()
    created_at: datetime = column()
    last_seen_at: datetime = column(description="To the minute.")
    expires_at: datetime = computed(ends_at, total=True, description="Unless it is used before.")
    ip: str | None = column()
    user_agent: str | None = column()
    is_current: bool = computed(is_of_request, total=True, description="Whether this request came with it.")


@view(tables.role)
class Role:
    """A set of permissions by name. `*` stands for all."""

    id: strawberry.ID = column()
    code: str = column()
    name: str = column()
    permissions: list[str] = column()
    is_builtin: bool = column(description="Whether it comes with the program, and does not change.")
    version: int = column()


def _holds(staff: Row, role: Row) -> sa.ColumnElement[bool]:
    holding = tables.staff_role.alias()
    return role.c.id.in_(sa.select(holding.c.role_id).where(holding.c.staff_id == staff.c.id))


def _newest(session: Row) -> tuple[sa.ColumnElement[object], ...]:
    return (session.c.created_at.desc(), session.c.id)


@view(tables.staff)
class StaffMember:
    """Somebody who works for the shop."""

    id: strawberry.ID = column()
    email: str = column()
    name: str = column()
    is_active: bool = column(description="Whether he may sign in.")
    created_at: datetime = column()
    updated_at: datetime = column()
    version: int = column()
    roles: list[Role] = many(on=_holds, order_by=lambda role: (role.c.code,))
    sessions: list[ActiveSession] = many(
        on=lambda staff, session: session.c.staff_id == staff.c.id, order_by=_newest, needs="staff.read"
    )


@view(tables.staff, rows=lambda staff: staff.c.id == STAFF)
class Me:
    """You."""

    id: strawberry.ID = column()
    email: str = column()
    name: str = column()
    created_at: datetime = column()
    roles: list[Role] = many(on=_holds, order_by=lambda role: (role.c.code,))
    permissions: list[str] = computed(lambda _: PERMISSIONS, total=True, description="All that you may do.")


@view(tables.customer)
class Customer:
    """Somebody with an account in the shop."""

    id: strawberry.ID = column()
    email: str = column()
    name: str = column()
    language: str = column(description="BCP 47: what mails to him are written in.")
    email_verified_at: datetime | None = column()
    blocked_at: datetime | None = column(description="Since when he may not sign in.")
    created_at: datetime = column()
    updated_at: datetime = column()
    version: int = column()
    sessions: list[ActiveSession] = many(
        on=lambda customer, session: session.c.customer_id == customer.c.id, order_by=_newest
    )


@strawberry.input(description="An e-mail address, whatever its case.")
class EmailOperators:
    eq: str | None = strawberry.UNSET


def _has_email(row: Row, given: Given) -> sa.ColumnElement[bool]:
    return row.c.email_key == sa.func.lower(given["eq"].value) if "eq" in given else sa.true()


_BY_ID = Argument(strawberry.ID, lambda row, given: row.c.id == given.value)
_BY_CODE = Argument(str, lambda row, given: row.c.code == given.value)


@strawberry.type
class Query:
    me: Me | None = one(on=lambda _, staff: staff.c.id == STAFF, needs=SIGNED_IN, description="Who is signed in.")
    my_sessions: Connection[ActiveSession] = page(on=lambda _, session: session.c.staff_id == STAFF, needs=SIGNED_IN)
    staff_member: StaffMember | None = one(arguments={"id": _BY_ID}, needs="staff.read")
    staff_members: Connection[StaffMember] = page(needs="staff.read")
    role: Role | None = one(arguments={"id": _BY_ID, "code": _BY_CODE}, needs="roles.read")
    roles: Connection[Role] = page(needs="roles.read")
    customer: Customer | None = one(arguments={"id": _BY_ID}, needs="customers.read")
    customers: Connection[Customer] = page(needs="customers.read")
    permissions: list[Permission] = strawberry.field(
        resolver=list_permissions,
        metadata={"needs": "roles.read"},
        description="Every permission there is, with the fields and mutations that need it.",
    )


_CREATED_AT = Sort(lambda row: row.c.created_at)
_EMAIL = Sort(lambda row: row.c.email_key)

LISTINGS: Listings = {
    ActiveSession: Listing(
        sorts={"CREATED_AT": _CREATED_AT}, default_order=AskedOrder("CREATED_AT", SortDirection.DESC)
    ),
    Role: Listing(sorts={"CODE": Sort(lambda row: row.c.code)}, default_order=AskedOrder("CODE", SortDirection.ASC)),
    StaffMember: Listing(
        filters={
            "email": Filter(EmailOperators, _has_email),
            "isActive": Filter(BooleanOperators, lambda row, given: given.compared(row.c.is_active)),
        },
        sorts={"EMAIL": _EMAIL},
        default_order=AskedOrder("EMAIL", SortDirection.ASC),
    ),
    Customer: Listing(
        filters={
            "email": Filter(EmailOperators, _has_email),
            "isBlocked": Filter(BooleanOperators, lambda row, given: given.compared(row.c.blocked_at.is_not(None))),
            "createdAt": Filter(DateTimeOperators, lambda row, given: given.compared(row.c.created_at)),
        },
        sorts={"CREATED_AT": _CREATED_AT, "EMAIL": _EMAIL},
        default_order=AskedOrder("CREATED_AT", SortDirection.DESC),
    ),
}
