"""The mutations by which staff keep taxes."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry import UNSET, Maybe

from mercer.catalog.errors import ProductNotFound
from mercer.catalog.graphql.admin import Product
from mercer.catalog.graphql.inputs import given as given_in
from mercer.catalog.graphql.inputs import id_of, ids_of, placed, said, version_in
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.mutations import mutation, row, rows
from mercer.tax import models, service
from mercer.tax.errors import (
    DefaultTaxClassNeeded,
    TaxAreaTaken,
    TaxClassCodeTaken,
    TaxClassInUse,
    TaxClassNotFound,
    TaxRateNotFound,
    TaxRatesOverlap,
    TaxZoneCodeTaken,
    TaxZoneInUse,
    TaxZoneNotFound,
)
from mercer.tax.graphql.admin import VERSION, TaxClass, TaxRate, TaxZone
from mercer.values.graphql.places import AreaInput, areas_of

MANAGE = "taxes.manage"
_CODE = "What imports name it by. It never changes."
_PERCENT = "0.19 is 19 per cent. At most 6 digits after the point."


@strawberry.input(description="A new tax class.")
class TaxClassCreateInput:
    code: str = strawberry.field(description=_CODE)
    name: str
    is_default: bool = strawberry.field(
        default=False, description="Whether it is to be that of all products that were given none."
    )


@strawberry.input(description="What is to be another in a tax class. What is left out stays.")
class TaxClassUpdateInput:
    name: Maybe[str]
    is_default: Maybe[bool] = strawberry.field(description="True takes it from the one that was.")
    version: Maybe[int] = strawberry.field(description=VERSION)


@strawberry.input(description="A new tax zone.")
class TaxZoneCreateInput:
    code: str = strawberry.field(description=f"{_CODE} It is the jurisdiction of its taxes.")
    name: str
    areas: list[AreaInput] = strawberry.field(default_factory=list)


@strawberry.input(description="What is to be another in a tax zone. What is left out stays.")
class TaxZoneUpdateInput:
    name: Maybe[str]
    areas: Maybe[list[AreaInput]] = strawberry.field(description="All of them.")
    version: Maybe[int] = strawberry.field(description=VERSION)


@strawberry.input(description="A new rate of a zone for a class.")
class TaxRateCreateInput:
    zone_id: strawberry.ID
    tax_class_id: strawberry.ID
    name: str = strawberry.field(description="What the tax is called. Of several names they add up.")
    rate: Decimal = strawberry.field(description=_PERCENT)
    begins_at: datetime | None = strawberry.field(default=None, description="Null: it has always held.")
    ends_at: datetime | None = strawberry.field(default=None, description="Null: it does not end.")


@strawberry.input(description="What is to be another in a rate, as if it had always been so. What is left out stays.")
class TaxRateUpdateInput:
    name: Maybe[str]
    rate: Maybe[Decimal] = strawberry.field(description=_PERCENT)
    begins_at: Maybe[datetime | None] = strawberry.field(description="Null: it has always held.")
    ends_at: Maybe[datetime | None] = strawberry.field(description="Null: it does not end.")
    version: Maybe[int] = strawberry.field(description=VERSION)


@strawberry.input(description="What a tax is to be from a moment on.")
class TaxRateScheduleInput:
    rate: Decimal = strawberry.field(description=_PERCENT)
    begins_at: datetime = strawberry.field(description="When the one before it ends.")
    ends_at: datetime | None = strawberry.field(default=None, description="Null: when the one before it was to end.")
    version: Maybe[int] = strawberry.field(description=VERSION)


@strawberry.type(description="A tax class is gone.")
class TaxClassDeleted:
    id: strawberry.ID


@strawberry.type(description="A tax zone is gone.")
class TaxZoneDeleted:
    id: strawberry.ID


@strawberry.type(description="A tax rate is gone.")
class TaxRateDeleted:
    id: strawberry.ID


@strawberry.type(description="Products are taxed as a class.")
class TaxClassAssigned:
    products: list[Product] = strawberry.field(description="Each once.")


def _changes(input: Any) -> Any:
    """The fields of an input that are there; the version is no change."""
    return {name: value for name, value in given_in(input).items() if name != "version"}


@mutation(TaxClassCodeTaken, needs=MANAGE)
async def tax_class_create(context: Context, input: TaxClassCreateInput) -> TaxClass:
    """Add a tax class."""
    with placed("input"):
        return row(TaxClass, await service.create_class(context, tax_class=models.TaxClass(**vars(input))))


@mutation(TaxClassNotFound, VersionConflict, DefaultTaxClassNeeded, needs=MANAGE)
async def tax_class_update(context: Context, id: strawberry.ID, input: TaxClassUpdateInput) -> TaxClass:
    """Change what a tax class is called, or make it the default."""
    changes: models.ClassChanges = _changes(input)
    with placed("input"):
        await service.update_class(context, class_id=id_of(id), changes=changes, version=version_in(input))
    return row(TaxClass, id_of(id))


@mutation(TaxClassNotFound, VersionConflict, DefaultTaxClassNeeded, TaxClassInUse, needs=MANAGE)
async def tax_class_delete(context: Context, id: strawberry.ID, version: int | None = UNSET) -> TaxClassDeleted:
    """Delete a tax class that no rate and no product is of."""
    with placed():
        await service.delete_class(context, class_id=id_of(id), version=said(version))
    return TaxClassDeleted(id=id)


@mutation(TaxClassNotFound, ProductNotFound, needs=MANAGE)
async def tax_class_assign(
    context: Context, product_ids: list[strawberry.ID], tax_class_id: strawberry.ID | None = None
) -> TaxClassAssigned:
    """Let products, 250 at most, be taxed as this class; as the default one, whichever it is, when none is named."""
    wanted = None if tax_class_id is None else id_of(tax_class_id)
    with placed():
        assigned = await service.assign_class(context, product_ids=ids_of(product_ids), tax_class_id=wanted)
    return TaxClassAssigned(products=rows(Product, assigned))


@mutation(TaxZoneCodeTaken, TaxAreaTaken, needs=MANAGE)
async def tax_zone_create(context: Context, input: TaxZoneCreateInput) -> TaxZone:
    """Add a tax zone."""
    zone = models.TaxZone(code=input.code, name=input.name, areas=areas_of(input.areas))
    with placed("input"):
        return row(TaxZone, await service.create_zone(context, zone=zone))


@mutation(TaxZoneNotFound, VersionConflict, TaxAreaTaken, needs=MANAGE)
async def tax_zone_update(context: Context, id: strawberry.ID, input: TaxZoneUpdateInput) -> TaxZone:
    """Change what a tax zone is called, or what it is made of."""
    changes: models.ZoneChanges = _changes(input)
    if input.areas:
        changes["areas"] = areas_of(input.areas.value)
    with placed("input"):
        await service.update_zone(context, zone_id=id_of(id), changes=changes, version=version_in(input))
    return row(TaxZone, id_of(id))


@mutation(TaxZoneNotFound, VersionConflict, TaxZoneInUse, needs=MANAGE)
async def tax_zone_delete(context: Context, id: strawberry.ID, version: int | None = UNSET) -> TaxZoneDeleted:
    """Delete a tax zone that has no rates."""
    with placed():
        await service.delete_zone(context, zone_id=id_of(id), version=said(version))
    return TaxZoneDeleted(id=id)


@mutation(TaxZoneNotFound, TaxClassNotFound, TaxRatesOverlap, needs=MANAGE)
async def tax_rate_create(context: Context, input: TaxRateCreateInput) -> TaxRate:
    """Add a rate. Of the same zone, class and name only one holds at a time."""
    new = models.NewRate(**{**vars(input), "zone_id": id_of(input.zone_id), "tax_class_id": id_of(input.tax_class_id)})
    with placed("input"):
        return row(TaxRate, await service.create_rate(context, rate=new))


@mutation(TaxRateNotFound, VersionConflict, TaxRatesOverlap, needs=MANAGE)
async def tax_rate_update(context: Context, id: strawberry.ID, input: TaxRateUpdateInput) -> TaxRate:
    """Put a rate right. To let it be another from now on, schedule one. Orders keep what they were reckoned with."""
    changes: models.RateChanges = _changes(input)
    with placed("input"):
        await service.update_rate(context, rate_id=id_of(id), changes=changes, version=version_in(input))
    return row(TaxRate, id_of(id))


@mutation(TaxRateNotFound, VersionConflict, TaxRatesOverlap, needs=MANAGE)
async def tax_rate_schedule(context: Context, id: strawberry.ID, input: TaxRateScheduleInput) -> TaxRate:
    """Let a tax be another from a moment on: the rate ends there, and the one that is returned follows."""
    with placed("input"):
        following = await service.schedule_rate(
            context,
            rate_id=id_of(id),
            rate=input.rate,
            begins_at=input.begins_at,
            ends_at=input.ends_at,
            version=version_in(input),
        )
    return row(TaxRate, following)


@mutation(TaxRateNotFound, VersionConflict, needs=MANAGE)
async def tax_rate_delete(context: Context, id: strawberry.ID, version: int | None = UNSET) -> TaxRateDeleted:
    """Delete a rate, as if it had never been. Orders keep what they were reckoned with."""
    with placed():
        await service.delete_rate(context, rate_id=id_of(id), version=said(version))
    return TaxRateDeleted(id=id)
