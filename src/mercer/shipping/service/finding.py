"""Which methods a parcel can take."""

from uuid import UUID

from mercer.platform.context import Context
from mercer.shipping.models import ShippingOffer
from mercer.shipping.queries import finding as queries
from mercer.values.places import postal_key, region_key


async def find_methods(
    context: Context,
    *,
    channel_id: UUID,
    country: str,
    region: str | None,
    postal_code: str | None,
    weight_grams: int,
    value: int,
) -> tuple[ShippingOffer, ...]:
    """What a parcel of this weight and value can take to this place, the cheapest first; then by position.

    The methods of all zones of the channel that the place is in are offered. Of the same code only one is: that of the
    most specific zone, by the longest beginning of a postal code, then the region, then the country. `value` is what
    the goods are worth, in minor units of the channel's currency.
    """
    return await queries.list_offers(
        context.db,
        channel_id=channel_id,
        country=country,
        region=region_key(region, country=country),
        postal=postal_key(postal_code),
        weight_grams=weight_grams,
        value=value,
    )
