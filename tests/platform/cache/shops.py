"""Applications with a cache on one database and one Valkey, as several processes are."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx2
from tests.factories.shop import NOW

from mercer.app import create_app
from mercer.platform.cache.answers import Answers
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction
from mercer.platform.valkey import Valkey

MEGABYTE = 1_000_000
_MARKS = count()


@dataclass
class Clock:
    """A clock that all applications share, moved by the test."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass(frozen=True)
class Running:
    """A running application."""

    http: httpx2.AsyncClient
    answers: Answers

    async def ask(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post("/shop/graphql", json={"query": query, "variables": variables or {}}, headers=named)

    async def is_kept(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> bool:
        """Whether this is answered from the cache."""
        kept = len(self.answers.shelf)
        before = self.answers.shelf.turn
        await self.ask(query, variables, **headers)
        assert self.answers.shelf.turn == before
        return len(self.answers.shelf) == kept

    async def listens(self) -> None:
        """Wait until it hears what others outdate."""
        while not self.answers.is_sure:  # noqa: ASYNC110 — nothing tells of it
            await asyncio.sleep(0.002)


@dataclass(frozen=True)
class Shops:
    """Applications on one database, and a writer beside them."""

    clock: Clock
    running: dict[str, Running]
    writer: Context

    def __getitem__(self, name: str) -> Running:
        return self.running[name]

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Context]:
        """A transaction of the writer's; all have heard of it afterwards."""
        async with transaction(self.at(self.clock.now)) as context:
            yield context
        await self.all_hear()

    def at(self, now: datetime) -> Context:
        writer = self.writer
        return Context(writer.settings, writer.database, now, valkey=writer.valkey, answers=writer.answers)

    async def all_hear(self) -> None:
        """Wait until all have heard what was published until now."""
        assert self.writer.answers is not None
        mark = f"mark:{next(_MARKS)}"
        await self.writer.answers.outdate({mark})
        for each in self.running.values():
            if each.answers.shelf.most_bytes:
                while each.answers.shelf.is_current({mark}, since=0):  # noqa: ASYNC110 — nothing tells of it
                    await asyncio.sleep(0.001)


@asynccontextmanager
async def running_shops(settings: Settings, names: Collection[str], **changes: Any) -> AsyncIterator[Shops]:
    """Applications by name: those called `plain…` keep nothing, those called `verified…` verify each read."""
    clock = Clock()
    assert settings.database_url is not None
    assert settings.valkey_url is not None
    async with AsyncExitStack() as stack:
        database, valkey = Database(settings, url=settings.database_url), Valkey(settings.valkey_url)
        await database.open()
        stack.push_async_callback(database.close)
        stack.push_async_callback(valkey.close)
        apps = {}
        for name in names:
            own = settings.model_copy(
                update={
                    "answer_cache_bytes": 0 if name.startswith("plain") else MEGABYTE,
                    "verify_reads": name.startswith("verified"),
                    **changes,
                }
            )
            apps[name] = await stack.enter_async_context(running(own, clock))
        await listening(apps.values())
        yield Shops(clock, apps, Context(settings, database, clock.now, valkey=valkey, answers=Answers(valkey)))


async def listening(apps: Iterable[Running]) -> None:
    for each in apps:
        if each.answers.shelf.most_bytes:
            await each.listens()


@asynccontextmanager
async def running(settings: Settings, clock: Clock) -> AsyncIterator[Running]:
    app = create_app(settings, clock=clock)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as http,
    ):
        yield Running(http, app.state.answers)
