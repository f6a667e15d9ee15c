"""The small API's types."""

import sqlalchemy as sa
import strawberry

from mercer.platform.graphql.views import Argument, column, one, view
from mercer.platform.permissions import PUBLIC

thing = sa.Table(
    "thing",
    sa.MetaData(schema="small"),
    sa.Column("id", sa.Uuid, primary_key=True, server_default=sa.text("uuidv7()")),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("count", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("count >= 0", name="count"),
)


@view(thing)
class Thing:
    """A thing that can be counted."""

    id: strawberry.ID = column()
    name: str = column()
    count: int = column()


@strawberry.type
class ThingsMade:
    """Several things, and how they were paid for."""

    things: list[Thing]
    first: Thing
    receipt: str
    cost: int | None


@strawberry.type
class Query:
    thing: Thing | None = one(
        arguments={"name": Argument(str, lambda row, given: row.c.name == given.value)}, needs="things.read"
    )
    open: Thing | None = one(on=lambda _, row: row.c.count > 0, needs=PUBLIC)
