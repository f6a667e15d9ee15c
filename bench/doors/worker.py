"""The worker's process of the events: `mercer worker`, with one handler that writes when it began."""

import asyncio
import os
import signal
import sys
from time import perf_counter

from bench.datasets import bench_settings
from bench.doors.events import WORKS, Announced
from mercer.platform.context import Context
from mercer.platform.jobs.registry import registry_of
from mercer.platform.module import Module
from mercer.platform.observability.logs import configure_logging
from mercer.worker import working


async def note(_context: Context, event: Announced) -> None:
    """The handler."""
    _write(f"{event.number} {perf_counter()}")


MODULE = Module(name="bench", handlers={Announced: [note]})


async def work() -> None:
    """Work until asked to stop."""
    settings = bench_settings(
        database_url=os.environ["MERCER_DATABASE_URL"], valkey_url=os.environ["MERCER_VALKEY_URL"]
    )
    configure_logging(settings)
    async with working(settings, registry=lambda: registry_of([MODULE])) as worker:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
        _write(WORKS.decode())
        await worker.run()


def main() -> None:
    asyncio.run(work())


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
