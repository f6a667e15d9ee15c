"""The slow twin of the planner: the same sources read row by row, one statement for each, put together in Python.

It shares the sources' expressions with the planner and nothing of how they are composed, so that a difference between
the two is a fault of the composition: a wrong alias, correlation, limit, merge, order or count.
"""

from dataclasses import dataclass
from typing import Any

from .compilation import Compilation, conditions, first_of, seen, source_table
from .interpreted_pages import page_value
from .json import encoded
from .rowwise import At, Statements
from .selection import Asked
from .sources import Column, Computed, Embedded, Many, One, Page, row_of
from .types import ViewField, ViewType


@dataclass(frozen=True)
class Interpreter:
    """Reads one root field of a document, with the arguments and binds of one request."""

    job: Compilation
    statements: Statements

    async def root(self, type_: ViewType, asked: Asked) -> Any:
        """The value of a root field."""
        return await self._related(type_.fields[asked.name], None, asked)

    async def object(self, type_: ViewType, at: At, asked: Asked) -> dict[str, Any]:
        """What is selected of one row."""
        return {part.key: await self._field(type_, at, part) for part in self.job.collect(asked.nodes, type_)}

    async def _field(self, type_: ViewType, at: At, asked: Asked) -> Any:
        if asked.name == "__typename":
            return type_.name
        field = type_.fields[asked.name]
        match field.source:
            case Column(name):
                return await self.statements.scalar(at, encoded(at.row.c[name or field.column], field.target))
            case Computed(expression):
                return await self.statements.scalar(at, encoded(expression(at.row), field.target))
            case Embedded() as source:
                return await self._embedded(source, field, at, asked)
            case _:
                return await self._related(field, at, asked)

    async def _related(self, field: ViewField, at: At | None, asked: Asked) -> Any:
        match field.source:
            case One() as source:
                return await self._one(source, field, at, asked)
            case Many() as source:
                return await self._many(source, field, at, asked)
            case Page() as source:
                return await page_value(self.job, self.statements, self.object, source, field, at, asked)
        raise TypeError(f"{field.name} has no related rows")

    async def _embedded(self, source: Embedded, field: ViewField, at: At, asked: Asked) -> Any:
        values = source.values(at.row)
        if not source.total:
            for value in values.values():
                if await self.statements.scalar(at, value) is None:
                    return None
        return await self.object(self.job.types[field.target.name], At(at.table, at.place, row_of(values)), asked)

    async def _one(self, source: One, field: ViewField, at: At | None, asked: Asked) -> Any:
        target = self.job.types[field.target.name]
        related = self.statements.alias(source_table(self.job, source, target))
        meets = [
            *conditions(source.on, at and at.row, related),
            *seen(source, target, related),
            *(source.arguments[name].condition(related, given) for name, given in self.job.given(asked).items()),
        ]
        order = () if source.order_by is None else source.order_by(related)
        places = await self.statements.places(at, related, meets, order)
        return await self.object(target, At(related, places[0], related), asked) if places else None

    async def _many(self, source: Many, field: ViewField, at: At | None, asked: Asked) -> Any:
        target = self.job.types[field.target.name]
        related = self.statements.alias(source_table(self.job, source, target))
        meets = [source.on(at and at.row, related), *seen(source, target, related)]
        places = await self.statements.places(at, related, meets, source.order_by(related))
        first = first_of(self.job, source, asked)
        return [await self.object(target, At(related, place, related), asked) for place in places[:first]]
