"""The answers of one API that everybody may be given, and how requests at once share one."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from mercer.platform.context import Context

from . import metrics
from .answers import LONGEST, Answers
from .provenance import Provenance
from .shelf import EVERYTHING, Kept, Key

REMEMBERED_PRIVATE = 20_000
"""How many requests are remembered whose answers were found to be nobody else's business."""

Execute = Callable[[Context], Awaitable[tuple[bytes, bool]]]
"""Carries out an operation: its JSON, and whether it has errors."""


@dataclass(frozen=True, slots=True)
class Made:
    """An answer: its JSON, and the same as one that may be kept, if it may."""

    body: bytes
    kept: Kept | None = None
    is_current: bool = False
    """Whether nothing that it shows was outdated since its reading began."""


class SharedAnswers:
    """The cached answers of one API. `binds` are those of a request's that are anybody's: its channel, its language."""

    def __init__(self, answers: Answers, *, api: str, binds: Collection[str]) -> None:
        self.answers = answers
        self._api = api
        self._binds = tuple(sorted(binds))
        self._under_way: dict[Key, asyncio.Future[Kept | None]] = {}
        self._private: OrderedDict[int, None] = OrderedDict()

    def key(self, text: bytes, context: Context, *, is_get: bool) -> Key:
        """All that an answer depends on but the data: the request as it was sent, and what it is bound to."""
        binds = context.binds
        return (self._api, is_get, text, *[binds.get(name) for name in self._binds])

    def find(self, key: Key, context: Context) -> Kept | None:
        """The answer kept for such a request, if it holds now."""
        return self.answers.find(key, now=context.now)

    async def make(self, key: Key, context: Context, execute: Execute, *, operation: str) -> Made:
        """Carry out an operation, unless the same one is under way: then wait for its answer, if that is everybody's.

        An answer that is outdated before it is ready is given to nobody who began to wait later.
        """
        waiting = self._under_way.get(key)
        if waiting is not None:
            kept = await asyncio.shield(waiting)
            if kept is not None and kept.holds_at(context.now):
                metrics.WAITED.inc()
                return Made(kept.body, kept)
            return await self._make(key, context, execute, operation=operation)
        if self.answers.begin() is None or hash(key) in self._private:
            return await self._make(key, context, execute, operation=operation)
        leading = self._under_way[key] = asyncio.get_running_loop().create_future()
        made = None
        try:
            made = await self._make(key, context, execute, operation=operation)
        finally:
            del self._under_way[key]
            leading.set_result(made.kept if made is not None and made.is_current else None)
        return made

    async def _make(self, key: Key, context: Context, execute: Execute, *, operation: str) -> Made:
        began, provenance = self.answers.begin(), Provenance()
        body, has_errors = await execute(replace(context, provenance=provenance))
        if has_errors:
            return Made(body)
        if not provenance.is_told:
            self._remember_private(key)
            return Made(body)
        kept = _kept(body, provenance, now=context.now, operation=operation)
        return Made(body, kept, is_current=began is not None and self.answers.keep(key, kept, began=began))

    def _remember_private(self, key: Key) -> None:
        self._private[hash(key)] = None
        if len(self._private) > REMEMBERED_PRIVATE:
            self._private.popitem(last=False)


def _kept(body: bytes, provenance: Provenance, *, now: datetime, operation: str) -> Kept:
    latest = now + LONGEST
    return Kept(
        body=body,
        etag=hashlib.blake2b(body, digest_size=16).hexdigest().encode(),
        operation=operation,
        tags=frozenset({EVERYTHING, *provenance.tags}),
        since=now,
        until=latest if provenance.changes_at is None else min(latest, provenance.changes_at),
    )
