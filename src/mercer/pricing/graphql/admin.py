"""Prices as the admin API shows them: of every channel."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
import strawberry

from mercer.catalog.graphql.admin import ProductVariant
from mercer.channels.graphql.admin import Channel
from mercer.platform.graphql.views import (
    AskedOrder,
    Connection,
    Filter,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    computed,
    many,
    one,
    page,
    view,
    within_channels,
)
from mercer.platform.graphql.views.operators import DateTimeOperators, IdOperators
from mercer.pricing import tables
from mercer.values.graphql.money import decimal_amount

READ = "prices.read"


def _is_seen(row: Row) -> sa.ColumnElement[bool]:
    return within_channels(READ, row.c.channel_id)


@view(tables.price, rows=_is_seen)
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
    version: int = column()


@view(tables.scheduled_price, rows=_is_seen)
class ScheduledPrice:
    """What is asked instead from a moment on, until another, in the channel's tax mode."""

    channel: Channel | None = one(on=lambda price, channel: channel.c.id == price.c.channel_id)
    begins_at: datetime = column("valid_from")
    ends_at: datetime | None = column("valid_until", description="Null: it does not end by itself.")
    amount: Decimal = computed(lambda price: decimal_amount(price.c.amount, price.c.currency), total=True)
    before: Decimal | None = computed(
        lambda price: decimal_amount(price.c.before_amount, price.c.currency),
        description="The struck-out amount beside it, if any.",
    )
    currency: str = column(description="ISO 4217.")
    updated_at: datetime = column()
    version: int = column()


@view(tables.price_change, rows=_is_seen)
class PriceChange:
    """What shoppers paid for one unit of a variant in a channel from a moment on."""

    id: strawberry.ID = column()
    variant: ProductVariant | None = one(on=lambda change, variant: variant.c.id == change.c.variant_id)
    channel: Channel | None = one(on=lambda change, channel: channel.c.id == change.c.channel_id)
    changed_at: datetime = column("at")
    amount: Decimal | None = computed(
        lambda change: decimal_amount(change.c.amount, change.c.currency),
        description="Null: from then on it had no price.",
    )
    before: Decimal | None = computed(
        lambda change: decimal_amount(change.c.before_amount, change.c.currency),
        description="The struck-out amount beside it, if any.",
    )
    currency: str = column(description="ISO 4217.")


@strawberry.type
class VariantPrices:
    """What pricing adds to a variant."""

    prices: list[VariantPrice] = many(
        on=lambda variant, price: price.c.variant_id == variant.c.id,
        order_by=lambda price: (price.c.channel_id,),
        needs=READ,
    )
    scheduled_prices: list[ScheduledPrice] = many(
        on=lambda variant, price: price.c.variant_id == variant.c.id,
        order_by=lambda price: (price.c.valid_from, price.c.channel_id),
        most=250,
        needs=READ,
    )


@strawberry.type
class Query:
    price_changes: Connection[PriceChange] = page(
        needs=READ, description="What prices were when, as far as shoppers saw them."
    )


LISTINGS: Listings = {
    PriceChange: Listing(
        filters={
            "variant": Filter(IdOperators, lambda change, given: given.compared(change.c.variant_id)),
            "channel": Filter(IdOperators, lambda change, given: given.compared(change.c.channel_id)),
            "changedAt": Filter(DateTimeOperators, lambda change, given: given.compared(change.c.at)),
        },
        sorts={"CHANGED_AT": Sort(lambda change: change.c.at)},
        default_order=AskedOrder("CHANGED_AT", SortDirection.DESC),
    ),
}
