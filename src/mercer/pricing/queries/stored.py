"""The SQL of prices that are stored many at a time."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.staging import stage

_PRICES_GONE = sa.text("""
    DELETE FROM pricing.price p USING staged_price s
    WHERE s.amount IS NULL AND p.variant_id = s.variant_id AND p.channel_id = s.channel_id
    RETURNING s.ordinal
""")
_PRICES = sa.text("""
    MERGE INTO pricing.price p USING (SELECT * FROM staged_price WHERE amount IS NOT NULL) s
    ON p.variant_id = s.variant_id AND p.channel_id = s.channel_id
    WHEN NOT MATCHED THEN INSERT (variant_id, channel_id, currency, amount, before_amount, updated_at)
        VALUES (s.variant_id, s.channel_id, s.currency, s.amount, s.before_amount, :now)
    WHEN MATCHED AND (p.amount, p.before_amount) IS DISTINCT FROM (s.amount, s.before_amount)
    THEN UPDATE SET amount = s.amount, before_amount = s.before_amount, updated_at = :now,
        version = p.version + 1
    RETURNING merge_action() AS action, s.ordinal
""")


class PriceRow(NamedTuple):
    """A price with ids. `ordinal` tells those of one call apart."""

    ordinal: int
    variant_id: UUID
    channel_id: UUID
    currency: str
    amount: int | None
    before_amount: int | None


class Changes(NamedTuple):
    """The ordinals of the prices created, and of those changed or removed."""

    created: set[int]
    updated: set[int]


async def write_prices(connection: AsyncConnection, rows: Iterable[PriceRow], *, now: datetime) -> Changes:
    """Write the prices that differ from what is stored."""
    columns = {
        "ordinal": "integer",
        "variant_id": "uuid",
        "channel_id": "uuid",
        "currency": "text",
        "amount": "bigint",
        "before_amount": "bigint",
    }
    await stage(connection, "staged_price", columns, rows)
    removed = (await connection.scalars(_PRICES_GONE)).all()
    merged = (await connection.execute(_PRICES, {"now": now})).all()
    created = {row.ordinal for row in merged if row.action == "INSERT"}
    return Changes(created, {*removed, *(row.ordinal for row in merged)} - created)
