"""PostgreSQL and Valkey from wheels, run by a small supervisor, for whoever sets no server's address.

It starts them on a private directory, keeps them running and stops them. It knows no table and no key.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from mercer.platform.embedded import postgresql, valkey
from mercer.platform.embedded.errors import EmbeddedError, StartFailed, StopFailed, Unreachable
from mercer.platform.embedded.home import Home, open_home
from mercer.platform.embedded.lock import DataDirectoryInUse, Holder, Lock, held
from mercer.platform.embedded.process import Command
from mercer.platform.embedded.service import Say, Service, kept_running, launched
from mercer.platform.settings import Settings

__all__ = [
    "Command",
    "DataDirectoryInUse",
    "EmbeddedError",
    "Holder",
    "Servers",
    "Service",
    "StartFailed",
    "StopFailed",
    "Unreachable",
    "kept_running",
    "launched",
    "servers",
    "shared_servers",
]


@dataclass(frozen=True)
class Servers:
    """The addresses of the servers in use. They hold passwords."""

    database_url: str = field(repr=False)
    valkey_url: str = field(repr=False)
    logs: Path | None = None
    """Where the servers that we run write theirs."""

    def within(self, settings: Settings) -> Settings:
        """The same settings, with these addresses."""
        return settings.model_copy(update={"database_url": self.database_url, "valkey_url": self.valkey_url})


@asynccontextmanager
async def servers(
    settings: Settings, *, command: str, say: Say = print, durable: bool = True
) -> AsyncIterator[Servers]:
    """Run the servers for as long as the body, and let other commands use them (`shared_servers`).

    A server whose address is set is used as it is, and not run. `durable=False` trades safety for speed, for tests.
    Raises `DataDirectoryInUse` if another process runs those of this data directory, otherwise `EmbeddedError`.
    """
    given = _given(settings)
    if given is not None:
        yield given
        return
    home = open_home(settings)
    with held(home.lock, command=command) as lock:
        async with _running(settings, home, say=say, durable=durable) as running:
            lock.write(replace(lock.holder, database_url=running.database_url, valkey_url=running.valkey_url))
            try:
                yield running
            finally:
                lock.write(lock.holder)


@asynccontextmanager
async def shared_servers(settings: Settings, *, command: str, say: Say = print) -> AsyncIterator[Servers]:
    """Use the servers of a running `mercer up`; without one, run them for as long as the body.

    Waits for another command of this kind. Raises `EmbeddedError`.
    """
    given = _given(settings)
    if given is not None:
        yield given
        return
    home = open_home(settings)
    with ExitStack() as stack:
        found = await _lock_or_servers(home, stack, command=command, say=say)
        if isinstance(found, Servers):
            yield Servers(settings.database_url or found.database_url, settings.valkey_url or found.valkey_url)
            return
        async with _running(settings, home, say=say, durable=True) as running:
            yield running


def _given(settings: Settings) -> Servers | None:
    if settings.database_url is None or settings.valkey_url is None:
        return None
    return Servers(settings.database_url, settings.valkey_url)


async def _lock_or_servers(home: Home, stack: ExitStack, *, command: str, say: Say) -> Lock | Servers:
    told = False
    while True:
        try:
            return stack.enter_context(held(home.lock, command=command))
        except DataDirectoryInUse as in_use:
            holder = in_use.holder
        if holder and holder.database_url and holder.valkey_url:
            return Servers(holder.database_url, holder.valkey_url)
        if not told:
            say(f"Waiting for {holder or 'another process'} …")
            told = True
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _running(settings: Settings, home: Home, *, say: Say, durable: bool) -> AsyncIterator[Servers]:
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, home.sockets, ignore_errors=True)
        if settings.database_url is None:
            await stack.enter_async_context(kept_running(postgresql.service(home, durable=durable, say=say), say=say))
        if settings.valkey_url is None:
            await stack.enter_async_context(kept_running(valkey.service(home, durable=durable, say=say), say=say))
        yield Servers(settings.database_url or postgresql.url(home), settings.valkey_url or valkey.url(home), home.logs)
