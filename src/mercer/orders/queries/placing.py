"""The SQL by which an order is written: all of its rows, and its number, by one statement."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.orders import tables

_SERIES = tables.number_series
# Its row is locked last of all that orders lock: others of the same channel wait for no more than what is left to do.
_NUMBERED = (
    sa.update(_SERIES)
    .where(_SERIES.c.channel_id == sa.bindparam("series_of", type_=sa.Uuid))
    .values(next=_SERIES.c.next + 1)
    .returning(sa.func.concat(_SERIES.c.prefix, _SERIES.c.next - 1).label("number"))
    .cte("numbered")
)


def _written(table: sa.Table, given: str, source: sa.CTE, own: Mapping[str, Any]) -> sa.Insert:
    """Write the rows that the JSON array `given` holds, each with what is its `own` besides."""
    names = [column.name for column in table.c if column.name not in own and column.name not in {"id", "version"}]
    names = ["id", *names]
    columns = [sa.column(name, table.c[name].type) for name in names]
    array = sa.bindparam(given, type_=JSONB)
    rows = (
        sa.func.jsonb_to_recordset(array).table_valued(*columns, name=f"given_{given}").render_derived(with_types=True)
    )
    values = sa.select(*own.values(), *(rows.c[name] for name in names)).select_from(source).join(rows, sa.true())
    return sa.insert(table).from_select([*own, *names], values)


_PLACED = (
    _written(tables.order, "head", _NUMBERED, {"number": _NUMBERED.c.number})
    .returning(tables.order.c.id, tables.order.c.number)
    .cte("placed")
)
_ID = {"order_id": _PLACED.c.id}
_PARTS = {"lines": tables.line, "shipping": tables.shipping_line, "taxes": tables.tax_line, "told": tables.timeline}
_PLACE = sa.select(_PLACED.c.number).add_cte(
    *(_written(table, given, _PLACED, _ID).cte(f"written_{given}") for given, table in _PARTS.items())
)


async def insert_order(connection: AsyncConnection, *, channel_id: UUID, rows: Mapping[str, Any]) -> str | None:
    """Write an order with its number, its lines, taxes, delivery and first entry. Returns the number.

    `rows` are arrays of JSON objects: `head`, `lines`, `shipping`, `taxes`, `told`. None: the channel has no numbers.
    """
    number: str | None = await connection.scalar(_PLACE, {"series_of": channel_id, **rows})
    return number


async def insert_series(connection: AsyncConnection, *, channel_id: UUID, prefix: str, first: int) -> None:
    """Begin the numbers of a channel, unless they have begun."""
    values = {"channel_id": channel_id, "prefix": prefix, "next": first}
    await connection.execute(insert(_SERIES).values(values).on_conflict_do_nothing())
