"""What nobody uses goes, and nothing else."""

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from tests.media.pictures import photo
from tests.media.stored import files, rows

from mercer.media import jobs, service
from mercer.media.errors import PictureUnknown
from mercer.media.models import Picture
from mercer.media.service import uploads
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# Something that refers to pictures, as the catalogue does.
USER = "CREATE TABLE public.poster (picture_id uuid REFERENCES media.picture (id))"
USE = sa.text("INSERT INTO public.poster VALUES (:id)")


async def upload(context: Context) -> Picture:
    picture = await service.store_picture(context, content=photo(400, 200), then=jobs.render)
    await service.make_renditions(context, picture_id=picture.id)
    return picture


async def kept(context: Context) -> set[UUID]:
    return {id for (id,) in await rows(context, "SELECT id FROM media.picture")}


def later(context: Context, by: timedelta) -> Context:
    return replace(context, now=context.now + by)


async def use(context: Context, picture: Picture) -> None:
    async with transaction(context) as within:
        taken = await service.take_picture(within, picture_id=picture.id)
        await within.db.execute(USE, {"id": taken.id})


@pytest.fixture
async def used(context: Context) -> Picture:
    async with transaction(context) as within:
        await within.db.execute(sa.text(USER))
    picture = await upload(context)
    await use(context, picture)
    return picture


async def test_what_nothing_used_for_a_day_goes_with_its_objects(context: Context, used: Picture, folder: Path) -> None:
    unused = await upload(context)
    assert len(files(folder)) == 10
    assert await service.sweep_pictures(later(context, DAY)) == 0
    await jobs.sweep.run(later(context, DAY + HOUR))
    assert await kept(context) == {used.id}
    assert {path.rpartition("/")[0] for path in files(folder)} == {used.path.removesuffix("/full.jpg")}
    assert await rows(context, "SELECT name, payload FROM platform.outbox WHERE name = 'media.PictureRemoved'") == [
        ("media.PictureRemoved", {"picture_id": str(unused.id)})
    ]
    removed = "SELECT changes, reason FROM platform.audit WHERE reason IS NOT NULL"
    assert await rows(context, removed) == [({"path": [unused.path, None]}, "unused")]
    with pytest.raises(PictureUnknown):
        await use(context, unused)


async def test_a_day_begins_when_a_picture_is_released(context: Context, used: Picture) -> None:
    async with transaction(later(context, 3 * DAY)) as within:
        await within.db.execute(sa.text("DELETE FROM public.poster"))
        await service.release_pictures(within, picture_ids=[used.id])
    assert await service.sweep_pictures(later(context, 4 * DAY)) == 0
    assert await service.sweep_pictures(later(context, 4 * DAY + HOUR)) == 1


async def test_what_something_else_still_shows_stays(context: Context, used: Picture, folder: Path) -> None:
    async with transaction(context) as within:
        await service.release_pictures(within, picture_ids=[used.id])
    before = files(folder)
    assert await service.sweep_pictures(later(context, 2 * DAY)) == 0
    assert await kept(context) == {used.id}
    assert files(folder) == before
    assert await rows(context, "SELECT unused_since FROM media.picture") == [(None,)]


async def test_more_than_one_batch_goes(context: Context) -> None:
    insert = sa.text("""
        INSERT INTO media.picture (path, sha256, media_type, width, height, byte_size, state, created_at, unused_since)
        SELECT 'pictures/' || n || '/full.jpg', '', 'image/jpeg', 1, 1, 1, 'ready', :now, :now
        FROM generate_series(1, 120) n
    """)
    async with transaction(context) as within:
        await within.db.execute(insert, {"now": context.now})
    assert await service.sweep_pictures(later(context, 2 * DAY)) == 120
    assert await kept(context) == set()


async def test_a_picture_taken_while_it_is_swept_is_kept_or_unknown(context: Context, used: Picture) -> None:
    for _ in range(10):
        picture = await upload(context)
        taken, _ = await asyncio.gather(
            use(context, picture), service.sweep_pictures(later(context, 2 * DAY)), return_exceptions=True
        )
        if isinstance(taken, PictureUnknown):
            assert picture.id not in await kept(context)
        else:
            assert taken is None
            assert picture.id in await kept(context)
    assert used.id in await kept(context)


async def test_two_sweepers_share_the_work(context: Context) -> None:
    pictures = [await upload(context) for _ in range(3)]
    counts = await asyncio.gather(*[service.sweep_pictures(later(context, 2 * DAY)) for _ in range(2)])
    assert sum(counts) == len(pictures)


async def test_an_upload_killed_before_its_row_leaves_only_what_the_sweeper_takes(
    context: Context, used: Picture, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process is gone."""

    def kill(*_arguments: object) -> None:
        raise Killed

    before = files(folder)
    monkeypatch.setattr(uploads, "transaction", kill)
    with pytest.raises(Killed):
        await service.store_picture(context, content=photo(), then=jobs.render)
    monkeypatch.undo()
    (orphan,) = files(folder) - before
    assert await kept(context) == {used.id}
    _age(folder, context)
    assert await service.sweep_objects(later(context, DAY - HOUR)) == 0
    await jobs.sweep_orphans.run(later(context, DAY + HOUR))
    assert files(folder) == before
    assert orphan not in files(folder)


async def test_only_uploads_are_swept(context: Context, folder: Path) -> None:
    await service.place_drawings(context, drawings=[("demo/mug.svg", "<svg/>")])
    _age(folder, context)
    assert await service.sweep_objects(later(context, 9 * DAY)) == 0
    assert files(folder) == {"demo/mug.svg"}


def _age(folder: Path, context: Context) -> None:
    """Have all objects been written now, as tests tell the time."""
    for path in folder.rglob("*"):
        os.utime(path, (context.now.timestamp(), context.now.timestamp()))
