"""The prices' SQL for the write side. Variants and products come staged: their rows are the catalogue's."""

from collections.abc import Iterable, Sequence
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
    THEN UPDATE SET amount = s.amount, before_amount = s.before_amount, updated_at = :now
    RETURNING merge_action() AS action, s.ordinal
""")
_LISTED_GONE = sa.text("""
    DELETE FROM pricing.listed l USING staged_product d
    WHERE l.product_id = d.product_id AND NOT EXISTS (
        SELECT FROM staged_variant s JOIN pricing.price p ON p.variant_id = s.variant_id
        WHERE p.variant_id = l.variant_id AND p.channel_id = l.channel_id
    )
""")
_LISTED = sa.text("""
    MERGE INTO pricing.listed l
    USING (
        SELECT p.variant_id, p.channel_id, s.product_id, p.currency, p.amount, p.before_amount
        FROM staged_variant s JOIN pricing.price p ON p.variant_id = s.variant_id
    ) s
    ON l.variant_id = s.variant_id AND l.channel_id = s.channel_id
    WHEN NOT MATCHED THEN INSERT (variant_id, channel_id, product_id, currency, amount, before_amount)
        VALUES (s.variant_id, s.channel_id, s.product_id, s.currency, s.amount, s.before_amount)
    WHEN MATCHED AND (l.amount, l.before_amount) IS DISTINCT FROM (s.amount, s.before_amount)
    THEN UPDATE SET amount = s.amount, before_amount = s.before_amount
""")
_RANGES = sa.text("""
    MERGE INTO pricing.listed_range r
    USING (
        SELECT d.product_id, c.channel_id, c.currency, min(l.amount) AS start_amount, max(l.amount) AS stop_amount
        FROM staged_product d
        CROSS JOIN staged_channel c
        LEFT JOIN pricing.listed l ON l.product_id = d.product_id AND l.channel_id = c.channel_id
        GROUP BY d.product_id, c.channel_id, c.currency
    ) s
    ON r.product_id = s.product_id AND r.channel_id = s.channel_id
    WHEN NOT MATCHED THEN INSERT (product_id, channel_id, currency, start_amount, stop_amount)
        VALUES (s.product_id, s.channel_id, s.currency, s.start_amount, s.stop_amount)
    WHEN MATCHED AND (r.start_amount, r.stop_amount) IS DISTINCT FROM (s.start_amount, s.stop_amount)
    THEN UPDATE SET start_amount = s.start_amount, stop_amount = s.stop_amount
    RETURNING merge_action()
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


async def write_listed(
    connection: AsyncConnection,
    *,
    product_ids: Sequence[UUID],
    sold: Iterable[tuple[UUID, UUID]],
    channels: Iterable[tuple[UUID, str]],
) -> int:
    """Write what shoppers see of these products' prices. Returns how many ranges were added.

    `sold` are the variants that can be bought, each with its product; `channels` all channels with their currency.
    """
    await stage(connection, "staged_product", {"product_id": "uuid"}, ((each,) for each in product_ids))
    await stage(connection, "staged_variant", {"variant_id": "uuid", "product_id": "uuid"}, sold)
    await stage(connection, "staged_channel", {"channel_id": "uuid", "currency": "text"}, channels)
    await connection.execute(_LISTED_GONE)
    await connection.execute(_LISTED)
    return list((await connection.scalars(_RANGES)).all()).count("INSERT")
