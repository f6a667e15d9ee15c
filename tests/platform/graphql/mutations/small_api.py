"""A small API whose mutations change rows of a table of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import httpx2
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.requests import Request
from tests.factories.shop import NOW
from tests.platform.graphql.mutations import small_mutations, small_types

from mercer.platform.actors import GUEST, Actor, ActorKind, Scope
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.graphql.admission import admit
from mercer.platform.graphql.execution import execute_document
from mercer.platform.graphql.schema import build_api
from mercer.platform.http.app import build_app
from mercer.platform.http.graphql import ServedApi
from mercer.platform.http.origins import origin_of
from mercer.platform.module import GraphQL
from mercer.platform.settings import Settings
from mercer.platform.valkey import Valkey

API = build_api([GraphQL(query=small_types.Query, mutations=[small_mutations])])
PATH = "/small/graphql"

ACTORS = {
    "guest": GUEST,
    "reader": Actor(kind=ActorKind.STAFF, id=UUID(int=7), permissions=frozenset({"things.read"})),
    "keeper": Actor(kind=ActorKind.STAFF, id=UUID(int=8), permissions=frozenset({"things.read", "things.manage"})),
    "limited": Actor(
        kind=ActorKind.STAFF,
        id=UUID(int=6),
        permissions=frozenset({"things.read", "things.manage"}),
        bounds={"things.manage": (Scope(amounts={}),)},
    ),
    "other": Actor(kind=ActorKind.STAFF, id=UUID(int=9), permissions=frozenset({"things.read", "things.manage"})),
}


@asynccontextmanager
async def small_shop(
    settings: Settings, *, now: Callable[[], datetime] = lambda: NOW
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the small API. The header X-Actor says who calls."""
    assert settings.database_url is not None
    assert settings.valkey_url is not None
    database, valkey = Database(settings, url=settings.database_url), Valkey(settings.valkey_url)

    async def make_context(request: Request) -> Context:
        return Context(
            settings,
            database,
            now(),
            actor=ACTORS[request.headers.get("x-actor", "keeper")],
            origin=origin_of(request, settings, api="small"),
            valkey=valkey,
            idempotency_key=request.headers.get("idempotency-key"),
        )

    async def yes() -> bool:
        return True

    async def nowhere() -> set[str]:
        return set()

    app: Starlette = build_app(
        settings=settings,
        apis=[ServedApi("small", PATH, API.schema, partial(execute_document, API), make_context, admit)],
        database=database,
        valkey=valkey,
        is_migrated=yes,
        allowed_origins=nowhere,
    )
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as http,
    ):
        yield http


async def prepare(settings: Settings) -> None:
    """Make the small API's own table."""
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    async with database.transaction() as connection:
        await connection.execute(sa.text("CREATE SCHEMA small"))
        await connection.run_sync(small_types.thing.metadata.create_all)
    await database.close()


@dataclass(frozen=True)
class Small:
    """Sends GraphQL to the small API, and looks at what is stored."""

    http: httpx2.AsyncClient
    database: Database

    @classmethod
    @asynccontextmanager
    async def of(cls, http: httpx2.AsyncClient, settings: Settings) -> AsyncIterator[Small]:
        assert settings.database_url is not None
        database = Database(settings, url=settings.database_url)
        yield cls(http, database)
        await database.close()

    async def __call__(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
        """The `data` of an answer without errors."""
        answer = (await self.send(query, variables, **headers)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def send(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(PATH, json={"query": query, "variables": variables or {}}, headers=named)

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a statement finds."""
        async with self.database.transaction() as connection:
            return [tuple(each) for each in (await connection.execute(sa.text(sql))).all()]

    async def things(self) -> dict[str, int]:
        """How many there are of each thing."""
        return dict(await self.rows("SELECT name, count FROM small.thing ORDER BY name"))
