"""Taking turns within one process: those who wait for the same row in it hold no connection meanwhile.

It spares connections, no more: what is right between processes is decided by rows and their locks.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary, WeakValueDictionary

from mercer.platform.database import Database
from mercer.platform.errors import InProgress

_taken: WeakKeyDictionary[Database, WeakValueDictionary[Hashable, asyncio.Lock]] = WeakKeyDictionary()


@asynccontextmanager
async def turn(database: Database, key: Hashable, *, patience_s: float) -> AsyncIterator[None]:
    """Let one at a time through for a key. Raises `InProgress` for whoever has waited so many seconds."""
    lock = _taken.setdefault(database, WeakValueDictionary()).setdefault(key, asyncio.Lock())
    try:
        async with asyncio.timeout(patience_s):
            await lock.acquire()
    except TimeoutError:
        raise InProgress from None
    try:
        yield
    finally:
        lock.release()
