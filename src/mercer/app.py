"""The ASGI application: both APIs, media and probes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import httpx2
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from mercer.modules import MODULES
from mercer.platform import migrations
from mercer.platform.actors import GUEST
from mercer.platform.cache.answers import Answers
from mercer.platform.cache.sharing import SharedAnswers
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.graphql.admission import admit
from mercer.platform.graphql.execution import execute_document
from mercer.platform.graphql.needs import permissions_in
from mercer.platform.graphql.schema import Api, build_api
from mercer.platform.graphql.views import NOTHING_ANSWERED, authority_binds, masking_binds
from mercer.platform.http.app import build_app
from mercer.platform.http.graphql import ServedApi
from mercer.platform.http.origins import origin_of
from mercer.platform.http.outgoing import outgoing
from mercer.platform.permissions import TokenRefused
from mercer.platform.settings import Settings, load_settings
from mercer.platform.valkey import Valkey

SHOP = build_api(module.shop for module in MODULES)
ADMIN = build_api(module.admin for module in MODULES)
PERMISSIONS = permissions_in(SHOP.schema) | permissions_in(ADMIN.schema)
DIMENSIONS = {name: within for module in MODULES for name, within in module.dimensions.items()}
PLACES = {dimension: find for module in MODULES for dimension, find in module.places.items()}
MASKED = {name: permission for module in MODULES for name, permission in module.masked.items()}
BINDS = tuple(module.binds for module in MODULES if module.binds)
ORIGINS = tuple(module.origins for module in MODULES if module.origins)
[AUTHENTICATE] = [module.authenticate for module in MODULES if module.authenticate]

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings | None = None, *, clock: Clock = utc_now, transport: httpx2.AsyncBaseTransport | None = None
) -> Starlette:
    """The application on the servers that the settings name. `transport` is how it calls others, if not by network.

    Raises `SettingsInvalid`.
    """
    settings = settings or load_settings()
    assert settings.database_url is not None, "mercer up and mercer serve say which database to use"
    assert settings.valkey_url is not None
    database, valkey = Database(settings, url=settings.database_url), Valkey(settings.valkey_url)
    answers = Answers(valkey, most_bytes=settings.answer_cache_bytes)
    http = outgoing(transport)
    contexts = Contexts(settings, database, valkey, answers, http, clock)

    async def is_migrated() -> bool:
        async with database.reads.connection() as connection:
            return await migrations.is_current(connection)

    async def origins() -> frozenset[str]:
        context = Context(settings, database, clock())
        return frozenset[str]().union(*[await find(context) for find in ORIGINS])

    routes = [route for module in MODULES if module.routes for route in module.routes(settings, contexts.of_staff)]
    return build_app(
        settings=settings,
        apis=[
            ServedApi(
                "shop",
                "/shop/graphql",
                SHOP.schema,
                partial(execute_document, SHOP),
                contexts.of_shop,
                admit,
                _shared(SHOP, answers),
            ),
            ServedApi(
                "admin", "/admin/graphql", ADMIN.schema, partial(execute_document, ADMIN), contexts.of_admin, admit
            ),
        ],
        database=database,
        valkey=valkey,
        is_migrated=is_migrated,
        allowed_origins=origins,
        routes=routes,
        answers=answers,
        http=http,
    )


def _shared(api: Api, answers: Answers) -> SharedAnswers | None:
    cached = api.plans.cached
    return None if cached is None else SharedAnswers(answers, api="shop", binds=cached.shared_binds)


@dataclass(frozen=True)
class Contexts:
    """The contexts of requests: who asks, and what each module binds reads to, lower modules first."""

    settings: Settings
    database: Database
    valkey: Valkey
    answers: Answers
    http: httpx2.AsyncClient
    clock: Clock

    async def of_shop(self, request: HTTPConnection) -> Context:
        return await self._of(request, api="shop")

    async def of_staff(self, request: HTTPConnection) -> Context:
        """The context of a request to the admin's plain routes. Raises `TokenRefused`."""
        context = await self.of_admin(request)
        if context.refused is not None:
            raise context.refused
        return context

    async def of_admin(self, request: HTTPConnection) -> Context:
        return await self._of(request, api="admin")

    async def _of(self, request: HTTPConnection, *, api: str) -> Context:
        now = self.clock()
        context = Context(
            self.settings,
            self.database,
            now,
            binds={"now": now, **NOTHING_ANSWERED},
            actor=GUEST,
            origin=origin_of(request, self.settings, api=api),
            valkey=self.valkey,
            answers=self.answers,
            http=self.http,
            catalogue=PERMISSIONS,
            dimensions=DIMENSIONS,
            places=PLACES,
            idempotency_key=request.headers.get("idempotency-key"),
        )
        try:
            context = context.with_actor(await AUTHENTICATE(context, request))
        except TokenRefused as refused:
            context = replace(context, refused=refused)
        context = context.with_binds(authority_binds(context.actor, context.dimensions))
        context = context.with_binds(masking_binds(context.actor, MASKED))
        for bind in BINDS:
            context = context.with_binds(await bind(context, request))
        return context
