"""Reading beside storing."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import closing
from typing import TypeVar

_Batch = TypeVar("_Batch")


async def read_ahead(batches: Generator[_Batch, None, None]) -> AsyncGenerator[_Batch, None]:
    """The batches, none of them None, each read while the one before is stored."""
    with closing(batches):
        coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
        try:
            while (batch := await coming) is not None:
                coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
                yield batch
        finally:
            await asyncio.wait([coming])
