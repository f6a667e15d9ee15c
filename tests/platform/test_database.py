"""The database as the rest of Mercer sees it, also while it is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import anyio
import psycopg
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from tests.platform.gate import Gate

from mercer.platform.database import Database
from mercer.platform.errors import DatabaseUnavailable, StatementTimedOut
from mercer.platform.observability.statements import counting_statements
from mercer.platform.settings import Environment, load_settings


@asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncIterator[Database]:
    small = {"environment": Environment.TEST, "read_connections": 3, "write_connections": 2}
    database = Database(load_settings(**small | settings), url=url)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def recovered(database: Database) -> None:
    """Wait until the database answers again."""
    with anyio.fail_after(10):
        while True:
            try:
                await database.fetch_value("select 1")
            except DatabaseUnavailable:
                await anyio.sleep(0.01)
            else:
                return


async def test_a_read_gives_one_value(database_url: str) -> None:
    async with opened(database_url) as database:
        assert await database.fetch_value("select $1::int + $2::int", [40, 2]) == 42
        assert await database.fetch_value("select 'a', 'b'") == "a"
        assert await database.fetch_value("select null") is None
        assert await database.fetch_value("select 1 where false") is None
        id_ = UUID("018f2c6e-0000-7000-8000-000000000000")
        assert await database.fetch_value("select $1::uuid", [id_]) == id_


@pytest.mark.parametrize("kind", ["json", "jsonb"])
async def test_json_stays_as_postgresql_wrote_it(database_url: str, kind: str) -> None:
    async with opened(database_url) as database:
        assert await database.fetch_value(f"""select '{{"a": [1, "é"]}}'::{kind}""") == '{"a": [1, "é"]}'.encode()


async def test_times_are_in_utc(database_url: str) -> None:
    async with opened(database_url) as database:
        assert await database.fetch_value("show timezone") == "UTC"
        async with database.transaction() as connection:
            assert (await connection.execute(sa.text("show timezone"))).scalar() == "UTC"


async def test_reads_are_prepared_unless_a_pooler_is_between(database_url: str) -> None:
    count = "select count(*) from pg_prepared_statements where statement like '%a read to prepare%'"
    for prepared, expected in ((True, 1), (False, 0)):
        async with opened(database_url, prepared_statements=prepared, read_connections=1) as database:
            await database.fetch_value("select 'a read to prepare'")
            assert await database.fetch_value(f"{count} and statement not like '%count%'") == expected


async def test_a_transaction_commits_or_rolls_back(database_url: str) -> None:
    async with opened(database_url) as database:
        async with database.transaction() as connection:
            await connection.execute(sa.text("create table kept (n int)"))

        async def fail() -> None:
            async with database.transaction() as connection:
                await connection.execute(sa.text("insert into kept values (1)"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        assert await database.fetch_value("select count(*) from kept") == 0
        async with database.transaction() as connection:
            await connection.execute(sa.text("drop table kept"))


async def test_statements_are_counted(database_url: str) -> None:
    async with opened(database_url) as database:
        await database.fetch_value("select 1")
        with counting_statements() as outer:
            await database.fetch_value("select 1")
            with counting_statements() as inner:
                async with database.transaction() as connection:
                    await connection.execute(sa.text("select 1"))
                    await connection.execute(sa.text("select 2"))
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(database.fetch_value, "select 1")
        assert (inner.total, outer.total) == (3, 4)


async def test_a_statement_has_a_time_limit(database_url: str) -> None:
    async with opened(database_url, statement_timeout_ms=100) as database:
        with pytest.raises(StatementTimedOut):
            await database.fetch_value("select pg_sleep(60)")
        with pytest.raises(StatementTimedOut):
            async with database.transaction() as connection:
                await connection.execute(sa.text("select pg_sleep(60)"))
        assert await database.fetch_value("select 1") == 1


async def test_a_mistake_in_sql_is_no_transient_fault(database_url: str) -> None:
    async with opened(database_url) as database:
        with counting_statements() as statements, pytest.raises(psycopg.errors.UndefinedTable):
            await database.fetch_value("select * from nowhere")
        assert statements.total == 1


async def test_when_all_connections_are_at_work_too_long_a_read_is_refused(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(database_url, read_connections=1) as database:
        await database.fetch_value("select 1")
        monkeypatch.setattr(database.reads, "timeout", 0.05)
        async with database.reads.connection():
            with pytest.raises(DatabaseUnavailable):
                await database.fetch_value("select 1")
        assert await database.fetch_value("select 1") == 1


async def test_a_restart_of_the_server_is_not_noticed(database_url: str) -> None:
    async with Gate(database_url) as gate, opened(gate.url) as database:
        await _use_every_connection(database)
        gate.break_connections()
        assert await database.fetch_value("select 1") == 1
        async with database.transaction() as connection:
            assert (await connection.execute(sa.text("select 1"))).scalar() == 1


async def test_while_the_database_is_away_requests_are_refused_at_once(database_url: str) -> None:
    async with Gate(database_url) as gate, opened(gate.url) as database:
        await _use_every_connection(database)
        with capture_logs() as lines:
            await gate.shut()
            with pytest.raises(DatabaseUnavailable):
                await database.fetch_value("select 1")
            asked = database.reads.get_stats()["requests_num"]
            for _ in range(100):
                with pytest.raises(DatabaseUnavailable):
                    await database.fetch_value("select 1")
                with pytest.raises(DatabaseUnavailable):
                    async with database.transaction():
                        pass
            assert database.reads.get_stats()["requests_num"] == asked  # none waited for a connection
            await gate.open()
            await recovered(database)
        async with database.transaction() as connection:
            assert (await connection.execute(sa.text("select 1"))).scalar() == 1
        await _use_every_connection(database)
        told = [line["event"] for line in lines if line["event"].startswith("database_")]
        assert told == ["database_unavailable", "database_available"]


async def test_it_starts_without_a_database(database_url: str) -> None:
    async with Gate(database_url) as gate:
        await gate.shut()
        async with opened(gate.url) as database:
            for _ in range(3):
                with pytest.raises(DatabaseUnavailable):
                    await database.fetch_value("select 1")
            await gate.open()
            await recovered(database)


async def test_a_transaction_whose_connection_breaks_is_unavailable(database_url: str) -> None:
    async with Gate(database_url) as gate, opened(gate.url) as database:

        async def break_midway() -> None:
            async with database.transaction() as connection:
                await connection.execute(sa.text("select 1"))
                gate.break_connections()
                await connection.execute(sa.text("select 1"))

        with pytest.raises(DatabaseUnavailable):
            await break_midway()
        await recovered(database)


async def test_closing_waits_for_the_transactions_under_way(database_url: str) -> None:
    may_end, has_begun = asyncio.Event(), asyncio.Event()
    answers = []
    async with opened(database_url) as database:

        async def write() -> None:
            async with database.transaction() as connection:
                has_begun.set()
                await may_end.wait()
                answers.append((await connection.execute(sa.text("select 1"))).scalar())

        writing = asyncio.create_task(write())
        await has_begun.wait()
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
        may_end.set()
        await asyncio.gather(writing, closing)

    assert answers == [1]


async def test_closing_while_connections_are_checked_loses_none(database_url: str) -> None:
    async with opened(database_url) as database:
        await _use_every_connection(database)
        connections = list(database.reads._pool)
        is_checking = asyncio.Event()
        check_connection = database.reads.check_connection

        async def checking(connection: Any) -> None:
            is_checking.set()
            await check_connection(connection)

        database.reads.check_connection = checking  # type: ignore[method-assign, assignment]
        database._watch()
        await is_checking.wait()
    assert [connection.closed for connection in connections] == [True] * database.reads.max_size


async def _use_every_connection(database: Database) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(database.reads.max_size):
            tasks.start_soon(database.fetch_value, "select pg_sleep(0.02)")
