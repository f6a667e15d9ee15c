"""What can be done with prices."""

from collections.abc import Sequence
from uuid import UUID

from mercer.catalog.errors import VariantUnknown
from mercer.catalog.models import VariantKey
from mercer.catalog.service import find_variants, list_product_ids, list_sold_variants
from mercer.channels.errors import ChannelUnknown
from mercer.channels.models import Channel
from mercer.channels.service import list_channels
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.pricing import queries
from mercer.pricing.errors import PriceRepeated
from mercer.pricing.models import Price
from mercer.pricing.queries import PriceRow
from mercer.pricing.rules import check_price
from mercer.values.stored import Rejection, Stored

_FIRST = UUID(int=0)
_PAGE = 5_000


async def store_prices(context: Context, *, prices: Sequence[Price], touched: Sequence[UUID] = ()) -> Stored:
    """Create, update or remove prices, and list them anew. A faulty one is rejected; the others are stored.

    `touched` are products to be listed anew besides: those that were stored just before.
    """
    variants = await find_variants(context, skus=[price.sku for price in prices])
    channels = {channel.code: channel for channel in await list_channels(context)}
    rejected: list[Rejection] = []
    rows: dict[tuple[UUID, UUID], PriceRow] = {}
    for index, price in enumerate(prices):
        try:
            row = _row(price, index, variants, channels)
            if rows.setdefault((row.variant_id, row.channel_id), row) is not row:
                raise PriceRepeated(sku=price.sku, channel=price.channel)
        except DomainError as error:
            rejected.append(Rejection(index=index, error=error.with_traceback(None)))
    created, updated = await queries.write_prices(context.db, rows.values(), now=context.now)
    changed = (variants[prices[index].sku].product_id for index in sorted(created | updated))
    await refresh_listed(context, product_ids=list(dict.fromkeys((*touched, *changed))))
    return Stored(
        created=len(created),
        updated=len(updated),
        unchanged=len(rows) - len(created) - len(updated),
        rejected=tuple(rejected),
    )


async def refresh_listed(context: Context, *, product_ids: Sequence[UUID]) -> int:
    """Write anew what shoppers see of these products' prices, in every channel. What stays alike is left.

    Returns how many products began to be listed, counted once for each channel.
    """
    sold = await list_sold_variants(context, product_ids=product_ids)
    channels = await list_channels(context)
    return await queries.write_listed(
        context.db,
        product_ids=product_ids,
        sold=((variant.id, variant.product_id) for variant in sold),
        channels=((channel.id, channel.currency) for channel in channels),
    )


async def complete_listed(context: Context) -> int:
    """List all products in channels that are new. Returns how many rows were added."""
    added, after = 0, _FIRST
    while page := await list_product_ids(context, after=after, limit=_PAGE):
        added += await refresh_listed(context, product_ids=page)
        after = page[-1]
    return added


def _row(price: Price, ordinal: int, variants: dict[str, VariantKey], channels: dict[str, Channel]) -> PriceRow:
    check_price(price)
    if (variant := variants.get(price.sku)) is None:
        raise VariantUnknown(sku=price.sku)
    if (channel := channels.get(price.channel)) is None:
        raise ChannelUnknown(channel=price.channel)
    return PriceRow(ordinal, variant.id, channel.id, channel.currency, price.amount, price.before_amount)
