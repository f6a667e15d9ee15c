"""A small API behind the real HTTP application, with the executor of graphql-core."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLFormattedError,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    execute,
)
from starlette.applications import Starlette
from starlette.requests import Request
from tests.keys import SECRET_KEY

from mercer.platform.database import Database
from mercer.platform.graphql.documents import Operation
from mercer.platform.http.app import build_app
from mercer.platform.http.graphql import ServedApi
from mercer.platform.permissions import NotSignedIn
from mercer.platform.settings import Environment, Settings, load_settings
from mercer.platform.valkey import Valkey

NOWHERE = "postgresql://mercer@/mercer?host=/nowhere"
NO_VALKEY = "unix:///nowhere"
GRAPHQL = "application/graphql-response+json"
SHOP = "/shop/graphql"
ADMIN = "/admin/graphql"
TOKEN = "a-token-for-tests"
SHOP_PAGE = "https://shop.example"


@dataclass(frozen=True)
class Asking:
    """What the small API knows of a request."""

    channel: str
    token: str | None = None
    reply_headers: list[tuple[str, str]] = field(default_factory=list)


MakeContext = Callable[[Request], Awaitable[Asking]]


class Trouble:
    """What the field `trouble` raises: set by a test."""

    raised: Exception = RuntimeError("unset")


def _raise_trouble(*_: Any) -> None:
    raise Trouble.raised


SCHEMA = GraphQLSchema(
    query=GraphQLObjectType(
        "Query",
        {
            "hello": GraphQLField(
                GraphQLString,
                args={"name": GraphQLArgument(GraphQLString), "times": GraphQLArgument(GraphQLInt)},
                resolve=lambda _root, _info, name="you", times=1: f"Hello {name}" * times,
            ),
            "channel": GraphQLField(GraphQLString, resolve=lambda _root, info: info.context.channel),
            "trouble": GraphQLField(GraphQLString, resolve=_raise_trouble),
        },
    ),
    mutation=GraphQLObjectType("Mutation", {"touch": GraphQLField(GraphQLString, resolve=lambda *_: "touched")}),
)


async def run(
    document: DocumentNode,
    /,
    *,
    operation_name: str | None,
    variables: Mapping[str, Any],
    context: Any,
    format_error: Callable[[GraphQLError], GraphQLFormattedError],
) -> bytes:
    result = execute(
        SCHEMA, document, variable_values=dict(variables), operation_name=operation_name, context_value=context
    )
    assert isinstance(result, ExecutionResult)
    answer: dict[str, Any] = {"errors": [format_error(error) for error in result.errors]} if result.errors else {}
    if result.data is not None:
        answer["data"] = result.data
    return orjson.dumps(answer)


async def channel_of(request: Request) -> Asking:
    return Asking(request.headers.get("x-mercer-channel", "default"), request.headers.get("authorization"))


async def admit_all(_operation: Operation, _context: Asking) -> None:
    """The small shop is open to everybody."""


async def admit_staff(_operation: Operation, context: Asking) -> None:
    """The small admin API is for those who know the token."""
    if context.token != f"Bearer {TOKEN}":
        raise NotSignedIn


async def migrated() -> bool:
    return True


async def origins() -> set[str]:
    return {SHOP_PAGE}


def settings_for_tests(**overrides: Any) -> Settings:
    """Settings as tests have them."""
    return load_settings(**{"environment": Environment.TEST, "secret_keys": SECRET_KEY, **overrides})


def application(
    settings: Settings,
    *,
    make_context: MakeContext = channel_of,
    database: Database | None = None,
    valkey: Valkey | None = None,
) -> Starlette:
    return build_app(
        settings=settings,
        apis=[
            ServedApi("shop", SHOP, SCHEMA, run, make_context, admit_all),
            ServedApi("admin", ADMIN, SCHEMA, run, make_context, admit_staff),
        ],
        database=database or Database(settings, url=NOWHERE),
        valkey=valkey or Valkey(NO_VALKEY),
        is_migrated=migrated,
        allowed_origins=origins,
    )


@asynccontextmanager
async def client(make_context: MakeContext = channel_of, **settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(application(settings_for_tests(**settings), make_context=make_context))
    async with httpx2.AsyncClient(transport=transport, base_url="http://mercer.test") as http:
        http.headers["accept"] = GRAPHQL
        yield http


def errors_of(answer: httpx2.Response) -> list[tuple[str, str]]:
    """Code and message of each error. Each also has the request's id."""
    errors = answer.json()["errors"]
    assert {error["extensions"]["errorId"] for error in errors} == {answer.headers["x-request-id"]}
    return [(error["extensions"]["code"], error["message"]) for error in errors]
