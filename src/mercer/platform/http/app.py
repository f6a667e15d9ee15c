"""The HTTP application, assembled from its parts."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager

import httpx2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from mercer.platform.cache.answers import Answers
from mercer.platform.database import Database
from mercer.platform.http.cors import Cors
from mercer.platform.http.envelope import Envelope
from mercer.platform.http.graphql import GraphQLEndpoint, ServedApi
from mercer.platform.http.probes import probes
from mercer.platform.settings import Settings
from mercer.platform.valkey import Valkey


def build_app(
    *,
    settings: Settings,
    apis: Iterable[ServedApi],
    database: Database,
    valkey: Valkey,
    is_migrated: Callable[[], Awaitable[bool]],
    allowed_origins: Callable[[], Awaitable[Collection[str]]],
    routes: Iterable[BaseRoute] = (),
    answers: Answers | None = None,
    http: httpx2.AsyncClient | None = None,
) -> Starlette:
    """An ASGI application that serves `apis`, `routes` and the probes.

    Its lifespan opens and closes the connections. It starts without PostgreSQL, and recovers when that comes.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await database.open()
        if answers is not None:
            await answers.open()
        try:
            yield
        finally:
            # What is under way may still tell others through Valkey.
            await database.close()
            if http is not None:
                await http.aclose()
            if answers is not None:
                await answers.close()
            await valkey.close()

    endpoints = [Route(api.path, GraphQLEndpoint(api, settings=settings)) for api in apis]
    app = Starlette(
        routes=[*endpoints, *probes(database=database, valkey=valkey, is_migrated=is_migrated), *routes],
        middleware=[Middleware(Envelope, settings=settings), Middleware(Cors, allowed_origins=allowed_origins)],
        lifespan=lifespan,
    )
    app.state.answers = answers
    return app
