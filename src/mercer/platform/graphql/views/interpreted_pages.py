"""How the interpreter reads connections: all rows at once, then sorted, paged and counted in Python."""

import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import gt, lt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from .compilation import Compilation, conditions, view_of, visible
from .listings import Facet
from .pages import node_type, page_order
from .rows import Rows
from .rowwise import At, Statements, place_of
from .selection import Asked
from .sources import Page
from .types import ViewField, ViewType

ReadObject = Callable[[ViewType, At, Asked], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Listed:
    """A row of a connection: where it lies, and what it is sorted by."""

    place: str
    value: Any
    key: Any
    cursor: str


async def page_value(
    job: Compilation,
    statements: Statements,
    read_object: ReadObject,
    source: Page,
    field: ViewField,
    at: At | None,
    asked: Asked,
) -> dict[str, Any]:
    """What is asked of a connection."""
    target = job.types[node_type(field).name]
    related = statements.alias(view_of(target).table)
    always = [*conditions(source.on, at and at.row, related), *visible(target, related)]
    rows = Rows(target, job.types.listings[target.name], related, always, job.given(asked))
    listed, later = await _listed(statements, rows, related, at)
    first = rows.given["first"].constant
    here = later[:first]

    async def node(row: Listed, part: Asked) -> dict[str, Any]:
        return await read_object(target, At(related, row.place, related), part)

    async def edge(row: Listed, part: Asked) -> dict[str, Any]:
        values: dict[str, Any] = {"cursor": row.cursor, "__typename": f"{target.name}Edge"}
        return {
            each.key: await node(row, each) if each.name == "node" else values[each.name]
            for each in job.collect(part.nodes)
        }

    answer: dict[str, Any] = {}
    for part in job.collect(asked.nodes):
        match part.name:
            case "nodes":
                answer[part.key] = [await node(row, part) for row in here]
            case "edges":
                answer[part.key] = [await edge(row, part) for row in here]
            case "pageInfo":
                info = _page_info(here, has_next=len(later) > first, has_previous="after_key" in rows.given)
                answer[part.key] = {each.key: info[each.name] for each in job.collect(part.nodes)}
            case "totalCount":
                answer[part.key] = len(listed)
            case "facets":
                answer[part.key] = [value async for value in _facets(job, statements, rows, at, part)]
            case _:
                answer[part.key] = field.target.name
    return answer


async def _listed(
    statements: Statements, rows: Rows, related: sa.Alias, at: At | None
) -> tuple[list[Listed], list[Listed]]:
    """All rows in order, and those of them after the cursor."""
    order = page_order(rows.listing, rows.target, related, rows.given)
    source: sa.FromClause = related
    if order.table is not None and order.on is not None:
        source = sa.join(related, order.table, order.on)
    query = sa.select(place_of(related), order.value, order.key).select_from(source).where(*rows.conditions())
    records = await statements.records(query if at is None else at.within(query))
    records.sort(key=lambda record: record[1:], reverse=order.is_descending)
    listed = [Listed(place, value, key, _cursor(order.name, value, key)) for place, value, key in records]
    if "after_key" not in rows.given:
        return listed, listed
    binds = sa.select(rows.given["after_value"].value, rows.given["after_key"].value)
    [after] = await statements.records(binds)
    is_later = lt if order.is_descending else gt
    return listed, [row for row in listed if is_later((row.value, row.key), after)]


def _cursor(order: str, value: Any, key: Any) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return base64.b64encode(json.dumps([order, value, str(key)], ensure_ascii=False).encode()).decode()


def _page_info(here: list[Listed], *, has_next: bool, has_previous: bool) -> dict[str, Any]:
    return {
        "__typename": "PageInfo",
        "hasNextPage": has_next,
        "hasPreviousPage": has_previous,
        "startCursor": here[0].cursor if here else None,
        "endCursor": here[-1].cursor if here else None,
    }


async def _facets(job: Compilation, statements: Statements, rows: Rows, at: At | None, part: Asked) -> Any:
    """Each facet's values, counted over the rows that all other filters leave."""
    counted = [value for facet in rows.listing.facets async for value in _counted(statements, rows, facet, at)]
    counted.sort(key=lambda value: (value["position"], value["code"]))
    for (_, code), group in groupby(counted, key=lambda value: (value["position"], value["code"])):
        values = sorted(group, key=lambda value: (-value["count"], value["rank"], value["label"], value["value"]))
        facet = {"__typename": "Facet", "code": code, "name": values[0]["name"]}
        made = {}
        for each in job.collect(part.nodes):
            if each.name == "values":
                first = job.given(each)["first"].constant
                shown = job.collect(each.nodes)
                made[each.key] = [
                    {inner.key: (value | {"__typename": "FacetValue"})[inner.name] for inner in shown}
                    for value in values[:first]
                ]
            else:
                made[each.key] = facet[each.name]
        yield made


async def _counted(statements: Statements, rows: Rows, facet: Facet, at: At | None) -> Any:
    given = (rows.given["filter"].parts or {}) if "filter" in rows.given else {}
    own_codes: list[str] = []
    if facet.item is not None and facet.filter in given:
        for place, item in enumerate(given[facet.filter].items):
            code = await statements.scalar(None, item[facet.item].value)
            own_codes.append(code)
            keys = rows.keys(without=facet.filter, item=place)
            for value in await _values(statements, facet, keys, at):
                if value["code"] == code:
                    yield value
    without = facet.filter if facet.item is None else None
    for value in await _values(statements, facet, rows.keys(without=without), at):
        if value["code"] not in own_codes:
            yield value


async def _values(statements: Statements, facet: Facet, keys: sa.Select[Any], at: At | None) -> list[dict[str, Any]]:
    matched = [key for (key,) in await statements.records(keys if at is None else at.within(keys))]
    over = sa.select(sa.func.unnest(sa.literal(matched, ARRAY(sa.Uuid))).label("id")).subquery()
    return list(_named(await statements.records(facet.values(over))))


def _named(records: list[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    names = ("code", "name", "position", "value", "label", "rank", "count")
    return (dict(zip(names, record, strict=True)) for record in records)
