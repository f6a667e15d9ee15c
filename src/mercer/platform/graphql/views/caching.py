"""Which answers may be cached, and what each of them shows: decided from its SQL, when that is compiled.

An answer may be cached if all tables that its statement reads are declared, and all that the statement is bound to is
the same for everybody. What it shows is named by tags:

- those of the rows that a root field leads to, such as `product:<id>`: the statement returns their ids;
- the tags of tables that are read in any other way: to choose, sort or count rows, or for rows further away. What a
  row shows of itself is covered by its own tag, also where that is stored in other tables.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.sql.visitors import iterate

from mercer.platform.cache.provenance import Provenance

from .inputs import REQUEST
from .sources import Condition, Entity, Row

NOW = "now"
"""The bind of the request's moment: it alone differs from request to request without being asked for."""


@dataclass(frozen=True)
class Cached:
    """What a module lets be cached.

    `tables` are those that may be read, each with the tag that is outdated when any of its rows changes. `changes_at`
    says for tables that show something else as time goes by when that will be next: the earliest moment after now.
    `binds` are what reads are bound to that is anybody's, such as the language.
    """

    tables: Mapping[sa.Table, str] = field(default_factory=dict)
    changes_at: Mapping[sa.Table, Callable[[], sa.ColumnElement[datetime | None]]] = field(default_factory=dict)
    binds: frozenset[str] = frozenset()

    @property
    def shared_binds(self) -> frozenset[str]:
        """What an answer depends on besides the request and the data."""
        return self.binds - {NOW}


@dataclass(frozen=True)
class Tagging:
    """The tags of a statement's answers."""

    entity: str | None
    """What the ids belong to that the statement returns."""
    always: frozenset[str]
    unfound: frozenset[str]
    """The tags of an answer that says that there is no such row."""
    tables: frozenset[sa.Table]

    def note(self, provenance: Provenance, row: tuple[Any, ...] | None) -> None:
        """Note what an answer shows: the row has the JSON, and beside it the ids and the moment of the next change."""
        if row is None:
            provenance.refuse()
            return
        _, ids, changes_at = row
        provenance.add(self.always if ids is not None or self.entity is None else self.unfound, changes_at=changes_at)
        if ids:
            provenance.add([f"{self.entity}:{id_}" for id_ in ids.split()], changes_at=None)


@dataclass(frozen=True)
class Owner:
    """The thing that the row under compilation belongs to. What the row shows of itself is outdated with that."""

    entity: Entity
    row: Row

    def owns(self, entity: Entity, related: Row, conditions: Iterable[Condition]) -> bool:
        """Whether related rows belong to the same thing, because the conditions that lead to them say so."""
        if entity.name != self.entity.name:
            return False
        ours, theirs = self.entity.id(self.row), entity.id(related)
        return any(_equates(condition, ours, theirs) for condition in conditions)


def merge_cached(parts: Iterable[Cached]) -> Cached | None:
    """What several modules let be cached. None when none of them does."""
    parts = list(parts)
    if not parts:
        return None
    return Cached(
        tables={table: tag for part in parts for table, tag in part.tables.items()},
        changes_at={table: moment for part in parts for table, moment in part.changes_at.items()},
        binds=frozenset({NOW}).union(*(part.binds for part in parts)),
    )


def tables_in(element: sa.ClauseElement, *, around: Sequence[Row] = ()) -> set[sa.Table]:
    """All tables that a piece of SQL reads, at any depth; not those of the rows around it that it is about."""
    found: set[sa.Table] = set()
    seen: dict[int, Any] = {id(row): row for row in around}
    waiting: list[Any] = [element]
    while waiting:
        each = waiting.pop()
        if id(each) not in seen:
            seen[id(each)] = each
            if isinstance(each, sa.Table):
                found.add(each)
            else:
                waiting.extend(each.get_children())
    return found


def tagged(
    answer: sa.Select[Any],
    owner: Owner | None,
    ids: sa.ColumnElement[str] | None,
    elsewhere: set[sa.Table],
    cached: Cached,
) -> tuple[sa.Select[Any], Tagging] | None:
    """The statement with what a cache needs to know beside its answer. None if its answers may not be cached.

    `elsewhere` are the tables that are read for more than what the rows of the answer show of themselves.
    """
    tables = tables_in(answer)
    binds = {each.key for each in iterate(answer) if isinstance(each, sa.BindParameter)}
    asked = {key.removeprefix(REQUEST) for key in binds if key.startswith(REQUEST)}
    moments = [moment() for table, moment in cached.changes_at.items() if table in tables]
    read_for_moments = {table for moment in moments for table in tables_in(moment)}
    if (
        not tables | read_for_moments <= cached.tables.keys()
        or not asked <= cached.binds
        or (NOW in asked and not moments)
    ):
        return None
    found = answer.add_columns((sa.null() if ids is None else ids).label("ids")).subquery("found")
    always = sa.select(sa.literal_column("1")).subquery("always")
    changes_at = sa.func.least(*moments) if moments else sa.null()
    statement = sa.select(found.c[0], found.c.ids, changes_at).select_from(
        sa.outerjoin(always, found, sa.true())  # when nothing is found, that may change too
    )
    tagging = Tagging(
        entity=None if owner is None else owner.entity.name,
        always=frozenset(cached.tables[table] for table in (tables if owner is None else elsewhere)),
        unfound=frozenset(cached.tables[table] for table in tables),
        tables=frozenset(tables | read_for_moments),
    )
    return statement, tagging


def _equates(condition: Condition, one: sa.ColumnElement[Any], other: sa.ColumnElement[Any]) -> bool:
    """Whether a condition, or one of several that are ANDed, says that two columns are equal."""
    match condition:
        case sa.BooleanClauseList(operator=operators.and_, clauses=clauses):
            return any(_equates(clause, one, other) for clause in clauses)
        case sa.BinaryExpression(operator=operators.eq, left=left, right=right):
            return (left is one and right is other) or (left is other and right is one)
    return False
