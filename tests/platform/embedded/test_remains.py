"""What dead processes leave behind does not keep the servers from starting."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tests.platform.embedded.holder import Holder

from mercer.platform.embedded import postgresql, valkey
from mercer.platform.embedded.home import Home, open_home
from mercer.platform.embedded.process import bound_log
from mercer.platform.settings import load_settings

Run = Callable[[], Holder]


@pytest.fixture
def home(data_dir: Path) -> Home:
    return open_home(load_settings(data_dir=data_dir))


@pytest.fixture
def stranger(home: Home) -> Iterator[int]:
    """A living process of the servers' own user, which has nothing to do with them."""
    account = home.account
    with subprocess.Popen(["sleep", "600"], user=account.uid if account else None) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def zombie() -> Iterator[int]:
    """A dead process that nobody has reaped."""
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    yield process.pid
    process.wait()


def leave_files(home: Home, pid: int) -> None:
    """Write what a killed postmaster leaves behind."""
    lines = [str(pid), str(home.postgresql), str(int(time.time())), "5432", str(home.sockets), "", "", "ready"]
    (home.postgresql / "postmaster.pid").write_text("\n".join(lines))
    home.sockets.mkdir(exist_ok=True)
    (home.sockets / ".s.PGSQL.5432.lock").write_text("\n".join(lines[:5]))
    (home.sockets / ".s.PGSQL.5432").touch()
    (home.sockets / "valkey.sock").touch()


def test_the_pid_is_anothers_by_now(run: Run, home: Home, stranger: int) -> None:
    leave_files(home, stranger)
    assert run().sql("SELECT id FROM kept") == [(1,)]
    assert psutil.Process(stranger).is_running()


def test_the_pid_is_a_zombies(run: Run, home: Home, zombie: int) -> None:
    leave_files(home, zombie)
    assert run().sql("SELECT id FROM kept") == [(1,)]


async def test_servers_without_a_supervisor(run: Run, home: Home) -> None:
    """Where the kernel cannot end them with their parent, they are found and ended by the next start."""
    servers = postgresql.service(home, durable=True, say=print), valkey.service(home, durable=True, say=print)
    left = [await server.launch() for server in servers]
    holder = await asyncio.to_thread(run)
    assert [await process.wait() for process in left] == [0, 0]
    assert holder.sql("SELECT id FROM kept") == [(1,)]


def test_a_half_made_cluster_is_made_again(run: Run, home: Home) -> None:
    home.postgresql.rename(home.directory / "postgresql.partial")
    assert run().sql("SELECT to_regclass('kept')") == [(None,)]


def test_a_stopped_recovery_goes_on_at_the_next_start(run: Run) -> None:
    first = run()
    first.sql("INSERT INTO kept SELECT generate_series(2, 50000)")
    postmaster = first.postmaster
    first.process.send_signal(signal.SIGSTOP)
    postmaster.kill()
    first.kill()
    assert run().sql("SELECT count(*) FROM kept") == [(50_000,)]


def test_a_log_is_moved_aside_when_it_is_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mercer.platform.embedded.process.LOG_BYTES", 10)
    log = tmp_path / "valkey.log"
    log.write_text("0123456789")
    assert (bound_log(log), log.read_text()) == (10, "0123456789")
    log.write_text("0123456789a")
    assert (bound_log(log), log.read_text()) == (0, "")
    assert (tmp_path / "valkey.old.log").read_text() == "0123456789a"
