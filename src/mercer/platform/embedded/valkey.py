"""The embedded Valkey, reached through a private socket with a password."""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from urllib.parse import quote

import redis.asyncio
import redis.exceptions

from mercer.platform.embedded import binaries
from mercer.platform.embedded.account import private_directory
from mercer.platform.embedded.errors import StartFailed
from mercer.platform.embedded.home import Home, prepare_sockets
from mercer.platform.embedded.process import Command, StopSteps, end_leftovers, start, stop, tail
from mercer.platform.embedded.service import Service

SOCKET = "valkey.sock"

STOPPING: StopSteps = ((signal.SIGTERM, 30.0),)


def url(home: Home) -> str:
    """The address that the program connects to."""
    return f"unix://:{home.secrets().valkey}@{quote(str(home.sockets / SOCKET))}?db=0"


def service(home: Home, *, durable: bool) -> Service:
    """Valkey on the data of `home`."""
    log = home.logs / "valkey.log"

    async def launch() -> Process:
        await end_leftovers("valkey-server", home.valkey, STOPPING)
        private_directory(home.valkey, home.account)
        prepare_sockets(home)
        (home.sockets / SOCKET).unlink(missing_ok=True)
        written = log.stat().st_size if log.exists() else 0
        process = await start(_server(home, durable=durable))
        try:
            await _answers(home, process)
        except redis.exceptions.RedisError as error:
            await stop(process, STOPPING)
            raise StartFailed(f"Valkey did not start: {error}\n{tail(log, written)}\n(from {log})") from None
        except BaseException:
            await stop(process, STOPPING)
            raise
        return process

    return Service("Valkey", launch, STOPPING, log)


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
        log=home.logs / "valkey.log",
        account=home.account,
        environment={"PATH": os.defpath},
        # On its input: on the command line everybody could read the password.
        input="".join(f"{name} {value}\n" for name, value in settings.items()).encode(),
    )


async def _answers(home: Home, process: Process) -> None:
    """Wait until the server answers. Loading may take long, so there is no limit while it lives."""
    pause = 0.02
    async with redis.asyncio.Redis.from_url(url(home)) as client:
        while True:
            try:
                await client.ping()
            except (redis.exceptions.ConnectionError, redis.exceptions.BusyLoadingError):
                if process.returncode is not None:
                    raise
            else:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.5)
