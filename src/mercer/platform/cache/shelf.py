"""The answers that one process keeps: found by what was asked, dropped by what they show."""

from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from . import metrics

EVERYTHING = "catalog"
"""The tag that every kept answer has."""

REMEMBERED = 10_000
"""How many tags are remembered with the turn at which they were outdated last."""

OVERHEAD = 700
"""About how many bytes an answer takes besides its body and key."""
TAG_OVERHEAD = 150

Key = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it goes out, what it shows, and when it holds: from `since` on, `until` excluded."""

    body: bytes
    etag: bytes
    operation: str
    tags: frozenset[str]
    since: datetime
    until: datetime
    headers: dict[Hashable, list[tuple[bytes, bytes]]] = field(default_factory=dict, compare=False)
    """The header lines that go out with it, once they were made."""

    def holds_at(self, now: datetime) -> bool:
        return self.since <= now < self.until


class Shelf:
    """Answers within a bound of bytes; the least recently used goes first.

    Whatever is outdated takes a turn. An answer is put only if nothing that it shows was outdated since the turn at
    which its reading began: what was read before a write, and is ready after it, is not kept.
    """

    def __init__(self, *, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self.turn = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._by_tag: dict[str, set[Key]] = {}
        self._outdated: OrderedDict[str, int] = OrderedDict()
        self._forgotten = 0
        """Readings that began before this turn cannot be judged any more."""

    def __len__(self) -> int:
        return len(self._kept)

    def bodies(self) -> Iterator[bytes]:
        """The bodies of all answers, the least recently used first."""
        return (kept.body for kept in self._kept.values())

    def find(self, key: Key, *, now: datetime) -> Kept | None:
        """The answer kept under this key, if it holds now."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.holds_at(now):
            self._kept.move_to_end(key)
            return kept
        if now >= kept.until:
            self._drop(key)
            metrics.EXPIRED.inc()
        return None

    def put(self, key: Key, kept: Kept, *, began: int) -> bool:
        """Keep an answer whose reading began at this turn. Says whether it may be shown to others at all."""
        if not self.is_current(kept.tags, since=began):
            return False
        size = _size(key, kept)
        if size <= self.most_bytes:
            if key in self._kept:
                self._drop(key)
            self._kept[key] = kept
            for tag in kept.tags:
                self._by_tag.setdefault(tag, set()).add(key)
            self._count(size)
            metrics.STORED.inc()
            while self.bytes > self.most_bytes:
                self._drop(next(iter(self._kept)))
                metrics.EVICTED.inc()
        return True

    def is_current(self, tags: Collection[str], *, since: int) -> bool:
        """Whether none of these tags was outdated since that turn."""
        return since >= self._forgotten and all(self._outdated.get(tag, 0) <= since for tag in tags)

    def outdate(self, tags: Collection[str]) -> None:
        """Drop all answers that have any of these tags, and those that are being read."""
        self.turn += 1
        for tag in tags:
            self._outdated[tag] = self.turn
            self._outdated.move_to_end(tag)
            for key in list(self._by_tag.get(tag, ())):
                self._drop(key)
                metrics.OUTDATED.inc()
        while len(self._outdated) > REMEMBERED:
            _, self._forgotten = self._outdated.popitem(last=False)

    def clear(self) -> None:
        """Drop everything, and whatever is being read."""
        self.turn += 1
        self._forgotten = self.turn
        metrics.CLEARED.inc(len(self._kept))
        self._kept.clear()
        self._by_tag.clear()
        self._outdated.clear()
        self._count(-self.bytes)

    def _drop(self, key: Key) -> None:
        kept = self._kept.pop(key)
        for tag in kept.tags:
            keys = self._by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._by_tag[tag]
        self._count(-_size(key, kept))

    def _count(self, bytes_: int) -> None:
        self.bytes += bytes_
        metrics.BYTES.inc(bytes_)


def _size(key: Key, kept: Kept) -> int:
    asked = sum(len(part) for part in key if isinstance(part, bytes))
    return OVERHEAD + len(kept.body) + asked + TAG_OVERHEAD * len(kept.tags)
