import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import pytest

from mercer.platform.settings import Environment, Settings, SettingsInvalid, load_settings
from mercer.platform.storage import Storage, StorageUnavailable, storage_of

LABELS = {"media_type": "image/png", "cache": "public"}


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as is needed: objects of one bucket, in memory. It looks at no signature, but wants one."""

    objects: dict[str, tuple[bytes, dict[str, str]]]
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.objects[self._key] = body, dict(self.headers)
        self._answer(200, b"", ETag='"1"')

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            self._answer(200, self._listing(query["prefix"][0]))
        elif (found := self.objects.get(self._key)) is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            self._answer(200, found[0], ETag='"1"', **{"Last-Modified": "Sun, 22 Nov 2026 12:00:00 GMT"})

    do_HEAD = do_GET  # noqa: N815 — as the server wants it

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        keys = re.findall("<Key>(.*?)</Key>", body)
        for key in keys:
            self.objects.pop(f"{self._key.rstrip('/')}/{key}", None)
        deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    @property
    def _key(self) -> str:
        return unquote(urlsplit(self.path).path)

    def _listing(self, prefix: str) -> bytes:
        root = urlsplit(self.path).path.rstrip("/") + "/"
        keys = [key.removeprefix(root) for key in sorted(self.objects) if key.startswith(root + prefix)]
        entries = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2026-11-22T12:00:00.000Z</LastModified>"
            f'<ETag>"1"</ETag><Size>{len(self.objects[root + key][0])}</Size></Contents>'
            for key in keys
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode()

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        is_signed = self.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 Credential=key/")
        self.send_response(status if is_signed else 403)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Bucket]]:
    class Own(Bucket):
        objects: dict[str, tuple[bytes, dict[str, str]]] = {}  # noqa: RUF012 — this test's own

    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    variables = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-central-1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    yield Own
    server.shutdown()
    server.server_close()


def settings_with(**changes: object) -> Settings:
    return load_settings(environment=Environment.TEST, **changes)


@pytest.fixture(params=["folder", "memory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return storage_of(settings_with(data_dir=tmp_path))
    if request.param == "memory":
        return storage_of(settings_with(storage_url=f"memory:///{uuid4()}"))
    request.getfixturevalue("s3")
    return storage_of(settings_with(storage_url=f"s3://bucket-{uuid4()}/in/here"))


async def test_objects_are_put_read_listed_and_removed(storage: Storage) -> None:
    content = os.urandom(600_000)
    await storage.put("pictures/a/1.png", b"old", **LABELS)
    await storage.put("pictures/a/1.png", content, **LABELS)
    await storage.put("pictures/b/2.png", b"two", **LABELS)
    await storage.put("else/3.png", b"three", **LABELS)
    assert await storage.read("pictures/a/1.png") == content
    found = await storage.find("pictures/a/1.png")
    assert found is not None
    assert (found.path, found.size, found.modified_at.tzinfo is None) == ("pictures/a/1.png", 600_000, False)
    assert re.fullmatch(r'"[^"]+"', found.etag)
    listed = [each.path async for batch in storage.list("pictures") for each in batch]
    assert sorted(listed) == ["pictures/a/1.png", "pictures/b/2.png"]
    await storage.remove(["pictures/a/1.png", "pictures/none.png", "pictures/b/2.png"])
    assert [batch async for batch in storage.list("pictures") if batch] == []
    assert await storage.read("pictures/a/1.png") is None
    assert await storage.find("pictures/a/1.png") is None


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "/../secret", "a//b", "a\0b", "."])
async def test_no_path_leads_out(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("secret")
    storage = storage_of(settings_with(data_dir=tmp_path))
    assert await storage.read(path) is None
    assert await storage.find(path) is None


async def test_a_bucket_keeps_labels_under_the_prefix(s3: type[Bucket]) -> None:
    bucket = f"bucket-{uuid4()}"
    await storage_of(settings_with(storage_url=f"s3://{bucket}/in/here")).put("a.png", b"1", **LABELS)
    ((key, (body, headers)),) = s3.objects.items()
    assert (key, body) == (f"/{bucket}/in/here/a.png", b"1")
    assert (headers["content-type"], headers["cache-control"]) == ("image/png", "public")


async def test_a_bucket_that_refuses_us_is_unavailable(s3: type[Bucket], monkeypatch: pytest.MonkeyPatch) -> None:
    assert s3.objects == {}
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    storage = storage_of(settings_with(storage_url=f"s3://bucket-{uuid4()}"))
    with pytest.raises(StorageUnavailable):
        await storage.put("a.png", b"1", **LABELS)
    with pytest.raises(StorageUnavailable):
        await storage.read("a.png")
    with pytest.raises(StorageUnavailable):
        await storage.remove(["a.png"])
    with pytest.raises(StorageUnavailable):
        assert [batch async for batch in storage.list("a")] == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "s3://",
        "s3:///prefix",
        "s3://key:secret@bucket/prefix",
        "https://bucket.s3.amazonaws.com/",
        "file://relative",
        "ftp://host/folder",
        "s3://bucket?region=x",
    ],
)
def test_nonsense_stops_the_start(url: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"MERCER_STORAGE_URL: must be s3://.*its value is not shown"):
        settings_with(storage_url=url)


def test_memory_is_for_tests() -> None:
    with pytest.raises(SettingsInvalid, match="MERCER_STORAGE_URL"):
        load_settings(environment=Environment.DEVELOPMENT, storage_url="memory:///")


def test_a_store_that_cannot_be_opened_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(SettingsInvalid, match="MERCER_STORAGE_URL"):
        storage_of(settings_with(storage_url=f"az://{uuid4()}/here"))
    (tmp_path / "media").write_text("no folder")
    with pytest.raises(SettingsInvalid, match="cannot be kept in the folder"):
        storage_of(settings_with(data_dir=tmp_path))


@pytest.mark.parametrize("url", ["", "nonsense", "//cdn.example", "ftp://cdn.example", "https://a b", "https://u@cdn"])
def test_media_are_served_from_an_address(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="MERCER_MEDIA_URL"):
        settings_with(media_url=url)
