"""Hearing through Valkey what other processes outdate, and knowing whether one hears."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from time import monotonic
from typing import Any

import orjson
import structlog
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from mercer.platform.valkey import TIMEOUT_S, Valkey

from . import metrics

ASK_S = 0.5
"""How often Valkey is asked whether it still talks to us."""

SURE_S = 1.5
"""How long an answer of Valkey's is proof: what was published before its question, we have heard."""

RETRY_S = 0.25
"""How long to wait before connecting again."""

log = structlog.get_logger("mercer.cache")

Hear = Callable[[Collection[str]], None]


class Hearing:
    """One subscription, on a connection of its own that never reconnects unseen.

    Valkey sends what was published, and its answers to our questions, in one order on one connection. So an answer
    proves that everything published before its question has been heard, and holds for `SURE_S`: a connection that
    died without a word, or a process that was held up, is noticed by whoever asks `is_sure`, not by a timer. When the
    connection is lost, `forget` is called before anything else: what was published meanwhile is never heard.
    """

    def __init__(self, valkey: Valkey, *, name: str, hear: Hear, forget: Callable[[], None]) -> None:
        self.channel = f"mercer:outdated:{valkey.db}"
        self._valkey = valkey
        self._name = name
        self._hear = hear
        self._forget = forget
        self._sure_until = 0.0
        self._is_connected = False
        self._listening: asyncio.Task[None] | None = None

    @property
    def is_sure(self) -> bool:
        """Whether all that was published until a moment ago has been heard."""
        return monotonic() < self._sure_until

    def open(self) -> None:
        """Begin to listen, now or as soon as Valkey can be reached."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen_always())

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None

    async def _listen_always(self) -> None:
        while True:
            connection = self._valkey.subscriber()
            try:
                await self._listen(connection)
            except* (RedisError, OSError, TimeoutError):
                pass
            except* Exception:
                log.exception("listening_failed")
            finally:
                self._lose()
                with suppress(RedisError, OSError, TimeoutError):
                    await connection.disconnect(nowait=True)
            await asyncio.sleep(RETRY_S)

    async def _listen(self, connection: AbstractConnection) -> None:
        async with asyncio.timeout(2 * TIMEOUT_S):
            await connection.connect()  # type: ignore[no-untyped-call]
            await connection.send_command("SUBSCRIBE", self.channel)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._read(connection))
            both.create_task(self._ask(connection))

    async def _ask(self, connection: AbstractConnection) -> None:
        answered_by = monotonic() + SURE_S
        while monotonic() < max(answered_by, self._sure_until):
            await connection.send_command("PING", repr(monotonic()))
            await asyncio.sleep(ASK_S)
        raise TimeoutError

    async def _read(self, connection: AbstractConnection) -> None:
        while True:
            match await connection.read_response():
                case [b"message", _, bytes(message)]:
                    self._take(orjson.loads(message))
                case [b"pong", bytes(asked_at)]:
                    self._is_sure_since(float(asked_at))

    def _take(self, message: Any) -> None:
        if message["from"] != self._name:
            self._hear(message["tags"])

    def _is_sure_since(self, asked_at: float) -> None:
        self._sure_until = asked_at + SURE_S
        if not self._is_connected:
            self._is_connected = True
            metrics.LISTENING.inc()

    def _lose(self) -> None:
        self._sure_until = 0.0
        self._forget()
        if self._is_connected:
            self._is_connected = False
            metrics.LISTENING.dec()
