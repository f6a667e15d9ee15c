"""One statement while it is compiled, and the rows that its parts may see."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode, FragmentDefinitionNode

from mercer.platform.cache.shelf import EVERYTHING

from .caching import Cached, Owner, tables_in
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
    cached: Cached | None = None
    owner: Owner | None = None
    """The thing of the answer that the row under compilation belongs to. None once it is left for others."""
    around: tuple[Row, ...] = ()
    """The rows that the row under compilation was reached from, and itself."""
    elsewhere: set[sa.Table] = field(default_factory=set)
    """The tables that are read for more than what the answer's rows show of themselves."""

    def collect(self, nodes: Sequence[FieldNode], type_: ViewType | None = None) -> list[Asked]:
        """What these nodes ask for. `type_` is named where they may ask for something else of other types."""
        return collect(nodes, self.fragments, self.variables, None if type_ is None else self.types.names(type_.name))

    def given(self, asked: Asked) -> Mapping[str, Given]:
        """The arguments of a field that are there."""
        return self.arguments.get(id(asked.nodes[0]), {})

    def within(
        self, target: ViewType, related: Row, conditions: Iterable[Condition], *, shown: Row | None = None
    ) -> "Compilation":
        """This compilation among rows related to the one that it was about; `shown` are they as they are selected."""
        shown = related if shown is None else shown
        entity = None if target.view is None else target.view.entity
        if entity is None:
            owner = None if self.is_shared(target) else self.owner
        elif not self.around or (self.owner is not None and self.owner.owns(entity, related, conditions)):
            owner = Owner(entity, shown)
        else:
            owner = None
        return replace(self, owner=owner, around=(*self.around, related, shown))

    def is_shared(self, target: ViewType) -> bool:
        """Whether a type's rows belong to no thing, but are shared by many: all answers are outdated with them."""
        tables = self.cached.tables if self.cached is not None else {}
        return target.view is not None and tables.get(target.view.table) == EVERYTHING

    def note_others(self, inner: "Compilation", target: ViewType, query: sa.Select[Any], shown: JsonObject) -> None:
        """Note what is read of others, where a relation leads away from the thing whose rows are compiled.

        Which shared rows a thing has is told by the thing itself; what they show is not.
        """
        if self.owner is not None and inner.owner is None:
            self.note_read(shown if self.is_shared(target) else query)

    def note_read(self, element: sa.ClauseElement) -> None:
        """Note that something is read for more than what the answer's rows show of themselves."""
        if self.cached is not None:
            self.elsewhere.update(tables_in(element, around=self.around))


@dataclass(frozen=True)
class Rooted:
    """A query of a field's JSON, the thing that its rows belong to, and which of the rows are shown."""

    query: sa.Select[Any]
    owner: Owner | None
    shown: Condition | None

    def ids(self) -> sa.ColumnElement[str] | None:
        """The ids of the things shown, as text with blanks between."""
        if self.owner is None:
            return None
        id_ = sa.cast(self.owner.entity.id(self.owner.row), sa.Text)
        if self.shown is None:
            return id_
        return sa.func.string_agg(id_, sa.literal_column("' '"), type_=sa.Text).filter(self.shown)


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


def first_of(job: Compilation, source: Many, asked: Asked) -> int:
    """How many of a list's rows are asked for."""
    given = job.given(asked)
    return given["first"].constant if "first" in given else source.most


def conditions(on: Relation | None, row: Row, related: Row) -> list[Condition]:
    """What relates a row to its parent's; nothing for a root field without a condition."""
    return [] if on is None else [on(row, related)]


def seen(source: One | Many, target: ViewType, related: Row) -> list[Condition]:
    """Which rows of a relation this API may see: those of the type's view, unless it leads to another table."""
    return visible(target, related) if source.table is None else []


def visible(target: ViewType, row: Row) -> list[Condition]:
    """The condition by which an API sees only its own rows of a type, wherever they are reached from."""
    return [target.view.rows(row)] if target.view is not None and target.view.rows is not None else []
