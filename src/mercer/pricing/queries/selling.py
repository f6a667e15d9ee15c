"""What is asked in a channel."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.pricing.models import ListedPrice

_LISTED = sa.text("""
    SELECT variant_id, currency, amount, before_amount FROM pricing.listed
    WHERE variant_id = ANY(:ids) AND channel_id = :channel_id
        AND valid_from <= :now AND (valid_until IS NULL OR valid_until > :now)
""")


async def find_listed(
    connection: AsyncConnection, variant_ids: Collection[UUID], *, channel_id: UUID, now: datetime
) -> dict[UUID, ListedPrice]:
    rows = await connection.execute(_LISTED, {"ids": list(variant_ids), "channel_id": channel_id, "now": now})
    return {
        row.variant_id: ListedPrice(amount=row.amount, currency=row.currency, before_amount=row.before_amount)
        for row in rows
    }
