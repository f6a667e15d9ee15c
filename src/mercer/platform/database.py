"""The one object that owns connections to PostgreSQL: a pool for reads, an engine for transactions."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
import stamina
import structlog
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from mercer.platform.errors import DatabaseUnavailable, OutcomeUnknown, StatementTimedOut, TransactionBroken
from mercer.platform.observability.metrics import DATABASE_CONNECTIONS, DATABASE_CONNECTIONS_LIMIT
from mercer.platform.observability.statements import count_statement
from mercer.platform.settings import Settings

Answer = TypeVar("Answer")
ReadConnection = psycopg.AsyncConnection[tuple[Any, ...]]

CONNECTION_WAIT_S = 1.0
"""How long a request waits for a free connection."""

CONNECT_TIMEOUT_S = 2
"""How long one attempt to connect may take."""

LOST_HOST_MS = 5000
"""How long a connection over TCP may stay without an answer from the other host."""

RECONNECT_S = 0.25
"""How long a pool tries to replace one lost connection before it waits to be asked again."""

CLOSE_S = 5.0
"""How long closing waits for the transactions under way."""

RETRY_S = 0.5
"""How long a read is tried again after a transient fault."""

TRUSTED_S = 0.5
"""How long a connection for transactions may have been idle and is used again without being asked."""

PREPARED_STATEMENTS = 500
"""How many statements stay prepared on each connection for reads."""

log = structlog.get_logger("mercer.database")


class RawJson(Loader):
    """JSON as PostgreSQL wrote it: it goes on to the client untouched."""

    def load(self, data: Any) -> bytes:
        return bytes(data)


def is_lost(fault: BaseException | None) -> bool:
    """Say whether the connection, or the server behind it, went away."""
    if isinstance(fault, psycopg.Error) and fault.sqlstate is not None:
        return fault.sqlstate.startswith(("08", "57P"))
    return isinstance(fault, psycopg.OperationalError)


def is_transient(fault: BaseException) -> bool:
    """Say whether the same statement may well succeed when it is sent again."""
    return isinstance(fault, (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)) or is_lost(fault)


class Database:
    """Connections to one PostgreSQL. It may be away, at the start too: then every use raises `DatabaseUnavailable`.

    `reads` is in autocommit, takes `$1` placeholders and gives JSON as bytes; `engine` is for transactions.
    """

    def __init__(self, settings: Settings, *, url: str) -> None:
        self._url = url
        self._in_use = DATABASE_CONNECTIONS.labels("reads")
        self._reading = 0
        self._transactions = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._watching: asyncio.Task[None] | None = None
        self._is_down = False
        DATABASE_CONNECTIONS_LIMIT.labels("reads").set(settings.read_connections)
        DATABASE_CONNECTIONS_LIMIT.labels("writes").set(settings.write_connections)
        self._options = _connection_options(settings)
        self.reads: AsyncConnectionPool[ReadConnection] = AsyncConnectionPool(
            url,
            kwargs=self._options
            | {"autocommit": True, "cursor_factory": psycopg.AsyncRawCursor}
            | ({"prepare_threshold": 0} if settings.prepared_statements else {}),
            configure=_configure_for_reads,
            min_size=settings.read_connections,
            timeout=CONNECTION_WAIT_S,
            reconnect_timeout=RECONNECT_S,
            name="reads",
            open=False,
        )
        self.engine = _create_engine(settings, conninfo_to_dict(url) | self._options)

    async def open(self) -> None:
        """Begin to connect. Returns at once, whether PostgreSQL can be reached or not."""
        await self.reads.open(wait=False)

    async def close(self) -> None:
        """Close every connection, after the statements and transactions under way. Nothing can be asked after it."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._is_idle.wait()
        self._is_down = True
        await self.reads.close()
        await self.engine.dispose()

    async def analyze(self) -> None:
        """Let PostgreSQL look at what the tables hold now, so that it plans well at once."""
        async with self.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(sa.text("ANALYZE"))

    async def fetch_value(self, sql: str, values: Sequence[object] = ()) -> Any:
        """Run one statement outside a transaction; return the first column of the first row, or None.

        It may be sent again after a transient fault, so it must not write.
        Raises `DatabaseUnavailable`, `StatementTimedOut`.
        """
        row = await self.fetch_row(sql, values)
        return row[0] if row else None

    async def fetch_row(
        self, sql: str, values: Sequence[object] = (), *, is_planned_anew: bool = False
    ) -> tuple[Any, ...] | None:
        """Run one statement outside a transaction, as `fetch_value` does; return its first row, or None.

        Planned anew, PostgreSQL looks at the values each time, instead of keeping a plan that is to suit all of them.
        """
        read = partial(self._fetch_row, sql.encode(), values, is_planned_anew=is_planned_anew)
        try:
            return await read()
        except psycopg.errors.QueryCanceled as fault:
            raise StatementTimedOut from fault
        except psycopg.Error as fault:
            if not is_transient(fault):
                raise
            return await self._retry(read)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadConnection]:
        """A connection for reads. Raises `DatabaseUnavailable` when none can be had."""
        if self._is_down:
            raise DatabaseUnavailable
        try:
            connection = await self.reads.getconn()
        except PoolTimeout as fault:
            if not self._reading:
                self._watch()
            raise DatabaseUnavailable from fault
        self._reading += 1
        self._in_use.inc()
        try:
            yield connection
        finally:
            self._reading -= 1
            self._in_use.dec()
            await self.reads.putconn(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Commit what is done within, or roll it back when it raises.

        Raises `DatabaseUnavailable`: `TransactionBroken` when it may be tried again at once, `OutcomeUnknown` when it
        may have been committed.
        """
        if self._is_down:
            raise DatabaseUnavailable
        is_committing = False
        try:
            async with self._under_way(), self.engine.begin() as connection:
                yield connection
                is_committing = True
        except sa.exc.TimeoutError as fault:
            raise DatabaseUnavailable from fault
        except (sa.exc.DBAPIError, psycopg.Error) as fault:
            cause = fault.orig if isinstance(fault, sa.exc.DBAPIError) else fault
            if isinstance(cause, psycopg.errors.QueryCanceled):
                raise StatementTimedOut from fault
            if cause is None or not is_transient(cause):
                raise
            if is_lost(cause):
                self._watch()
                raise (OutcomeUnknown if is_committing else TransactionBroken) from fault
            raise TransactionBroken from fault

    @asynccontextmanager
    async def _under_way(self) -> AsyncIterator[None]:
        """Count a transaction among those that closing waits for."""
        self._transactions += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._transactions -= 1
            if not self._transactions:
                self._is_idle.set()

    async def _fetch_row(
        self, sql: bytes, values: Sequence[object], *, is_planned_anew: bool
    ) -> tuple[Any, ...] | None:
        async with self.reading() as connection:
            count_statement()
            cursor = await connection.execute(sql, values, prepare=False if is_planned_anew else None)
            return await cursor.fetchone()

    async def _retry(self, read: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send a read again: at once, because other connections may be fine, then with growing pauses."""
        self._watch()
        try:
            async for attempt in stamina.retry_context(
                on=is_transient, attempts=None, timeout=RETRY_S, wait_initial=0.01, wait_max=0.1, wait_jitter=0.02
            ):
                with attempt:
                    return await read()
        except psycopg.Error as fault:
            raise DatabaseUnavailable from fault
        raise AssertionError("the last attempt returns or raises")

    def _watch(self) -> None:
        """Find out, beside the requests, whether PostgreSQL is away, and until when."""
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch_until_up())

    async def _watch_until_up(self) -> None:
        while not await self._is_up():
            if not self._is_down:
                self._is_down = True
                log.error("database_unavailable")
            await asyncio.sleep(RECONNECT_S)
        checking = asyncio.ensure_future(self.reads.check())
        try:
            await asyncio.shield(checking)
        except asyncio.CancelledError:
            await checking  # it holds the connections that it checks, and would lose them
            raise
        if self._is_down:
            self._is_down = False
            log.info("database_available")

    async def _is_up(self) -> bool:
        try:
            connection = await psycopg.AsyncConnection.connect(self._url, **self._options)
        except psycopg.Error:
            return False
        await connection.close()
        return True


def _connection_options(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "application_name": "mercer",
        "connect_timeout": CONNECT_TIMEOUT_S,
        # A host that vanished without a word is noticed in seconds, not in the hours of TCP.
        "tcp_user_timeout": LOST_HOST_MS,
        "keepalives_idle": LOST_HOST_MS // 1000,
    }
    if settings.prepared_statements:
        # A pooler between would refuse these: there, they are set on the role.
        options["options"] = f"-c statement_timeout={settings.statement_timeout_ms} -c TimeZone=UTC -c jit=off"
    else:
        options["prepare_threshold"] = None
    return options


async def _configure_for_reads(connection: ReadConnection) -> None:
    connection.prepared_max = PREPARED_STATEMENTS
    connection.adapters.register_loader("json", RawJson)
    connection.adapters.register_loader("jsonb", RawJson)


def _create_engine(settings: Settings, parameters: dict[str, Any]) -> AsyncEngine:
    engine = create_async_engine(
        "postgresql+psycopg://",
        connect_args=parameters,
        pool_size=settings.write_connections,
        max_overflow=0,
        pool_timeout=CONNECTION_WAIT_S,
        hide_parameters=True,
    )
    in_use = DATABASE_CONNECTIONS.labels("writes")
    sa.event.listen(engine.sync_engine, "before_cursor_execute", lambda *_: count_statement())
    _ask_after_idling(engine.sync_engine)
    sa.event.listen(engine.sync_engine, "checkout", lambda *_: in_use.inc())
    sa.event.listen(engine.sync_engine, "checkin", lambda *_: in_use.dec())
    return engine


def _ask_after_idling(engine: sa.Engine) -> None:
    """Ask a connection that was idle for some time whether it still lives, before it is used.

    One that dies between is noticed by its first statement, and the transaction begins again on another.
    """

    def note_end(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    def ask(connection: Any, record: sa.pool.ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get("idle_since", time.monotonic()) < TRUSTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except psycopg.Error as fault:
            raise sa.exc.InvalidatePoolError from fault

    sa.event.listen(engine, "checkin", note_end)
    sa.event.listen(engine, "checkout", ask)
