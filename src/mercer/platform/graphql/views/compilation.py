"""One statement while it is compiled, and the rows that its parts may see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode, FragmentDefinitionNode

from .inputs import Given
from .json import JsonObject
from .selection import Asked, collect
from .sources import Condition, Many, One, Relation, Row, View
from .types import ViewType, ViewTypes


@dataclass(frozen=True)
class Compilation:
    """The document's fragments, what directives decided, and the arguments of each field node."""

    types: ViewTypes
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    arguments: Mapping[int, Mapping[str, Given]]
    tables: Mapping[str, sa.FromClause] = field(default_factory=dict)
    """Rows that the statement makes itself, by the type that shows them."""

    def collect(self, nodes: Sequence[FieldNode]) -> list[Asked]:
        return collect(nodes, self.fragments, self.variables)

    def given(self, asked: Asked) -> Mapping[str, Given]:
        """The arguments of a field that are there."""
        return self.arguments.get(id(asked.nodes[0]), {})


MakeObject = Callable[[Compilation, ViewType, Row, Sequence[FieldNode]], JsonObject]


def view_of(target: ViewType) -> View:
    """The view of a type that has a table of its own."""
    assert target.view is not None, f"{target.name} has no table of its own"
    return target.view


def source_table(job: Compilation, source: One | Many, target: ViewType) -> sa.FromClause:
    """The table that a relation leads to: its own, one that the statement makes, or that of the type."""
    if source.table is not None:
        return source.table
    return job.tables[target.name] if target.name in job.tables else view_of(target).table


def conditions(on: Relation | None, row: Row, related: Row) -> list[Condition]:
    """What relates a row to its parent's; nothing for a root field without a condition."""
    return [] if on is None else [on(row, related)]


def seen(source: One | Many, target: ViewType, related: Row) -> list[Condition]:
    """Which rows of a relation this API may see: those of the type's view, unless it leads to another table."""
    return visible(target, related) if source.table is None else []


def visible(target: ViewType, row: Row) -> list[Condition]:
    """The condition by which an API sees only its own rows of a type, wherever they are reached from."""
    return [target.view.rows(row)] if target.view is not None and target.view.rows is not None else []
