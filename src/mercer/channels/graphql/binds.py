"""The channel of a request, and what reads take from it."""

import asyncio
import contextvars
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from starlette.requests import HTTPConnection

from mercer.channels import service
from mercer.channels.models import REQUESTED, Channel
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.errors import DatabaseUnavailable, RequestRefused
from mercer.platform.graphql.views import request
from mercer.values.basket import TaxMode
from mercer.values.currency import digits
from mercer.values.language import negotiate, parent

CHANNEL = request("channel", sa.Uuid)
KNOWN_FOR_S = 5.0
"""How old what is known of channels may be before they are read again, in seconds. They rarely change."""

NO_CHANNEL: Mapping[str, Any] = MappingProxyType(
    {"channel": None, "language": "en", "language_parent": "en", "is_tax_included": False, "currency_scale": 100}
)
"""What staff read with before there is a channel, so that they can make the first one."""


async def channel_binds(context: Context, connection: HTTPConnection) -> Mapping[str, Any]:
    """The channel that `X-Mercer-Channel` names (the default one otherwise), and the language negotiated in it.

    Raises `RequestRefused` with the code `CHANNEL_UNKNOWN`.
    """
    code = connection.headers.get("x-mercer-channel")
    channel = (await _known_to(context).channels(context)).get(code)
    if channel is None and code is None and context.origin.api == "admin":
        return NO_CHANNEL
    if channel is None or (channel.is_archived and context.origin.api != "admin"):
        message = "The shop has no channel yet." if code is None else "No such channel."
        raise RequestRefused(message, code="CHANNEL_UNKNOWN")
    language = negotiate(connection.headers.get("accept-language"), channel.languages)
    return {
        "channel": channel.id,
        "language": language,
        "language_parent": parent(language),
        "is_tax_included": channel.tax_mode is TaxMode.GROSS,
        "currency_scale": 10 ** digits(channel.currency),
        REQUESTED: channel,
    }


async def allowed_origins(context: Context) -> frozenset[str]:
    """The web origins whose pages may call the shop: those of all channels. None before the database answered once."""
    try:
        channels = await _known_to(context).channels(context)
    except DatabaseUnavailable:
        return frozenset()
    return frozenset(origin for channel in channels.values() if not channel.is_archived for origin in channel.origins)


async def follow_channels(context: Context) -> None:
    """Know what channels are now, after they were changed here. Other processes know it within `KNOWN_FOR_S`."""
    await _known_to(context).follow(context)


class _Known:
    """The channels as they were read lately. They are read again beside the requests, once at a time."""

    def __init__(self) -> None:
        self._channels: dict[str | None, Channel] = {}
        self._read_at = 0.0
        self._reading: asyncio.Task[None] | None = None
        self._reads = count(1)
        self._newest = 0

    async def channels(self, context: Context) -> Mapping[str | None, Channel]:
        """All channels by code, the default one by None. Raises `DatabaseUnavailable` if none was ever read."""
        is_old = time.monotonic() - self._read_at >= KNOWN_FOR_S
        if (is_old or not self._channels) and (self._reading is None or self._reading.done()):
            # It belongs to no request, so neither do its statements.
            self._reading = asyncio.create_task(self._read(context), context=contextvars.Context())
            self._reading.add_done_callback(lambda reading: reading.cancelled() or reading.exception())
        if not self._channels and self._reading is not None:
            await asyncio.shield(self._reading)
        return self._channels

    async def follow(self, context: Context) -> None:
        """Read them again now, in the context's transaction."""
        number = next(self._reads)
        self._keep(await service.list_channels(context), number)

    async def _read(self, context: Context) -> None:
        number = next(self._reads)
        async with context.database.transaction() as connection:
            listed = await service.list_channels(replace(context, connection=connection))
        self._keep(listed, number)

    def _keep(self, listed: Sequence[Channel], number: int) -> None:
        """Know these, unless others were read that began to be read later."""
        if number < self._newest:
            return
        self._newest = number
        channels: dict[str | None, Channel] = {channel.code: channel for channel in listed}
        channels.update((None, channel) for channel in listed if channel.is_default)
        self._channels, self._read_at = channels, time.monotonic()


_known: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()


def _known_to(context: Context) -> _Known:
    return _known.setdefault(context.database, _Known())
