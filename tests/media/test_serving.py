"""Media over HTTP, as everybody gets them."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from tests.callers import calling

from mercer.app import create_app
from mercer.platform.settings import Settings, SettingsInvalid
from mercer.platform.storage import storage_of

CONTENT = bytes(range(256)) * 4_000


@pytest.fixture
async def http(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    storage = storage_of(settings)
    for path in (
        "pictures/ab/full.jpg",
        "pictures/ab/w160.webp",
        "demo/mug.svg",
        "demo/page.html",
        "Ä b.png",
        ".x.png",
    ):
        await storage.put(path, CONTENT, media_type="image/png", cache="public")
    (settings.data_dir / "secret.png").write_bytes(b"secret")
    async with calling(settings) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "media_type", "cache"),
    [
        ("pictures/ab/full.jpg", "image/jpeg", "public, max-age=31536000, immutable"),
        ("pictures/ab/w160.webp", "image/webp", "public, max-age=31536000, immutable"),
        ("demo/mug.svg", "image/svg+xml", "public, max-age=300"),
        ("%C3%84%20b.png", "image/png", "public, max-age=300"),
    ],
)
async def test_a_picture_is_served(http: httpx2.AsyncClient, path: str, media_type: str, cache: str) -> None:
    answer = await http.get(f"/media/{path}")
    assert answer.status_code == 200
    assert answer.content == CONTENT
    headers = answer.headers
    assert (headers["content-type"], headers["cache-control"], headers["content-length"]) == (
        media_type,
        cache,
        str(len(CONTENT)),
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    head = await http.head(f"/media/{path}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "cache-control", "content-length", "etag"):
        assert head.headers[name] == headers[name]


async def test_what_is_known_is_not_sent_again(http: httpx2.AsyncClient) -> None:
    etag = (await http.get("/media/demo/mug.svg")).headers["etag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = await http.get("/media/demo/mug.svg", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert (await http.get("/media/demo/mug.svg", headers={"If-None-Match": '"other"'})).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "pictures",
        "pictures/ab",
        "pictures/ab/",
        "pictures/none/full.jpg",
        "demo/page.html",
        "demo/mug.svg/x.png",
        "..%2Fsecret.png",
        "%2e%2e/secret.png",
        "demo/..%2f..%2fsecret.png",
        "demo/%2e%2e/%2e%2e/secret.png",
        "%2Fetc%2Fpasswd.png",
        "demo//mug.svg",
        ".x.png",
        "demo/mug.svg%00.png",
        "demo/mug.svg%231",
        "demo\\mug.svg",
        f"{'a' * 3000}.png",
    ],
)
async def test_nothing_else_is_served(http: httpx2.AsyncClient, path: str) -> None:
    answer = await http.get(f"/media/{path}")
    assert answer.status_code == 404
    assert b"secret" not in answer.content


async def test_media_are_only_read(http: httpx2.AsyncClient) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (await http.request(method, "/media/demo/mug.svg")).status_code == 405
    assert (await http.get("/media/demo/mug.svg")).status_code == 200


async def test_a_store_that_cannot_be_used_stops_the_start(settings: Settings) -> None:
    wrong = settings.model_copy(update={"storage_url": "az://no-account/here"})
    with pytest.raises(SettingsInvalid, match="MERCER_STORAGE_URL"):
        create_app(wrong)
