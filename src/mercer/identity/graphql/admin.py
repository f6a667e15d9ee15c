"""Customers and staff, as the admin API shows them."""

from datetime import datetime

import sqlalchemy as sa
import strawberry

from mercer.identity import tables
from mercer.identity.graphql.admin_roles import Role
from mercer.identity.graphql.authentication import STAFF
from mercer.identity.graphql.factors import counts, recovery_codes_left
from mercer.identity.graphql.sessions import ends_at, is_active, is_of_request, is_refreshable
from mercer.identity.models import FactorKind, FactorLevel
from mercer.platform.graphql.views import (
    PERMISSIONS,
    PERSONAL_DATA,
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
    masked_email,
    masked_name,
    may,
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
    confirmed_at: datetime = column(description="When its owner last showed who he is.")
    factor_level: FactorLevel = column(description="What it was opened with, or raised to.")
    ip: str | None = column()
    user_agent: str | None = column()
    device: str | None = column(description="What the user agent names: `Firefox on Windows`.")
    is_refreshable: bool = computed(is_refreshable, total=True, description="Whether it goes on by refresh tokens.")
    is_current: bool = computed(is_of_request, total=True, description="Whether this request came with it.")


@view(tables.factor)
class Factor:
    """A second factor: something that only its owner has."""

    id: strawberry.ID = column()
    kind: FactorKind = column()
    name: str = column(description="What its owner calls it.")
    created_at: datetime = column()
    confirmed_at: datetime | None = column(description="Since when it is asked for: when a code of it was first shown.")
    last_used_at: datetime | None = column()


def _oldest(factor: Row) -> tuple[sa.ColumnElement[object], ...]:
    return (factor.c.created_at, factor.c.id)


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
    factors: list[Factor] = many(
        on=lambda staff, factor: (factor.c.staff_id == staff.c.id) & counts(factor),
        order_by=_oldest,
        needs="staff.read",
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
    recovery_codes_left: int = computed(
        lambda staff: recovery_codes_left(tables.recovery_code.c.staff_id == staff.c.id),
        total=True,
        description="How many of your recovery codes you have not used.",
    )


@view(tables.customer)
class Customer:
    """Somebody with an account in the shop."""

    id: strawberry.ID = column()
    email: str = computed(
        lambda customer: masked_email(customer.c.email),
        total=True,
        shown_to=PERSONAL_DATA,
        description="Masked: `a***@example.org`.",
    )
    name: str = computed(
        lambda customer: masked_name(customer.c.name), total=True, shown_to=PERSONAL_DATA, description="Masked: `A***`."
    )
    language: str = column(description="BCP 47: what mails to him are written in.")
    email_verified_at: datetime | None = column()
    blocked_at: datetime | None = column(description="Since when he may not sign in.")
    created_at: datetime = column()
    updated_at: datetime = column()
    version: int = column()
    sessions: list[ActiveSession] = many(
        on=lambda customer, session: session.c.customer_id == customer.c.id,
        order_by=_newest,
        description="Where he is signed in.",
        needs="sign_ins.read",
    )
    factors: list[Factor] = many(
        on=lambda customer, factor: (factor.c.customer_id == customer.c.id) & counts(factor),
        order_by=_oldest,
        needs="customers.read",
    )


@strawberry.input(description="An e-mail address, whatever its case.")
class EmailOperators:
    eq: str | None = strawberry.UNSET


def _has_email(row: Row, given: Given) -> sa.ColumnElement[bool]:
    return row.c.email_key == sa.func.lower(given["eq"].value) if "eq" in given else sa.true()


def _has_shown_email(customer: Row, given: Given) -> sa.ColumnElement[bool]:
    """Who sees addresses masked finds none by them."""
    return sa.and_(may(PERSONAL_DATA), _has_email(customer, given)) if "eq" in given else sa.true()


_BY_ID = Argument(strawberry.ID, lambda row, given: row.c.id == given.value)


@strawberry.type
class Query:
    me: Me | None = one(on=lambda _, staff: staff.c.id == STAFF, needs=SIGNED_IN, description="Who is signed in.")
    my_sessions: Connection[ActiveSession] = page(on=lambda _, session: session.c.staff_id == STAFF, needs=SIGNED_IN)
    staff_member: StaffMember | None = one(arguments={"id": _BY_ID}, needs="staff.read")
    staff_members: Connection[StaffMember] = page(needs="staff.read")
    customer: Customer | None = one(arguments={"id": _BY_ID}, needs="customers.read")
    customers: Connection[Customer] = page(needs="customers.read")


_CREATED_AT = Sort(lambda row: row.c.created_at)
_EMAIL = Sort(lambda row: row.c.email_key)

LISTINGS: Listings = {
    ActiveSession: Listing(
        sorts={"CREATED_AT": _CREATED_AT}, default_order=AskedOrder("CREATED_AT", SortDirection.DESC)
    ),
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
            "email": Filter(EmailOperators, _has_shown_email),
            "isBlocked": Filter(BooleanOperators, lambda row, given: given.compared(row.c.blocked_at.is_not(None))),
            "createdAt": Filter(DateTimeOperators, lambda row, given: given.compared(row.c.created_at)),
        },
        sorts={"CREATED_AT": _CREATED_AT, "EMAIL": Sort(lambda customer: masked_email(customer.c.email_key))},
        default_order=AskedOrder("CREATED_AT", SortDirection.DESC),
    ),
}
