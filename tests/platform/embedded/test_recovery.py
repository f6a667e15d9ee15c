"""kill -9 of each process, and of all: what was committed is there again, without a hand."""

import contextlib
from collections.abc import Callable

import psutil
import psycopg
from tests.platform.embedded.holder import Holder
from tests.processes import still_running

Run = Callable[[], Holder]


def test_rows_survive_the_postmaster(run: Run) -> None:
    holder = run()
    holder.sql("INSERT INTO kept VALUES (2)")
    holder.postmaster.kill()
    assert holder.hear().startswith("PostgreSQL was ended by SIGKILL. Starting it again")
    assert holder.hear() == "PostgreSQL is back."
    assert holder.sql("SELECT id FROM kept ORDER BY id") == [(1,), (2,)]


def test_rows_survive_the_postmaster_under_load(run: Run) -> None:
    holder = run()
    acknowledged = 1
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(holder.database_url, autocommit=True) as writer:
        for number in range(2, 100_000):
            writer.execute("INSERT INTO kept VALUES (%s)", [number])
            acknowledged = number
            if number == 500:
                holder.postmaster.kill()
    assert holder.hear().startswith("PostgreSQL was ended by SIGKILL")
    assert holder.hear() == "PostgreSQL is back."
    ((count, highest),) = holder.sql("SELECT count(*), max(id) FROM kept")
    assert count == highest
    assert acknowledged <= count <= acknowledged + 1  # the last one may be committed and not yet acknowledged


def test_a_killed_backend_is_postgresqls_own_affair(run: Run) -> None:
    holder = run()
    postmaster = holder.postmaster
    with psycopg.connect(holder.database_url) as connection:
        psutil.Process(connection.info.backend_pid).kill()
    while True:  # it ends all sessions, and recovers
        with contextlib.suppress(psycopg.OperationalError):
            assert holder.sql("SELECT id FROM kept") == [(1,)]
            break
    assert holder.postmaster == postmaster


def test_keys_survive_valkey(run: Run) -> None:
    holder = run()
    with holder.cache() as cache:
        cache.set("kept", "yes")
        assert cache.waitaof(1, 0, 5000) == [1, 0]
    holder.valkey.kill()
    assert holder.hear().startswith("Valkey was ended by SIGKILL. Starting it again")
    assert holder.hear() == "Valkey is back."
    with holder.cache() as cache:
        assert cache.get("kept") == "yes"


def test_the_servers_end_with_a_killed_supervisor(run: Run) -> None:
    holder = run()
    holder.sql("INSERT INTO kept VALUES (2)")
    servers = [holder.postmaster, holder.valkey]
    holder.kill()
    assert still_running(servers) == []
    assert run().sql("SELECT id FROM kept ORDER BY id") == [(1,), (2,)]


def test_a_start_right_after_a_killed_supervisor(run: Run) -> None:
    first = run()
    first.sql("INSERT INTO kept VALUES (2)")
    first.kill()
    second = run()  # the first one's servers may still be ending
    assert second.sql("SELECT id FROM kept ORDER BY id") == [(1,), (2,)]


def test_everything_killed_at_once(run: Run) -> None:
    holder = run()
    holder.sql("INSERT INTO kept VALUES (2)")
    tree = psutil.Process(holder.process.pid).children(recursive=True)
    holder.process.kill()
    for process in tree:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    holder.process.communicate()
    assert run().sql("SELECT id FROM kept ORDER BY id") == [(1,), (2,)]


def test_stopping_leaves_nothing_running(run: Run) -> None:
    holder = run()
    tree = psutil.Process(holder.process.pid).children(recursive=True)
    assert {process.name() for process in tree} == {"postgres", "valkey-server"}
    assert holder.stop() == 0
    assert still_running(tree, patience=0) == []
