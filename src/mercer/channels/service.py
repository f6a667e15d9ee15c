"""What can be done with channels."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from uuid import UUID

from mercer.channels import queries
from mercer.channels.errors import (
    ChannelCodeTaken,
    ChannelCurrencyFixed,
    ChannelNotFound,
    DefaultChannelNeeded,
)
from mercer.channels.events import ChannelArchived, ChannelCreated, ChannelRestored, ChannelUpdated
from mercer.channels.models import REQUESTED, Channel, ChannelChanges, ChannelTerms
from mercer.channels.rules import channel_faults, check_channel
from mercer.platform.context import Context
from mercer.platform.errors import InvalidField, InvalidInput, VersionConflict
from mercer.values.stored import Stored


async def store_channels(context: Context, *, channels: Sequence[ChannelTerms]) -> Stored:
    """Create or update channels, by code; of those with the same code the last one counts. A faulty one refuses all.

    Afterwards `catalog.service.complete_search` adds what a new language needs. Raises `ChannelInvalid`,
    `ChannelCurrencyFixed`.
    """
    given = {channel.code: channel for channel in channels}
    for channel in given.values():
        check_channel(channel)
    await queries.lock_channels(context.db)
    stored = {channel.code: channel for channel in await queries.load_channels(context.db)}
    for code in given.keys() & stored.keys():
        if given[code].currency != stored[code].currency:
            raise ChannelCurrencyFixed(channel=code, currency=stored[code].currency)
    default = _default(given.values(), stored.values())
    created, updated = await queries.write_channels(context.db, list(given.values()), default=default, now=context.now)
    for channel_id in created:
        context.announce(ChannelCreated(channel_id=channel_id))
    for channel_id in updated:
        context.announce(ChannelUpdated(channel_id=channel_id))
    if created or updated:
        context.outdate("catalog")
    return Stored(created=len(created), updated=len(updated), unchanged=len(given) - len(created) - len(updated))


async def create_channel(context: Context, *, channel: ChannelTerms) -> UUID:
    """Open a storefront. The first one is the default. Raises `InvalidInput`, `ChannelCodeTaken`."""
    _check(channel)
    await queries.lock_channels(context.db)
    stored = await queries.load_channels(context.db)
    if any(channel.code == other.code for other in stored):
        raise ChannelCodeTaken(channel=channel.code).at("input", "code")
    channel = replace(channel, is_default=channel.is_default or not stored)
    if channel.is_default:
        await _dethrone(context, stored)
    channel_id = await queries.insert_channel(context.db, channel, now=context.now)
    context.record("Channel", channel_id, {name: (None, value) for name, value in asdict(channel).items()})
    context.announce(ChannelCreated(channel_id=channel_id))
    context.outdate("catalog")
    return channel_id


async def update_channel(
    context: Context, *, channel_id: UUID, changes: ChannelChanges, version: int | None = None
) -> None:
    """Change how a storefront sells. Making it the default takes that from the one that was.

    Raises `ChannelNotFound`, `VersionConflict`, `InvalidInput`, `DefaultChannelNeeded`.
    """
    stored, before = await _locked(context, channel_id, version)
    given = {name: value for name, value in vars(changes).items() if value is not None}
    after = replace(before, **given)
    _check(after)
    if after == before:
        return
    if before.is_default > after.is_default or (after.is_default and after.is_archived):
        raise DefaultChannelNeeded().at("input", "isDefault")
    if after.is_default > before.is_default:
        await _dethrone(context, stored)
    await _write(context, before, after)
    context.announce(ChannelUpdated(channel_id=channel_id))


async def archive_channel(context: Context, *, channel_id: UUID, version: int | None = None) -> None:
    """Close a storefront: no client reaches it any more, and nothing of it is lost. Again, it changes nothing.

    Raises `ChannelNotFound`, `VersionConflict`, `DefaultChannelNeeded`.
    """
    _, before = await _locked(context, channel_id, version)
    if before.is_default:
        raise DefaultChannelNeeded
    if not before.is_archived:
        await _write(context, before, replace(before, is_archived=True))
        context.announce(ChannelArchived(channel_id=channel_id))


async def restore_channel(context: Context, *, channel_id: UUID, version: int | None = None) -> None:
    """Open a storefront again. An open one stays as it is. Raises `ChannelNotFound`, `VersionConflict`."""
    _, before = await _locked(context, channel_id, version)
    if before.is_archived:
        await _write(context, before, replace(before, is_archived=False))
        context.announce(ChannelRestored(channel_id=channel_id))


async def list_channels(context: Context) -> list[Channel]:
    """All channels, by code; those that are archived too."""
    return await queries.load_channels(context.db)


async def find_channel(context: Context, *, channel_id: UUID) -> Channel:
    """A channel. That of the request is known without a question, as it was a few seconds ago at most.

    Raises `ChannelNotFound`.
    """
    requested: Channel | None = context.binds.get(REQUESTED)
    if requested is not None and requested.id == channel_id:
        return requested
    for channel in await queries.load_channels(context.db):
        if channel.id == channel_id:
            return channel
    raise ChannelNotFound(id=channel_id)


async def find_known_channels(context: Context, *, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that a channel has."""
    return {channel.id for channel in await queries.load_channels(context.db)} & set(ids)


def spoken_languages(channels: Iterable[ChannelTerms]) -> list[str]:
    """The languages of these channels, each once, in order."""
    return sorted({language for channel in channels for language in channel.languages})


def _default(given: Iterable[ChannelTerms], stored: Iterable[Channel]) -> str | None:
    """The default channel's code: the last one given as default, else the one that is stored as such."""
    codes = [channel.code for channel in (*stored, *given) if channel.is_default]
    return codes[-1] if codes else None


async def _locked(context: Context, channel_id: UUID, version: int | None) -> tuple[list[Channel], Channel]:
    """All channels, which nobody else changes now, and the one with this id."""
    await queries.lock_channels(context.db)
    stored = await queries.load_channels(context.db)
    channel = next((channel for channel in stored if channel.id == channel_id), None)
    if channel is None:
        raise ChannelNotFound(id=channel_id).at("id")
    if version not in {None, channel.version}:
        raise VersionConflict(current=channel.version).at("version")
    return stored, channel


async def _dethrone(context: Context, stored: Iterable[Channel]) -> None:
    """Take being the default from the channel that is it."""
    for channel in stored:
        if channel.is_default:
            await _write(context, channel, replace(channel, is_default=False))
            context.announce(ChannelUpdated(channel_id=channel.id))


async def _write(context: Context, before: Channel, after: Channel) -> None:
    await queries.update_channel(context.db, replace(after, version=before.version + 1), now=context.now)
    was, is_ = asdict(before), asdict(after)
    context.record("Channel", before.id, {name: (was[name], is_[name]) for name in was if name != "version"})
    context.outdate("catalog")


def _check(channel: ChannelTerms) -> None:
    """Raise `InvalidInput` with every field that has a value it cannot have."""
    faults = [
        InvalidField(path=("input", _shown(field)), message=message)
        for field, message in channel_faults(channel).items()
    ]
    if faults:
        raise InvalidInput(fields=tuple(faults))


def _shown(field: str) -> str:
    """A field as the API names it."""
    first, *others = field.split("_")
    return first + "".join(map(str.capitalize, others))
