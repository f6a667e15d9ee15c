"""The mutations by which staff keep shipping."""

from decimal import Decimal
from typing import Any

import strawberry
from strawberry import UNSET, Maybe

from mercer.catalog.graphql.inputs import given, id_of, ids_of, placed, said, version_in
from mercer.channels.errors import ChannelNotFound
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.mutations import mutation, row
from mercer.platform.graphql.scalars import Translations
from mercer.shipping import models, service
from mercer.shipping.errors import (
    ShippingMethodCodeTaken,
    ShippingMethodNotFound,
    ShippingMethodOffered,
    ShippingZoneChannelInUse,
    ShippingZoneCodeTaken,
    ShippingZoneInUse,
    ShippingZoneNotFound,
    ShippingZoneOutsideChannel,
)
from mercer.shipping.graphql.admin import VERSION, ShippingMethod, ShippingZone
from mercer.values.graphql.places import AreaInput, areas_of

MANAGE = "shipping.manage"
_CODE = "What imports name it by. It never changes."
_TAX_CLASS = "Null: the default class."
_FREE_FROM = "From what value of the goods on it costs nothing. Null: it never does."
_TIERS = "All of them, from 0 upwards, when it is not flat."


@strawberry.input(description="A new shipping zone.")
class ShippingZoneCreateInput:
    code: str = strawberry.field(description=_CODE)
    name: str
    areas: list[AreaInput] = strawberry.field(default_factory=list)
    channel_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The channels that ship to it."
    )


@strawberry.input(description="What is to be another in a shipping zone. What is left out stays.")
class ShippingZoneUpdateInput:
    name: Maybe[str]
    areas: Maybe[list[AreaInput]] = strawberry.field(description="All of them.")
    channel_ids: Maybe[list[strawberry.ID]] = strawberry.field(description="All the channels that ship to it.")
    version: Maybe[int] = strawberry.field(description=VERSION)


@strawberry.input(description="What a method costs from a weight, or from a value in the channel's currency, on.")
class ShippingTierInput:
    from_weight_grams: Maybe[int | None]
    from_value: Maybe[Decimal | None]
    amount: Decimal = strawberry.field(description="In the channel's currency and tax mode.")


@strawberry.input(description="A new way of delivery. Amounts are in the channel's currency and tax mode.")
class ShippingMethodCreateInput:
    zone_id: strawberry.ID
    channel_id: strawberry.ID
    code: str = strawberry.field(description=f"{_CODE} The same way in several zones has the same code.")
    name: str
    basis: models.RateBasis = strawberry.field(description="What its price depends on.")
    name_translations: Maybe[Translations]
    description: Maybe[str]
    description_translations: Maybe[Translations]
    carrier: Maybe[str | None]
    tax_class_id: Maybe[strawberry.ID | None] = strawberry.field(description=_TAX_CLASS)
    amount: Maybe[Decimal | None] = strawberry.field(description="When it is flat.")
    tiers: Maybe[list[ShippingTierInput]] = strawberry.field(description=_TIERS)
    free_from: Maybe[Decimal | None] = strawberry.field(description=_FREE_FROM)
    least_weight_grams: Maybe[int | None]
    most_weight_grams: Maybe[int | None]
    least_value: Maybe[Decimal | None]
    most_value: Maybe[Decimal | None]
    position: Maybe[int]


@strawberry.input(
    description="What is to be another in a method. What is left out stays. Translations: null removes one."
)
class ShippingMethodUpdateInput:
    name: Maybe[str]
    basis: Maybe[models.RateBasis] = strawberry.field(description="What its price depends on.")
    name_translations: Maybe[Translations]
    description: Maybe[str]
    description_translations: Maybe[Translations]
    carrier: Maybe[str | None]
    tax_class_id: Maybe[strawberry.ID | None] = strawberry.field(description=_TAX_CLASS)
    amount: Maybe[Decimal | None] = strawberry.field(description="When it is flat.")
    tiers: Maybe[list[ShippingTierInput]] = strawberry.field(description=_TIERS)
    free_from: Maybe[Decimal | None] = strawberry.field(description=_FREE_FROM)
    least_weight_grams: Maybe[int | None]
    most_weight_grams: Maybe[int | None]
    least_value: Maybe[Decimal | None]
    most_value: Maybe[Decimal | None]
    position: Maybe[int]
    version: Maybe[int] = strawberry.field(description=VERSION)


@strawberry.type(description="A shipping zone is gone.")
class ShippingZoneDeleted:
    id: strawberry.ID


@strawberry.type(description="A shipping method is gone.")
class ShippingMethodDeleted:
    id: strawberry.ID


@mutation(ShippingZoneCodeTaken, ChannelNotFound, needs=MANAGE)
async def shipping_zone_create(context: Context, input: ShippingZoneCreateInput) -> ShippingZone:
    """Add a shipping zone."""
    zone = models.NewZone(
        code=input.code, name=input.name, areas=areas_of(input.areas), channel_ids=ids_of(input.channel_ids)
    )
    with placed("input"):
        return row(ShippingZone, await service.create_zone(context, zone=zone))


@mutation(ShippingZoneNotFound, VersionConflict, ChannelNotFound, ShippingZoneChannelInUse, needs=MANAGE)
async def shipping_zone_update(context: Context, id: strawberry.ID, input: ShippingZoneUpdateInput) -> ShippingZone:
    """Change what a zone is called, what it is made of, or which channels ship to it."""
    changes: models.ZoneChanges = _changes(input)
    if input.areas:
        changes["areas"] = areas_of(input.areas.value)
    with placed("input"):
        await service.update_zone(context, zone_id=id_of(id), changes=changes, version=version_in(input))
    return row(ShippingZone, id_of(id))


@mutation(ShippingZoneNotFound, VersionConflict, ShippingZoneInUse, needs=MANAGE)
async def shipping_zone_delete(context: Context, id: strawberry.ID, version: int | None = UNSET) -> ShippingZoneDeleted:
    """Delete a shipping zone that has no methods."""
    with placed():
        await service.delete_zone(context, zone_id=id_of(id), version=said(version))
    return ShippingZoneDeleted(id=id)


@mutation(ShippingZoneNotFound, ChannelNotFound, ShippingZoneOutsideChannel, ShippingMethodCodeTaken, needs=MANAGE)
async def shipping_method_create(context: Context, input: ShippingMethodCreateInput) -> ShippingMethod:
    """Offer a way of delivery to a zone in one of its channels."""
    with placed("input"):
        return row(ShippingMethod, await service.create_method(context, method=given(input)))


@mutation(ShippingMethodNotFound, VersionConflict, needs=MANAGE)
async def shipping_method_update(
    context: Context, id: strawberry.ID, input: ShippingMethodUpdateInput
) -> ShippingMethod:
    """Change what a method is, or costs. Orders keep what they were shipped with."""
    with placed("input"):
        await service.update_method(context, method_id=id_of(id), changes=_changes(input), version=version_in(input))
    return row(ShippingMethod, id_of(id))


@mutation(ShippingMethodNotFound, VersionConflict, needs=MANAGE)
async def shipping_method_archive(context: Context, id: strawberry.ID, version: int | None = UNSET) -> ShippingMethod:
    """Offer a method no longer."""
    with placed():
        await service.archive_method(context, method_id=id_of(id), version=said(version))
    return row(ShippingMethod, id_of(id))


@mutation(ShippingMethodNotFound, VersionConflict, needs=MANAGE)
async def shipping_method_restore(context: Context, id: strawberry.ID, version: int | None = UNSET) -> ShippingMethod:
    """Offer a method again that was archived."""
    with placed():
        await service.restore_method(context, method_id=id_of(id), version=said(version))
    return row(ShippingMethod, id_of(id))


@mutation(ShippingMethodNotFound, VersionConflict, ShippingMethodOffered, needs=MANAGE)
async def shipping_method_delete(
    context: Context, id: strawberry.ID, version: int | None = UNSET
) -> ShippingMethodDeleted:
    """Delete a method that is archived. Orders keep what they were shipped with."""
    with placed():
        await service.delete_method(context, method_id=id_of(id), version=said(version))
    return ShippingMethodDeleted(id=id)


def _changes(input: Any) -> Any:
    """The fields of an input that are there; the version is no change."""
    return {name: value for name, value in given(input).items() if name != "version"}
