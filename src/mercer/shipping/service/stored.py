"""The verbs by which imports and seeds store zones and methods. One that is faulty refuses all."""

from collections.abc import Sequence
from dataclasses import fields, replace

from mercer.channels.errors import ChannelUnknown
from mercer.channels.service import list_channels
from mercer.platform.context import Context
from mercer.shipping.errors import (
    ShippingMethodInvalid,
    ShippingZoneInvalid,
    ShippingZoneOutsideChannel,
    ShippingZoneUnknown,
)
from mercer.shipping.models import MethodTerms, NewZone, ShippingMethod, ShippingZone
from mercer.shipping.queries import settings as queries
from mercer.shipping.rules import method_faults, zone_faults
from mercer.shipping.service.methods import add_method, write_method
from mercer.shipping.service.zones import add_zone, write_zone
from mercer.values.stored import Stored

_TERMS = [field.name for field in fields(MethodTerms)]


async def store_zones(context: Context, *, zones: Sequence[ShippingZone]) -> Stored:
    """Create or update zones, by code; of the same code the last one counts.

    Raises `ShippingZoneInvalid`, `ChannelUnknown`, `ShippingZoneChannelInUse`.
    """
    channels = {channel.code: channel.id for channel in await list_channels(context)}
    given = {each.code: each for each in zones}
    for each in given.values():
        for path in zone_faults(each):
            raise ShippingZoneInvalid(zone=each.code, field=path[0])
        for code in each.channels:
            if code not in channels:
                raise ChannelUnknown(channel=code)
    await queries.lock_shipping(context.db)
    stored = {known.code: known for known in await queries.load_zones(context.db)}
    updated = 0
    for code, each in given.items():
        channel_ids = tuple(channels[channel] for channel in each.channels)
        if before := stored.get(code):
            after = replace(before, name=each.name, areas=each.areas, channel_ids=channel_ids)
            updated += await write_zone(context, before=before, after=after)
        else:
            new = NewZone(code=code, name=each.name, areas=each.areas, channel_ids=channel_ids)
            await add_zone(context, zone=new)
    created = len(given.keys() - stored.keys())
    return Stored(created=created, updated=updated, unchanged=len(given) - created - updated)


async def store_methods(context: Context, *, methods: Sequence[ShippingMethod]) -> Stored:
    """Create or update methods, by zone, channel and code; of the same the last one counts. None is restored by it.

    Raises `ShippingZoneUnknown`, `ChannelUnknown`, `ShippingZoneOutsideChannel`, `ShippingMethodInvalid`.
    """
    channels = {channel.code: channel for channel in await list_channels(context)}
    await queries.lock_shipping(context.db)
    zones = {zone.code: zone for zone in await queries.load_zones(context.db)}
    stored = {(each.zone_id, each.channel_id, each.code): each for each in await queries.load_methods(context.db)}
    given = {(each.zone, each.channel, each.code): each for each in methods}
    created = updated = 0
    for each in given.values():
        if (zone := zones.get(each.zone)) is None:
            raise ShippingZoneUnknown(zone=each.zone)
        if (channel := channels.get(each.channel)) is None:
            raise ChannelUnknown(channel=each.channel)
        if channel.id not in zone.channel_ids:
            raise ShippingZoneOutsideChannel(channel_id=channel.id)
        for path in method_faults(each):
            raise ShippingMethodInvalid(method=each.code, field=path[0])
        terms = {name: getattr(each, name) for name in _TERMS} | {"tiers": tuple(each.tiers)}
        if before := stored.get((zone.id, channel.id, each.code)):
            updated += await write_method(context, before=before, after=replace(before, **terms))
        else:
            await add_method(context, method=MethodTerms(**terms), zone_id=zone.id, channel=channel)
            created += 1
    return Stored(created=created, updated=updated, unchanged=len(given) - created - updated)
