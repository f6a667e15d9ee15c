"""Migrations: complete, one at a time, refused when the database is ahead, patient about locks."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

import mercer.modules  # noqa: F401 — registers every module's tables
from mercer.platform import migrations


@pytest.fixture
def empty_url(database_url: str) -> Iterator[str]:
    """An empty database of one's own, not migrated."""
    name = f"migrations_{uuid4().hex}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield sa.make_url(database_url).set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_the_migrations_make_what_the_tables_declare(empty_url: str) -> None:
    said: list[str] = []
    migrations.upgrade(empty_url, say=said.append)
    assert said[0] == "Applied first tables"
    assert migrations.differences(empty_url) == []


def test_a_second_time_changes_nothing(empty_url: str) -> None:
    migrations.upgrade(empty_url, say=lambda _: None)
    said: list[str] = []
    migrations.upgrade(empty_url, say=said.append)
    assert said == []


def test_two_at_once_apply_each_migration_once(empty_url: str) -> None:
    said: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: migrations.upgrade(empty_url, say=said.append), range(2)))
    applied = [text for text in said if text.startswith("Applied")]
    assert len(applied) == len(set(applied)) > 0
    assert migrations.differences(empty_url) == []


def test_a_newer_database_is_refused(empty_url: str) -> None:
    migrations.upgrade(empty_url, say=lambda _: None)
    with psycopg.connect(empty_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'tomorrow'")
    with pytest.raises(migrations.DatabaseNewer, match="at revision tomorrow, which this version of Mercer does not"):
        migrations.upgrade(empty_url)


def test_a_lock_is_waited_for_and_tried_again(empty_url: str) -> None:
    with psycopg.connect(empty_url) as other:
        other.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        other.commit()
        other.execute("LOCK TABLE alembic_version")
        said: list[str] = []

        def hear(text: str) -> None:
            said.append(text)
            other.rollback()

        migrations.upgrade(empty_url, say=hear)
    assert said[:2] == ["Another session holds a lock that a migration needs. Trying again.", "Applied first tables"]


def test_a_server_that_cannot_be_reached_is_said() -> None:
    with pytest.raises(migrations.MigrationFailed, match="The database could not be migrated: connection"):
        migrations.upgrade("postgresql://127.0.0.1:1/nothing")


async def test_a_database_is_current_when_it_is_at_the_newest_migration(empty_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(empty_url, autocommit=True) as connection:
        assert not await migrations.is_current(connection)
        migrations.upgrade(empty_url, say=lambda _: None)
        assert await migrations.is_current(connection)
        await connection.execute("UPDATE alembic_version SET version_num = 'tomorrow'")
        assert not await migrations.is_current(connection)


def test_the_sql_for_the_linter_sets_limits() -> None:
    text = migrations.as_sql()
    assert text.count("SET LOCAL lock_timeout") == text.count("-- Running upgrade")
    assert text.count("SET LOCAL statement_timeout") == text.count("-- Running upgrade")
