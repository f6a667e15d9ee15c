"""Only the program reaches the servers: private files and sockets, passwords, no ports."""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis
from tests.platform.embedded.holder import Holder, hold

from mercer.platform import embedded
from mercer.platform.embedded import home as homes
from mercer.platform.embedded.account import Account
from mercer.platform.settings import load_settings

Run = Callable[[], Holder]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_wrong_password_is_refused(run: Run) -> None:
    holder = run()
    for role in ("mercer", "postgres"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(holder.database_url, user=role, password="wrong")
    url = holder.valkey_url
    for forged in (url.replace("unix://:", "unix://:wrong"), f"unix://{url.partition('@')[2]}"):
        with pytest.raises(redis.AuthenticationError), redis.Redis.from_url(forged) as cache:
            cache.ping()


def test_the_program_is_no_superuser(run: Run) -> None:
    assert run().sql("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user") == [("mercer", False)]


def test_files_and_sockets_are_private(run: Run, data_dir: Path) -> None:
    run()
    assert {
        name: mode(data_dir / name) for name in ("postgresql", "valkey", "run", "logs", "secrets.json", "lock")
    } == {
        "postgresql": 0o700,
        "valkey": 0o700,
        "run": 0o700,
        "logs": 0o700,
        "secrets.json": 0o600,
        "lock": 0o600,
    }


def test_nothing_listens_on_a_port(run: Run) -> None:
    holder = run()
    listening = [
        process.name() for process in (holder.postmaster, holder.valkey) if process.net_connections(kind="inet")
    ]
    assert listening == []


def test_no_password_stands_on_a_command_line(run: Run, data_dir: Path) -> None:
    secrets = homes.open_home(load_settings(data_dir=data_dir)).secrets()
    holder = run()
    words = " ".join(holder.postmaster.cmdline() + holder.valkey.cmdline())
    assert [one for one in (secrets.superuser, secrets.application, secrets.valkey) if one in words] == []


def test_root_runs_the_servers_as_another_user(run: Run) -> None:
    holder = run()
    users = {holder.postmaster.uids().effective, holder.valkey.uids().effective}
    assert (users == {os.geteuid()}) == (os.geteuid() != 0)


def test_a_directory_too_deep_for_sockets(place: Path) -> None:
    deep = place / ("d" * 60) / ("e" * 60)
    holder = hold(deep)
    try:
        home = homes.open_home(load_settings(data_dir=deep))
        assert home.sockets.parent == Path(tempfile.gettempdir())
        assert mode(home.sockets) == 0o700
        assert holder.sql("SELECT 1") == [(1,)]
    finally:
        holder.stop()
    assert not home.sockets.exists()


def test_sockets_are_not_put_where_somebody_else_points(place: Path) -> None:
    home = homes.Home(place / ("d" * 120), None)
    home.sockets.symlink_to(place)
    try:
        with pytest.raises(embedded.Unreachable, match="belongs to somebody else"):
            homes.prepare_sockets(home)
    finally:
        home.sockets.unlink()


def test_a_closed_directory_is_refused_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(homes, "server_account", lambda: Account("somebody", 12345, 12345))
    with pytest.raises(embedded.Unreachable, match="the user somebody may not pass through"):
        homes.open_home(load_settings(data_dir=closed / "data"))
    assert mode(closed) == 0o700


def test_each_clone_has_its_own_place_as_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(homes, "SHARED", tmp_path / "shared")
    monkeypatch.setattr(homes, "server_account", lambda: Account("self", os.geteuid(), os.getegid()))
    places = []
    for clone in ("one/mercer", "two/mercer"):
        (tmp_path / clone).mkdir(parents=True)
        monkeypatch.chdir(tmp_path / clone)
        places.append(homes.open_home(load_settings()).directory)
    assert [place.parent for place in places] == [tmp_path / "shared"] * 2
    assert [place.name.rpartition("-")[0] for place in places] == ["mercer", "mercer"]
    assert places[0] != places[1]
