"""Mercer's application for what signs in and writes, and in the same process the least that each of it needs."""

from datetime import UTC, datetime

import orjson
import psycopg
from graphql import parse
from psycopg.types.json import Json, Jsonb
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from bench.app import CONSTANT_ANSWER, PREPARE, BenchApp, Statement, send_json
from bench.load import NUMBER, next_number
from mercer.app import ADMIN, Contexts, create_app
from mercer.identity.providers.passwords import hash_password, verify_password
from mercer.platform.cache.answers import Answers
from mercer.platform.database import Database
from mercer.platform.graphql.execution import execute_document
from mercer.platform.graphql.failures import describe_failure
from mercer.platform.http.outgoing import outgoing
from mercer.platform.observability.statements import count_statement
from mercer.platform.settings import Settings
from mercer.platform.valkey import Valkey

PASSWORD = "a heron stands in the reeds"  # noqa: S105 — of accounts that live as long as the bench
HASH = "/hash"
"""Compares a password with its hash, and nothing else."""


class BareTransaction:
    """Sends the statements of a mutation as one transaction, then the one that reads its result, and that one's bytes.

    The values are those that the mutation once sent, except the number in its request, which is new each time.
    """

    def __init__(self, database: Database, writes: list[Statement], read: Statement) -> None:
        self._reads = database.reads
        self._writes = [(each.sql.encode(), _Values(each)) for each in writes]
        self._read = read.sql.encode(), list(read.values)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        number = next_number()
        try:
            connection = await self._reads.getconn()
        except PoolTimeout:
            await send_json(send, b"", status=503)  # as Mercer refuses
            return
        try:
            async with connection.transaction(), psycopg.AsyncCursor(connection) as cursor:
                for sql, values in self._writes:
                    count_statement()
                    await cursor.execute(sql, values.numbered(number))
            count_statement()
            row = await (await connection.execute(*self._read)).fetchone()
        finally:
            await self._reads.putconn(connection)
        assert row is not None
        await send_json(send, row[0])


class _Values:
    """What a statement once sent, with another number each time."""

    def __init__(self, statement: Statement) -> None:
        assert isinstance(statement.values, dict), "transactions name their values"
        self._as_sent = {name: _plain(value) for name, value in statement.values.items()}
        self._with_number = {
            name: value for name, value in self._as_sent.items() if isinstance(value, str) and NUMBER in value
        }

    def numbered(self, number: str) -> dict[str, object]:
        return self._as_sent | {name: value.replace(NUMBER, number) for name, value in self._with_number.items()}


def _plain(value: object) -> object:
    return orjson.dumps(value.obj).decode() if isinstance(value, (Json, Jsonb)) else value


class DoorsApp(BenchApp):
    """Mercer without its cache, and beside it bare transactions and bare hashes."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, create_app(settings))
        assert settings.valkey_url is not None
        valkey = Valkey(settings.valkey_url)
        self._contexts = Contexts(
            settings, self.database, valkey, Answers(valkey), outgoing(), lambda: datetime.now(UTC)
        )
        self._hash: str | None = None
        self.beside |= {PREPARE: self._prepare, HASH: self._verify}

    async def _prepare(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry out a mutation, and keep what it sent: its transaction, and the read of its result."""
        request = Request(scope, receive)
        asked = orjson.loads(await request.body())
        context = await self._contexts.of_admin(request)
        self.database.forget()
        answer = await execute_document(
            ADMIN,
            parse(asked["query"]),
            operation_name=None,
            variables=asked["variables"],
            context=context,
            format_error=lambda failure: describe_failure(failure, self.settings),
        )
        [read] = self.database.reads_sent
        path = self.put_beside(BareTransaction(self.database, list(self.database.writes_sent), read))
        await send_json(send, orjson.dumps({"path": path, "answer": orjson.Fragment(answer)}))

    async def _verify(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        if self._hash is None:
            self._hash = await hash_password(self.settings, PASSWORD)
        assert await verify_password(self.settings, PASSWORD, self._hash)
        await send_json(send, CONSTANT_ANSWER)
