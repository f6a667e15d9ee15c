"""The object store: a folder or a bucket, in which files lie under paths that Mercer made up."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import obstore
import structlog
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, from_url

from mercer.platform.errors import RequestRefused
from mercer.platform.settings import Settings, SettingsInvalid

CHUNK = 256 * 1024
"""How many bytes of an object are read at a time."""

LIST_CHUNK = 500
"""How many objects are listed at a time."""

_IMPOSSIBLE = re.compile(r"Unable to open file .*\(os error (20|36)\)")
"""A folder's word for a path that nothing can have: it leads through a file, or is too long."""

_CLIENT = {"connect_timeout": "3s", "timeout": "30s", "allow_http": True}  # where the endpoint says so
_RETRY = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}


log = structlog.get_logger("mercer.storage")


class StorageUnavailable(RequestRefused):
    """The object store cannot be reached now, or refuses us."""

    def __init__(self) -> None:
        super().__init__(
            "The service is briefly unavailable. Please try again.",
            code="UNAVAILABLE",
            status=503,
            headers={"Retry-After": "1"},
        )


@dataclass(frozen=True)
class Found:
    """What is known of an object before it is read."""

    path: str
    size: int
    etag: str
    """Quoted, as HTTP has it."""
    modified_at: datetime


@dataclass(frozen=True)
class Opened:
    """An object that is about to be read."""

    found: Found
    _result: Any

    async def chunks(self) -> AsyncIterator[bytes]:
        """The content, piece by piece. Raises `StorageUnavailable`."""
        with _faults():
            async for chunk in self._result.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)


class Storage:
    """Objects by their paths. What cannot be reached, or refuses us, raises `StorageUnavailable`."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def put(self, path: str, content: bytes, *, media_type: str, cache: str) -> None:
        """Write an object at once as a whole, in place of what is there. `cache` is its `Cache-Control`."""
        labels = {"Content-Type": media_type, "Cache-Control": cache}
        # A folder keeps no labels, and the store refuses to forget them.
        attributes = None if isinstance(self._store, LocalStore) else labels
        with _faults(writing=True):
            await obstore.put_async(self._store, path, content, attributes=attributes)

    async def find(self, path: str) -> Found | None:
        """What is known of the object, or None if there is none, or if no object can have such a path."""
        try:
            with _faults():
                return _found(await obstore.head_async(self._store, path))
        except (FileNotFoundError, ValueError):
            return None

    async def open(self, path: str) -> Opened | None:
        """The object, to be read. None as for `find`."""
        try:
            with _faults():
                result = await obstore.get_async(self._store, path)
                return Opened(_found(result.meta), result)
        except (FileNotFoundError, ValueError):
            return None

    async def read(self, path: str) -> bytes | None:
        """The object's whole content. None as for `find`."""
        opened = await self.open(path)
        return None if opened is None else b"".join([chunk async for chunk in opened.chunks()])

    async def remove(self, paths: Sequence[str]) -> None:
        """Remove objects. Those that are gone already are no fault."""
        for path in paths:
            try:
                with _faults():
                    await obstore.delete_async(self._store, path)
            except FileNotFoundError:
                continue

    async def list(self, prefix: str) -> AsyncIterator[Sequence[Found]]:
        """All objects whose paths begin with these segments, some hundreds at a time, in no order."""
        stream = obstore.list(self._store, prefix, chunk_size=LIST_CHUNK)
        while True:
            with _faults():
                try:
                    batch = await stream.__anext__()
                except StopAsyncIteration:
                    return
            yield [_found(meta) for meta in batch]


def storage_of(settings: Settings) -> Storage:
    """The object store that the settings name. Raises `SettingsInvalid`."""
    return _storage(settings.storage_url or (settings.data_dir.absolute() / "media"))


@lru_cache(maxsize=16)
def _storage(place: str | Path) -> Storage:
    if isinstance(place, Path) or place.startswith("file://"):
        folder = place if isinstance(place, Path) else Path(place.removeprefix("file://"))
        try:
            return Storage(LocalStore(folder, mkdir=True, automatic_cleanup=True))
        except (OSError, BaseError) as error:
            raise SettingsInvalid(f"Media cannot be kept in the folder {folder}: {_first_line(error)}") from None
    options = {} if place.startswith("memory:") else {"client_options": _CLIENT, "retry_config": _RETRY}
    try:
        return Storage(from_url(place, **options))  # type: ignore[call-overload]
    except (BaseError, ValueError) as error:
        raise SettingsInvalid(f"MERCER_STORAGE_URL: {place} cannot be used: {_first_line(error)}") from None


def _found(meta: Any) -> Found:
    etag = meta["e_tag"] or f'"{meta["size"]:x}-{meta["last_modified"].timestamp():.6f}"'
    quoted = etag if etag.startswith(('"', 'W/"')) else f'"{etag}"'
    return Found(meta["path"], meta["size"], quoted, meta["last_modified"])


@contextmanager
def _faults(*, writing: bool = False) -> Iterator[None]:
    """Tell apart what is not there from what cannot be reached."""
    try:
        yield
    except (FileNotFoundError, ValueError):
        raise
    except NotFoundError as error:
        raise FileNotFoundError from error
    except (BaseError, OSError) as error:
        if not writing and _IMPOSSIBLE.search(str(error)):
            raise FileNotFoundError from error
        log.warning("storage_unavailable", error=_first_line(error))
        raise StorageUnavailable from error


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
