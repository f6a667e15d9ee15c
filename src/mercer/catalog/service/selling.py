"""Variants for whoever sells them."""

from collections.abc import Collection
from uuid import UUID

from mercer.catalog.models import Sellable
from mercer.catalog.queries import selling
from mercer.platform.context import Context


async def find_sellable(context: Context, *, variant_ids: Collection[UUID], channel_id: UUID) -> dict[UUID, Sellable]:
    """Those of these variants that there are, and whether each is sold in the channel now. They are not locked."""
    return await selling.find_sellable(context.db, variant_ids, channel_id=channel_id, now=context.now)
