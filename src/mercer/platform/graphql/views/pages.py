"""Compiles connections: filtered, sorted, paged by keyset cursors, with totals and facets when asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType
from sqlalchemy.dialects.postgresql import JSON

from .compilation import Compilation, MakeObject, Rooted, conditions, view_of, visible
from .cursors import cursor
from .facets import facets_json
from .inputs import Given
from .json import JsonObject, array, number
from .listings import RELEVANCE, AskedOrder, Listing, SortDirection
from .rows import Rows
from .selection import Asked
from .sources import Condition, Page, Row
from .types import ViewField, ViewType


@dataclass(frozen=True)
class Order:
    """The order of a page: its name, which its cursors carry, the value and key to sort by, and the table they need."""

    name: str
    value: sa.ColumnElement[Any]
    key: sa.ColumnElement[Any]
    is_descending: bool
    table: sa.FromClause | None
    on: Condition | None

    @cached_property
    def columns(self) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
        if self.is_descending:
            return self.value.desc(), self.key.desc()
        return self.value.asc(), self.key.asc()

    def after(self, value: Given, key: Given) -> Condition:
        """Rows that come later than a cursor's."""
        here, there = sa.tuple_(self.value, self.key), sa.tuple_(value.value, key.value)
        return here < there if self.is_descending else here > there


def page_json(
    job: Compilation, source: Page, field: ViewField, row: Row, asked: Asked, make_object: MakeObject
) -> sa.ColumnElement[Any]:
    """A connection with what is asked of it."""
    return sa.type_coerce(page_query(job, source, field, row, asked, make_object).query.scalar_subquery(), JSON)


def page_query(
    job: Compilation, source: Page, field: ViewField, row: Row, asked: Asked, make_object: MakeObject
) -> Rooted:
    """A query of a connection with what is asked of it."""
    target = job.types[node_type(field).name]
    listing = job.types.listings[target.name]
    related = view_of(target).table.alias()
    related_by = conditions(source.on, row, related)
    always = [*related_by, *visible(target, related)]
    rows = Rows(target, listing, related, always, job.given(asked))
    parts = job.collect(asked.nodes)
    if any(part.name == "facets" for part in parts):
        rows = rows.found_once()
    paged = _page(rows, page_order(listing, target, related, rows.given))
    inner = job.within(target, related, related_by, shown=paged)
    job.note_read(paged)
    pairs: list[tuple[str, sa.ColumnElement[Any]]] = []
    for part in parts:
        match part.name:
            case "nodes":
                value = _listed(make_object(inner, target, paged, part.nodes), paged, rows.given)
            case "edges":
                value = _listed(_edge(inner, target, paged, part.nodes, make_object), paged, rows.given)
            case "pageInfo":
                value = _page_info(job, paged, part.nodes, rows.given)
            case "totalCount":
                value = _total(rows)
                job.note_read(value)
            case "facets":
                value = facets_json(job, rows, part, make_object)
                job.note_read(value)
            case _:
                value = sa.literal_column(f"'{field.target.name}'")
        pairs.append((part.key, value))
    one_group = sa.true()  # without it, what needs no aggregate, such as totalCount alone, would come once for each row
    shown = JsonObject(pairs)
    query = sa.select(shown).select_from(paged).having(one_group)
    if rows.matched is not None:
        query = query.add_cte(rows.matched, nest_here=True)
    job.note_others(inner, target, query, shown)
    return Rooted(query, inner.owner, _on_page(paged, rows.given))


def node_type(field: ViewField) -> GraphQLObjectType:
    """The type that a connection field's nodes have."""
    assert isinstance(field.target, GraphQLObjectType)
    node: GraphQLObjectType = field.target.fields["nodes"].type.of_type.of_type.of_type
    return node


def page_order(listing: Listing, target: ViewType, related: Row, given: Mapping[str, Given]) -> Order:
    """The order asked for as SQL."""
    asked: AskedOrder = given["order"].constant
    descending = asked.direction is SortDirection.DESC
    if asked.sort == RELEVANCE:
        assert listing.search is not None
        rank = listing.search.rank(related, given["search"])
        return Order(str(asked), rank, related.c[view_of(target).key], descending, None, None)
    sort = listing.sorts[asked.sort]
    table = None if sort.table is None else sort.table.alias()
    sorted_row = related if table is None else table
    value = (sort.descending if descending and sort.descending else sort.value)(sorted_row)
    on = None if table is None or sort.on is None else sort.on(related, table)
    return Order(str(asked), value, sorted_row.c[sort.key], descending, table, on)


def _page(rows: Rows, order: Order) -> sa.Subquery:
    """The rows of the page and one more, numbered, each with its cursor."""
    place = sa.func.row_number().over(order_by=order.columns)
    numbered = sa.select(
        rows.related, place.label("page_number"), cursor(order.name, order.value, order.key).label("page_cursor")
    )
    source = rows.related
    if order.table is not None and order.on is not None:
        source = sa.join(rows.related, order.table, order.on)
    query = numbered.select_from(source).where(*rows.own_conditions()).order_by(*order.columns)
    if "after_key" in rows.given:
        query = query.where(order.after(rows.given["after_value"], rows.given["after_key"]))
    return query.limit(number(rows.given["first"].constant + 1)).subquery()


def _on_page(paged: Row, given: Mapping[str, Given]) -> Condition:
    condition: Condition = paged.c.page_number <= number(given["first"].constant)
    return condition


def _listed(item: sa.ColumnElement[Any], paged: Row, given: Mapping[str, Given]) -> sa.ColumnElement[Any]:
    listed: sa.ColumnElement[Any] = array(item, paged.c.page_number, where=_on_page(paged, given))
    return listed


def _edge(
    job: Compilation, target: ViewType, paged: Row, nodes: Sequence[FieldNode], make_object: MakeObject
) -> JsonObject:
    pairs: list[tuple[str, sa.ColumnElement[Any]]] = []
    for part in job.collect(nodes):
        match part.name:
            case "node":
                pairs.append((part.key, make_object(job, target, paged, part.nodes)))
            case "cursor":
                pairs.append((part.key, paged.c.page_cursor))
            case _:
                pairs.append((part.key, sa.literal_column(f"'{target.name}Edge'")))
    return JsonObject(pairs)


def _page_info(job: Compilation, paged: Row, nodes: Sequence[FieldNode], given: Mapping[str, Given]) -> JsonObject:
    cursors = _listed(paged.c.page_cursor, paged, given)
    values: dict[str, sa.ColumnElement[Any]] = {
        "hasNextPage": sa.func.count() > number(given["first"].constant),
        "hasPreviousPage": sa.true() if "after_key" in given else sa.false(),
        "startCursor": cursors.op("->>")(sa.literal_column("0")),
        "endCursor": cursors.op("->>")(sa.literal_column("-1")),
        "__typename": sa.literal_column("'PageInfo'"),
    }
    return JsonObject([(part.key, values[part.name]) for part in job.collect(nodes)])


def _total(rows: Rows) -> sa.ColumnElement[int]:
    if rows.matched is not None:
        return sa.select(sa.func.count()).select_from(rows.matched).scalar_subquery()
    return sa.select(sa.func.count()).select_from(rows.related).where(*rows.conditions()).scalar_subquery()
