"""The other sizes of a picture, made by a job."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from tests.media.pictures import opened, photo
from tests.media.stored import files, rows

from mercer.media import jobs, service
from mercer.media.errors import PictureUnknown
from mercer.media.models import Picture, PictureState
from mercer.media.providers.drawing import resized
from mercer.media.service import renditions
from mercer.platform.context import Context
from mercer.platform.storage import StorageUnavailable, storage_of
from mercer.platform.transactions import transaction


async def upload(context: Context, width: int = 700, height: int = 350) -> Picture:
    return await service.store_picture(context, content=photo(width, height), then=jobs.render)


MADE = "SELECT width, height, media_type, path FROM media.rendition ORDER BY width, media_type"


def expected(picture: Picture) -> list[tuple[Any, ...]]:
    folder = picture.path.removesuffix("/full.jpg")
    return [
        (width, width // 2, f"image/{type_}", f"{folder}/w{width}.{extension}")
        for width in (160, 320, 640)
        for type_, extension in (("jpeg", "jpg"), ("webp", "webp"))
    ]


async def test_renditions_are_made_announced_and_audited(context: Context, folder: Path) -> None:
    picture = await upload(context)
    await jobs.render.run(context, picture_id=str(picture.id))
    assert await rows(context, MADE) == expected(picture)
    for width, height, media_type, path in await rows(context, MADE):
        image = opened((folder / str(path)).read_bytes())
        assert (*image.size, media_type_of(image.format)) == (width, height, media_type)
    assert await rows(context, "SELECT state FROM media.picture") == [("ready",)]
    assert await rows(context, "SELECT name, payload FROM platform.outbox ORDER BY id OFFSET 1") == [
        ("media.PictureReady", {"picture_id": str(picture.id)})
    ]
    assert await rows(context, "SELECT changes FROM platform.audit ORDER BY id OFFSET 1") == [
        ({"state": ["processing", "ready"]},)
    ]


def media_type_of(format_: str | None) -> str:
    return f"image/{(format_ or '').lower()}"


async def test_done_again_or_by_two_at_once_it_changes_nothing(context: Context) -> None:
    picture = await upload(context)
    await asyncio.gather(*[service.make_renditions(context, picture_id=picture.id) for _ in range(2)])
    await service.make_renditions(context, picture_id=picture.id)
    assert await rows(context, MADE) == expected(picture)
    assert await rows(context, "SELECT count(*) FROM platform.outbox") == [(2,)]


async def test_interrupted_it_goes_on_where_it_was(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = await upload(context)
    drawn: list[int] = []

    def failing(content: bytes, width: int, formats: tuple[object, ...]) -> object:
        drawn.append(width)
        if width == 640 and drawn.count(640) == 1:
            raise StorageUnavailable
        return resized(content, width, formats)  # type: ignore[arg-type]

    monkeypatch.setattr(renditions, "resized", failing)
    with pytest.raises(StorageUnavailable):
        await service.make_renditions(context, picture_id=picture.id)
    assert await rows(context, MADE) == expected(picture)[:4]
    assert await rows(context, "SELECT state FROM media.picture") == [("processing",)]
    await service.make_renditions(context, picture_id=picture.id)
    assert await rows(context, MADE) == expected(picture)
    assert drawn == [160, 320, 640, 640]


async def test_a_small_picture_is_ready_as_it_is(context: Context) -> None:
    picture = await upload(context, 100, 50)
    await service.make_renditions(context, picture_id=picture.id)
    assert await rows(context, MADE) == []
    assert await rows(context, "SELECT state FROM media.picture") == [("ready",)]


async def test_a_picture_that_is_gone_is_no_fault(context: Context, folder: Path) -> None:
    await service.make_renditions(context, picture_id=uuid4())
    picture = await upload(context)
    (folder / picture.path).unlink()
    await service.make_renditions(context, picture_id=picture.id)
    assert await rows(context, "SELECT state FROM media.picture") == [(PictureState.FAILED,)]


async def test_a_picture_that_goes_meanwhile_leaves_no_object(
    context: Context, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = await upload(context)
    put = type(storage_of(context.settings)).put

    async def remove_and_put(storage: object, path: str, *arguments: object, **options: object) -> None:
        async with transaction(context) as within:
            await within.db.execute(sa.text("DELETE FROM media.picture"))
        await put(storage, path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(type(storage_of(context.settings)), "put", remove_and_put)
    await service.make_renditions(context, picture_id=picture.id)
    assert files(folder) == {picture.path}


async def test_unknown_pictures_cannot_be_used(context: Context) -> None:
    async with transaction(context) as within:
        with pytest.raises(PictureUnknown):
            await service.take_picture(within, picture_id=UUID(int=0))
        await service.release_pictures(within, picture_ids=[UUID(int=0)])
        await service.release_pictures(within, picture_ids=[])


async def test_cached_answers_are_outdated_by_renditions_of_what_is_used(context: Context) -> None:
    unused, used = await upload(context), await upload(context)
    async with transaction(context) as within:
        await service.take_picture(within, picture_id=used.id)
    tags = "SELECT tags FROM platform.outbox WHERE tags <> '{}'"
    await service.make_renditions(context, picture_id=unused.id)
    assert await rows(context, tags) == []
    await service.make_renditions(context, picture_id=used.id)
    assert await rows(context, tags) == [(["catalog"],)] * 3
