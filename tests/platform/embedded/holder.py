"""A program that runs the embedded servers until it is stopped, and the tests' handle on it."""

import asyncio
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from mercer.cli.terminal import until_stopped
from mercer.platform import embedded
from mercer.platform.settings import load_settings


@dataclass(frozen=True)
class Holder:
    """A running holder. Its output is one line when the servers are up, then what the supervisor says."""

    process: subprocess.Popen[str]
    database_url: str
    valkey_url: str

    @property
    def postmaster(self) -> psutil.Process:
        return self._child("postgres")

    @property
    def valkey(self) -> psutil.Process:
        return self._child("valkey-server")

    def hear(self) -> str:
        """The next thing that the supervisor says. Waits for it."""
        return hear(self.process)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement, committed at once."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def cache(self) -> redis.Redis:
        """A client of Valkey."""
        return redis.Redis.from_url(self.valkey_url, decode_responses=True)

    def stop(self) -> int:
        """Ask it to stop, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()
        return self.process.returncode

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
        self.process.communicate()

    def _child(self, name: str) -> psutil.Process:
        return next(child for child in psutil.Process(self.process.pid).children() if child.name() == name)


def hold(data_dir: Path) -> Holder:
    """Start a holder, and wait until its servers are up."""
    process = subprocess.Popen([sys.executable, __file__, str(data_dir)], stdout=subprocess.PIPE, text=True)
    line = hear(process)
    if not line:
        process.communicate()
        raise RuntimeError(f"the holder ended with status {process.returncode}")
    return Holder(process, **json.loads(line))


def hear(process: subprocess.Popen[str]) -> str:
    """The next thing that a holder says, or nothing when it has ended."""
    assert process.stdout is not None
    for line in process.stdout:
        if not line.endswith(" is still starting …\n"):  # a busy machine
            return line.rstrip("\n")
    return ""


async def _run(data_dir: Path) -> None:
    with until_stopped():
        async with embedded.servers(load_settings(data_dir=data_dir), command="holder", say=_say) as servers:
            _say(json.dumps({"database_url": servers.database_url, "valkey_url": servers.valkey_url}))
            await asyncio.get_running_loop().create_future()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        asyncio.run(_run(Path(sys.argv[1])))
    except embedded.EmbeddedError as error:
        sys.exit(str(error))
