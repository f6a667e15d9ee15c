"""The operator objects that filters are made of: `{price: {gte: "10.00"}}`. The parts given are ANDed."""

from datetime import datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET


@strawberry.input(description="A yes or no.")
class BooleanOperators:
    eq: bool | None = UNSET


@strawberry.input(description="An id.")
class IdOperators:
    eq: strawberry.ID | None = UNSET
    in_: list[strawberry.ID] | None = strawberry.field(name="in", default=UNSET)


@strawberry.input(description="A text, compared as it is.")
class StringOperators:
    eq: str | None = UNSET
    in_: list[str] | None = strawberry.field(name="in", default=UNSET)


@strawberry.input(description="Tags, compared as they are.")
class TagOperators:
    any_of: list[str] | None = UNSET
    all_of: list[str] | None = UNSET


@strawberry.input(description="An exact number.")
class DecimalOperators:
    gte: Decimal | None = UNSET
    lte: Decimal | None = UNSET


@strawberry.input(description="A time in UTC.")
class DateTimeOperators:
    gte: datetime | None = UNSET
    lte: datetime | None = UNSET
