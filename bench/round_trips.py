"""How many round trips to Valkey a piece of work makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from redis.asyncio.connection import AbstractConnection

_counting: ContextVar[list[None] | None] = ContextVar("round_trips", default=None)
_send = AbstractConnection.send_packed_command


async def _send_counted(connection: AbstractConnection, *args: Any, **options: Any) -> None:
    """Every command, and every pipeline of commands, goes out by one call of this."""
    counted = _counting.get()
    if counted is not None:
        counted.append(None)
    await _send(connection, *args, **options)


setattr(AbstractConnection, "send_packed_command", _send_counted)  # noqa: B010 — a method, put around


@contextmanager
def counting_round_trips() -> Iterator[list[None]]:
    """Count those made within: the length of the list."""
    counted: list[None] = []
    token = _counting.set(counted)
    try:
        yield counted
    finally:
        _counting.reset(token)
