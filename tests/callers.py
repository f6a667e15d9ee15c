"""Callers of a running application, in process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
from starlette.applications import Starlette
from tests.factories.shop import NOW
from tests.keys import SECRET_KEY
from tests.people import authorization

from mercer.app import create_app
from mercer.platform.settings import Environment, Settings, load_settings


@dataclass(frozen=True)
class Caller:
    """Sends GraphQL to one of the APIs."""

    http: httpx2.AsyncClient
    path: str
    headers: dict[str, str]

    def __call__(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.ask(query, variables, **headers)

    async def ask(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
        """The `data` of an answer that has no errors. Headers are written `x_mercer_channel="eu"`."""
        answer = (await self.send(query, variables, **headers)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def send(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx2.Response:
        """The whole answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(
            self.path, json={"query": query, "variables": variables or {}}, headers=self.headers | named
        )


def test_settings(database_url: str, valkey_url: str, **changes: Any) -> Settings:
    """Settings of an application under test: every read is verified."""
    return load_settings(
        **{
            "environment": Environment.TEST,
            "database_url": database_url,
            "valkey_url": valkey_url,
            "verify_reads": True,
            "answer_cache_bytes": 0,
            "password_time_cost": 1,
            "password_memory_kib": 8,
            "password_lanes": 1,
            "public_url": "http://test",
            "secret_keys": (SECRET_KEY,),
            "read_connections": 2,
            "write_connections": 2,
            "carts_per_minute": 1_000_000,
            "mutations_per_minute": 1_000_000,
            **changes,
        }
    )


class Loopback(httpx2.AsyncBaseTransport):
    """Carries what an application or a worker sends to an application in this process, without a network.

    What is called while no application is there fails as a refused connection does.
    """

    def __init__(self) -> None:
        self.app: Starlette | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.app is None:
            raise httpx2.ConnectError("nobody listens", request=request)
        return await httpx2.ASGITransport(self.app).handle_async_request(request)


@asynccontextmanager
async def calling(
    settings: Settings,
    *,
    now: datetime | Callable[[], datetime] = NOW,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> AsyncIterator[httpx2.AsyncClient]:
    """An HTTP client of an application with these settings. Its clock stands still, unless `now` tells the time.

    What it sends to others goes through `transport`; by default it reaches itself, and nothing else.
    """
    loopback = Loopback()
    app: Starlette = create_app(settings, clock=now if callable(now) else lambda: now, transport=transport or loopback)
    loopback.app = app
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as http,
    ):
        yield http


def shop_caller(http: httpx2.AsyncClient, *, customer: str | None = None, **headers: str) -> Caller:
    """A shopper: a guest, or one of the customers of `tests/people.py`."""
    return Caller(http, "/shop/graphql", headers | (authorization(customer) if customer else {}))


def admin_caller(http: httpx2.AsyncClient, *, role: str = "administrator") -> Caller:
    """A member of staff who has this ready role, and no other."""
    return Caller(http, "/admin/graphql", authorization(role))
