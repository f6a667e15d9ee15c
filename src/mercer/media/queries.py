"""The pictures' SQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.media.models import Picture, PictureFormat, PictureState, Rendition
from mercer.media.tables import picture, rendition

_PICTURE = (
    picture.c.id,
    picture.c.path,
    picture.c.width,
    picture.c.height,
    picture.c.media_type,
    picture.c.state,
    picture.c.unused_since,
)


async def insert_picture(connection: AsyncConnection, values: dict[str, Any]) -> Picture:
    """Write a new picture."""
    row = await connection.execute(sa.insert(picture).values(values).returning(*_PICTURE))
    return _read(row.one())


async def load_picture(connection: AsyncConnection, id: UUID, *, is_locked: bool = False) -> Picture | None:
    """A picture, or None. Locked, it stays until the transaction ends."""
    query = sa.select(*_PICTURE).where(picture.c.id == id)
    row = (await connection.execute(query.with_for_update() if is_locked else query)).one_or_none()
    return None if row is None else _read(row)


async def mark_used(connection: AsyncConnection, id: UUID) -> Picture | None:
    """Note that a picture is used, and lock it."""
    change = sa.update(picture).where(picture.c.id == id).values(unused_since=None).returning(*_PICTURE)
    row = (await connection.execute(change)).one_or_none()
    return None if row is None else _read(row)


async def mark_unused(connection: AsyncConnection, ids: Iterable[UUID], *, now: datetime) -> None:
    """Note that somebody uses these pictures no longer. Whether somebody else does is found out by the sweeper."""
    locked = sa.select(picture.c.id).where(picture.c.id.in_(set(ids))).order_by(picture.c.id).with_for_update()
    await connection.execute(sa.update(picture).where(picture.c.id.in_(locked)).values(unused_since=now))


async def set_state(connection: AsyncConnection, id: UUID, state: PictureState) -> None:
    await connection.execute(sa.update(picture).where(picture.c.id == id).values(state=state))


async def load_widths(connection: AsyncConnection, id: UUID) -> set[tuple[int, PictureFormat]]:
    """Which renditions of a picture are there."""
    rows = await connection.execute(
        sa.select(rendition.c.width, rendition.c.media_type).where(rendition.c.picture_id == id)
    )
    return {(row.width, PictureFormat(row.media_type)) for row in rows}


async def load_paths(connection: AsyncConnection, id: UUID) -> list[str]:
    """Where a picture and its renditions lie."""
    own = sa.select(picture.c.path).where(picture.c.id == id)
    rows = await connection.scalars(own.union_all(sa.select(rendition.c.path).where(rendition.c.picture_id == id)))
    return list(rows)


async def insert_renditions(connection: AsyncConnection, id: UUID, made: Sequence[Rendition]) -> None:
    """Write renditions. Those that are there already stay."""
    values = [
        {
            "picture_id": id,
            "path": each.path,
            "width": each.width,
            "height": each.height,
            "media_type": each.media_type,
            "byte_size": each.byte_size,
        }
        for each in made
    ]
    await connection.execute(insert(rendition).values(values).on_conflict_do_nothing())


async def lock_unused(connection: AsyncConnection, *, before: datetime, limit: int) -> list[UUID]:
    """Lock pictures that nobody has used since then, but for those that somebody is just using."""
    query = (
        sa.select(picture.c.id)
        .where(picture.c.unused_since < before)
        .order_by(picture.c.unused_since, picture.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(await connection.scalars(query))


async def delete_unless_used(connection: AsyncConnection, id: UUID) -> bool:
    """Remove a picture and what is known of its renditions, unless a row somewhere refers to it; say which it was."""
    try:
        async with connection.begin_nested():
            await connection.execute(sa.delete(picture).where(picture.c.id == id))
    except sa.exc.IntegrityError:
        await connection.execute(sa.update(picture).where(picture.c.id == id).values(unused_since=None))
        return False
    return True


async def select_unknown(connection: AsyncConnection, folders: Iterable[str]) -> set[str]:
    """Which of these folders belong to no picture. A folder is a path up to its last part."""
    given = set(folders)
    own = sa.func.regexp_replace(picture.c.path, "/[^/]*$", "")
    known = await connection.scalars(sa.select(own).where(own.in_(given)))
    return given - set(known)


def _read(row: Any) -> Picture:
    return Picture(
        id=row.id,
        path=row.path,
        width=row.width,
        height=row.height,
        media_type=PictureFormat(row.media_type),
        state=PictureState(row.state),
        is_used=row.unused_since is None,
    )
