"""Processes that die, step by step: at each statement, commit and call of a provider."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import httpx2
import sqlalchemy as sa

from mercer.platform.database import Database


class Killed(BaseException):
    """The process is no more."""


def _no_more(_life: "Life") -> None:
    raise Killed


@dataclass
class Life:
    """How many steps a process makes before it dies. What is dead makes no step any more."""

    lasts: int
    end: Callable[["Life"], None] = _no_more
    made: list[str] = field(default_factory=list)

    def step(self, what: str) -> None:
        if len(self.made) >= self.lasts:
            self.end(self)
        self.made.append(what)


_life: ContextVar[Life | None] = ContextVar("life", default=None)


def _step(what: str) -> None:
    if (life := _life.get()) is not None:
        life.step(what)


@contextmanager
def mortality() -> Iterator[None]:
    """Let those who live within a `Life` die of it: before each statement, and before each commit."""

    def on_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        _step(statement)

    def on_commit(_connection: Any) -> None:
        _step("COMMIT")

    fetch = Database._fetch_row

    async def dying_fetch(self: Database, sql: bytes, values: Any, **options: Any) -> Any:
        _step("read")
        return await fetch(self, sql, values, **options)

    sa.event.listen(sa.Engine, "before_cursor_execute", on_statement)
    sa.event.listen(sa.Engine, "commit", on_commit)
    try:
        with mock.patch.object(Database, "_fetch_row", dying_fetch):
            yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", on_statement)
        sa.event.remove(sa.Engine, "commit", on_commit)


async def lived(life: Life, work: Callable[[], Awaitable[Any]]) -> tuple[bool, Any]:
    """Whether somebody lived through his work, and what came of it."""
    token = _life.set(life)
    try:
        return True, await work()
    except Killed:
        return False, None
    finally:
        _life.reset(token)


@dataclass
class Wire(httpx2.AsyncBaseTransport):
    """What leads to a provider, who lives on. Whoever calls may die before the call, and before its answer arrives."""

    provider: httpx2.AsyncBaseTransport
    is_cut: bool = False
    """Nobody can be reached."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        _step(f"CALL {request.method} {request.url.path}")
        if self.is_cut:
            raise httpx2.ConnectError("the wire is cut", request=request)
        token = _life.set(None)
        try:
            answer = await self.provider.handle_async_request(request)
        finally:
            _life.reset(token)
        _step(f"ANSWER {request.method} {request.url.path}")
        return answer
