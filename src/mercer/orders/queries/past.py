"""The SQL by which many orders of the past are stored: staged by COPY, then one statement for each table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.orders import tables
from mercer.platform.staging import stage

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_OMITTED = {"version", "cart_id", "cart_token_hash"}
_TABLES = {"order": tables.order, "line": tables.line, "shipping": tables.shipping_line, "tax": tables.tax_line}
_COLUMNS = {
    name: tuple(column.name for column in table.c if column.name not in _OMITTED) for name, table in _TABLES.items()
}


def _type(column: sa.Column[Any]) -> str:
    """The column's SQL type, without its collation."""
    return "text" if isinstance(column.type, sa.Text) else column.type.compile(dialect=_DIALECT)


async def find_known(
    connection: AsyncConnection, *, external_ids: Sequence[str], numbers: Sequence[str]
) -> tuple[set[str], dict[str, str | None]]:
    """Which of these orders are known, and whose of these numbers are: by number, what tells that order apart."""
    order = tables.order
    is_any = sa.or_(
        order.c.external_id == sa.any_(sa.literal(list(external_ids), ARRAY(sa.Text))),
        order.c.number == sa.any_(sa.literal(list(numbers), ARRAY(sa.Text))),
    )
    rows = (await connection.execute(sa.select(order.c.external_id, order.c.number).where(is_any))).all()
    known = {row.external_id for row in rows if row.external_id is not None}
    return known, {row.number: row.external_id for row in rows}


async def stage_orders(connection: AsyncConnection, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Put the rows of `order`, `line`, `shipping` and `tax` beside their tables."""
    for name, columns in _COLUMNS.items():
        types = {column: _type(_TABLES[name].c[column]) for column in columns}
        values = ([row.get(each) for each in columns] for row in rows[name])
        await stage(connection, f"staged_order_{name}", types, values)


async def write_orders(connection: AsyncConnection) -> set[UUID]:
    """Write what was staged. Returns the orders that are new; of others nothing is written."""
    created = set[UUID]()
    for name, table in _TABLES.items():
        columns = _COLUMNS[name]
        staged = sa.table(f"staged_order_{name}", *(sa.column(each) for each in columns))
        values = sa.select(staged)
        if name != "order":
            values = values.where(staged.c.order_id == sa.any_(sa.literal(list(created), ARRAY(sa.Uuid))))
        written = insert(table).from_select(columns, values)
        if name == "order":
            found = await connection.scalars(written.on_conflict_do_nothing().returning(table.c.id))
            created = set(found)
        else:
            await connection.execute(written)
    return created
