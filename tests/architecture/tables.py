"""Rules on tables."""

import importlib
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from tests.architecture import imports

Tables = Mapping[str, Sequence[sa.Table]]
"""The tables that each module declares, by its name."""


def declared() -> Tables:
    found = {}
    for name in imports.modules():
        if f"mercer.{name}.tables" in imports.graph().modules:
            values = vars(importlib.import_module(f"mercer.{name}.tables")).values()
            found[name] = [value for value in values if isinstance(value, sa.Table)]
    return found


def foreign_schemas(tables: Tables) -> list[str]:
    """Tables that are not in the PostgreSQL schema of their module's name."""
    return [f"{module}: {table}" for module, table in _pairs(tables) if table.schema != module]


def upward_keys(tables: Tables, *, order: Sequence[str]) -> list[str]:
    """Foreign keys to the schema of a module that is not below."""
    return [
        f"{key.parent} -> {key.target_fullname}"
        for module, table in _pairs(tables)
        for key in sorted(table.foreign_keys, key=str)
        if (target := key.target_fullname.split(".")[0]) != module and target not in order[: order.index(module)]
    ]


def unindexed_keys(tables: Tables) -> list[str]:
    """Foreign keys that no index begins with, or partial ones only. One column of several is enough."""
    found = []
    for _, table in _pairs(tables):
        indexed = set(_first_columns(table))
        keys = [list(key.columns) for key in table.foreign_key_constraints]
        found += [str(key[0]) for key in keys if not indexed & {column.name for column in key}]
    return sorted(found)


def keyless(tables: Tables) -> list[str]:
    return [str(table) for _, table in _pairs(tables) if not table.primary_key.columns]


def zoneless(tables: Tables) -> list[str]:
    """Columns of times that do not say of which zone."""
    return [
        str(column)
        for column in _columns(tables)
        if isinstance(column.type, sa.DateTime | sa.Time) and not column.type.timezone
    ]


def inexact(tables: Tables) -> list[str]:
    """Columns of binary fractions."""
    return [str(column) for column in _columns(tables) if isinstance(column.type, sa.Float)]


def _pairs(tables: Tables) -> list[tuple[str, sa.Table]]:
    return [(module, table) for module, of_module in tables.items() for table in of_module]


def _columns(tables: Tables) -> list[sa.Column[object]]:
    return [column for _, table in _pairs(tables) for column in table.columns]


def _first_columns(table: sa.Table) -> Iterable[str]:
    """What the whole table's indexes begin with."""
    unique = (each for each in table.constraints if isinstance(each, sa.PrimaryKeyConstraint | sa.UniqueConstraint))
    yield from (constraint.columns[0].name for constraint in unique if len(constraint.columns))
    for index in table.indexes:
        first = next(iter(index.expressions))
        if isinstance(first, sa.Column) and index.dialect_options["postgresql"]["where"] is None:
            yield first.name
