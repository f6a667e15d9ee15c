import gzip
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.transfer.conftest import Shop

from mercer.transfer.errors import ArchiveRefused, FileEmpty, FileUnreadable
from mercer.transfer.readers import sources, sources_of

HEADER = b"sku,name,text,barcode,tags,price,was,stock,colour,uses,length,safe,since\n"
ROW = b'{"sku": "A", "name": "Mug"}'


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (b" \n\t\n", "FileEmpty"),
        (random.Random(1).randbytes(5_000), "FileNotText"),
        (b"\x7fELF" + bytes(3_000), "FileNotText"),
        ("sku,name\nA,Mug\n".encode("utf-16"), "EncodingUnknown"),
        ("sku,name\nA,Mug\n".encode("utf-16-le"), "FileNotText"),
        ("sku,n\u00e4me\n".encode("latin-1"), "HeaderInvalid"),
        (b"sku,title\nA,Mug\n", "ColumnMissing"),
        (b"[" + ROW + b', {"sku": "B"', "JsonMalformed"),
        (b"[" + ROW + b', {"sku": "' + b"x" * 9_000_000 + b'"}]', "RowTooLong"),
        (b"hello", "ColumnMissing"),
    ],
)
async def test_what_cannot_be_read_is_said_and_the_rest_is_in(shop: Shop, content: bytes, failure: str) -> None:
    report = await shop.take("things", content)
    assert [type(error).__name__ for error in report.failures] == [failure]
    assert await shop.names() == (["Mug"] if ROW in content else [])


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(
            b"sku,name,text,barcode,tags,price,was,stock,colour,uses,length,safe,since\n" + b"\n" * 5_000_000
        ),
        gzip.compress(random.Random(1).randbytes(20_000))[:9_000],
        b"\x1f\x8bnonsense",
        gzip.compress(ROW)[:-6] + b"\0\0\0\0\0\0",
    ],
    ids=["bomb", "cut off", "no gzip", "wrong sum"],
)
async def test_implausible_and_damaged_gzip_files_are_refused(shop: Shop, packed: bytes) -> None:
    report = await shop.take("things.csv.gz", packed)
    assert [type(error).__name__ for error in report.failures] == ["ArchiveRefused"]


async def test_an_empty_array_is_a_file_without_rows(shop: Shop) -> None:
    report = await shop.take("things.json", b"[]")
    assert (report.rows, report.failures) == (0, [])


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(FileEmpty):
        sources_of(tmp_path / "empty")
    for path, reason in {tmp_path: "Is a directory", tmp_path / "none": "No such file or directory"}.items():
        with pytest.raises(FileUnreadable) as caught:
            sources_of(path)
        assert caught.value.reason == reason


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b"[" + b" " * 5_000_000 + b"]")


def _too_many_files(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(sources.MOST_FILES + 1):
            archive.writestr(f"{number}.json", b"")


def _truncated(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", ROW)
    path.write_bytes(path.read_bytes()[:-30])


@pytest.mark.parametrize("make", [_bomb, _too_many_files, _truncated])
def test_implausible_archives_are_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "a.zip")
    with pytest.raises(ArchiveRefused):
        sources_of(tmp_path / "a.zip")


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_UNPACKED", 10)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.json", ROW)
    with pytest.raises(ArchiveRefused):
        sources_of(tmp_path / "a.zip")


async def test_a_damaged_file_in_an_archive_stops_only_itself(shop: Shop) -> None:
    path = shop.directory / "things.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", b'[{"sku": "B", "name": "Cup"}]')
        archive.writestr("b.json", b"[" + ROW + b"]")
    path.write_bytes(path.read_bytes().replace(b'"Cup"', b'"Cap"', 1))
    report = await shop.take_file(path)
    assert [type(error).__name__ for error in report.failures] == ["ArchiveRefused"]
    assert "Mug" in await shop.names()


async def test_other_files_of_an_archive_are_skipped_and_named(shop: Shop) -> None:
    path = shop.directory / "things.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("README.txt", b"read me")
        archive.writestr("things.json", b"[" + ROW + b"]")
    (shop.directory / "mapping.toml").write_text(
        (shop.directory / "mapping.toml").read_text().replace("[[sets]]", '[[sets]]\nfile = "*.json"')
    )
    shop.map((shop.directory / "mapping.toml").read_text())
    report = await shop.take_file(path)
    assert (report.skipped_files, report.failures, await shop.names()) == (["README.txt"], [], ["Mug"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(ROW)
    (tmp_path / "secret").chmod(0)
    with pytest.raises(FileUnreadable):
        sources_of(tmp_path / "secret")


@pytest.mark.parametrize(
    ("mark", "place", "reason"),
    [
        (b"\x01\x00", 6, "encrypted"),
        (b"\x62\x00", 8, "compression"),
    ],
)
def test_an_archive_that_cannot_be_unpacked_is_refused(tmp_path: Path, mark: bytes, place: int, reason: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("things.json", ROW)
    packed = bytearray(path.read_bytes())
    for header, offset in ((b"PK\x03\x04", place), (b"PK\x01\x02", place + 2)):
        start = packed.index(header) + offset
        packed[start : start + 2] = mark
    path.write_bytes(packed)
    (source,) = sources_of(path)
    with pytest.raises(ArchiveRefused) as refused, source.open():
        pass
    assert reason in refused.value.reason


def test_a_fault_of_ours_is_not_the_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("things.json", ROW)
    (source,) = sources_of(tmp_path / "a.zip")
    with pytest.raises(RuntimeError, match="a bug"), source.open():
        raise RuntimeError("a bug")
