"""Prices for whoever sells."""

from collections.abc import Collection
from uuid import UUID

from mercer.platform.context import Context
from mercer.pricing.models import ListedPrice
from mercer.pricing.queries import selling


async def find_listed(context: Context, *, variant_ids: Collection[UUID], channel_id: UUID) -> dict[UUID, ListedPrice]:
    """What shoppers are asked for these variants in a channel now. Those without a price are left out."""
    return await selling.find_listed(context.db, variant_ids, channel_id=channel_id, now=context.now)
