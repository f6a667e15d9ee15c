"""The one PostgreSQL and Valkey of a test run, in a process of their own that ends with the run, however it ends."""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from tests.people import insert_people

from mercer.platform import embedded, migrations
from mercer.platform.settings import Environment, load_settings

TEMPLATE = "mercer_template"
"""A migrated, empty database. Each test worker has a copy."""

ROOT = Path(__file__).parents[1]
STARTING = "starting"
READY = "ready.json"


def start() -> tuple[Path, subprocess.Popen[bytes]]:
    """Start the servers and return at once, with the directory that `addresses` reads."""
    directory = Path(tempfile.mkdtemp(prefix="mercer-test-"))
    directory.chmod(0o711)  # as root, the servers' user passes through it
    with (directory / STARTING).open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        command = [sys.executable, "-m", "tests.servers", str(directory), str(starting.fileno())]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, pass_fds=[starting.fileno()])
    return directory, process


def stop(directory: Path, process: subprocess.Popen[bytes]) -> None:
    """Stop the servers and remove their data."""
    process.communicate()
    shutil.rmtree(directory, ignore_errors=True)


def addresses(directory: Path) -> dict[str, str]:
    """The servers' addresses, once they are up."""
    with (directory / STARTING).open() as starting:
        fcntl.flock(starting, fcntl.LOCK_SH)  # the servers' process frees it when they are up, or when it dies
    if not (directory / READY).exists():
        raise RuntimeError("the servers of the tests did not start: see the output above")
    found: dict[str, str] = json.loads((directory / READY).read_bytes())
    return found


def copy_database(database_url: str, name: str, *, template: str = TEMPLATE) -> str:
    """Copy the template, or another database that nobody is connected to, to `name` and return its address."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _beside(database_url, name)


def _beside(database_url: str, name: str) -> str:
    address, _, options = database_url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}?{options}"


async def _run(directory: Path, starting: int) -> None:
    settings = load_settings(data_dir=directory / "data", environment=Environment.TEST)
    async with embedded.servers(settings, command="pytest", durable=False) as servers:
        with psycopg.connect(servers.database_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        migrations.upgrade(_beside(servers.database_url, TEMPLATE), say=_nothing)
        insert_people(_beside(servers.database_url, TEMPLATE))
        _publish(directory, {"database_url": servers.database_url, "valkey_url": servers.valkey_url})
        os.close(starting)
        await asyncio.to_thread(sys.stdin.read)


def _publish(directory: Path, found: dict[str, str]) -> None:
    (directory / READY).touch(mode=0o600)
    (directory / READY).write_text(json.dumps(found))


def _nothing(_text: str) -> Any:
    """Tests need no progress."""


if __name__ == "__main__":
    place = Path(sys.argv[1])
    os.setsid()  # the terminal's Ctrl-C is for pytest, which then closes our input
    try:
        asyncio.run(_run(place, int(sys.argv[2])))
    finally:
        shutil.rmtree(place, ignore_errors=True)
