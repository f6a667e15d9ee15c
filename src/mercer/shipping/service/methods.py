"""The verbs by which staff keep shipping methods."""

from dataclasses import asdict, fields, replace
from typing import Any, cast
from uuid import UUID

from mercer.channels.errors import ChannelNotFound
from mercer.channels.models import Channel
from mercer.channels.service import list_channels
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.shipping.errors import (
    ShippingMethodCodeTaken,
    ShippingMethodNotFound,
    ShippingMethodOffered,
    ShippingZoneNotFound,
    ShippingZoneOutsideChannel,
)
from mercer.shipping.events import (
    ShippingMethodArchived,
    ShippingMethodCreated,
    ShippingMethodDeleted,
    ShippingMethodRestored,
    ShippingMethodUpdated,
)
from mercer.shipping.models import KnownMethod, MethodChanges, MethodTerms, NewMethod
from mercer.shipping.queries import settings as queries
from mercer.shipping.rules import put_in, refuse

ENTITY = "ShippingMethod"
_TERMS = [field.name for field in fields(MethodTerms)]
_PLACE = {"code", "zone_id", "channel_id"}


async def create_method(context: Context, *, method: NewMethod) -> UUID:
    """Offer a way of delivery to a zone in one of its channels.

    Raises `ShippingZoneNotFound`, `ChannelNotFound`, `ShippingZoneOutsideChannel`, `ShippingMethodCodeTaken`,
    `InvalidInput`.
    """
    await queries.lock_shipping(context.db)
    zone_id, channel_id = method["zone_id"], method["channel_id"]
    zone = next((each for each in await queries.load_zones(context.db) if each.id == zone_id), None)
    if zone is None:
        raise ShippingZoneNotFound(id=zone_id).at("zone_id")
    channel = next((each for each in await list_channels(context) if each.id == channel_id), None)
    if channel is None:
        raise ChannelNotFound(id=channel_id).at("channel_id")
    if channel_id not in zone.channel_ids:
        raise ShippingZoneOutsideChannel(channel_id=channel_id).at("channel_id")
    changes = cast("MethodChanges", {name: value for name, value in method.items() if name not in _PLACE})
    empty = MethodTerms(code=method["code"], name="", basis=method["basis"])
    new, faults = put_in(empty, changes, currency=channel.currency)
    refuse(faults)
    others = await queries.load_methods(context.db, zone_id=zone_id)
    if any((each.channel_id, each.code) == (channel_id, new.code) for each in others):
        raise ShippingMethodCodeTaken(method=new.code).at("code")
    return await add_method(context, method=new, zone_id=zone_id, channel=channel)


async def update_method(
    context: Context, *, method_id: UUID, changes: MethodChanges, version: int | None = None
) -> None:
    """Change what a method is, or costs. Raises `ShippingMethodNotFound`, `VersionConflict`, `InvalidInput`."""
    before = await _locked(context, method_id, version)
    after, faults = put_in(before, changes, currency=before.currency)
    refuse(faults)
    await write_method(context, before=before, after=after)


async def archive_method(context: Context, *, method_id: UUID, version: int | None = None) -> None:
    """Offer a method no longer. Again, it changes nothing. Raises `ShippingMethodNotFound`, `VersionConflict`."""
    before = await _locked(context, method_id, version)
    if not before.is_archived:
        await _write(context, before, replace(before, is_archived=True))
        context.announce(ShippingMethodArchived(method_id=method_id))


async def restore_method(context: Context, *, method_id: UUID, version: int | None = None) -> None:
    """Offer a method again. Again, it changes nothing. Raises `ShippingMethodNotFound`, `VersionConflict`."""
    before = await _locked(context, method_id, version)
    if before.is_archived:
        await _write(context, before, replace(before, is_archived=False))
        context.announce(ShippingMethodRestored(method_id=method_id))


async def delete_method(context: Context, *, method_id: UUID, version: int | None = None) -> None:
    """Delete a method that is archived. Orders keep what they were shipped with.

    Raises `ShippingMethodNotFound`, `VersionConflict`, `ShippingMethodOffered`.
    """
    before = await _locked(context, method_id, version)
    if not before.is_archived:
        raise ShippingMethodOffered
    await queries.delete_method(context.db, method_id)
    context.record(ENTITY, method_id, {name: (value, None) for name, value in _told(before).items()})
    context.announce(ShippingMethodDeleted(method_id=method_id))


async def add_method(context: Context, *, method: MethodTerms, zone_id: UUID, channel: Channel) -> UUID:
    """Write a new method, checked, while nobody else changes shipping."""
    method_id = await queries.insert_method(
        context.db, method, zone_id=zone_id, channel_id=channel.id, currency=channel.currency
    )
    told = {"zone_id": zone_id, "channel_id": channel.id, **_told(method)}
    context.record(ENTITY, method_id, {name: (None, value) for name, value in told.items()})
    context.announce(ShippingMethodCreated(method_id=method_id))
    return method_id


async def write_method(context: Context, *, before: KnownMethod, after: KnownMethod) -> bool:
    """Write a method, checked, if it differs, and say whether it did."""
    if after == before:
        return False
    await _write(context, before, after)
    context.announce(ShippingMethodUpdated(method_id=before.id))
    return True


async def _write(context: Context, before: KnownMethod, after: KnownMethod) -> None:
    written = replace(after, version=before.version + 1)
    await queries.update_method(context.db, before, written, now=context.now)
    was, is_ = _told(before), _told(after)
    context.record(ENTITY, before.id, {name: (was[name], is_[name]) for name in was})


async def _locked(context: Context, method_id: UUID, version: int | None) -> KnownMethod:
    """The method with this id. Nobody else changes shipping now."""
    await queries.lock_shipping(context.db)
    found = await queries.load_methods(context.db, method_id=method_id)
    if not found:
        raise ShippingMethodNotFound(id=method_id)
    if version not in {None, found[0].version}:
        raise VersionConflict(current=found[0].version).at("version")
    return found[0]


def _told(method: MethodTerms) -> dict[str, Any]:
    """A method as the audit tells it."""
    told = {name: getattr(method, name) for name in _TERMS}
    told["tiers"] = [asdict(each) for each in method.tiers]
    if isinstance(method, KnownMethod):
        told["is_archived"] = method.is_archived
    return told
