"""Where rows come from: a file, packed by gzip or not, or each file within an archive."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

from mercer.transfer.errors import ArchiveRefused, EncodingUnknown, FileEmpty, FileNotText, FileUnreadable

SAMPLE = 8_192
MOST_UNPACKED = 4 * 2**30
MOST_FILES = 10_000
HIGHEST_RATIO = 200
"""JSON of real shops shrinks to a tenth or so; what shrinks to less than this is made to fill a disk."""
SMALL = 2**20
"""Below this size no ratio is suspicious."""

_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_BUFFER = 2**16
_ARCHIVE = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"


class Stream(Protocol):
    """What readers need of an open file."""

    def read(self, size: int = -1, /) -> bytes: ...
    def readline(self, size: int | None = -1, /) -> bytes: ...
    def peek(self, size: int = 0, /) -> bytes: ...


class Form(Enum):
    """How rows stand in a text file."""

    ARRAY = auto()
    LINES = auto()
    DELIMITED = auto()


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file with rows, by its name; within an archive, by its path there."""

    name: str
    open: Callable[[], AbstractContextManager[Stream]]


def sources_of(path: Path) -> list[Source]:
    """The file, or those within it if it is an archive. Raises `FileUnreadable`, `FileEmpty`, `ArchiveRefused`."""
    with _readable(path) as file:
        beginning = file.peek(len(_ARCHIVE))
    if not beginning:
        raise FileEmpty(file=path.name)
    if beginning.startswith(_GZIP):
        return [Source(name=path.name.removesuffix(".gz"), open=partial(_unpacked, path))]
    if not beginning.startswith(_ARCHIVE):
        return [Source(name=path.name, open=partial(_readable, path))]
    with _archive(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
    _check_size(path.name, members)
    return [Source(name=member.filename, open=partial(_member, path, member)) for member in members]


def form_of(source: Source, stream: Stream) -> Form:
    """How the rows stand in it, by its first bytes. Raises `FileEmpty`, `FileNotText`, `EncodingUnknown`."""
    sample = stream.peek(SAMPLE)[:SAMPLE]
    if not sample.strip():
        raise FileEmpty(file=source.name)
    for mark, encoding in _MARKS.items():
        if sample.startswith(mark):
            raise EncodingUnknown(file=source.name, encoding=encoding)
    _check_text(source.name, sample)
    if source.name.endswith((".csv", ".tsv")):
        return Form.DELIMITED
    first = sample.removeprefix(_MARK).lstrip()[:1]
    return {b"[": Form.ARRAY, b"{": Form.LINES}.get(first, Form.DELIMITED)


def skip_mark(stream: Stream) -> None:
    """Go past the mark that some programs put before UTF-8."""
    if stream.peek(len(_MARK)).startswith(_MARK):
        stream.read(len(_MARK))


def _check_text(name: str, sample: bytes) -> None:
    """A stray control character is a fault of its row; a file full of them, or of no UTF-8 besides, is not text."""
    controls = len(sample) - len(sample.translate(None, bytes(set(range(32)) - set(b"\t\n\r\f"))))
    if controls and (controls * 20 > len(sample) or not _is_utf8(sample)):
        raise FileNotText(file=name)


def _is_utf8(sample: bytes) -> bool:
    try:
        sample.decode()
    except UnicodeDecodeError as fault:
        return fault.reason == "unexpected end of data"
    return True


_UNKNOWN_TO_ZIPFILE = (NotImplementedError, RuntimeError)
"""How zipfile, when it opens, refuses ways of packing that it does not know, and what is encrypted."""


@contextmanager
def _readable(path: Path) -> Iterator[io.BufferedReader]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as fault:
        raise FileUnreadable(file=path.name, reason=fault.strerror or "it cannot be read") from None


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    with _readable(path) as file, _refusing(path, zipfile.BadZipFile, zlib.error, EOFError):
        with _refusing(path, *_UNKNOWN_TO_ZIPFILE):
            archive = zipfile.ZipFile(file)
        with archive:
            yield archive


@contextmanager
def _member(path: Path, member: zipfile.ZipInfo) -> Iterator[Stream]:
    with _archive(path) as archive:
        with _refusing(path, *_UNKNOWN_TO_ZIPFILE):
            packed = archive.open(member)
        with io.BufferedReader(cast("io.RawIOBase", packed), _BUFFER) as file:
            yield file


class _ImplausibleError(Exception):
    """What is packed is more than a shop has."""


class _Bounded(io.RawIOBase):
    """What a gzip file unpacks to, as far as that is plausible."""

    def __init__(self, file: gzip.GzipFile, *, packed: int) -> None:
        self._file = file
        self._packed, self._unpacked = packed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        count = self._file.readinto(buffer)
        self._unpacked += count
        if self._unpacked > MOST_UNPACKED:
            raise _ImplausibleError(f"it unpacks to more than {MOST_UNPACKED:,} bytes")
        if self._unpacked > SMALL and self._unpacked > HIGHEST_RATIO * self._packed:
            raise _ImplausibleError(f"it is packed more than {HIGHEST_RATIO} times")
        return count


@contextmanager
def _unpacked(path: Path) -> Iterator[Stream]:
    with (
        _readable(path) as packed,
        _refusing(path, gzip.BadGzipFile, zlib.error, EOFError, _ImplausibleError),
        gzip.GzipFile(fileobj=packed) as unpacking,
        io.BufferedReader(_Bounded(unpacking, packed=path.stat().st_size), _BUFFER) as file,
    ):
        yield file


@contextmanager
def _refusing(path: Path, *faults: type[Exception]) -> Iterator[None]:
    """Tell these faults as the archive's. Whatever else goes wrong is ours."""
    try:
        yield
    except faults as fault:
        raise ArchiveRefused(file=path.name, reason=str(fault)) from None


def _check_size(name: str, members: list[zipfile.ZipInfo]) -> None:
    """Refuse bombs by what the archive declares; reading never goes beyond that."""
    if len(members) > MOST_FILES:
        raise ArchiveRefused(file=name, reason=f"it holds more than {MOST_FILES:,} files")
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise ArchiveRefused(file=name, reason=f"it unpacks to more than {MOST_UNPACKED:,} bytes")
    for member in members:
        if member.file_size > SMALL and member.file_size > HIGHEST_RATIO * member.compress_size:
            raise ArchiveRefused(file=name, reason=f"{member.filename} is packed more than {HIGHEST_RATIO} times")
