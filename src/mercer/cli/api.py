"""The API as a child process of `mercer up`."""

import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from pathlib import Path

import httpx2

from mercer.cli.terminal import say
from mercer.platform.embedded import Command, EmbeddedError, Servers, Service, launched
from mercer.platform.settings import Settings

STOPPING = ((signal.SIGTERM, 30.0),)
"""The API answers what it has accepted, then ends."""

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 — what to ask when it listens on all addresses


class PortTaken(EmbeddedError):
    """Another program listens where the API should."""


def api(settings: Settings, servers: Servers) -> Service:
    """The API on these servers, with the same settings."""
    command = Command(
        arguments=(sys.executable, "-m", "mercer", "serve"),
        directory=Path.cwd(),
        orphaned=signal.SIGTERM,
        environment={**os.environ, **_variables(servers)},
    )

    async def launch() -> Process:
        return await launched(command, name="The API", answers=lambda: _answers(settings), stopping=STOPPING, say=say)

    return Service("The API", launch, STOPPING)


def refuse_taken_port(settings: Settings) -> None:
    """Raise `PortTaken` if another program listens on the API's port. It could share it, and take half the calls."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortTaken(
                f"The API cannot listen on {settings.host}, port {settings.port}: {error.strerror}.\n"
                "Stop what does, or choose another port with MERCER_PORT."
            ) from None


def _variables(servers: Servers) -> dict[str, str]:
    return {"MERCER_DATABASE_URL": servers.database_url, "MERCER_VALKEY_URL": servers.valkey_url}


async def _answers(settings: Settings) -> bool:
    host = _EVERYWHERE.get(settings.host, settings.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/livez"
    async with httpx2.AsyncClient(trust_env=False, timeout=5) as client:
        try:
            answer = await client.get(url)
        except httpx2.TransportError:
            return False
    return answer.status_code == httpx2.codes.OK
