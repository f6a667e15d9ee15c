"""The channel of a request, and what reads take from it."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from starlette.requests import HTTPConnection

from mercer.channels import service
from mercer.channels.models import Channel, TaxMode
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.errors import DatabaseUnavailable, RequestRefused
from mercer.platform.graphql.views import request
from mercer.values.currency import digits
from mercer.values.language import negotiate, parent

CHANNEL = request("channel", sa.Uuid)
KNOWN_FOR_S = 5.0
"""How long channels are remembered, in seconds. They rarely change."""

_known: WeakKeyDictionary[Database, tuple[float, dict[str | None, Channel]]] = WeakKeyDictionary()


async def channel_binds(context: Context, connection: HTTPConnection) -> Mapping[str, Any]:
    """The channel that `X-Mercer-Channel` names (the default one otherwise), and the language negotiated in it.

    Raises `RequestRefused` with the code `CHANNEL_UNKNOWN`.
    """
    code = connection.headers.get("x-mercer-channel")
    channel = (await _channels(context)).get(code)
    if channel is None:
        message = "The shop has no channel yet." if code is None else "No such channel."
        raise RequestRefused(message, code="CHANNEL_UNKNOWN")
    language = negotiate(connection.headers.get("accept-language"), channel.languages)
    return {
        "channel": channel.id,
        "language": language,
        "language_parent": parent(language),
        "is_tax_included": channel.tax_mode is TaxMode.GROSS,
        "currency_scale": 10 ** digits(channel.currency),
    }


async def _channels(context: Context) -> dict[str | None, Channel]:
    """All channels by code, the default one by None."""
    now = time.monotonic()
    known = _known.get(context.database)
    if known is not None and now - known[0] < KNOWN_FOR_S:
        return known[1]
    async with context.database.transaction() as connection:
        listed = await service.list_channels(replace(context, connection=connection))
    channels: dict[str | None, Channel] = {channel.code: channel for channel in listed}
    channels.update((None, channel) for channel in listed if channel.is_default)
    if channels:
        _known[context.database] = (now, channels)
    return channels


async def allowed_origins(context: Context) -> frozenset[str]:
    """The web origins whose pages may call the shop: those of all channels. None while the database is away."""
    try:
        return frozenset(origin for channel in (await _channels(context)).values() for origin in channel.origins)
    except DatabaseUnavailable:
        return frozenset()
