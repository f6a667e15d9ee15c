"""Statements that read one thing at a time, for the interpreter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa

from .plans import compiled
from .sources import Condition, Row


@dataclass(frozen=True)
class At:
    """One row: the alias of its table, the place where it lies, and the row as sources see it."""

    table: sa.Alias
    place: str
    row: Row

    def within(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """The query over this row alone."""
        return query.select_from(self.table).where(place_of(self.table) == sa.literal(self.place))


def place_of(table: sa.Alias) -> sa.ColumnElement[str]:
    """Where a row lies: PostgreSQL's `ctid`, which stays the same within a snapshot."""
    return sa.literal_column(f"{table.name}.ctid::text", type_=sa.Text)


class Statements:
    """Sends statements on one connection, with the values of the arguments asked and of the request."""

    def __init__(
        self, connection: psycopg.AsyncConnection[Any], asked: Sequence[Any], request: Mapping[str, Any]
    ) -> None:
        self.connection = connection
        self.asked = asked
        self.request = request
        self._numbers = count()

    def alias(self, table: sa.FromClause) -> sa.Alias:
        """The table under a name of its own."""
        made = table.alias(f"row_{next(self._numbers)}")
        assert isinstance(made, sa.Alias)
        return made

    async def records(self, query: sa.Select[Any]) -> list[tuple[Any, ...]]:
        plan = compiled(query)
        cursor = await self.connection.execute(plan.sql.encode(), plan.values(self.asked, self.request))
        return await cursor.fetchall()

    async def scalar(self, at: At | None, expression: sa.ColumnElement[Any]) -> Any:
        """One value as JSON has it: of an expression over a row, or of one that needs none."""
        query = sa.select(sa.func.to_json(expression))
        [(value,)] = await self.records(query if at is None else at.within(query))
        return None if value is None else orjson.loads(value)

    async def places(
        self, at: At | None, related: sa.Alias, conditions: Sequence[Condition], order: Sequence[sa.ColumnElement[Any]]
    ) -> list[str]:
        """Where the rows related to a row lie, in order."""
        query = sa.select(place_of(related)).select_from(related).where(*conditions).order_by(*order)
        return [place for (place,) in await self.records(query if at is None else at.within(query))]
