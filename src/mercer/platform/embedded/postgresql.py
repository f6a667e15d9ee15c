"""The embedded PostgreSQL: one cluster, reached through a private socket with a password."""

import os
import shutil
import signal
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from mercer.platform.embedded import binaries
from mercer.platform.embedded.account import private_directory
from mercer.platform.embedded.errors import StartFailed
from mercer.platform.embedded.home import Home, prepare_sockets
from mercer.platform.embedded.process import Command, StopSteps, end_leftovers, start, tail
from mercer.platform.embedded.service import Say, Service, launched

SUPERUSER = "postgres"
APPLICATION = "mercer"
"""The role and the database of the program."""

STOPPING: StopSteps = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0))
"""Fast: ends sessions and writes a checkpoint. Immediate: loses nothing, but recovers at the next start."""

ABANDONING: StopSteps = ((signal.SIGQUIT, 10.0),)
"""Before it is up. PostgreSQL 18 may never obey a fast stop that comes during recovery."""

SETTINGS = {
    "listen_addresses": "",
    "shared_preload_libraries": "pg_stat_statements",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "jit": "off",  # the wheel has no LLVM
    "idle_in_transaction_session_timeout": "5min",
    "log_min_duration_statement": "1s",
    "log_timezone": "UTC",
    "timezone": "UTC",
}

UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests: the data need not survive the machine."""

_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


def url(home: Home) -> str:
    """The address that the program connects to."""
    password = home.secrets().application
    return f"postgresql://{APPLICATION}:{password}@/{APPLICATION}?host={quote(str(home.sockets), safe='')}"


def service(home: Home, *, durable: bool, say: Say) -> Service:
    """PostgreSQL on the data of `home`, initialised at the first launch."""

    async def launch() -> Process:
        await end_leftovers("postgres", home.postgresql, STOPPING)
        if not home.postgresql.exists():
            await _initialise(home)
        # We hold the lock and nothing of ours runs: these are stale, whoever has their pid today.
        (home.postgresql / "postmaster.pid").unlink(missing_ok=True)
        prepare_sockets(home)
        for stale in home.sockets.glob(".s.PGSQL.*"):
            stale.unlink()
        return await launched(
            _server(home, durable=durable),
            name="PostgreSQL",
            answers=lambda: _answers(home),
            stopping=ABANDONING,
            say=say,
        )

    return Service("PostgreSQL", launch, STOPPING, _log(home))


def _log(home: Home) -> Path:
    return home.logs / "postgresql.log"


def _server(home: Home, *, durable: bool) -> Command:
    settings = SETTINGS | {"unix_socket_directories": str(home.sockets)} | ({} if durable else UNSAFE)
    return Command(
        arguments=(
            binaries.postgresql(home.account) / "postgres",
            *("-D", home.postgresql),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ),
        directory=home.postgresql,
        orphaned=signal.SIGINT,
        log=_log(home),
        account=home.account,
        environment=_ENVIRONMENT,
    )


async def _initialise(home: Home) -> None:
    """Make the cluster beside its place and move it there, so that a half-made one is never used."""
    partial = home.directory / "postgresql.partial"
    shutil.rmtree(partial, ignore_errors=True)
    private_directory(partial, home.account)
    password = partial.parent / "superuser.partial"
    password.touch(mode=0o600)
    password.write_text(home.secrets().superuser)
    if home.account is not None:
        os.chown(password, home.account.uid, home.account.gid)
    log = home.logs / "initdb.log"
    log.unlink(missing_ok=True)
    initdb = Command(
        arguments=(
            binaries.postgresql(home.account) / "initdb",
            *("--pgdata", partial, "--username", SUPERUSER, "--pwfile", password),
            *("--auth-local", "scram-sha-256", "--auth-host", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8"),
        ),
        directory=partial,
        orphaned=signal.SIGKILL,
        log=log,
        account=home.account,
        environment=_ENVIRONMENT,
    )
    code = await (await start(initdb)).wait()
    password.unlink()
    if code:
        raise StartFailed(f"PostgreSQL's data directory could not be made:\n{tail(log, 0)}")
    partial.rename(home.postgresql)


async def _answers(home: Home) -> bool:
    try:
        await _prepare(home)
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise StartFailed(f"PostgreSQL refuses the password in {home.directory}/secrets.json.") from None
        if error.sqlstate not in {None, psycopg.errors.CannotConnectNow.sqlstate}:
            raise StartFailed(f"PostgreSQL is up, but cannot be used: {error}") from None
        return False
    return True


async def _prepare(home: Home) -> None:
    """Make the application's role and database, if they are not there."""
    name = sql.Identifier(APPLICATION)
    async with await _superuser(home, "postgres") as connection:
        found = await connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION])
        if not await found.fetchone():
            role = sql.SQL("CREATE ROLE {} LOGIN CREATEDB IN ROLE pg_monitor PASSWORD {}")
            await connection.execute(role.format(name, sql.Literal(home.secrets().application)))
        found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [APPLICATION])
        if not await found.fetchone():
            await connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
    async with await _superuser(home, APPLICATION) as connection:
        await connection.execute("SET client_min_messages = warning")
        await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


async def _superuser(home: Home, database: str) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    return await psycopg.AsyncConnection.connect(
        host=str(home.sockets), dbname=database, user=SUPERUSER, password=home.secrets().superuser, autocommit=True
    )
