"""A small shop of a test's own, to change by the admin API and to look at in every way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.factories.shop import NOW, a_shop
from tests.fixtures import writing

from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings

_KEYS = count()
_RACING = 12
"""How many requests have a connection of their own where they race."""


@dataclass(frozen=True)
class Selling:
    """The shop, served; the clock stands at `NOW`."""

    settings: Settings
    http: httpx2.AsyncClient
    context: Context
    """Outside a transaction, for verbs."""
    variants: dict[str, str]
    """Ids by SKU."""
    products: dict[str, str]
    """Ids by slug."""
    channels: dict[str, str]
    warehouses: dict[str, str]

    @property
    def admin(self) -> Caller:
        return admin_caller(self.http)

    @property
    def shop(self) -> Caller:
        return shop_caller(self.http)

    async def change(self, mutation: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
        """What comes of a mutation by an administrator: the value of its one field. Each call has a key of its own."""
        key = f"change {next(_KEYS)}"
        answer = await self.admin(mutation, variables, **{"idempotency_key": key, **headers})
        [value] = answer.values()
        return value

    async def at_once(self, changes: Iterable[Awaitable[Any]]) -> list[Any]:
        """What comes of all these, as many at a time as have a connection of their own."""
        gate = asyncio.Semaphore(_RACING)

        async def admitted(change: Awaitable[Any]) -> Any:
            async with gate:
                return await change

        return await asyncio.gather(*map(admitted, changes))

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.context.database.engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(sa.text(query), values)]

    async def audit(self) -> list[tuple[str, str, Any, str | None]]:
        """What was noted of changes: of what, which one, its fields before and after, and why."""
        found = await self.rows("SELECT entity, entity_id, changes, reason FROM platform.audit ORDER BY id")
        return [(entity, str(id_), changes, reason) for entity, id_, changes, reason in found]

    async def events(self) -> list[tuple[str, Any]]:
        """What was announced."""
        found = await self.rows("SELECT name, payload FROM platform.outbox WHERE name <> '' ORDER BY id")
        return [(name, payload) for name, payload in found]

    async def tags(self) -> set[str]:
        """Which cached answers were outdated."""
        found = await self.rows("SELECT DISTINCT unnest(tags) FROM platform.outbox")
        return {tag for (tag,) in found}


@asynccontextmanager
async def a_selling_shop(settings: Settings, *, now: datetime = NOW) -> AsyncIterator[Selling]:
    """The small shop on an empty database."""
    async with writing(settings) as context:
        await a_shop(context)
    async with a_served_shop(settings, now=now) as shop:
        yield shop


@asynccontextmanager
async def a_served_shop(settings: Settings, *, now: datetime = NOW) -> AsyncIterator[Selling]:
    """A shop that stands in the database already."""
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    await database.open()
    try:
        async with calling(settings, now=now) as http:
            ids = {}
            for name, query in _IDS.items():
                async with database.engine.connect() as connection:
                    ids[name] = {key: str(id_) for key, id_ in await connection.execute(sa.text(query))}
            yield Selling(settings, http, Context(settings, database, now), **ids)
    finally:
        await database.close()


_IDS = {
    "variants": "SELECT sku, id FROM catalog.variant",
    "products": "SELECT slug, id FROM catalog.product",
    "channels": "SELECT code, id FROM channels.channel",
    "warehouses": "SELECT code, id FROM inventory.warehouse",
}


@pytest.fixture
async def selling(fresh: Settings) -> AsyncIterator[Selling]:
    async with a_selling_shop(fresh) as shop:
        yield shop


@pytest.fixture
async def racing(fresh: Settings) -> AsyncIterator[Selling]:
    """The shop as in production, with many connections."""
    # Two more, for what the process asks beside the requests.
    changes = {"write_connections": _RACING + 2, "read_connections": _RACING + 2, "verify_reads": False}
    async with a_selling_shop(fresh.model_copy(update=changes)) as shop:
        yield shop
