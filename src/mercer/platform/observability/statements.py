"""How many SQL statements a piece of work sends: asserted in tests, reported for each request."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class StatementCount:
    """What `counting_statements` yields."""

    __slots__ = ("total",)

    def __init__(self) -> None:
        self.total = 0


_current: ContextVar[StatementCount | None] = ContextVar("statement_count", default=None)


@contextmanager
def counting_statements() -> Iterator[StatementCount]:
    """Count the statements sent within, also by tasks started within. An outer count includes an inner one."""
    count = StatementCount()
    outer = _current.get()
    token = _current.set(count)
    try:
        yield count
    finally:
        _current.reset(token)
        if outer is not None:
            outer.total += count.total


def count_statement() -> None:
    """Add one statement to the count of the work under way, if any is counted."""
    count = _current.get()
    if count is not None:
        count.total += 1
