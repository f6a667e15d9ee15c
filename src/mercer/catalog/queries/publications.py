"""Where products stand in channels."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog.models import PublicationStatus
from mercer.catalog.rules.publishing import Standing

Place = tuple[UUID, UUID]
"""A product and a channel."""

_STANDING = sa.text("""
    SELECT product_id, channel_id, status, publish_at, unpublish_at FROM catalog.publication
    WHERE product_id = ANY(:product_ids) AND channel_id = ANY(:channel_ids)
""")
_WRITE = sa.text("""
    INSERT INTO catalog.publication (product_id, channel_id, status, publish_at, unpublish_at, changes_at)
    SELECT product_id, channel_id, status, publish_at, unpublish_at, changes_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
        product_id uuid, channel_id uuid, status text, publish_at timestamptz, unpublish_at timestamptz,
        changes_at timestamptz
    )
    ON CONFLICT (product_id, channel_id) DO UPDATE SET status = excluded.status, publish_at = excluded.publish_at,
        unpublish_at = excluded.unpublish_at, changes_at = excluded.changes_at
""")
_ARCHIVE = sa.text("""
    UPDATE catalog.publication SET status = 'archived', status_before = status, changes_at = NULL
    WHERE product_id = ANY(:product_ids)
    RETURNING product_id, channel_id, old.status, publish_at, unpublish_at
""")
_RESTORE = sa.text("""
    UPDATE catalog.publication SET
        status = coalesce(status_before, 'draft'),
        status_before = NULL,
        changes_at = CASE WHEN status_before = 'published' THEN
            CASE WHEN publish_at > :now THEN publish_at WHEN unpublish_at > :now THEN unpublish_at END
        END
    WHERE product_id = ANY(:product_ids)
    RETURNING product_id, channel_id, status, publish_at, unpublish_at
""")
_PASS = sa.text("""
    UPDATE catalog.publication p SET changes_at = CASE
        WHEN p.publish_at > :now THEN p.publish_at
        WHEN p.unpublish_at > :now THEN p.unpublish_at
    END
    FROM (
        SELECT product_id, channel_id FROM catalog.publication WHERE changes_at <= :now
        ORDER BY changes_at, product_id, channel_id LIMIT :limit FOR UPDATE SKIP LOCKED
    ) due
    WHERE p.product_id = due.product_id AND p.channel_id = due.channel_id
    RETURNING p.product_id, p.channel_id, p.publish_at, p.unpublish_at, old.changes_at AS since
""")


class Passed(NamedTuple):
    """A publication whose product began or ended to be seen at `since`, and perhaps both from then on."""

    product_id: UUID
    channel_id: UUID
    publish_at: datetime
    unpublish_at: datetime | None
    since: datetime


async def load_standing(
    connection: AsyncConnection, product_ids: Collection[UUID], channel_ids: Collection[UUID]
) -> dict[Place, Standing]:
    """Where these products stand in these channels, as far as they do."""
    named = {"product_ids": list(product_ids), "channel_ids": list(channel_ids)}
    return _standing(await connection.execute(_STANDING, named))


async def write_standing(connection: AsyncConnection, standing: Mapping[Place, Standing], *, now: datetime) -> None:
    """Write where products stand."""
    given = [
        {
            "product_id": product_id,
            "channel_id": channel_id,
            "status": each.status.value,
            "publish_at": each.publish_at,
            "unpublish_at": each.unpublish_at,
            "changes_at": each.changes_at(now),
        }
        for (product_id, channel_id), each in standing.items()
    ]
    await connection.execute(_WRITE, {"rows": msgspec.json.encode(given).decode()})


async def archive(connection: AsyncConnection, product_ids: Sequence[UUID]) -> dict[Place, Standing]:
    """Let nobody see these products anywhere. Returns where they stood."""
    return _standing(await connection.execute(_ARCHIVE, {"product_ids": list(product_ids)}))


async def restore(connection: AsyncConnection, product_ids: Sequence[UUID], *, now: datetime) -> dict[Place, Standing]:
    """Let these products stand where they stood before they were archived. Returns where that is."""
    return _standing(await connection.execute(_RESTORE, {"product_ids": list(product_ids), "now": now}))


async def pass_moments(connection: AsyncConnection, *, now: datetime, limit: int) -> list[Passed]:
    """Take up to so many publications whose next moment has come, the oldest first, and look to the one after it."""
    found = await connection.execute(_PASS, {"now": now, "limit": limit})
    return sorted((Passed(*row) for row in found), key=lambda each: (each.since, each.product_id, each.channel_id))


def _standing(found: sa.Result[tuple[UUID, UUID, str, datetime, datetime | None]]) -> dict[Place, Standing]:
    return {
        (row.product_id, row.channel_id): Standing(
            status=PublicationStatus(row.status), publish_at=row.publish_at, unpublish_at=row.unpublish_at
        )
        for row in found
    }
