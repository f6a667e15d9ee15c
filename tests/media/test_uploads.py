"""Uploads over HTTP, by callers of each kind."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from tests.media.pictures import encoded, photo, snapshot
from tests.media.stored import files, rows

from mercer.media import routes, service
from mercer.media.routes import UPLOADS_AT_ONCE, media_routes
from mercer.platform.actors import GUEST, Actor, ActorKind, Origin
from mercer.platform.context import Context

ADA = Actor(kind=ActorKind.STAFF, id=uuid4(), permissions=frozenset({"media.manage"}))
BOB = Actor(kind=ActorKind.STAFF, id=uuid4(), permissions=frozenset({"media.read", "products.manage"}))
EVE = Actor(kind=ActorKind.CUSTOMER, id=uuid4())


@asynccontextmanager
async def calling(context: Context, actor: Actor) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the routes, as this actor."""

    async def make_context(_request: HTTPConnection) -> Context:
        return replace(context, actor=actor, origin=Origin(request_id="the-request", api="admin"))

    app = Starlette(routes=media_routes(context.settings, make_context))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as http:
        yield http


@pytest.fixture
async def ada(context: Context) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling(context, ADA) as http:
        yield http


async def nothing_is_stored(context: Context, folder: Path) -> bool:
    kept = await rows(context, "SELECT id FROM media.picture UNION ALL SELECT id FROM platform.outbox")
    return kept == [] and files(folder) == set()


async def test_an_upload_is_stored_announced_audited_and_on_its_way(
    context: Context, ada: httpx2.AsyncClient, folder: Path
) -> None:
    answer = await ada.post("/admin/uploads", content=photo(), headers={"Content-Type": "text/html"})
    assert answer.status_code == 201
    told = answer.json()
    path = told["url"].removeprefix("http://test/media/")
    assert told == {
        "id": told["id"],
        "url": f"http://test/media/{path}",
        "width": 80,
        "height": 60,
        "mediaType": "image/jpeg",
        "state": "PROCESSING",
    }
    stored = (folder / path).read_bytes()
    assert await rows(
        context, "SELECT id, path, sha256, byte_size, state, created_at, created_by FROM media.picture"
    ) == [(UUID(told["id"]), path, sha256(stored).hexdigest(), len(stored), "processing", context.now, ADA.id)]
    assert await rows(context, "SELECT name, payload, request_id FROM platform.outbox") == [
        ("media.PictureUploaded", {"picture_id": told["id"]}, "the-request")
    ]
    assert await rows(context, "SELECT operation, entity, entity_id, actor_id, changes FROM platform.audit") == [
        (
            "POST /admin/uploads",
            "Picture",
            UUID(told["id"]),
            ADA.id,
            {"path": [None, path], "size": [None, "80x60"]},
        )
    ]
    queued = "SELECT task_name, args->'arguments' FROM procrastinate.procrastinate_jobs"
    assert await rows(context, queued) == [("media.render", {"picture_id": told["id"]})]


async def test_the_clients_file_name_and_secrets_go_nowhere(ada: httpx2.AsyncClient, folder: Path) -> None:
    headers = {"Content-Disposition": 'attachment; filename="../../evil.html"', "Slug": "evil"}
    answer = await ada.post("/admin/uploads?filename=../evil.html", content=snapshot(), headers=headers)
    assert answer.status_code == 201
    (stored,) = files(folder)
    assert re.fullmatch("pictures/[0-9a-f]{32}/full.jpg", stored)
    assert b"Maker of cameras" not in (folder / stored).read_bytes()


async def test_the_same_bytes_twice_are_two_pictures(context: Context, ada: httpx2.AsyncClient) -> None:
    content = photo()
    first, second = [(await ada.post("/admin/uploads", content=content)).json() for _ in range(2)]
    assert first["id"] != second["id"]
    assert first["url"] != second["url"]
    assert await rows(context, "SELECT count(*), count(DISTINCT sha256) FROM media.picture") == [(2, 1)]


@pytest.mark.parametrize(
    ("actor", "status", "code"),
    [(GUEST, 401, "UNAUTHENTICATED"), (EVE, 403, "FORBIDDEN"), (BOB, 403, "FORBIDDEN")],
    ids=["guest", "customer", "staff without the permission"],
)
async def test_uploads_need_the_permission(
    context: Context, folder: Path, actor: Actor, status: int, code: str
) -> None:
    async with calling(context, actor) as http:
        answer = await http.post("/admin/uploads", content=photo())
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert await nothing_is_stored(context, folder)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 415, "FORMAT_UNKNOWN"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "FORMAT_UNKNOWN"),
        (b"%PDF-1.7", 415, "FORMAT_UNKNOWN"),
        (photo()[:500], 422, "PICTURE_DAMAGED"),
        (photo() + b"<script>alert(1)</script>", 422, "PICTURE_MIXED"),
        (encoded(Image.new("1", (20_000, 20_000)), "PNG"), 422, "PICTURE_OVERSIZED"),
        (bytes(500_001), 413, "BODY_TOO_LARGE"),
    ],
    ids=["nothing", "svg", "pdf", "truncated", "polyglot", "bomb", "large"],
)
async def test_what_is_no_picture_is_refused_clearly(
    context: Context, ada: httpx2.AsyncClient, folder: Path, content: bytes, status: int, code: str
) -> None:
    answer = await ada.post("/admin/uploads", content=content, headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert set(error) == {"message", "extensions"}
    assert set(error["extensions"]) == {"code", "errorId"}
    assert error["extensions"]["code"] == code
    assert await nothing_is_stored(context, folder)


async def test_the_limit_counts_what_arrives_not_what_is_announced(
    context: Context, ada: httpx2.AsyncClient, folder: Path
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 10_000
            yield bytes(10_000)

    answer = await ada.post("/admin/uploads", content=endless())
    assert answer.status_code == 413
    assert sent <= 520_000
    announced = await ada.post("/admin/uploads", content=b"x", headers={"Content-Length": "99999999999"})
    assert announced.status_code == 413
    assert await nothing_is_stored(context, folder)


async def test_compressed_bodies_and_other_methods_are_refused(ada: httpx2.AsyncClient) -> None:
    answer = await ada.post("/admin/uploads", content=photo(), headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415
    assert (await ada.get("/admin/uploads")).status_code == 405


async def test_a_form_is_told_to_send_the_picture_alone(
    context: Context, ada: httpx2.AsyncClient, folder: Path
) -> None:
    answer = await ada.post("/admin/uploads", files={"file": ("a.jpg", photo(), "image/jpeg")})
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["message"] == "Send the picture itself as the body, not in a form."
    assert await nothing_is_stored(context, folder)


async def test_a_store_that_is_away_stores_nothing(context: Context) -> None:
    await service.place_drawings(context, drawings=[("pictures", "in the way")])
    async with calling(context, ADA) as http:
        answer = await http.post("/admin/uploads", content=photo())
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert await rows(context, "SELECT id FROM media.picture") == []


async def test_media_are_served_from_where_the_setting_says(context: Context) -> None:
    settings = context.settings.model_copy(update={"media_url": "https://cdn.example/shop/"})
    async with calling(replace(context, settings=settings), ADA) as http:
        told = (await http.post("/admin/uploads", content=photo())).json()
    assert told["url"].startswith("https://cdn.example/shop/pictures/")


async def test_so_many_at_once_and_no_more(context: Context, ada: httpx2.AsyncClient, folder: Path) -> None:
    begun, may_end = asyncio.Semaphore(0), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        begun.release()
        await may_end.wait()
        yield photo()

    uploads = [asyncio.create_task(ada.post("/admin/uploads", content=slow())) for _ in range(UPLOADS_AT_ONCE)]
    for _ in uploads:
        await begun.acquire()
    refused = await ada.post("/admin/uploads", content=photo())
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert await nothing_is_stored(context, folder)
    may_end.set()
    assert [(await upload).status_code for upload in uploads] == [201] * UPLOADS_AT_ONCE
    assert (await ada.post("/admin/uploads", content=photo())).status_code == 201


async def test_an_upload_that_never_ends_is_ended(
    context: Context, ada: httpx2.AsyncClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"\xff\xd8\xff"
        await asyncio.Event().wait()

    monkeypatch.setattr(routes, "UPLOAD_S", 0.01)
    answer = await ada.post("/admin/uploads", content=stalled())
    assert answer.status_code == 408
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert await nothing_is_stored(context, folder)
