"""`mercer worker`: jobs and events, beside the API."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path

from mercer.cli.terminal import STOPPING_SIGNALS, say, until_stopped
from mercer.platform.embedded import Command, Servers, Service, launched, shared_servers
from mercer.platform.observability.logs import configure_logging
from mercer.platform.settings import Settings, load_settings
from mercer.worker import working

GRACE_S = 10.0
"""How much longer than its jobs a worker may take to end."""


async def worker() -> None:
    """Run jobs, hand events to their handlers, and keep what runs at fixed times, until Ctrl-C.

    With `MERCER_DATABASE_URL` and `MERCER_VALKEY_URL` it uses those servers. Otherwise it uses the ones of a running
    `mercer up`, or runs them itself for as long as it works. Any number of workers may run at once.

    Asked to stop, it begins nothing new and lets its jobs finish, for `MERCER_DRAIN_SECONDS=25` at most; then it gives
    them back to be run again. `MERCER_JOBS_AT_ONCE=8` says how many it runs at a time.
    """
    settings = load_settings()
    if settings.database_url is None or settings.valkey_url is None:
        with until_stopped():
            async with shared_servers(settings, command="mercer worker", say=say) as servers:
                await _work(servers.within(settings))
    else:
        await _work(settings)


def worker_service(settings: Settings, servers: Servers) -> Service:
    """The worker as a child process, on these servers, with the same settings."""
    stopping = ((signal.SIGTERM, settings.drain_seconds + GRACE_S),)
    addresses = {"MERCER_DATABASE_URL": servers.database_url, "MERCER_VALKEY_URL": servers.valkey_url}
    command = Command(
        arguments=(sys.executable, "-m", "mercer", "worker"),
        directory=Path.cwd(),
        orphaned=signal.SIGTERM,
        environment={**os.environ, **addresses},
    )

    async def launch() -> Process:
        return await launched(command, name="The worker", answers=_always, stopping=stopping, say=say)

    return Service("The worker", launch, stopping)


async def _always() -> bool:
    """It needs no moment to be ready: it waits for its servers by itself."""
    return True


async def _work(settings: Settings) -> None:
    configure_logging(settings)
    async with working(settings) as worker:
        loop = asyncio.get_running_loop()
        for number in STOPPING_SIGNALS:
            loop.add_signal_handler(number, worker.stop)
        await worker.run()
