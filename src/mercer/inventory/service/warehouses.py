"""The verbs by which staff open, change and close warehouses.

Which there are, and what they ship to, concerns the whole shop: whose permission is limited to some may do none of it.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from mercer.channels.errors import ChannelNotFound
from mercer.channels.service import list_channels
from mercer.inventory.errors import WarehouseCodeTaken, WarehouseNotEmpty, WarehouseNotFound
from mercer.inventory.events import WarehouseArchived, WarehouseCreated, WarehouseRestored, WarehouseUpdated
from mercer.inventory.models import KnownWarehouse, NewWarehouse, WarehouseChanges
from mercer.inventory.queries import warehouses as queries
from mercer.inventory.rules.values import warehouse_faults
from mercer.platform.context import Context
from mercer.platform.errors import InvalidField, InvalidInput, VersionConflict
from mercer.platform.scopes import check_scope

MANAGE = "stock.manage"


async def create_warehouse(context: Context, *, warehouse: NewWarehouse) -> UUID:
    """Open a warehouse. Raises `ScopeExceeded`, `InvalidInput`, `ChannelNotFound`, `WarehouseCodeTaken`."""
    check_scope(context, MANAGE)
    _check(warehouse)
    warehouse = replace(warehouse, channel_ids=await _known_channels(context, warehouse.channel_ids))
    warehouse_id = await queries.insert_warehouse(context.db, warehouse)
    if warehouse_id is None:
        raise WarehouseCodeTaken(warehouse=warehouse.code).at("input", "code")
    context.record("Warehouse", warehouse_id, {name: (None, value) for name, value in _told(warehouse).items()})
    context.announce(WarehouseCreated(warehouse_id=warehouse_id))
    context.outdate("catalog")
    return warehouse_id


async def update_warehouse(
    context: Context, *, warehouse_id: UUID, changes: WarehouseChanges, version: int | None = None
) -> None:
    """Change what is said of a warehouse, or the channels that it ships to.

    Raises `WarehouseNotFound`, `ScopeExceeded`, `VersionConflict`, `InvalidInput`, `ChannelNotFound`.
    """
    before = await _locked(context, warehouse_id, version)
    given = {name: value for name, value in vars(changes).items() if value is not None}
    if changes.channel_ids is not None:
        given["channel_ids"] = await _known_channels(context, changes.channel_ids)
    after = replace(before, **given)
    _check(after)
    if after != before:
        await _write(context, before, after)
        context.announce(WarehouseUpdated(warehouse_id=warehouse_id))


async def archive_warehouse(context: Context, *, warehouse_id: UUID, version: int | None = None) -> None:
    """Close a warehouse that is empty. Again, it changes nothing.

    Raises `WarehouseNotFound`, `ScopeExceeded`, `VersionConflict`, `WarehouseNotEmpty`.
    """
    before = await _locked(context, warehouse_id, version)
    if before.is_archived:
        return
    if used := await queries.count_used(context.db, warehouse_id):
        raise WarehouseNotEmpty(variants=used)
    await _write(context, before, replace(before, is_archived=True))
    context.announce(WarehouseArchived(warehouse_id=warehouse_id))


async def restore_warehouse(context: Context, *, warehouse_id: UUID, version: int | None = None) -> None:
    """Open a warehouse again. An open one stays as it is.

    Raises `WarehouseNotFound`, `ScopeExceeded`, `VersionConflict`.
    """
    before = await _locked(context, warehouse_id, version)
    if before.is_archived:
        await _write(context, before, replace(before, is_archived=False))
        context.announce(WarehouseRestored(warehouse_id=warehouse_id))


async def find_known_warehouses(context: Context, *, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that a warehouse has."""
    return set(await queries.find_warehouses(context.db, ids))


async def _locked(context: Context, warehouse_id: UUID, version: int | None) -> KnownWarehouse:
    found = await queries.find_warehouses(context.db, [warehouse_id], is_changed=True)
    if (warehouse := found.get(warehouse_id)) is None:
        raise WarehouseNotFound(id=warehouse_id).at("id")
    check_scope(context, MANAGE)
    if version not in {None, warehouse.version}:
        raise VersionConflict(current=warehouse.version).at("version")
    return warehouse


async def _write(context: Context, before: KnownWarehouse, after: KnownWarehouse) -> None:
    written = replace(after, version=before.version + 1)
    await queries.update_warehouse(context.db, before, written, now=context.now)
    was, is_ = _told(before), _told(after)
    context.record("Warehouse", before.id, {name: (was[name], is_[name]) for name in was})
    context.outdate("catalog")


async def _known_channels(context: Context, channel_ids: Iterable[UUID]) -> tuple[UUID, ...]:
    """The channels, each once, in order."""
    known = {channel.id for channel in await list_channels(context)}
    for index, channel_id in enumerate(channel_ids):
        if channel_id not in known:
            raise ChannelNotFound(id=channel_id).at("input", "channelIds", str(index))
    return tuple(sorted(set(channel_ids)))


def _told(warehouse: NewWarehouse) -> dict[str, Any]:
    """A warehouse as the audit tells it."""
    return {name: value for name, value in asdict(warehouse).items() if name not in {"id", "version"}}


def _check(warehouse: NewWarehouse) -> None:
    """Raise `InvalidInput` with every field that has a value it cannot have."""
    faults = [InvalidField(path=("input", field), message=says) for field, says in warehouse_faults(warehouse).items()]
    if faults:
        raise InvalidInput(fields=tuple(faults))
