"""The verbs by which staff keep shipping zones."""

from collections import Counter
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from mercer.channels.errors import ChannelNotFound
from mercer.channels.service import list_channels
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.shipping.errors import (
    ShippingZoneChannelInUse,
    ShippingZoneCodeTaken,
    ShippingZoneInUse,
    ShippingZoneNotFound,
)
from mercer.shipping.events import ShippingZoneCreated, ShippingZoneDeleted, ShippingZoneUpdated
from mercer.shipping.models import KnownZone, NewZone, ZoneChanges
from mercer.shipping.queries import settings as queries
from mercer.shipping.rules import refuse, zone_faults
from mercer.values.places import area_key

ENTITY = "ShippingZone"


async def create_zone(context: Context, *, zone: NewZone) -> UUID:
    """Add a zone. Raises `InvalidInput`, `ShippingZoneCodeTaken`, `ChannelNotFound`."""
    refuse(zone_faults(zone))
    await queries.lock_shipping(context.db)
    if any(zone.code == other.code for other in await queries.load_zones(context.db)):
        raise ShippingZoneCodeTaken(zone=zone.code).at("code")
    await _check_channels(context, zone)
    return await add_zone(context, zone=zone)


async def update_zone(context: Context, *, zone_id: UUID, changes: ZoneChanges, version: int | None = None) -> None:
    """Change what a zone is called, what it is made of, or for which channels it is shipped to.

    Raises `ShippingZoneNotFound`, `VersionConflict`, `InvalidInput`, `ChannelNotFound`, `ShippingZoneChannelInUse`.
    """
    before = await _locked(context, zone_id, version)
    after = replace(before, **changes)
    refuse(zone_faults(after))
    await _check_channels(context, after)
    await write_zone(context, before=before, after=after)


async def delete_zone(context: Context, *, zone_id: UUID, version: int | None = None) -> None:
    """Delete a zone that has no methods. Raises `ShippingZoneNotFound`, `VersionConflict`, `ShippingZoneInUse`."""
    before = await _locked(context, zone_id, version)
    if methods := await queries.load_methods(context.db, zone_id=zone_id):
        raise ShippingZoneInUse(methods=len(methods))
    await queries.delete_zone(context.db, zone_id)
    context.record(ENTITY, zone_id, {name: (value, None) for name, value in _told(before).items()})
    context.announce(ShippingZoneDeleted(zone_id=zone_id))


async def add_zone(context: Context, *, zone: NewZone) -> UUID:
    """Write a new zone, checked, while nobody else changes shipping."""
    zone = replace(zone, areas=tuple(map(area_key, zone.areas)), channel_ids=tuple(sorted(set(zone.channel_ids))))
    zone_id = await queries.insert_zone(context.db, zone)
    context.record(ENTITY, zone_id, {name: (None, value) for name, value in _told(zone).items()})
    context.announce(ShippingZoneCreated(zone_id=zone_id))
    return zone_id


async def write_zone(context: Context, *, before: KnownZone, after: KnownZone) -> bool:
    """Write a zone, checked, if it differs, and say whether it did. Raises `ShippingZoneChannelInUse`."""
    after = replace(after, areas=tuple(map(area_key, after.areas)), channel_ids=tuple(sorted(set(after.channel_ids))))
    if set(after.areas) == set(before.areas) and (after.name, after.channel_ids) == (before.name, before.channel_ids):
        return False
    used = Counter(each.channel_id for each in await queries.load_methods(context.db, zone_id=before.id))
    for channel_id in sorted(set(before.channel_ids) - set(after.channel_ids)):
        if used[channel_id]:
            raise ShippingZoneChannelInUse(channel_id=channel_id, methods=used[channel_id]).at("channel_ids")
    await queries.update_zone(context.db, before, replace(after, version=before.version + 1))
    was, is_ = _told(before), _told(after)
    context.record(ENTITY, before.id, {name: (was[name], is_[name]) for name in was})
    context.announce(ShippingZoneUpdated(zone_id=before.id))
    return True


async def _check_channels(context: Context, zone: NewZone) -> None:
    known = {channel.id for channel in await list_channels(context)}
    for index, channel_id in enumerate(zone.channel_ids):
        if channel_id not in known:
            raise ChannelNotFound(id=channel_id).at("channel_ids", str(index))


async def _locked(context: Context, zone_id: UUID, version: int | None) -> KnownZone:
    """The zone with this id. Nobody else changes shipping now."""
    await queries.lock_shipping(context.db)
    found = next((each for each in await queries.load_zones(context.db) if each.id == zone_id), None)
    if found is None:
        raise ShippingZoneNotFound(id=zone_id)
    if version not in {None, found.version}:
        raise VersionConflict(current=found.version).at("version")
    return found


def _told(zone: NewZone) -> dict[str, Any]:
    """A zone as the audit tells it."""
    areas = [asdict(each) for each in zone.areas]
    return {"code": zone.code, "name": zone.name, "areas": areas, "channel_ids": list(zone.channel_ids)}
