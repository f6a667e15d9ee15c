"""The verbs by which staff keep tax zones."""

from dataclasses import asdict, replace
from typing import Any, TypeVar
from uuid import UUID

from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.tax.errors import TaxZoneCodeTaken, TaxZoneInUse, TaxZoneNotFound
from mercer.tax.events import TaxZoneCreated, TaxZoneDeleted, TaxZoneUpdated
from mercer.tax.models import KnownZone, TaxZone, ZoneChanges
from mercer.tax.queries import settings as queries
from mercer.tax.rules import check_areas, refuse, zone_faults
from mercer.values.places import area_key

ENTITY = "TaxZone"
Zone = TypeVar("Zone", bound=TaxZone)


async def create_zone(context: Context, *, zone: TaxZone) -> UUID:
    """Add a zone. Raises `InvalidInput`, `TaxZoneCodeTaken`, `TaxAreaTaken`."""
    refuse(zone_faults(zone))
    await queries.lock_taxes(context.db)
    stored = await queries.load_zones(context.db)
    if any(zone.code == other.code for other in stored):
        raise TaxZoneCodeTaken(zone=zone.code).at("code")
    zone = keyed(zone)
    check_areas(zone, stored)
    return await add_zone(context, zone=zone)


async def update_zone(context: Context, *, zone_id: UUID, changes: ZoneChanges, version: int | None = None) -> None:
    """Change what a zone is called, or what it is made of.

    Raises `TaxZoneNotFound`, `VersionConflict`, `InvalidInput`, `TaxAreaTaken`.
    """
    stored, before = await _locked(context, zone_id, version)
    after = replace(before, **changes)
    refuse(zone_faults(after))
    after = keyed(after)
    check_areas(after, (each for each in stored if each.id != zone_id))
    await write_zone(context, before=before, after=after)


async def delete_zone(context: Context, *, zone_id: UUID, version: int | None = None) -> None:
    """Delete a zone that has no rates. Raises `TaxZoneNotFound`, `VersionConflict`, `TaxZoneInUse`."""
    _, before = await _locked(context, zone_id, version)
    if rates := await queries.load_rates(context.db, [zone_id]):
        raise TaxZoneInUse(rates=len(rates))
    await queries.delete_zone(context.db, zone_id)
    context.record(ENTITY, zone_id, {name: (value, None) for name, value in _told(before).items()})
    context.announce(TaxZoneDeleted(zone_id=zone_id))


def keyed(zone: Zone) -> Zone:
    """A zone, checked, as it is stored."""
    return replace(zone, areas=tuple(map(area_key, zone.areas)))


async def add_zone(context: Context, *, zone: TaxZone) -> UUID:
    """Write a new zone, checked, while nobody else changes taxes."""
    zone_id = await queries.insert_zone(context.db, zone)
    context.record(ENTITY, zone_id, {name: (None, value) for name, value in _told(zone).items()})
    context.announce(TaxZoneCreated(zone_id=zone_id))
    return zone_id


async def write_zone(context: Context, *, before: KnownZone, after: KnownZone) -> bool:
    """Write a zone, checked, if it differs, and say whether it did."""
    if after.name == before.name and set(after.areas) == set(before.areas):
        return False
    await queries.update_zone(context.db, before, replace(after, version=before.version + 1))
    was, is_ = _told(before), _told(after)
    context.record(ENTITY, before.id, {name: (was[name], is_[name]) for name in was})
    context.announce(TaxZoneUpdated(zone_id=before.id))
    return True


async def _locked(context: Context, zone_id: UUID, version: int | None) -> tuple[list[KnownZone], KnownZone]:
    """All zones, which nobody else changes now, and the one with this id."""
    await queries.lock_taxes(context.db)
    stored = await queries.load_zones(context.db)
    found = next((each for each in stored if each.id == zone_id), None)
    if found is None:
        raise TaxZoneNotFound(id=zone_id)
    if version not in {None, found.version}:
        raise VersionConflict(current=found.version).at("version")
    return stored, found


def _told(zone: TaxZone) -> dict[str, Any]:
    """A zone as the audit tells it."""
    return {"code": zone.code, "name": zone.name, "areas": [asdict(each) for each in zone.areas]}
