"""What is listed when, made from prices. Variants come staged: their rows are the catalogue's."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.staging import stage
from mercer.pricing.tables import BEGINNING

# What began or ended by itself since the last note, as it was listed until now.
_SETTLED = sa.text("""
    WITH listed AS (
        SELECT l.*, (
            SELECT coalesce(max(c.at), :beginning) FROM pricing.price_change c
            WHERE c.variant_id = l.variant_id AND c.channel_id = l.channel_id
        ) AS noted
        FROM pricing.listed l JOIN staged_variant s ON s.variant_id = l.variant_id
    )
    INSERT INTO pricing.price_change (variant_id, channel_id, at, currency, amount, before_amount)
    SELECT variant_id, channel_id, valid_from, currency, amount, before_amount
    FROM listed WHERE valid_from > noted AND valid_from <= :now
    UNION ALL
    SELECT variant_id, channel_id, valid_until, currency, NULL, NULL
    FROM listed l WHERE valid_until > noted AND valid_until <= :now AND NOT EXISTS (
        SELECT FROM pricing.listed n
        WHERE n.variant_id = l.variant_id AND n.channel_id = l.channel_id AND n.valid_from = l.valid_until
    )
""")
_LISTED = sa.text("""
    WITH span AS MATERIALIZED (
        SELECT w.variant_id, w.channel_id, w.valid_from, w.valid_until, s.product_id, s.is_sold,
            w.currency, w.amount, w.before_amount
        FROM staged_variant s JOIN pricing.scheduled_price w ON w.variant_id = s.variant_id
        WHERE w.valid_until IS NULL OR w.valid_until > :kept_since
        UNION ALL
        SELECT p.variant_id, p.channel_id, gap.valid_from, gap.valid_until, s.product_id, s.is_sold,
            p.currency, p.amount, p.before_amount
        FROM staged_variant s JOIN pricing.price p ON p.variant_id = s.variant_id
        CROSS JOIN LATERAL (
            SELECT cast(:beginning AS timestamptz) AS valid_from, min(w.valid_from) AS valid_until
            FROM pricing.scheduled_price w
            WHERE w.variant_id = p.variant_id AND w.channel_id = p.channel_id
            UNION ALL
            SELECT w.valid_until, (
                SELECT min(next.valid_from) FROM pricing.scheduled_price next
                WHERE next.variant_id = w.variant_id AND next.channel_id = w.channel_id
                    AND next.valid_from >= w.valid_until
            )
            FROM pricing.scheduled_price w
            WHERE w.variant_id = p.variant_id AND w.channel_id = p.channel_id AND w.valid_until IS NOT NULL
        ) gap
        WHERE gap.valid_until IS NULL OR (gap.valid_until > gap.valid_from AND gap.valid_until > :kept_since)
    ), gone AS (
        DELETE FROM pricing.listed l USING staged_variant s
        WHERE l.variant_id = s.variant_id AND NOT EXISTS (
            SELECT FROM span n
            WHERE n.variant_id = l.variant_id AND n.channel_id = l.channel_id AND n.valid_from = l.valid_from
        )
    )
    MERGE INTO pricing.listed l USING span n
    ON l.variant_id = n.variant_id AND l.channel_id = n.channel_id AND l.valid_from = n.valid_from
    WHEN NOT MATCHED THEN INSERT (
        variant_id, channel_id, valid_from, valid_until, product_id, is_sold, currency, amount, before_amount
    ) VALUES (
        n.variant_id, n.channel_id, n.valid_from, n.valid_until, n.product_id, n.is_sold, n.currency, n.amount,
        n.before_amount
    )
    WHEN MATCHED AND (l.valid_until, l.amount, l.before_amount, l.is_sold)
        IS DISTINCT FROM (n.valid_until, n.amount, n.before_amount, n.is_sold)
    THEN UPDATE SET valid_until = n.valid_until, amount = n.amount, before_amount = n.before_amount, is_sold = n.is_sold
""")
# A writer whose clock is behind the last note's writes it after that one all the same.
_NOTED = sa.text("""
    WITH pair AS (
        SELECT l.variant_id, l.channel_id FROM pricing.listed l JOIN staged_variant s ON s.variant_id = l.variant_id
        UNION
        SELECT c.variant_id, c.channel_id FROM pricing.price_change c
        JOIN staged_variant s ON s.variant_id = c.variant_id
    )
    INSERT INTO pricing.price_change (variant_id, channel_id, at, currency, amount, before_amount)
    SELECT pair.variant_id, pair.channel_id, greatest(:now, last.at), coalesce(l.currency, last.currency),
        l.amount, l.before_amount
    FROM pair
    LEFT JOIN LATERAL (
        SELECT c.at, c.currency, c.amount, c.before_amount FROM pricing.price_change c
        WHERE c.variant_id = pair.variant_id AND c.channel_id = pair.channel_id
        ORDER BY c.at DESC, c.id DESC LIMIT 1
    ) last ON true
    LEFT JOIN pricing.listed l ON l.variant_id = pair.variant_id AND l.channel_id = pair.channel_id
        AND l.valid_from <= :now AND (l.valid_until IS NULL OR l.valid_until > :now)
    WHERE (l.amount, l.before_amount) IS DISTINCT FROM (last.amount, last.before_amount)
""")
_RANGES = sa.text("SELECT pricing.write_ranges(cast(:product_ids AS uuid[]))")
_FOLLOWED = sa.text("SELECT at, variant_id FROM pricing.followed WHERE id = 1 FOR UPDATE")
_DUE = sa.text("""
    SELECT valid_from AS at, variant_id FROM pricing.scheduled_price
    WHERE valid_from >= :at AND valid_from <= :now AND (valid_from, variant_id) > (:at, :variant_id)
    UNION
    SELECT valid_until, variant_id FROM pricing.scheduled_price
    WHERE valid_until >= :at AND valid_until <= :now AND (valid_until, variant_id) > (:at, :variant_id)
    ORDER BY at, variant_id LIMIT :limit
""")
_FOLLOW = sa.text("UPDATE pricing.followed SET at = :at, variant_id = :variant_id WHERE id = 1")


class ListedVariant(NamedTuple):
    """A variant whose prices are to be listed anew."""

    variant_id: UUID
    product_id: UUID
    is_sold: bool


class Due(NamedTuple):
    """A moment at which a scheduled price of a variant begins or ends."""

    at: datetime
    variant_id: UUID


async def write_listed(
    connection: AsyncConnection, variants: Iterable[ListedVariant], *, now: datetime, kept_since: datetime
) -> None:
    """List these variants' prices anew, and note what changed for shoppers. Their products must be locked.

    What ended before `kept_since` is left out.
    """
    variants = list(variants)
    columns = {"variant_id": "uuid", "product_id": "uuid", "is_sold": "boolean"}
    await stage(connection, "staged_variant", columns, variants)
    await connection.execute(_SETTLED, {"now": now, "beginning": BEGINNING})
    await connection.execute(_LISTED, {"beginning": BEGINNING, "kept_since": kept_since})
    await connection.execute(_NOTED, {"now": now})
    product_ids = list({each.product_id for each in variants})
    await connection.execute(_RANGES, {"product_ids": product_ids})


async def lock_followed(connection: AsyncConnection) -> Due:
    """Up to where scheduled prices were followed. Whoever has read it is alone until the transaction ends."""
    row = (await connection.execute(_FOLLOWED)).one()
    return Due(row.at, row.variant_id)


async def list_due(connection: AsyncConnection, *, after: Due, now: datetime, limit: int) -> Sequence[Due]:
    """The first of what began or ended since then."""
    asked = {"at": after.at, "variant_id": after.variant_id, "now": now, "limit": limit}
    return [Due(row.at, row.variant_id) for row in await connection.execute(_DUE, asked)]


async def follow(connection: AsyncConnection, reached: Due) -> None:
    """Note up to where scheduled prices were followed."""
    await connection.execute(_FOLLOW, reached._asdict())
