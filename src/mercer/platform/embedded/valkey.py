"""The embedded Valkey, reached through a private socket with a password."""

import os
import signal
from asyncio.subprocess import Process
from pathlib import Path
from urllib.parse import quote

import redis.asyncio
import redis.exceptions

from mercer.platform.embedded import binaries
from mercer.platform.embedded.account import private_directory
from mercer.platform.embedded.home import Home, prepare_sockets
from mercer.platform.embedded.process import Command, StopSteps, end_leftovers
from mercer.platform.embedded.service import Say, Service, launched

SOCKET = "valkey.sock"

STOPPING: StopSteps = ((signal.SIGTERM, 30.0),)


def url(home: Home) -> str:
    """The address that the program connects to."""
    return f"unix://:{home.secrets().valkey}@{quote(str(home.sockets / SOCKET))}?db=0"


def service(home: Home, *, durable: bool, say: Say) -> Service:
    """Valkey on the data of `home`."""

    async def launch() -> Process:
        await end_leftovers("valkey-server", home.valkey, STOPPING)
        private_directory(home.valkey, home.account)
        prepare_sockets(home)
        (home.sockets / SOCKET).unlink(missing_ok=True)
        return await launched(
            _server(home, durable=durable), name="Valkey", answers=lambda: _answers(home), stopping=STOPPING, say=say
        )

    return Service("Valkey", launch, STOPPING, _log(home))


def _log(home: Home) -> Path:
    return home.logs / "valkey.log"


def _server(home: Home, *, durable: bool) -> Command:
    settings = {
        "port": "0",
        "unixsocket": f'"{home.sockets / SOCKET}"',
        "unixsocketperm": "700",
        "requirepass": home.secrets().valkey,
        "dir": f'"{home.valkey}"',
        "save": '""',
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "maxmemory": "128mb",
        "maxmemory-policy": "volatile-lru",
    }
    return Command(
        arguments=(binaries.valkey(home.account), "-"),
        directory=home.valkey,
        orphaned=signal.SIGTERM,
        log=_log(home),
        account=home.account,
        environment={"PATH": os.defpath},
        # On its input: on the command line everybody could read the password.
        input="".join(f"{name} {value}\n" for name, value in settings.items()).encode(),
    )


async def _answers(home: Home) -> bool:
    async with redis.asyncio.Redis.from_url(url(home)) as client:
        try:
            await client.ping()
        except (redis.exceptions.ConnectionError, redis.exceptions.BusyLoadingError):
            return False
    return True
