"""Reads and writes at once, on several connections: what was written is what is read from then on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.factories.shop import US
from tests.platform.cache.shops import Running, Shops, running_shops

from mercer.channels import service as channels
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

QUESTION = "{ channel { name } }"
WRITES = 15


@pytest.fixture
async def shops(fresh: Settings) -> AsyncIterator[Shops]:
    async with running_shops(fresh, ["one", "other"], read_connections=4) as shops:
        await write(shops, 0)
        yield shops


async def write(shops: Shops, number: int) -> None:
    """Write as a mutation does that the application `one` carries out."""
    context = replace(shops.at(shops.clock.now), answers=shops["one"].answers)
    async with transaction(context) as inner:
        await channels.store_channels(inner, channels=[replace(US, name=f"{number}")])


async def read(app: Running) -> int:
    answer = (await app.ask(QUESTION)).json()
    return int(answer["data"]["channel"]["name"])


async def test_what_was_written_is_read(shops: Shops) -> None:
    is_done = asyncio.Event()
    hits = 0

    async def keep_reading(app: Running) -> list[int]:
        nonlocal hits
        seen = []
        while not is_done.is_set():
            kept = len(app.answers.shelf)
            seen.append(await read(app))
            hits += kept == len(app.answers.shelf) == 1
            await asyncio.sleep(0.002)  # so that the writer has its turn
        return seen

    async def keep_writing() -> None:
        for number in range(1, WRITES + 1):
            await write(shops, number)
            assert await read(shops["one"]) == number, "whoever was answered reads what he wrote"
            await asyncio.sleep(0.001)
        await shops.all_hear()
        assert await read(shops["other"]) == WRITES
        is_done.set()

    apps = [shops[name] for name in ("one", "other") for _ in range(2)]
    readers = [asyncio.create_task(keep_reading(app)) for app in apps]
    await keep_writing()
    for numbers in await asyncio.gather(*readers):
        assert numbers == sorted(numbers), "nobody sees what was before what he saw"
    assert hits > 0
