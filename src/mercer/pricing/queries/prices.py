"""The SQL of prices that staff write one by one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.pricing.models import PriceKey, StoredPrice
from mercer.pricing.tables import price, scheduled_price

_USUAL = sa.select(price).where(price.c.variant_id == sa.any_(sa.bindparam("ids")))
_SCHEDULED = sa.select(scheduled_price).where(scheduled_price.c.variant_id == sa.any_(sa.bindparam("ids")))

Stored = Mapping[tuple[UUID, UUID], dict[datetime | None, StoredPrice]]
"""By variant and channel: the usual price under None, the scheduled ones under when they begin."""


class PriceCells(NamedTuple):
    """A price to be written."""

    key: PriceKey
    currency: str
    stored: StoredPrice


async def load_prices(connection: AsyncConnection, variant_ids: Sequence[UUID]) -> Stored:
    """All prices of these variants. Their products must be locked."""
    found: Stored = defaultdict(dict)
    for row in await connection.execute(_USUAL, {"ids": list(variant_ids)}):
        found[row.variant_id, row.channel_id][None] = StoredPrice(
            amount=row.amount, before_amount=row.before_amount, valid_until=None, version=row.version
        )
    for row in await connection.execute(_SCHEDULED, {"ids": list(variant_ids)}):
        found[row.variant_id, row.channel_id][row.valid_from] = StoredPrice(
            amount=row.amount, before_amount=row.before_amount, valid_until=row.valid_until, version=row.version
        )
    return found


async def write_prices(connection: AsyncConnection, prices: Iterable[PriceCells], *, now: datetime) -> None:
    """Write prices, in place of those with the same keys."""
    usual: list[dict[str, Any]] = []
    scheduled: list[dict[str, Any]] = []
    for key, currency, stored in prices:
        cells = {
            "variant_id": key.variant_id,
            "channel_id": key.channel_id,
            "currency": currency,
            "amount": stored.amount,
            "before_amount": stored.before_amount,
            "version": stored.version,
            "updated_at": now,
        }
        if key.valid_from is None:
            usual.append(cells)
        else:
            scheduled.append(cells | {"valid_from": key.valid_from, "valid_until": stored.valid_until})
    for table, rows in ((price, usual), (scheduled_price, scheduled)):
        if rows:
            await connection.execute(_upsert(table, rows))


async def delete_prices(connection: AsyncConnection, keys: Iterable[PriceKey]) -> None:
    """Remove prices."""
    keys = list(keys)
    for table, of_table in (
        (price, [key for key in keys if key.valid_from is None]),
        (scheduled_price, [key for key in keys if key.valid_from is not None]),
    ):
        if of_table:
            columns = list(table.primary_key.columns)
            values = [[getattr(key, column.name) for column in columns] for key in of_table]
            await connection.execute(sa.delete(table).where(sa.tuple_(*columns).in_(values)))


def _upsert(table: sa.Table, rows: list[dict[str, Any]]) -> sa.Insert:
    made = insert(table).values(rows)
    keys = [column.name for column in table.primary_key.columns]
    written = {name: made.excluded[name] for name in rows[0] if name not in keys}
    return made.on_conflict_do_update(index_elements=keys, set_=written)
