"""The answers that a process keeps, and how all processes learn that some are outdated.

Each process keeps its answers in its own memory, and drops them when it is told to: whoever commits a change publishes
the tags of what changed through Valkey, and waits until Valkey has them before its own answer goes out. Another process
hears of it within about a millisecond; for that long it may answer as before.

Nothing outdated is ever kept, whatever fails:

- **Read before a write, ready after it.** Such an answer is not kept: see `shelf.Shelf`. A reading that begins after
  the tags were heard sees the write, since tags are published after the commit. (Reads from a replica that lags would
  break this: they must not be cached.)
- **Valkey is away.** Every process loses its subscription, serves and keeps nothing from its cache, and starts empty
  when it is subscribed again. A reading counts from then on only, so writes that nobody was told of are seen by it.
- **One process loses its connection.** The same, for that process alone. One that dies without a word is noticed when
  no answer of Valkey's is younger than 1.5 s: that is how long that process may then answer as before.
- **A writer cannot publish, while others still listen.** It drops its own answers at once, and tells the others as soon
  as it can, beside the requests. Should it die before, the dispatcher of the outbox tells them: the tags stand in the
  transaction's outbox row, and are published a second time when that row gets its position.
- **All of that fails.** No answer is kept for longer than five minutes.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import uuid4

import orjson
from redis.exceptions import RedisError

from mercer.platform.valkey import Valkey

from . import metrics
from .hearing import Hearing
from .shelf import EVERYTHING, Kept, Key, Shelf

LONGEST = timedelta(minutes=5)
"""How long an answer is kept at most."""

MOST_TAGS = 100
"""With more tags than these, everything is outdated."""

RETELL_S = 0.25
"""How long to wait before trying again to tell others."""


class Answers:
    """Cached answers, each with the tags of what it shows. With no bytes to keep them in, it only tells others."""

    def __init__(self, valkey: Valkey, *, most_bytes: int = 0) -> None:
        self.name = uuid4().hex
        self.shelf = Shelf(most_bytes=most_bytes)
        self._valkey = valkey
        self._hearing = Hearing(valkey, name=self.name, hear=self.shelf.outdate, forget=self.shelf.clear)
        self._untold: set[str] = set()
        self._telling: set[asyncio.Task[None]] = set()
        self._retelling: asyncio.Task[None] | None = None

    @property
    def is_sure(self) -> bool:
        """Whether this process hears what others outdate, and so may use its cache."""
        return self._hearing.is_sure

    async def open(self) -> None:
        """Begin to listen, if anything can be kept."""
        if self.shelf.most_bytes:
            self._hearing.open()

    async def close(self) -> None:
        """Stop listening and telling, and keep nothing any more."""
        await self._hearing.close()
        for task in {*self._telling, *([self._retelling] if self._retelling else [])}:
            task.cancel()
            await asyncio.wait([task])
        self.shelf.clear()

    def find(self, key: Key, *, now: datetime) -> Kept | None:
        """The answer that is kept under this key and holds now."""
        kept = self.shelf.find(key, now=now) if self.is_sure else None
        (metrics.MISSES if kept is None else metrics.HITS).inc()
        return kept

    def begin(self) -> int | None:
        """Begin to read what may be kept: what `keep` takes. None if nothing can be kept now."""
        return self.shelf.turn if self.is_sure else None

    def keep(self, key: Key, kept: Kept, *, began: int) -> bool:
        """Keep an answer, unless what it shows was outdated since. Says whether it may be shown to others at all."""
        return self.is_sure and self.shelf.put(key, kept, began=began)

    async def outdate(self, tags: Collection[str]) -> None:
        """Drop all answers with any of these tags, here and in every other process. Never fails."""
        told = frozenset(tags) if len(tags) <= MOST_TAGS else frozenset({EVERYTHING})
        self.shelf.outdate(told)
        telling = asyncio.create_task(self._tell(told))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)
        await asyncio.shield(telling)  # a caller who gives up does not keep it from the others

    async def _tell(self, tags: Collection[str]) -> None:
        if not await self._publish(tags):
            self._untold.update(tags)
            if self._retelling is None:
                self._retelling = asyncio.create_task(self._retell())

    async def _retell(self) -> None:
        while self._untold:
            await asyncio.sleep(RETELL_S)
            tags = frozenset(self._untold if len(self._untold) <= MOST_TAGS else {EVERYTHING})
            before = frozenset(self._untold)
            if await self._publish(tags):
                self._untold -= before
        self._retelling = None

    async def _publish(self, tags: Collection[str]) -> bool:
        message = orjson.dumps({"from": self.name, "tags": list(tags)})
        try:
            await self._valkey.client.publish(self._hearing.channel, message)
        except (RedisError, OSError):
            return False
        return True
