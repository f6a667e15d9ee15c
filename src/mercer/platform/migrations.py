"""Bringing a database to the shape that this program needs: Alembic, one at a time, with limits on what it blocks."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
import stamina
from alembic import autogenerate, command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import rows

from mercer.platform.tables import metadata

LOCATION = Path(__file__).parents[3] / "migrations"

LIMITS = "-c lock_timeout=5s -c statement_timeout=5min"
"""A migration that waits for a lock makes all who come after it wait too, so it gives up early and tries again."""

_ONE_AT_A_TIME = 7_205_759_403  # the key of an advisory lock; any number that nobody else uses


class MigrationFailed(Exception):
    """The database could not be reached, or refused a migration. It is as the last whole migration left it."""


class DatabaseNewer(MigrationFailed):
    """The database was migrated by a newer version of Mercer."""


class MigrationIrreversible(Exception):
    """Going back would forget what has to be kept, such as money that moved. Restore a backup instead."""


def upgrade(database_url: str, *, say: Callable[[str], None] = print) -> None:
    """Apply what is missing, each migration in its own transaction. Raises `MigrationFailed`, `DatabaseNewer`.

    A lock that is not had within the limit is tried for again, for two minutes.
    """
    engine = _engine(database_url)
    try:
        for attempt in stamina.retry_context(on=_is_lock_conflict, attempts=None, timeout=120, wait_max=5):
            with attempt:
                if attempt.num > 1:
                    say("Another session holds a lock that a migration needs. Trying again.")
                _upgrade(engine, say)
    except sa.exc.DBAPIError as error:
        statement = f"\nin: {error.statement}" if error.statement else ""
        raise MigrationFailed(f"The database could not be migrated: {error.orig}{statement}") from error
    finally:
        engine.dispose()


def write_migration(database_url: str, message: str) -> Path:
    """Write a migration from what the tables declare and the database lacks. Read it before you commit it."""
    engine = _engine(database_url)
    with engine.connect() as connection:
        script = command.revision(_config(connection=connection), message, autogenerate=True)
    engine.dispose()
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)


def as_sql() -> str:
    """The SQL of all migrations, for the linter."""
    text = io.StringIO()
    config = _config()
    config.output_buffer = text
    command.upgrade(config, "head", sql=True)
    return text.getvalue()


def pending_changes(connection: sa.Connection) -> list[Any]:
    """How the database differs from what the imported tables declare, as Alembic's operations. Empty: not at all."""
    context = MigrationContext.configure(connection, opts=comparison())
    return list(autogenerate.compare_metadata(context, metadata))


def differences(database_url: str) -> list[str]:
    """What `upgrade` would still apply, and what the imported tables declare beyond that. Empty: nothing."""
    engine = _engine(database_url)
    with engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_revision()
        missing = [] if applied == head() else [f"The database is at revision {applied}, the newest is {head()}."]
        changes = [f"Not in the database as declared: {change}" for change in pending_changes(connection)]
    engine.dispose()
    return missing + changes


async def is_current(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Whether the database has the shape that this program needs."""
    try:
        async with connection.cursor(row_factory=rows.scalar_row) as cursor:
            await cursor.execute("SELECT version_num FROM public.alembic_version")
            return await cursor.fetchall() == [head()]
    except psycopg.errors.UndefinedTable:
        return False


@cache
def head() -> str | None:
    """The newest migration."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def comparison() -> dict[str, Any]:
    """How a database is compared with the tables: only in the modules' schemas, with types and defaults."""
    schemas = {table.schema for table in metadata.tables.values()}

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "schema" or name in schemas

    return {
        "target_metadata": metadata,
        "include_schemas": True,
        "include_name": is_ours,
        "compare_type": True,
        "compare_server_default": True,
    }


def _upgrade(engine: sa.Engine, say: Callable[[str], None]) -> None:
    with engine.connect() as lock, engine.connect() as connection:
        lock.execution_options(isolation_level="AUTOCOMMIT")
        lock.execute(sa.select(sa.func.pg_advisory_lock(_ONE_AT_A_TIME)))
        _refuse_newer(connection)
        command.upgrade(_config(connection=connection, say=say), "head")
        lock.execute(sa.select(sa.func.pg_advisory_unlock(_ONE_AT_A_TIME)))


def _refuse_newer(connection: sa.Connection) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    applied = set(MigrationContext.configure(connection).get_current_heads())
    connection.rollback()
    if applied - known:
        raise DatabaseNewer(
            f"The database is at revision {', '.join(sorted(applied - known))}, which this version of Mercer does not "
            "know: a newer one has migrated it. Use that version, or a database of this one."
        )


def _is_lock_conflict(error: Exception) -> bool:
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return isinstance(cause, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected)


def _engine(database_url: str) -> sa.Engine:
    url = sa.make_url(database_url).set(drivername="postgresql+psycopg")
    return sa.create_engine(url, poolclass=sa.NullPool, connect_args={"options": LIMITS})


def _config(**attributes: Any) -> Config:
    config = Config(attributes=attributes)
    config.set_main_option("script_location", str(LOCATION).replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d-%%(hour).2d%%(minute).2d_%%(slug)s")
    config.set_main_option("timezone", "UTC")
    return config
