"""What both APIs say of attempts to sign in."""

from collections.abc import Callable
from enum import Enum

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from mercer.identity.models import Outcome, Surface
from mercer.platform.graphql.views import AskedOrder, Filter, Given, Listing, Row, Sort, SortDirection
from mercer.platform.graphql.views.operators import DateTimeOperators

strawberry.enum(Surface, name="SignInSurface", description=Surface.__doc__)
strawberry.enum(Outcome, name="SignInOutcome", description=Outcome.__doc__)


@strawberry.type
class SignInUnlocked:
    """Whoever was held up may try again."""

    is_unlocked: bool = True


@strawberry.input(description="Any of these.")
class SignInSurfaceOperators:
    in_: list[Surface] | None = strawberry.field(name="in", default=UNSET)


@strawberry.input(description="Any of these.")
class SignInOutcomeOperators:
    in_: list[Outcome] | None = strawberry.field(name="in", default=UNSET)


def _is_any(name: str, kind: type[Enum]) -> Callable[[Row, Given], sa.ColumnElement[bool]]:
    def compared(row: Row, given: Given) -> sa.ColumnElement[bool]:
        if "in" not in given:
            return sa.true()
        values = [kind(each.constant).value for each in given["in"].items]
        return sa.or_(sa.false(), *(row.c[name] == sa.literal_column(f"'{value}'") for value in values))

    return compared


FILTERS = {
    "surface": Filter(SignInSurfaceOperators, _is_any("surface", Surface)),
    "outcome": Filter(SignInOutcomeOperators, _is_any("outcome", Outcome)),
    "happenedAt": Filter(DateTimeOperators, lambda row, given: given.compared(row.c.at)),
}
SORTS = {"HAPPENED_AT": Sort(lambda row: row.c.at)}
NEWEST_FIRST = AskedOrder("HAPPENED_AT", SortDirection.DESC)
OWN = Listing(filters=FILTERS, sorts=SORTS, default_order=NEWEST_FIRST)
