"""Pictures as the APIs show them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.factories.shop import a_shop
from tests.fixtures import writing
from tests.media.pictures import photo
from tests.media.stored import files, rows

from mercer.media import jobs, service
from mercer.media.models import Picture
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

SHOW = sa.text("""
    UPDATE catalog.media SET picture_id = :id, path = :path, width = :width, height = :height
    WHERE path = 'mug-front.svg'
""")


@pytest.fixture
async def http(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with writing(settings) as within:
        await a_shop(within)
    async with calling(settings) as client:
        yield client


@pytest.fixture
async def shown(context: Context, http: httpx2.AsyncClient) -> Picture:
    """The Steel Mug's first picture."""
    assert http
    picture = await service.store_picture(context, content=photo(400, 200), then=jobs.render)
    async with transaction(context) as within:
        await service.take_picture(within, picture_id=picture.id)
        values = {"id": picture.id, "path": picture.path, "width": picture.width, "height": picture.height}
        await within.db.execute(SHOW, values)
    return picture


def renditions(picture: Picture) -> list[dict[str, Any]]:
    folder = f"http://test/media/{picture.path.removesuffix('/full.jpg')}"
    return [
        {"url": f"{folder}/w160.jpg", "width": 160, "height": 80, "mediaType": "image/jpeg"},
        {"url": f"{folder}/w160.webp", "width": 160, "height": 80, "mediaType": "image/webp"},
        {"url": f"{folder}/w320.jpg", "width": 320, "height": 160, "mediaType": "image/jpeg"},
        {"url": f"{folder}/w320.webp", "width": 320, "height": 160, "mediaType": "image/webp"},
    ]


SHOP_MEDIA = """{
    product(slug: "steel-mug") { media { url width height renditions { url width height mediaType } } }
}"""


async def test_the_full_picture_is_shown_until_its_renditions_are_there(
    context: Context, http: httpx2.AsyncClient, shown: Picture
) -> None:
    shop = shop_caller(http)
    full = {"url": f"http://test/media/{shown.path}", "width": 400, "height": 200}
    drawing = {"url": "http://test/media/mug-side.svg", "width": 800, "height": 600, "renditions": []}
    assert await shop(SHOP_MEDIA) == {"product": {"media": [{**full, "renditions": []}, drawing]}}
    await service.make_renditions(context, picture_id=shown.id)
    found = await shop(SHOP_MEDIA)
    assert found == {"product": {"media": [{**full, "renditions": renditions(shown)}, drawing]}}
    for rendition in found["product"]["media"][0]["renditions"]:
        answer = await http.get(rendition["url"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, rendition["mediaType"])


async def test_staff_see_uploads_and_how_far_they_are(
    context: Context, http: httpx2.AsyncClient, shown: Picture
) -> None:
    admin = admin_caller(http)
    unused = await service.store_picture(context, content=photo(), then=jobs.render)
    await service.make_renditions(context, picture_id=shown.id)
    of_product = '{ product(slug: "steel-mug") { media { picture { id state } renditions { width } } } }'
    assert await admin(of_product) == {
        "product": {
            "media": [
                {
                    "picture": {"id": str(shown.id), "state": "READY"},
                    "renditions": [{"width": w} for w in (160, 160, 320, 320)],
                },
                {"picture": None, "renditions": []},
            ]
        }
    }
    query = """query($id: ID!) {
        picture(id: $id) {
            id url width height mediaType byteSize state createdAt expiresAt
            renditions { url width height mediaType }
        }
        pictures { nodes { id } totalCount }
        unused: pictures(filter: {isUnused: {eq: true}}) { nodes { id state expiresAt } }
        none: picture(id: "01930000-0000-7000-8000-000000000000") { id }
    }"""
    found = await admin(query, {"id": str(shown.id)})
    at = "2026-11-22T12:00:00.000000Z"
    size = found["picture"].pop("byteSize")
    assert size == len((await http.get(f"/media/{shown.path}")).content)
    assert found == {
        "picture": {
            "id": str(shown.id),
            "url": f"http://test/media/{shown.path}",
            "width": 400,
            "height": 200,
            "mediaType": "image/jpeg",
            "state": "READY",
            "createdAt": at,
            "expiresAt": None,
            "renditions": renditions(shown),
        },
        "pictures": {"nodes": [{"id": str(unused.id)}, {"id": str(shown.id)}], "totalCount": 2},
        "unused": {
            "nodes": [{"id": str(unused.id), "state": "PROCESSING", "expiresAt": "2026-11-23T12:00:00.000000Z"}]
        },
        "none": None,
    }


async def test_guests_see_no_uploads(http: httpx2.AsyncClient) -> None:
    answer = await Caller(http, "/admin/graphql", {}).send("{ pictures { totalCount } }")
    assert answer.status_code == 401
    assert (await http.post("/admin/uploads", content=photo())).status_code == 401


async def test_staff_upload_through_the_application(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/admin/uploads", content=photo(), headers=admin_caller(http).headers)
    assert answer.status_code == 201, answer.text
    served = await http.get(answer.json()["url"])
    assert (served.status_code, served.headers["content-type"]) == (200, "image/jpeg")
    found = await admin_caller(http)("{ pictures { nodes { id state } } }")
    assert found == {"pictures": {"nodes": [{"id": answer.json()["id"], "state": "PROCESSING"}]}}


DELETE = """mutation($id: ID!) { pictureDelete(id: $id) {
    __typename
    ... on PictureDeleted { id }
    ... on PictureUnknown { code message path pictureId }
    ... on PictureInUse { code message path pictureId }
} }"""


async def test_a_picture_that_nothing_shows_is_deleted(
    context: Context, http: httpx2.AsyncClient, shown: Picture, folder: Path
) -> None:
    admin = admin_caller(http)
    unused = await service.store_picture(context, content=photo(), then=jobs.render)
    assert await admin(DELETE, {"id": str(unused.id)}) == {
        "pictureDelete": {"__typename": "PictureDeleted", "id": str(unused.id)}
    }
    queued = "SELECT args->'arguments' FROM procrastinate.procrastinate_jobs WHERE task_name = 'media.erase'"
    assert await rows(context, queued) == [({"paths": [unused.path]},)]
    await jobs.erase.run(context, paths=[unused.path])
    assert files(folder) == {shown.path}
    audited = "SELECT entity, entity_id, changes, operation FROM platform.audit WHERE operation IS NOT NULL"
    assert await rows(context, audited) == [("Picture", unused.id, {"path": [unused.path, None]}, "pictureDelete")]
    again = (await admin(DELETE, {"id": str(unused.id)}))["pictureDelete"]
    assert again["__typename"] == "PictureUnknown"
    assert (again["code"], again["path"]) == ("PICTURE_UNKNOWN", ["id"])


@pytest.mark.parametrize("id", ["nonsense", "01930000-0000-7000-8000-000000000000"])
async def test_unknown_pictures_cannot_be_deleted(http: httpx2.AsyncClient, id: str) -> None:
    answer = await admin_caller(http)(DELETE, {"id": id})
    assert answer["pictureDelete"]["__typename"] == "PictureUnknown"


async def test_what_something_shows_cannot_be_deleted(
    context: Context, http: httpx2.AsyncClient, shown: Picture, folder: Path
) -> None:
    answer = await admin_caller(http)(DELETE, {"id": str(shown.id)})
    assert answer["pictureDelete"]["__typename"] == "PictureInUse"
    assert await rows(context, "SELECT id, unused_since FROM media.picture") == [(shown.id, None)]
    assert files(folder) == {shown.path}


async def test_guests_delete_nothing(context: Context, http: httpx2.AsyncClient) -> None:
    unused = await service.store_picture(context, content=photo(), then=jobs.render)
    answer = await Caller(http, "/admin/graphql", {}).send(DELETE, {"id": str(unused.id)})
    assert answer.status_code == 401
    assert await rows(context, "SELECT id FROM media.picture") == [(unused.id,)]


async def test_only_uploads_are_erased(context: Context, folder: Path) -> None:
    await service.place_drawings(context, drawings=[("demo/mug.svg", "<svg/>")])
    await jobs.erase.run(context, paths=["demo/mug.svg", "pictures/none/full.jpg"])
    assert files(folder) == {"demo/mug.svg"}
