"""Mercer's application for sales, and beside it the same statements sent bare."""

import pickle
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
from graphql import parse
from psycopg.types.json import Json, Jsonb
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from bench.app import BenchApp, RawSql, send_json
from mercer.app import ADMIN, SHOP, Contexts, create_app
from mercer.platform.cache.answers import Answers
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.graphql.execution import execute_document
from mercer.platform.graphql.failures import describe_failure
from mercer.platform.http.outgoing import outgoing
from mercer.platform.observability.statements import count_statement
from mercer.platform.settings import Settings
from mercer.platform.valkey import Valkey

RECORD = "/record"
"""A GraphQL request sent here is carried out, and answered with what it sent, to be handed to `TAKE`."""
TAKE = "/take"
EXPLAIN = "/explain"
"""A read of staff sent here is answered with how PostgreSQL carries it out, and the path that sends its SQL raw."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Sent:
    """A statement with its values, by their names, and ids that the database made for it and that were used later."""

    sql: str
    values: Mapping[str, Any]
    made: list[str] = field(default_factory=list)


@dataclass
class Recorded:
    """What a request sent: its transactions, and the read of its result."""

    transactions: list[list[Sent]] = field(default_factory=list)
    read: tuple[str, list[Any]] | None = None


_recording: ContextVar[Recorded | None] = ContextVar("recording", default=None)


class JournalDatabase(Database):
    """Notes what the request under way sends, if anybody asks."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url is not None
        super().__init__(settings, url=settings.database_url)
        sa.event.listen(self.engine.sync_engine, "begin", self._begin)
        sa.event.listen(self.engine.sync_engine, "after_cursor_execute", self._note)

    async def fetch_row(
        self, sql: str, values: Sequence[object] = (), *, is_planned_anew: bool = False
    ) -> tuple[Any, ...] | None:
        if (recorded := _recording.get()) is not None:
            recorded.read = sql, list(values)
        return await super().fetch_row(sql, values, is_planned_anew=is_planned_anew)

    def _begin(self, _connection: Any) -> None:
        if (recorded := _recording.get()) is not None:
            recorded.transactions.append([])

    def _note(self, _connection: Any, cursor: Any, sql: str, given: Any, _context: Any, is_many: bool) -> None:  # noqa: FBT001
        if (recorded := _recording.get()) is None:
            return
        for values in given if is_many else [given]:
            plain = {name: _plain(value) for name, value in values.items()}
            recorded.transactions[-1].append(Sent(sql, plain, ids_in(cursor._cursor.pgresult)))  # noqa: SLF001 — the driver's


def ids_in(result: Any) -> list[str]:
    """All ids in a result, in its order."""
    if result is None:
        return []
    cells = (result.get_value(row, column) for row in range(result.ntuples) for column in range(result.nfields))
    return [id_ for cell in cells if cell for id_ in _UUID.findall(cell.decode(errors="replace"))]


def _plain(value: object) -> object:
    return orjson.dumps(value.obj).decode() if isinstance(value, (Json, Jsonb)) else value


class BarePurchase:
    """Sends what a request sent, in the same transactions, to a database that stands as it stood then.

    Ids that the database makes are others than they were: they are put in the place of the recorded ones.
    """

    def __init__(self, database: Database, recorded: Recorded, *, since: datetime) -> None:
        assert recorded.read is not None
        self._reads = database.reads
        self._read = recorded.read[0].encode(), recorded.read[1]
        self._transactions = [[(each.sql.encode(), each.values) for each in sent] for sent in recorded.transactions]
        self._made, self._uses = _made_and_used(recorded.transactions, since)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        others: dict[str, str] = {}
        for number, statements in enumerate(self._transactions):
            async with (
                self._reads.connection() as connection,
                connection.transaction(),
                psycopg.AsyncCursor(connection) as cursor,
            ):
                for place, (sql, values) in enumerate(statements):
                    count_statement()
                    used = self._uses.get((number, place))
                    await cursor.execute(sql, _replaced(values, used, others) if used and others else values)
                    if made := self._made.get((number, place)):
                        found = ids_in(cursor.pgresult)
                        others |= {before: found[at] for at, before in made.items() if found[at] != before}
        async with self._reads.connection() as connection:
            count_statement()
            row = await (await connection.execute(*self._read)).fetchone()
        assert row is not None
        await send_json(send, row[0])


def _made_and_used(
    transactions: Sequence[Sequence[Sent]], since: datetime
) -> tuple[dict[tuple[int, int], dict[int, str]], dict[tuple[int, int], list[str]]]:
    """Where ids were made by the database that later values hold, and where those values are."""
    made: dict[tuple[int, int], dict[int, str]] = {}
    uses: dict[tuple[int, int], list[str]] = {}
    known, given = set[str](), set[str]()
    for number, statements in enumerate(transactions):
        for place, each in enumerate(statements):
            texts = {name: _UUID.findall(str(value)) for name, value in each.values.items()}
            uses[number, place] = [name for name, ids in texts.items() if known.intersection(ids)]
            given.update(*texts.values())
            new = {at: id_ for at, id_ in enumerate(each.made) if id_ not in given | known and _made_at(id_) >= since}
            known.update(new.values())
            made[number, place] = new
    return made, uses


def _made_at(id_: str) -> datetime:
    """When a UUIDv7 was made."""
    return datetime.fromtimestamp((UUID(id_).int >> 80) / 1000, UTC)


def _replaced(values: Mapping[str, Any], names: Sequence[str], others: Mapping[str, str]) -> Mapping[str, Any]:
    return {**values, **{name: _other(values[name], others) for name in names}}


def _other(value: Any, others: Mapping[str, str]) -> Any:
    if isinstance(value, UUID):
        return UUID(others.get(str(value), str(value)))
    if isinstance(value, list):
        return [_other(each, others) for each in value]
    if isinstance(value, str):
        for before, after in others.items():
            value = value.replace(before, after)
    return value


class SalesApp(BenchApp):
    """Mercer, which can also be asked what its requests send."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, create_app(settings))
        assert settings.valkey_url is not None
        self.journal = JournalDatabase(settings)
        self._opened: list[Database] = []
        valkey = Valkey(settings.valkey_url)
        self._contexts = Contexts(
            settings, self.journal, valkey, Answers(valkey), outgoing(), lambda: datetime.now(UTC)
        )
        self.beside |= {RECORD: self._record, TAKE: self._take, EXPLAIN: self._explain}

    @asynccontextmanager
    async def _live(self, _app: Starlette) -> AsyncIterator[None]:
        """Connections are begun where they are used: there are many processes, and PostgreSQL has not so many."""
        async with self._mercer.router.lifespan_context(self._mercer):
            yield
            for each in self._opened:
                await each.close()

    async def _open(self, database: Database) -> None:
        if database not in self._opened:
            self._opened.append(database)
            await database.open()

    async def _record(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._open(self.journal)
        request = Request(scope, receive)
        context = await self._contexts.of_shop(request)
        since = time.time()
        answer, recorded = await self._executed(SHOP, context, orjson.loads(await request.body()))
        await send_json(send, pickle.dumps((since, recorded, answer)))

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep what another process recorded. Answers its path."""
        await self._open(self.database)
        since, recorded, _ = pickle.loads(await Request(scope, receive).body())  # noqa: S301 — from the bench itself
        app = BarePurchase(self.database, recorded, since=datetime.fromtimestamp(int(since), UTC))
        await send_json(send, orjson.dumps({"path": self.put_beside(app)}))

    async def _explain(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._open(self.journal)
        request = Request(scope, receive)
        context = await self._contexts.of_admin(request)
        answer, recorded = await self._executed(ADMIN, context, orjson.loads(await request.body()))
        assert recorded.read is not None, answer
        sql, values = recorded.read
        async with self.journal.reads.connection() as connection:
            plain = psycopg.AsyncClientCursor(connection)  # it sends what has placeholders without values
            asked = [
                await connection.execute(b"EXPLAIN (ANALYZE, FORMAT JSON) " + sql.encode(), values),
                await plain.execute(b"EXPLAIN (GENERIC_PLAN, FORMAT JSON) " + sql.encode()),
            ]
            plans = [orjson.Fragment(row[0]) for each in asked if (row := await each.fetchone())]
        await self._open(self.database)
        path = self.put_beside(RawSql(self.database, sql, values))
        body = {"plans": plans, "path": path, "answer": orjson.Fragment(answer)}
        await send_json(send, orjson.dumps(body))

    async def _executed(self, api: Any, context: Context, asked: Any) -> tuple[bytes, Recorded]:
        recorded = Recorded()
        token = _recording.set(recorded)
        try:
            answer = await execute_document(
                api,
                parse(asked["query"]),
                operation_name=None,
                variables=asked["variables"],
                context=context,
                format_error=lambda failure: describe_failure(failure, self.settings),
            )
        finally:
            _recording.reset(token)
        return bytes(answer), recorded
