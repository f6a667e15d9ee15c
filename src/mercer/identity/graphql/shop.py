"""One's own account, as the shop API shows it."""

from datetime import datetime

import sqlalchemy as sa
import strawberry

from mercer.identity import tables
from mercer.identity.graphql.authentication import CUSTOMER
from mercer.identity.graphql.factors import recovery_codes_left
from mercer.identity.graphql.sessions import ends_at, is_active, is_of_request, is_refreshable
from mercer.identity.models import FactorLevel
from mercer.platform.graphql.views import (
    AskedOrder,
    Connection,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    computed,
    one,
    page,
    view,
)
from mercer.platform.permissions import SIGNED_IN


def _is_own(row: Row) -> sa.ColumnElement[bool]:
    return sa.and_(row.c.customer_id == CUSTOMER, is_active(row))


@view(tables.customer, rows=lambda customer: customer.c.id == CUSTOMER)
class Customer:
    """You."""

    id: strawberry.ID = column()
    email: str = column()
    name: str = column()
    language: str = column(description="BCP 47: what mails to you are written in.")
    created_at: datetime = column()
    version: int = column()
    recovery_codes_left: int = computed(
        lambda customer: recovery_codes_left(tables.recovery_code.c.customer_id == customer.c.id),
        total=True,
        description="How many of your recovery codes you have not used.",
    )


@view(tables.session, rows=_is_own)
class ActiveSession:
    """Where you are signed in."""

    id: strawberry.ID = column()
    created_at: datetime = column()
    last_seen_at: datetime = column(description="To the minute.")
    expires_at: datetime = computed(ends_at, total=True, description="Unless it is used before.")
    confirmed_at: datetime = column(description="When you last showed who you are.")
    factor_level: FactorLevel = column(description="What it was opened with, or raised to.")
    ip: str | None = column()
    user_agent: str | None = column()
    device: str | None = column(description="What the user agent names: `Firefox on Windows`.")
    is_refreshable: bool = computed(is_refreshable, total=True, description="Whether it goes on by refresh tokens.")
    is_current: bool = computed(is_of_request, total=True, description="Whether this request came with it.")


@strawberry.type
class Query:
    me: Customer | None = one(
        on=lambda _, customer: customer.c.id == CUSTOMER, needs=SIGNED_IN, description="Who is signed in."
    )
    my_sessions: Connection[ActiveSession] = page(needs=SIGNED_IN)


LISTINGS: Listings = {
    ActiveSession: Listing(
        sorts={"CREATED_AT": Sort(lambda row: row.c.created_at)},
        default_order=AskedOrder("CREATED_AT", SortDirection.DESC),
    )
}
