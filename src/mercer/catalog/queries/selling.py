"""What is sold in a channel."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog.models.selling import Sellable

_SELLABLE = sa.text("""
    SELECT v.id AS variant_id, v.product_id, v.sku, v.weight_grams,
        p.name AS product_name, p.name_translations AS product_name_translations,
        v.name AS variant_name, v.name_translations AS variant_name_translations,
        v.archived_at IS NULL AND p.archived_at IS NULL AND EXISTS (
            SELECT FROM catalog.publication s
            WHERE s.product_id = v.product_id AND s.channel_id = :channel_id AND s.status = 'published'
                AND s.publish_at <= :now AND (s.unpublish_at IS NULL OR s.unpublish_at > :now)
        ) AS is_sold
    FROM catalog.variant v JOIN catalog.product p ON p.id = v.product_id
    WHERE v.id = ANY(:ids)
""")


async def find_sellable(
    connection: AsyncConnection, variant_ids: Collection[UUID], *, channel_id: UUID, now: datetime
) -> dict[UUID, Sellable]:
    rows = await connection.execute(_SELLABLE, {"ids": list(variant_ids), "channel_id": channel_id, "now": now})
    return {row["variant_id"]: Sellable(**row) for row in rows.mappings()}
