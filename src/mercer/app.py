"""The ASGI application: both APIs, media and probes."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from mercer.modules import MODULES
from mercer.platform import migrations
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.graphql.execution import execute_document
from mercer.platform.graphql.schema import Api, build_api
from mercer.platform.http.app import build_app
from mercer.platform.http.development_token import require_development_token
from mercer.platform.http.graphql import ServedApi
from mercer.platform.settings import Settings, load_settings
from mercer.platform.valkey import Valkey

SHOP = build_api(module.shop for module in MODULES)
ADMIN = build_api(module.admin for module in MODULES)
BINDS = tuple(module.binds for module in MODULES if module.binds)
ORIGINS = tuple(module.origins for module in MODULES if module.origins)

Clock = Callable[[], datetime]
MakeContext = Callable[[HTTPConnection], Awaitable[Context]]
Admit = Callable[[Mapping[bytes, bytes]], None]


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, *, clock: Clock = utc_now) -> Starlette:
    """The application on the servers that the settings name. Raises `SettingsInvalid`."""
    settings = settings or load_settings()
    assert settings.database_url is not None, "mercer up and mercer serve say which database to use"
    assert settings.valkey_url is not None
    database, valkey = Database(settings, url=settings.database_url), Valkey(settings.valkey_url)
    make_context = partial(_make_context, settings, database, clock)

    async def is_migrated() -> bool:
        async with database.reads.connection() as connection:
            return await migrations.is_current(connection)

    async def origins() -> frozenset[str]:
        context = Context(settings, database, clock())
        return frozenset[str]().union(*[await find(context) for find in ORIGINS])

    return build_app(
        settings=settings,
        apis=[
            _served("shop", SHOP, make_context, _admit_all),
            _served("admin", ADMIN, make_context, require_development_token(settings)),
        ],
        database=database,
        valkey=valkey,
        is_migrated=is_migrated,
        allowed_origins=origins,
        routes=[Mount("/media", StaticFiles(directory=settings.data_dir / "media", check_dir=False))],
    )


def _served(name: str, api: Api, make_context: MakeContext, admit: Admit) -> ServedApi:
    return ServedApi(name, f"/{name}/graphql", api.schema, partial(execute_document, api), make_context, admit)


def _admit_all(_headers: Mapping[bytes, bytes]) -> None:
    """The shop is open to everybody."""


async def _make_context(settings: Settings, database: Database, clock: Clock, request: HTTPConnection) -> Context:
    """The context of a request, with what each module binds reads to, lower modules first."""
    now = clock()
    context = Context(settings, database, now, binds={"now": now})
    for bind in BINDS:
        context = context.with_binds(await bind(context, request))
    return context
