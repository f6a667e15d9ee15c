"""The mutations by which staff set prices."""

from datetime import datetime
from decimal import Decimal

import strawberry

from mercer.catalog.errors import VariantNotFound
from mercer.catalog.graphql.admin import ProductVariant
from mercer.channels.errors import ChannelNotFound
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import mutation, rows
from mercer.pricing import service
from mercer.pricing.errors import PriceNotFound, PriceWindowsOverlap
from mercer.pricing.models import PriceChange, PriceKey

MANAGE = "prices.manage"


@strawberry.input(description="Which price of a variant in a channel.")
class PriceKeyInput:
    variant_id: strawberry.ID
    channel_id: strawberry.ID
    begins_at: datetime | None = strawberry.field(
        default=None, description="When a scheduled price begins. Null: the usual price."
    )


@strawberry.input(description="What one unit of a variant is to cost in a channel, in the channel's tax mode.")
class PriceInput(PriceKeyInput):
    amount: Decimal = strawberry.field(description="With the digits of the channel's currency, at most.")
    before_amount: Decimal | None = strawberry.field(
        default=None, description="The higher, struck-out amount beside it."
    )
    ends_at: datetime | None = strawberry.field(
        default=None,
        description="When the usual price holds again. Without `beginsAt` this one begins now.",
    )
    version: int | None = strawberry.field(
        default=None, description="The version that was read; 0 where there was no such price."
    )


@strawberry.type(description="Prices that were set.")
class PricesSet:
    variants: list[ProductVariant] = strawberry.field(description="Whose prices they are, each once.")


@strawberry.type(description="Prices that were removed.")
class PricesRemoved:
    variants: list[ProductVariant] = strawberry.field(description="Whose prices they were, each once.")


@mutation(VariantNotFound, ChannelNotFound, VersionConflict, PriceWindowsOverlap, needs=MANAGE)
async def prices_set(context: Context, prices: list[PriceInput]) -> PricesSet:
    """Set usual and scheduled prices, 250 at most: all of them, or none. Scheduled ones may not overlap."""
    changes = [
        PriceChange(
            variant_id=given_id(price.variant_id),
            channel_id=given_id(price.channel_id),
            valid_from=price.begins_at,
            valid_until=price.ends_at,
            amount=price.amount,
            before_amount=price.before_amount,
            version=price.version,
        )
        for price in prices
    ]
    variants = await service.set_prices(context, prices=changes)
    return PricesSet(variants=rows(ProductVariant, variants))


@mutation(VariantNotFound, ChannelNotFound, PriceNotFound, needs=MANAGE)
async def prices_remove(context: Context, prices: list[PriceKeyInput]) -> PricesRemoved:
    """Remove usual and scheduled prices, 250 at most: all of them, or none."""
    keys = [
        PriceKey(
            variant_id=given_id(price.variant_id), channel_id=given_id(price.channel_id), valid_from=price.begins_at
        )
        for price in prices
    ]
    variants = await service.remove_prices(context, prices=keys)
    return PricesRemoved(variants=rows(ProductVariant, variants))
