"""What can be done with channels."""

from collections.abc import Sequence

from mercer.channels.models import Channel, ChannelTerms
from mercer.platform.context import Context
from mercer.values.stored import Stored


async def store_channels(context: Context, *, channels: Sequence[ChannelTerms]) -> Stored:
    """Create or update channels, by code.

    Afterwards `catalog.service.complete_search` and `pricing.service.complete_listed` add what a new channel or
    language needs. Raises `ChannelInvalid`, `ChannelCurrencyFixed`.
    """
    raise NotImplementedError


async def list_channels(context: Context) -> list[Channel]:
    """All channels, by code."""
    raise NotImplementedError
