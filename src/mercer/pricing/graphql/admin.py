"""Prices as the admin API shows them: of every channel."""

from datetime import datetime
from decimal import Decimal

import strawberry

from mercer.channels.graphql.admin import Channel
from mercer.platform.graphql.views import column, computed, many, one, view
from mercer.pricing import tables
from mercer.pricing.graphql.money import decimal_amount


@view(tables.price)
class VariantPrice:
    """What is asked for one unit of a variant in a channel, in the channel's tax mode."""

    channel: Channel | None = one(on=lambda price, channel: channel.c.id == price.c.channel_id)
    amount: Decimal = computed(lambda price: decimal_amount(price.c.amount, price.c.currency), total=True)
    before: Decimal | None = computed(
        lambda price: decimal_amount(price.c.before_amount, price.c.currency),
        description="The struck-out amount beside it, if any.",
    )
    currency: str = column(description="ISO 4217.")
    updated_at: datetime = column()


@strawberry.type
class VariantPrices:
    """What pricing adds to a variant."""

    prices: list[VariantPrice] = many(
        on=lambda variant, price: price.c.variant_id == variant.c.id, order_by=lambda price: (price.c.channel_id,)
    )
