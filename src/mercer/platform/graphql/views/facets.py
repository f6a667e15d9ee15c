"""Compiles facets: for each filter its values with counts, the filter itself left out of its own counts."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSON

from .compilation import Compilation, MakeObject
from .json import array
from .listings import Facet
from .rows import Rows
from .selection import Asked


def facets_json(job: Compilation, rows: Rows, asked: Asked, make_object: MakeObject) -> sa.ColumnElement[Any]:
    """The facets of a connection, in order of their position, each with its counted values."""
    counted = sa.union_all(*(query for facet in rows.listing.facets for query in _counts(facet, rows)))
    values = counted.cte("counted")
    facet = sa.select(values.c.code, values.c.name, values.c.position).distinct().subquery()
    with_values = replace(job, tables={**job.tables, "FacetValue": values})
    made = make_object(with_values, job.types["Facet"], facet, asked.nodes)
    query = sa.select(array(made, facet.c.position, facet.c.code)).select_from(facet)
    query = query.add_cte(values, nest_here=True)
    return sa.type_coerce(query.scalar_subquery(), JSON)


def _counts(facet: Facet, rows: Rows) -> Iterator[sa.Select[Any]]:
    """The values of a facet over the rows that match all other filters."""
    assert rows.matched is not None
    given = rows.given["filter"].parts or {} if "filter" in rows.given else {}
    if facet.filter not in given:
        yield facet.values(rows.matched)
    elif facet.item is None:
        yield facet.values(rows.keys(without=facet.filter).subquery())
    else:
        items = given[facet.filter].items
        codes = [item[facet.item].value for item in items]
        values = facet.values(rows.matched).subquery()
        yield sa.select(values).where(values.c.code.not_in(codes))
        for place, code in enumerate(codes):
            own = facet.values(rows.keys(without=facet.filter, item=place).subquery()).subquery()
            yield sa.select(own).where(own.c.code == code)
