"""Mercer's application, and in the same process what it is compared with."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from graphql import parse
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.naive.schema import naive_app
from mercer.app import BINDS, SHOP, create_app
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.graphql.execution import execute_document
from mercer.platform.graphql.failures import describe_failure
from mercer.platform.observability.statements import count_statement, counting_statements
from mercer.platform.settings import Settings

MERCER = "/shop/graphql"
NAIVE = "/naive/graphql"
CONSTANT = "/constant"
CONSTANT_ANSWER = b'{"data":null}'
CPU = "/cpu"
PREPARE = "/raw"
"""A GraphQL request sent here is answered with the path that sends its SQL raw."""

COUNTED = "/counted"
"""Before another path: the answer has a header with the number of SQL statements."""

STATEMENTS = "x-statements"


class RecordingDatabase(Database):
    """Remembers the reads that it is asked for."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url is not None
        super().__init__(settings, url=settings.database_url)
        self.sent: list[tuple[str, Sequence[object]]] = []

    async def fetch_row(self, sql: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        self.sent.append((sql, values))
        return await super().fetch_row(sql, values)


class RawSql:
    """Sends one statement, with the same values each time, and its answer's bytes to the socket. Nothing else."""

    def __init__(self, database: Database, sql: str, values: Sequence[object]) -> None:
        self._reads = database.reads
        self._sql = sql.encode()
        self._values = values

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            connection = await self._reads.getconn()
        except PoolTimeout:
            await _send(send, b"", status=503)  # as Mercer refuses
            return
        try:
            count_statement()
            row = await (await connection.execute(self._sql, self._values)).fetchone()
        finally:
            await self._reads.putconn(connection)
        assert row is not None
        await _send(send, row[0])


class BenchApp:
    """Finds the comparisons by their whole path; everything else goes to Mercer at the cost of one look-up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = RecordingDatabase(settings)
        self._mercer = create_app(settings)
        self._lifespan = Starlette(lifespan=self._live)
        self._beside: dict[str, ASGIApp] = {
            CONSTANT: _constant,
            CPU: _cpu,
            PREPARE: self._prepare,
            NAIVE: naive_app(self._make_context),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["path"].startswith(COUNTED):
            await self._count({**scope, "path": scope["path"].removeprefix(COUNTED)}, receive, send)
        else:
            await self._beside.get(scope["path"], self._mercer)(scope, receive, send)

    @asynccontextmanager
    async def _live(self, _app: Starlette) -> AsyncIterator[None]:
        async with self._mercer.router.lifespan_context(self._mercer):
            await self._database.open()
            yield
            await self._database.close()

    async def _make_context(self, request: HTTPConnection) -> Context:
        now = datetime.now(UTC)
        context = Context(self._settings, self._database, now, binds={"now": now})
        for bind in BINDS:
            context = context.with_binds(await bind(context, request))
        return context

    async def _prepare(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a GraphQL request, and keep the one statement that it sent."""
        request = Request(scope, receive)
        asked = orjson.loads(await request.body())
        context = await self._make_context(request)
        self._database.sent.clear()
        await execute_document(
            SHOP,
            parse(asked["query"]),
            operation_name=None,
            variables=asked["variables"],
            context=context,
            format_error=lambda failure: describe_failure(failure, self._settings),
        )
        [(sql, values)] = self._database.sent
        path = f"{PREPARE}/{len(self._beside)}"
        self._beside[path] = RawSql(self._database, sql, values)
        await _send(send, orjson.dumps({"path": path, "sql": sql, "values": [str(value) for value in values]}))

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        with counting_statements() as statements:
            await self(scope, receive, keep)
        messages[0]["headers"] = [*messages[0]["headers"], (STATEMENTS.encode(), b"%d" % statements.total)]
        for message in messages:
            await send(message)


async def _constant(_scope: Scope, _receive: Receive, send: Send) -> None:
    """What the server and the load generator can do at most."""
    await _send(send, CONSTANT_ANSWER)


async def _cpu(_scope: Scope, _receive: Receive, send: Send) -> None:
    """The CPU seconds that the thread which runs Python, and the whole process, have taken so far."""
    await _send(send, orjson.dumps({"python": time.thread_time(), "process": time.process_time()}))


async def _send(send: Send, body: bytes, *, status: int = 200) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
