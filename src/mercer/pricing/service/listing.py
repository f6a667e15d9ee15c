"""Listing anew what changed, and telling who follows prices."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice
from uuid import UUID

from mercer.catalog.models import LockedVariant
from mercer.catalog.service import lock_variants
from mercer.platform.context import Context
from mercer.pricing.events import PricesChanged
from mercer.pricing.queries import listing
from mercer.pricing.queries.listing import Due, ListedVariant

KEPT_FOR = timedelta(hours=1)
"""How long what ended stays listed, so that a reader whose clock is behind still finds it."""
_MOST_TAGS = 50
_MOST_IN_EVENT = 500
_BATCH = 500
_LAST = UUID(int=2**128 - 1)


async def list_again(context: Context, *, variants: Sequence[LockedVariant]) -> None:
    """List the prices of these variants anew, note what changed for shoppers, and tell of it."""
    if not variants:
        return
    rows = (ListedVariant(each.id, each.product_id, not each.is_archived) for each in variants)
    await listing.write_listed(context.db, rows, now=context.now, kept_since=context.now - KEPT_FOR)
    _tell(context, {each.product_id for each in variants})


async def follow_windows(context: Context, *, limit: int = _BATCH) -> bool:
    """Tell of scheduled prices that began or ended since the last time. Returns whether there may be more.

    Reads need none of this: they look at the time themselves. One at a time does it; nothing is told twice.
    """
    reached = await listing.lock_followed(context.db)
    due = await listing.list_due(context.db, after=reached, now=context.now, limit=limit)
    variants = await lock_variants(context, variant_ids=[each.variant_id for each in due])
    await list_again(context, variants=list(variants.values()))
    is_more = len(due) == limit
    if is_more:
        await listing.follow(context.db, due[-1])
    elif context.now >= reached.at:
        await listing.follow(context.db, Due(context.now, _LAST))
    return is_more


def _tell(context: Context, product_ids: Iterable[UUID]) -> None:
    ids = sorted(product_ids)
    remaining = iter(ids)
    while part := tuple(islice(remaining, _MOST_IN_EVENT)):
        context.announce(PricesChanged(product_ids=part))
    if len(ids) > _MOST_TAGS:
        context.outdate("catalog")
    else:
        context.outdate("products", *(f"product:{each}" for each in ids))
