"""Products' pictures, made of uploads."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from tests.catalog.noted import NOBODY, announced, audited, fetch, id_of, outdated

from mercer.catalog import errors, handlers, service
from mercer.catalog.models import NewMedia
from mercer.media.errors import PictureUnknown
from mercer.media.events import PictureReady
from mercer.platform.context import Context
from mercer.platform.errors import InvalidInput, VersionConflict
from mercer.platform.transactions import transaction

UPLOAD = """
    INSERT INTO media.picture (path, sha256, media_type, width, height, byte_size, state, created_at, unused_since)
    SELECT 'up/' || :name, '0', 'image/jpeg', 30, 20, 1, s.state, now(), now() FROM (VALUES ('ready')) s (state)
    RETURNING id
"""
SHOWN = "SELECT path, width, height, alt, alt_translations FROM catalog.media WHERE product_id = :id ORDER BY position"
UNUSED = "SELECT unused_since IS NOT NULL FROM media.picture ORDER BY id"


async def do(context: Context, verb: str, **given: Any) -> Any:
    """Call a verb in a transaction of its own."""
    async with transaction(context) as inner:
        return await getattr(service, verb)(inner, **given)


async def upload(context: Context, name: str) -> UUID:
    async with context.database.engine.begin() as connection:
        id: UUID = (await connection.execute(sa.text(UPLOAD), {"name": name})).scalar_one()
    return id


async def test_an_upload_is_shown_described_and_removed(catalogue: Context) -> None:
    clay, picture = await id_of(catalogue, "product", "clay-cup"), await upload(catalogue, "a.jpg")
    new = NewMedia(upload_id=picture, alt=" A cup ", alt_translations={"de": "Eine Tasse"})
    media = await do(catalogue, "add_media", product_id=clay, media=new, version=1)
    assert await fetch(catalogue, SHOWN, id=clay) == [("up/a.jpg", 30, 20, "A cup", {"de": "Eine Tasse"})]
    assert await fetch(catalogue, UNUSED) == [(False,)]
    with pytest.raises(VersionConflict):
        await do(catalogue, "update_media", id=media, changes={"alt": "x"}, version=1)
    await do(catalogue, "update_media", id=media, changes={"alt": "", "alt_translations": {"de": None}}, version=2)
    await do(catalogue, "remove_media", id=media)
    assert await fetch(catalogue, SHOWN, id=clay) == []
    assert await fetch(catalogue, UNUSED) == [(True,)]
    assert [changes for _, changes in await audited(catalogue)] == [
        {
            f"media.{media}": [
                None,
                {"picture_id": str(picture), "alt": "A cup", "alt_translations": {"de": "Eine Tasse"}},
            ]
        },
        {f"media.{media}.alt": ["A cup", ""], f"media.{media}.alt_translations": [{"de": "Eine Tasse"}, {}]},
        {f"media.{media}": [{"path": "up/a.jpg", "alt": ""}, None]},
    ]
    assert await announced(catalogue) == ["ProductUpdated"] * 3
    assert await outdated(catalogue) == {"products", f"product:{clay}"}


async def test_pictures_stand_in_the_order_given_and_go_with_their_product(catalogue: Context) -> None:
    mug, picture = await id_of(catalogue, "product", "steel-mug"), await upload(catalogue, "b.jpg")
    added = await do(catalogue, "add_media", product_id=mug, media=NewMedia(upload_id=picture))
    front, side = await id_of(catalogue, "media", "mug-front.svg"), await id_of(catalogue, "media", "mug-side.svg")
    await do(catalogue, "reorder_media", product_id=mug, media_ids=[added, side, front])
    paths = [row[0] for row in await fetch(catalogue, SHOWN, id=mug)]
    assert paths == ["up/b.jpg", "mug-side.svg", "mug-front.svg"]
    with pytest.raises(errors.OrderIncomplete):
        await do(catalogue, "reorder_media", product_id=mug, media_ids=[added, side])
    await do(catalogue, "delete_product", id=mug)
    assert await fetch(catalogue, UNUSED) == [(True,)]


async def test_what_is_no_upload_is_refused(catalogue: Context) -> None:
    clay = await id_of(catalogue, "product", "clay-cup")
    with pytest.raises(PictureUnknown) as raised:
        await do(catalogue, "add_media", product_id=clay, media=NewMedia(upload_id=NOBODY))
    assert raised.value.path == ("upload_id",)
    with pytest.raises(InvalidInput):
        await do(catalogue, "add_media", product_id=clay, media=NewMedia(upload_id=NOBODY, alt="x" * 501))
    with pytest.raises(errors.ProductNotFound):
        await do(catalogue, "add_media", product_id=NOBODY, media=NewMedia(upload_id=await upload(catalogue, "c.jpg")))
    assert await fetch(catalogue, SHOWN, id=clay) == []


async def test_answers_that_show_a_picture_are_outdated_when_its_sizes_are_there(catalogue: Context) -> None:
    clay, picture = await id_of(catalogue, "product", "clay-cup"), await upload(catalogue, "d.jpg")
    await do(catalogue, "add_media", product_id=clay, media=NewMedia(upload_id=picture))
    async with transaction(catalogue) as context:
        await handlers.show_renditions(context, PictureReady(picture_id=picture))
    tags = "SELECT tags FROM platform.outbox ORDER BY id DESC LIMIT 1"
    assert await fetch(catalogue, tags) == [([f"product:{clay}", "products"],)]
