"""`mercer serve`: the API alone."""

import asyncio
import signal

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from starlette.types import ASGIApp

from mercer.app import create_app
from mercer.cli.api import api, refuse_taken_port
from mercer.cli.staff import refuse_demo_passwords
from mercer.cli.terminal import say, until_stopped
from mercer.platform.embedded import kept_running, shared_servers
from mercer.platform.embedded.process import die_with_maker
from mercer.platform.observability.logs import configure_logging
from mercer.platform.observability.metrics import share_metrics
from mercer.platform.settings import Settings, load_settings

DRAIN_S = 25
"""How long a stopping worker may take to answer what it has accepted."""


def serve() -> None:
    """Serve both APIs, without migrating or seeding the database.

    With `MERCER_DATABASE_URL` and `MERCER_VALKEY_URL` it uses those servers. Otherwise it uses the ones of a running
    `mercer up`, or runs them itself for as long as it serves.
    """
    settings = load_settings()
    refuse_taken_port(settings)
    if settings.database_url is None or settings.valkey_url is None:
        asyncio.run(_serve_with_servers(settings))
    else:
        asyncio.run(refuse_demo_passwords(settings))
        _serve(settings)


def worker() -> ASGIApp:
    """The application in one of the API's processes."""
    die_with_maker(signal.SIGKILL)
    settings = load_settings()
    configure_logging(settings)
    return create_app(settings)


def _serve(settings: Settings) -> None:
    if settings.workers > 1:
        share_metrics(settings.data_dir / "metrics")
    Granian(
        f"{__name__}:worker",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=settings.workers,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_S,
    ).serve()


async def _serve_with_servers(settings: Settings) -> None:
    with until_stopped():
        async with (
            shared_servers(settings, command="mercer serve", say=say) as servers,
            kept_running(api(settings, servers), say=say),
        ):
            say(f"Serving on {settings.address}")
            await asyncio.get_running_loop().create_future()
