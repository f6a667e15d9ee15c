"""Mercer's API and its comparisons on one database, served as `mercer serve` does: granian, one worker, uvloop."""

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx2
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from starlette.types import ASGIApp

from bench.app import CONSTANT, ReadsApp
from bench.datasets import bench_settings
from bench.doors.app import DoorsApp
from bench.doors.cached import CachedApp
from bench.sales.app import SalesApp
from mercer.cli.terminal import say
from mercer.platform.embedded import Command, launched
from mercer.platform.embedded.process import die_with_maker, stop
from mercer.platform.observability.logs import configure_logging
from mercer.platform.settings import Settings

ROOT = Path(__file__).parents[1]
"""Where this package is found."""

_STOPPING = ((signal.SIGTERM, 10.0),)
_CHANGES = "BENCH_SETTINGS"


@asynccontextmanager
async def serving(database_url: str, valkey_url: str, *, app: str = "reads", **changes: Any) -> AsyncIterator[int]:
    """Run the API in a process of its own for as long as the body. Yields its port.

    `app` is the name of a function of this file; `changes` are of the settings.
    """
    port = _free_port()
    variables = {"MERCER_DATABASE_URL": database_url, "MERCER_VALKEY_URL": valkey_url, "MERCER_PORT": str(port)}
    variables[_CHANGES] = json.dumps(changes)
    command = Command(
        arguments=(sys.executable, "-m", "bench.server", app),
        directory=ROOT,
        orphaned=signal.SIGTERM,
        environment={**os.environ, **variables},
    )
    url = f"http://127.0.0.1:{port}{CONSTANT}"

    async def answers() -> bool:
        async with httpx2.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(url)).status_code == httpx2.codes.OK
            except httpx2.TransportError:
                return False

    process = await launched(command, name="The API", answers=answers, stopping=_STOPPING, say=say)
    try:
        yield port
    finally:
        await stop(process, _STOPPING)


def reads() -> ASGIApp:
    """The application, in the process that serves it, on which reads are measured."""
    return ReadsApp(_begin())


def cached() -> ASGIApp:
    """The one on which cached reads are measured."""
    return CachedApp(_begin())


def doors() -> ASGIApp:
    """The one on which mutations and sessions are measured."""
    return DoorsApp(_begin())


def sales() -> ASGIApp:
    """The one on which carts and purchases are measured, and the orders that staff look at."""
    return SalesApp(_begin())


def _begin() -> Settings:
    die_with_maker(signal.SIGKILL)
    settings = _settings()
    configure_logging(settings)
    logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)  # the load generator counts what fails
    return settings


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _settings() -> Settings:
    changes = json.loads(os.environ[_CHANGES])
    return bench_settings(
        database_url=os.environ["MERCER_DATABASE_URL"], valkey_url=os.environ["MERCER_VALKEY_URL"], **changes
    )


def _main() -> None:
    settings = _settings()
    Granian(
        f"bench.server:{sys.argv[1]}",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=settings.workers,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=5,
    ).serve()


if __name__ == "__main__":
    _main()
