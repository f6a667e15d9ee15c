"""The verb by which imports store prices."""

from collections.abc import Sequence
from uuid import UUID

from mercer.catalog.errors import VariantUnknown
from mercer.catalog.models import VariantKey
from mercer.catalog.service import find_variants, lock_variants
from mercer.channels.errors import ChannelUnknown
from mercer.channels.models import Channel
from mercer.channels.service import list_channels
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.pricing.errors import PriceRepeated
from mercer.pricing.models import Price
from mercer.pricing.queries import stored as queries
from mercer.pricing.queries.stored import PriceRow
from mercer.pricing.rules import check_price
from mercer.pricing.service.listing import list_again
from mercer.values.stored import Rejection, Stored


async def store_prices(context: Context, *, prices: Sequence[Price]) -> Stored:
    """Create, update or remove usual prices, some thousands at a time, and list them anew.

    A faulty one is rejected; the others are stored. Scheduled prices stay. What changed stands in the prices' history,
    not in the audit.
    """
    found = await find_variants(context, skus=[price.sku for price in prices])
    locked = await lock_variants(context, variant_ids=[variant.id for variant in found.values()])
    variants = {sku: variant for sku, variant in found.items() if variant.id in locked}
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
    changed = dict.fromkeys(variants[prices[index].sku].id for index in sorted(created | updated))
    await list_again(context, variants=[locked[variant_id] for variant_id in changed])
    return Stored(
        created=len(created),
        updated=len(updated),
        unchanged=len(rows) - len(created) - len(updated),
        rejected=tuple(rejected),
    )


def _row(price: Price, ordinal: int, variants: dict[str, VariantKey], channels: dict[str, Channel]) -> PriceRow:
    check_price(price)
    if (variant := variants.get(price.sku)) is None:
        raise VariantUnknown(sku=price.sku)
    if (channel := channels.get(price.channel)) is None:
        raise ChannelUnknown(channel=price.channel)
    return PriceRow(ordinal, variant.id, channel.id, channel.currency, price.amount, price.before_amount)
