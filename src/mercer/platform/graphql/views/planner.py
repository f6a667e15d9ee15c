"""Compiles a selection on view types to SQL that returns its JSON."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode
from sqlalchemy.dialects.postgresql import JSON

from .compilation import Compilation, Rooted, conditions, first_of, seen, source_table
from .json import JsonObject, array, encoded
from .pages import page_json, page_query
from .selection import Asked
from .sources import Column, Computed, Embedded, Many, One, Page, Row, row_of
from .types import ViewField, ViewType


def object_json(job: Compilation, type_: ViewType, row: Row, nodes: Sequence[FieldNode]) -> JsonObject:
    """The selected fields of one row."""
    return JsonObject([(asked.key, field_json(job, type_, row, asked)) for asked in job.collect(nodes, type_)])


def field_json(job: Compilation, type_: ViewType, row: Row, asked: Asked) -> sa.ColumnElement[Any]:
    """One selected field of one row."""
    if asked.name == "__typename":
        return sa.literal_column(f"'{type_.name}'")
    field = type_.fields[asked.name]
    match field.source:
        case Column(name):
            return encoded(row.c[name or field.column], field.target)
        case Computed(expression):
            return encoded(expression(row), field.target)
        case Embedded() as source:
            return _embedded_json(job, source, field, row, asked)
        case One() as source:
            return _one_json(job, source, field, row, asked)
        case Many() as source:
            return _many_json(job, source, field, row, asked)
        case Page() as source:
            return page_json(job, source, field, row, asked, object_json)


def _embedded_json(
    job: Compilation, source: Embedded, field: ViewField, row: Row, asked: Asked
) -> sa.ColumnElement[Any]:
    values = source.values(row)
    made = object_json(job, job.types[field.target.name], row_of(values), asked.nodes)
    if source.total:
        return made
    return sa.case((sa.and_(*(value.is_not(None) for value in values.values())), made), else_=sa.null())


def root_query(job: Compilation, parent: ViewType, asked: Asked) -> Rooted:
    """A root field as a query of its JSON."""
    field = parent.fields[asked.name]
    match field.source:
        case One() as source:
            return _one_query(job, source, field, None, asked)
        case Page() as source:
            return page_query(job, source, field, None, asked, object_json)
    return Rooted(sa.select(field_json(job, parent, None, asked)), None, None)


def _one_query(job: Compilation, source: One, field: ViewField, row: Row, asked: Asked) -> Rooted:
    target = job.types[field.target.name]
    related = source_table(job, source, target).alias()
    related_by = conditions(source.on, row, related)
    inner = job.within(target, related, related_by)
    asks = [source.arguments[name].condition(related, given) for name, given in job.given(asked).items()]
    made = object_json(inner, target, related, asked.nodes)
    query = sa.select(made).select_from(related).where(*related_by, *seen(source, target, related))
    query = query.where(*asks).limit(sa.literal_column("1"))
    if source.order_by is not None:
        query = query.order_by(*source.order_by(related))
    job.note_others(inner, target, query, made)
    return Rooted(query, inner.owner, None)


def _one_json(job: Compilation, source: One, field: ViewField, row: Row, asked: Asked) -> sa.ColumnElement[Any]:
    return sa.type_coerce(_one_query(job, source, field, row, asked).query.scalar_subquery(), JSON)


def _many_json(job: Compilation, source: Many, field: ViewField, row: Row, asked: Asked) -> sa.ColumnElement[Any]:
    target = job.types[field.target.name]
    related = source_table(job, source, target).alias()
    related_by = source.on(row, related)
    rows = (
        sa.select(related)
        .where(related_by, *seen(source, target, related))
        .order_by(*source.order_by(related))
        .limit(sa.literal_column(str(first_of(job, source, asked))))
        .subquery()
    )
    inner = job.within(target, related, [related_by], shown=rows)
    made = object_json(inner, target, rows, asked.nodes)
    query = sa.select(array(made, *source.order_by(rows))).select_from(rows)
    job.note_others(inner, target, query, made)
    return query.scalar_subquery()
