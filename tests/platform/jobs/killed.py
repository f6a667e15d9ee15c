"""A worker in a process of its own, to be killed while it works. Its settings stand in the environment."""

import asyncio
import sys

from tests.platform.jobs.things import Happened, first, known, see

from mercer.platform.context import Context
from mercer.platform.jobs.declaration import job
from mercer.platform.jobs.registry import Registry
from mercer.platform.observability.logs import configure_logging
from mercer.platform.settings import load_settings
from mercer.worker import working


@job()
async def get_stuck(context: Context, *, number: int) -> None:
    """Write something, say so, and never end."""
    await see(context, "stuck", number)
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def second(context: Context, event: Happened) -> None:
    await see(context, "second", event.number)


def registry() -> Registry:
    return known(get_stuck, handlers=[first, second])


async def main() -> None:
    """Work until killed."""
    settings = load_settings()
    configure_logging(settings)
    async with working(settings, registry=registry) as worker:
        await worker.run()
