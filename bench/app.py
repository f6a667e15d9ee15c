"""Mercer's application, and in the same process what it is compared with."""

import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from graphql import parse
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.naive.schema import naive_app
from bench.round_trips import counting_round_trips
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
"""Before another path: the answer has headers with the number of SQL statements and of round trips to Valkey."""

STATEMENTS = "x-statements"
ROUND_TRIPS = "x-round-trips"


class Statement(NamedTuple):
    """SQL with its values: a read's by their place, a transaction's by their names."""

    sql: str
    values: Sequence[object] | Mapping[str, object]


class RecordingDatabase(Database):
    """Remembers the reads that it is asked for, and what its transactions send."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url is not None
        super().__init__(settings, url=settings.database_url)
        self.reads_sent: list[Statement] = []
        self.writes_sent: list[Statement] = []
        sa.event.listen(self.engine.sync_engine, "before_cursor_execute", self._note)

    def forget(self) -> None:
        self.reads_sent.clear()
        self.writes_sent.clear()

    async def fetch_row(
        self, sql: str, values: Sequence[object] = (), *, is_planned_anew: bool = False
    ) -> tuple[Any, ...] | None:
        self.reads_sent.append(Statement(sql, values))
        return await super().fetch_row(sql, values, is_planned_anew=is_planned_anew)

    def _note(self, _connection: Any, _cursor: Any, sql: str, given: Any, _context: Any, is_many: bool) -> None:  # noqa: FBT001
        self.writes_sent += [Statement(sql, values) for values in (given if is_many else [given])]


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
            await send_json(send, b"", status=503)  # as Mercer refuses
            return
        try:
            count_statement()
            row = await (await connection.execute(self._sql, self._values)).fetchone()
        finally:
            await self._reads.putconn(connection)
        assert row is not None
        await send_json(send, row[0])


class BenchApp:
    """Finds the comparisons by their whole path; everything else goes to Mercer at the cost of one look-up."""

    def __init__(self, settings: Settings, mercer: Starlette) -> None:
        self.settings = settings
        self.database = RecordingDatabase(settings)
        self.beside: dict[str, ASGIApp] = {CONSTANT: _constant, CPU: _cpu}
        self._mercer = mercer
        self._lifespan = Starlette(lifespan=self._live)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["path"].startswith(COUNTED):
            await self._count({**scope, "path": scope["path"].removeprefix(COUNTED)}, receive, send)
        else:
            await self.beside.get(scope["path"], self._mercer)(scope, receive, send)

    @asynccontextmanager
    async def _live(self, _app: Starlette) -> AsyncIterator[None]:
        async with self._mercer.router.lifespan_context(self._mercer):
            await self.database.open()
            yield
            await self.database.close()

    def put_beside(self, app: ASGIApp) -> str:
        """Serve one more comparison. Returns its path."""
        path = f"{PREPARE}/{len(self.beside)}"
        self.beside[path] = app
        return path

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        with counting_statements() as statements, counting_round_trips() as round_trips:
            await self(scope, receive, keep)
        counts = (STATEMENTS.encode(), b"%d" % statements.total), (ROUND_TRIPS.encode(), b"%d" % len(round_trips))
        messages[0]["headers"] = [*messages[0]["headers"], *counts]
        for message in messages:
            await send(message)


class ReadsApp(BenchApp):
    """Mercer without its cache, its SQL sent raw, and plain resolvers."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, create_app(settings))
        self.beside |= {PREPARE: self._prepare, NAIVE: naive_app(self._make_context)}

    async def _make_context(self, request: HTTPConnection) -> Context:
        now = datetime.now(UTC)
        context = Context(self.settings, self.database, now, binds={"now": now})
        for bind in BINDS:
            context = context.with_binds(await bind(context, request))
        return context

    async def _prepare(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a GraphQL request, and keep the one statement that it sent."""
        request = Request(scope, receive)
        asked = orjson.loads(await request.body())
        context = await self._make_context(request)
        self.database.forget()
        await execute_document(
            SHOP,
            parse(asked["query"]),
            operation_name=None,
            variables=asked["variables"],
            context=context,
            format_error=lambda failure: describe_failure(failure, self.settings),
        )
        [(sql, values)] = self.database.reads_sent
        path = self.put_beside(RawSql(self.database, sql, list(values)))
        await send_json(send, orjson.dumps({"path": path}))


async def _constant(_scope: Scope, _receive: Receive, send: Send) -> None:
    """What the server and the load generator can do at most."""
    await send_json(send, CONSTANT_ANSWER)


async def _cpu(_scope: Scope, _receive: Receive, send: Send) -> None:
    """The CPU seconds that the thread which runs Python, and the whole process, have taken; and whose child it is."""
    taken = {"python": time.thread_time(), "process": time.process_time(), "server": os.getppid()}
    await send_json(send, orjson.dumps(taken))


async def send_json(send: Send, body: bytes, *, status: int = 200) -> None:
    """Send a whole answer."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
