"""The channels' SQL for the write side."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.channels.models import Channel, ChannelTerms
from mercer.channels.tables import channel
from mercer.platform.staging import stage
from mercer.values.basket import TaxMode

# Who reads channels, or writes rows that refer to them, is not kept waiting.
_LOCK = sa.text("LOCK TABLE channels.channel IN SHARE ROW EXCLUSIVE MODE")
_NO_LONGER_DEFAULT = sa.text("""
    UPDATE channels.channel SET is_default = false, version = version + 1 WHERE is_default AND code <> :code
""")
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
        tax_mode = s.tax_mode, origins = s.origins, is_default = s.is_default, version = c.version + 1
    RETURNING merge_action() AS action, c.id
""")


async def lock_channels(connection: AsyncConnection) -> None:
    """Let nobody else change channels until the transaction ends: they are few, and one of them is the default."""
    await connection.execute(_LOCK)


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
            is_archived=row.archived_at is not None,
            version=row.version,
        )
        for row in rows
    ]


async def insert_channel(connection: AsyncConnection, terms: ChannelTerms, *, now: datetime) -> UUID:
    """Write a new channel. Returns its id."""
    made = sa.insert(channel).values(**_cells(terms), code=terms.code, currency=terms.currency, created_at=now)
    found: UUID = (await connection.scalars(made.returning(channel.c.id))).one()
    return found


async def update_channel(connection: AsyncConnection, after: Channel, *, now: datetime) -> None:
    """Write what a channel is now. Being archived keeps the time at which it began."""
    archived_at = sa.func.coalesce(channel.c.archived_at, now) if after.is_archived else None
    changed = sa.update(channel).where(channel.c.id == after.id)
    await connection.execute(changed.values(**_cells(after), archived_at=archived_at, version=after.version))


def _cells(terms: ChannelTerms) -> dict[str, Any]:
    return {
        "name": terms.name,
        "languages": list(terms.languages),
        "country": terms.country,
        "time_zone": terms.time_zone,
        "tax_mode": terms.tax_mode.value,
        "origins": list(terms.origins),
        "is_default": terms.is_default,
    }


async def write_channels(
    connection: AsyncConnection, channels: Sequence[ChannelTerms], *, default: str | None, now: datetime
) -> tuple[list[UUID], list[UUID]]:
    """Write channels; `default` is the code of the one that becomes it. Returns those created, and those changed."""
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
    merged = (await connection.execute(_CHANNELS, {"now": now})).all()
    created = [row.id for row in merged if row.action == "INSERT"]
    return created, [row.id for row in merged if row.action == "UPDATE"]
