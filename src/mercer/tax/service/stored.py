"""The verbs by which imports and seeds store classes, zones and rates. One that is faulty refuses all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from mercer.platform.context import Context
from mercer.tax.errors import TaxClassInvalid, TaxClassUnknown, TaxRateInvalid, TaxZoneInvalid, TaxZoneUnknown
from mercer.tax.models import KnownRate, NewRate, TaxClass, TaxZone, ZoneRate
from mercer.tax.providers import eu_vat
from mercer.tax.queries import settings as queries
from mercer.tax.rules import check_areas, check_windows, class_faults, of, rate_faults, zone_faults
from mercer.tax.service.classes import add_class, write_class
from mercer.tax.service.rates import add_rate, write_rate
from mercer.tax.service.zones import add_zone, keyed, write_zone
from mercer.values.stored import Stored


async def store_classes(context: Context, *, classes: Sequence[TaxClass]) -> Stored:
    """Create or update classes, by code; of the same code the last one counts. None stops being the default by itself.

    Raises `TaxClassInvalid`.
    """
    given = {each.code: each for each in classes}
    for each in given.values():
        for path in class_faults(each):
            raise TaxClassInvalid(tax_class=each.code, field=path[0])
    await queries.lock_taxes(context.db)
    created = updated = 0
    for code, each in given.items():
        stored = await queries.load_classes(context.db)
        before = next((known for known in stored if known.code == code), None)
        if before is None:
            await add_class(context, tax_class=each, stored=stored)
            created += 1
        else:
            after = replace(before, name=each.name, is_default=each.is_default or before.is_default)
            updated += await write_class(context, before=before, after=after, stored=stored)
    return Stored(created=created, updated=updated, unchanged=len(given) - created - updated)


async def store_zones(context: Context, *, zones: Sequence[TaxZone]) -> Stored:
    """Create or update zones and what they are made of, by code; of the same code the last one counts.

    Raises `TaxZoneInvalid`, `TaxAreaTaken`.
    """
    given = {each.code: each for each in zones}
    for each in given.values():
        for path in zone_faults(each):
            raise TaxZoneInvalid(zone=each.code, field=path[0])
    given = {code: keyed(each) for code, each in given.items()}
    await queries.lock_taxes(context.db)
    stored = {known.code: known for known in await queries.load_zones(context.db)}
    after: Mapping[str, TaxZone] = {**stored, **given}
    for code, each in given.items():
        check_areas(each, (other for other in after.values() if other.code != code))
    updated = 0
    for code, each in given.items():
        if before := stored.get(code):
            updated += await write_zone(context, before=before, after=replace(before, name=each.name, areas=each.areas))
        else:
            await add_zone(context, zone=each)
    created = len(given.keys() - stored.keys())
    return Stored(created=created, updated=updated, unchanged=len(given) - created - updated)


async def store_rates(context: Context, *, rates: Sequence[ZoneRate]) -> Stored:
    """Create or update rates, by zone, class, name and beginning; of the same the last one counts.

    Raises `TaxZoneUnknown`, `TaxClassUnknown`, `TaxRateInvalid`, `TaxRatesOverlap`.
    """
    await queries.lock_taxes(context.db)
    zones = {each.code: each.id for each in await queries.load_zones(context.db)}
    classes = {each.code: each.id for each in await queries.load_classes(context.db)}
    given: dict[tuple[tuple[UUID, UUID, str], datetime | None], NewRate] = {}
    for each in rates:
        if each.zone not in zones:
            raise TaxZoneUnknown(zone=each.zone)
        if each.tax_class not in classes:
            raise TaxClassUnknown(tax_class=each.tax_class)
        for path in rate_faults(each):
            raise TaxRateInvalid(zone=each.zone, tax_class=each.tax_class, field=path[0])
        new = NewRate(
            zone_id=zones[each.zone],
            tax_class_id=classes[each.tax_class],
            name=each.name,
            rate=each.rate,
            begins_at=each.begins_at,
            ends_at=each.ends_at,
        )
        given[of(new), new.begins_at] = new
    of_zones = await queries.load_rates(context.db, {new.zone_id for new in given.values()})
    stored = {(of(known), known.begins_at): known for known in of_zones}
    changed = [
        replace(known, rate=given[key].rate, ends_at=given[key].ends_at) if key in given else known
        for key, known in stored.items()
    ]
    added: list[NewRate] = [new for key, new in given.items() if key not in stored]
    updated = await _write_rates(context, list(stored.values()), changed, added)
    return Stored(created=len(added), updated=updated, unchanged=len(given) - len(added) - updated)


async def store_eu_vat(context: Context, *, countries: Sequence[str] | None = None) -> Stored:
    """Store the VAT of these member states, or of all, as the package eu-vat-rates-data knows it.

    Classes `standard` and `reduced`, and a zone for each country: `eu-de`.
    """
    wanted = eu_vat.countries() if countries is None else list(countries)
    of_classes = await store_classes(context, classes=[eu_vat.STANDARD, eu_vat.REDUCED])
    of_zones = await store_zones(context, zones=eu_vat.zones(wanted))
    of_rates = await store_rates(context, rates=eu_vat.rates(wanted))
    parts = (of_classes, of_zones, of_rates)
    return Stored(
        created=sum(each.created for each in parts),
        updated=sum(each.updated for each in parts),
        unchanged=sum(each.unchanged for each in parts),
    )


async def _write_rates(
    context: Context, stored: Sequence[KnownRate], changed: Sequence[KnownRate], added: Sequence[NewRate]
) -> int:
    """Write rates that do not overlap, and say how many of those there changed. Raises `TaxRatesOverlap`."""
    for index, after in enumerate(changed):
        check_windows(after, changed[:index])
    updated = 0
    for before, after in zip(stored, changed, strict=True):
        updated += await write_rate(context, before=before, after=after)
    known = list(changed)
    for new in added:
        check_windows(new, known)
        known.append(KnownRate(**vars(new), id=await add_rate(context, rate=new), version=1))
    return updated
