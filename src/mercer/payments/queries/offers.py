"""The SQL of what channels offer."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.payments.models import CaptureMode, Offer
from mercer.payments.tables import offer


async def find_offers(
    connection: AsyncConnection, channel_ids: Sequence[UUID], *, is_changed: bool = False
) -> dict[tuple[UUID, str], tuple[UUID, Offer]]:
    """What channels offer, by channel and provider, with the rows' ids; the caller's to change."""
    found = sa.select(offer).where(offer.c.channel_id.in_(list(channel_ids)))
    found = found.order_by(offer.c.position, offer.c.provider)
    if is_changed:
        found = found.order_by(None).order_by(offer.c.id).with_for_update()
    return {
        (row.channel_id, row.provider): (
            row.id,
            Offer(
                channel_id=row.channel_id,
                provider=row.provider,
                capture=CaptureMode(row.capture),
                is_active=row.is_active,
                position=row.position,
            ),
        )
        for row in await connection.execute(found)
    }


async def write_offer(connection: AsyncConnection, given: Offer) -> UUID:
    """Write what a channel offers."""
    values = {"capture": given.capture.value, "is_active": given.is_active, "position": given.position}
    made = insert(offer).values(channel_id=given.channel_id, provider=given.provider, **values)
    written = made.on_conflict_do_update(index_elements=["channel_id", "provider"], set_=values)
    offer_id: UUID | None = await connection.scalar(written.returning(offer.c.id))
    assert offer_id is not None
    return offer_id
