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
from mercer.platform.observability.statements import counting_statements

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


@dataclass
class Work:
    """What a piece of work sent to the database, in its order, and how often it hashed a password."""

    statements: list[tuple[str, int]] = field(default_factory=list)
    """Those of transactions, each with how many rows were given to it."""
    total: int = 0
    """Reads among them."""
    hashes: int = 0


@dataclass(frozen=True)
class Seen:
    """What is the same for every account, or tells something about one."""

    status: int
    headers: tuple[str, ...]
    body: str
    statements: tuple[tuple[str, int], ...]
    total: int
    hashes: int


@contextmanager
def watching() -> Iterator[Work]:
    """Note the work that is done within, in this process."""
    work = Work()

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, is_many: bool) -> None:  # noqa: FBT001 — SQLAlchemy's own signature
        work.statements.append((statement, len(parameters) if is_many else 1))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        with (
            counting_statements() as counted,
            patch.object(passwords, "_is_right", wraps=passwords._is_right) as verified,
            patch.object(passwords, "_hasher", wraps=passwords._hasher) as hashers,
        ):
            yield work
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    work.total, work.hashes = counted.total, max(verified.call_count, hashers.call_count)


async def seen(caller: Caller, query: str, variables: dict[str, Any], *, hidden: Sequence[str] = ()) -> Seen:
    """What one request shows. What is hidden, as is any time, is left out: the caller has sent it himself."""
    with watching() as work:
        answer = await caller.send(query, variables)
    return Seen(
        status=answer.status_code,
        headers=_names(answer),
        body=_without(answer.text, hidden),
        statements=tuple(work.statements),
        total=work.total,
        hashes=work.hashes,
    )


def _names(answer: httpx2.Response) -> tuple[str, ...]:
    return tuple(sorted(name.lower() for name in answer.headers))


def _without(body: str, hidden: Sequence[str]) -> str:
    for each in hidden:
        body = body.replace(each, "…")
    return _TIME.sub("…", body)
