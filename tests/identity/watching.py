"""All that somebody outside learns of a request: the answer, and the work, which he could measure by its time."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import httpx2
import sqlalchemy as sa
from tests.callers import Caller

from mercer.identity.providers import passwords
from mercer.platform.database import Database

_NOW_AND_THEN = ("FROM channels.channel", "outdated_at > clock_timestamp()")
"""What a process asks for every few seconds or oftener, whatever the request."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


@dataclass
class Work:
    """What a piece of work sent to the database, in its order, and how often it hashed a password."""

    statements: list[tuple[str, int]] = field(default_factory=list)
    """Each with how many rows were given to it."""
    hashes: int = 0

    def note(self, statement: str, rows: int = 1) -> None:
        if not any(each in statement for each in _NOW_AND_THEN):
            self.statements.append((statement, rows))


@dataclass(frozen=True)
class Seen:
    """What is the same for every account, or tells something about one."""

    status: int
    headers: tuple[str, ...]
    body: str
    statements: tuple[tuple[str, int], ...]
    hashes: int


@contextmanager
def watching() -> Iterator[Work]:
    """Note the work that is done within, in this process."""
    work = Work()
    fetch = Database._fetch_row

    def written(_connection: Any, _cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
        is_many = more[-1]
        work.note(statement, len(parameters) if is_many else 1)

    async def read(database: Database, sql: bytes, *given: Any, **named: Any) -> Any:
        work.note(sql.decode())
        return await fetch(database, sql, *given, **named)

    sa.event.listen(sa.Engine, "before_cursor_execute", written)
    try:
        with (
            patch.object(Database, "_fetch_row", read),
            patch.object(passwords, "_in_thread", wraps=passwords._in_thread) as hashed,
        ):
            yield work
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", written)
    work.hashes = hashed.call_count


async def seen(caller: Caller, query: str, variables: dict[str, Any], *, hidden: Sequence[str] = ()) -> Seen:
    """What one request shows. What is hidden, as is any time, is left out: the caller has sent it himself."""
    with watching() as work:
        answer = await caller.send(query, variables)
    return Seen(
        status=answer.status_code,
        headers=_names(answer),
        body=_without(answer.text, hidden),
        statements=tuple(work.statements),
        hashes=work.hashes,
    )


def _names(answer: httpx2.Response) -> tuple[str, ...]:
    return tuple(sorted(name.lower() for name in answer.headers))


def _without(body: str, hidden: Sequence[str]) -> str:
    for each in hidden:
        body = body.replace(each, "…")
    return _TIME.sub("…", body)
