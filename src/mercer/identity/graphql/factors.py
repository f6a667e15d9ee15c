"""What both APIs say of second factors."""

import sqlalchemy as sa

from mercer.identity import tables
from mercer.platform.graphql.views import AskedOrder, Listing, Row, Sort, SortDirection

ORDER = Listing(
    sorts={"CREATED_AT": Sort(lambda row: row.c.created_at)},
    default_order=AskedOrder("CREATED_AT", SortDirection.ASC),
)


def counts(row: Row) -> sa.ColumnElement[bool]:
    """Whether a factor is asked for: its owner has shown that he has it."""
    return row.c.confirmed_at.is_not(None)


def recovery_codes_left(owner: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """How many recovery codes whoever this names can still use."""
    unused = sa.select(sa.func.count()).select_from(tables.recovery_code)
    return unused.where(owner, tables.recovery_code.c.used_at.is_(None)).scalar_subquery()
