"""What can be done with channels."""

from collections.abc import Iterable, Sequence

from mercer.channels import queries
from mercer.channels.errors import ChannelCurrencyFixed
from mercer.channels.models import Channel, ChannelTerms
from mercer.channels.rules import check_channel
from mercer.platform.context import Context
from mercer.values.stored import Stored


async def store_channels(context: Context, *, channels: Sequence[ChannelTerms]) -> Stored:
    """Create or update channels, by code; of those with the same code the last one counts. A faulty one refuses all.

    Afterwards `catalog.service.complete_search` and `pricing.service.complete_listed` add what a new channel or
    language needs. Raises `ChannelInvalid`, `ChannelCurrencyFixed`.
    """
    given = {channel.code: channel for channel in channels}
    for channel in given.values():
        check_channel(channel)
    stored = {channel.code: channel for channel in await queries.load_channels(context.db)}
    for code in given.keys() & stored.keys():
        if given[code].currency != stored[code].currency:
            raise ChannelCurrencyFixed(channel=code, currency=stored[code].currency)
    default = _default(given.values(), stored.values())
    created, updated = await queries.write_channels(context.db, list(given.values()), default=default, now=context.now)
    return Stored(created=created, updated=updated, unchanged=len(given) - created - updated)


async def list_channels(context: Context) -> list[Channel]:
    """All channels, by code."""
    return await queries.load_channels(context.db)


def spoken_languages(channels: Iterable[ChannelTerms]) -> list[str]:
    """The languages of these channels, each once, in order."""
    return sorted({language for channel in channels for language in channel.languages})


def _default(given: Iterable[ChannelTerms], stored: Iterable[Channel]) -> str | None:
    """The default channel's code: the last one given as default, else the one that is stored as such."""
    codes = [channel.code for channel in (*stored, *given) if channel.is_default]
    return codes[-1] if codes else None
