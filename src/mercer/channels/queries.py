"""The channels' SQL for the write side."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.channels.models import Channel, ChannelTerms, TaxMode
from mercer.channels.tables import channel
from mercer.platform.staging import stage

_NO_LONGER_DEFAULT = sa.text("UPDATE channels.channel SET is_default = false WHERE is_default AND code <> :code")
_CHANNELS = sa.text("""
    MERGE INTO channels.channel c USING staged_channel s ON c.code = s.code
    WHEN NOT MATCHED THEN INSERT (
        code, name, currency, languages, country, time_zone, tax_mode, origins, is_default, created_at
    ) VALUES (
        s.code, s.name, s.currency, s.languages, s.country, s.time_zone, s.tax_mode, s.origins, s.is_default, :now
    )
    WHEN MATCHED AND (c.name, c.languages, c.country, c.time_zone, c.tax_mode, c.origins, c.is_default)
        IS DISTINCT FROM (s.name, s.languages, s.country, s.time_zone, s.tax_mode, s.origins, s.is_default)
    THEN UPDATE SET name = s.name, languages = s.languages, country = s.country, time_zone = s.time_zone,
        tax_mode = s.tax_mode, origins = s.origins, is_default = s.is_default
    RETURNING merge_action()
""")


async def load_channels(connection: AsyncConnection) -> list[Channel]:
    rows = await connection.execute(sa.select(channel).order_by(channel.c.code))
    return [
        Channel(
            id=row.id,
            code=row.code,
            name=row.name,
            currency=row.currency,
            languages=tuple(row.languages),
            country=row.country,
            time_zone=row.time_zone,
            tax_mode=TaxMode(row.tax_mode),
            origins=tuple(row.origins),
            is_default=row.is_default,
        )
        for row in rows
    ]


async def write_channels(
    connection: AsyncConnection, channels: Sequence[ChannelTerms], *, default: str | None, now: datetime
) -> tuple[int, int]:
    """Write channels; `default` is the code of the one that becomes it. Returns how many were created and changed."""
    columns = {
        "code": "text",
        "name": "text",
        "currency": "text",
        "languages": "text[]",
        "country": "text",
        "time_zone": "text",
        "tax_mode": "text",
        "origins": "text[]",
        "is_default": "boolean",
    }
    rows = (
        (
            each.code,
            each.name,
            each.currency,
            list(each.languages),
            each.country,
            each.time_zone,
            each.tax_mode.value,
            list(each.origins),
            each.code == default,
        )
        for each in channels
    )
    await stage(connection, "staged_channel", columns, rows)
    if default is not None:
        await connection.execute(_NO_LONGER_DEFAULT, {"code": default})
    actions = (await connection.scalars(_CHANNELS, {"now": now})).all()
    return actions.count("INSERT"), actions.count("UPDATE")
