"""Readers of the log: each sees every event once, in order."""

import asyncio

import pytest
from tests.platform.jobs.things import Ground, known

from mercer.platform.context import Context
from mercer.platform.jobs.cursors import next_events
from mercer.platform.jobs.dispatching import dispatch
from mercer.platform.transactions import transaction

HANDLERS = known().handlers


async def read(context: Context, reader: str, *, most: int = 500) -> list[int]:
    async with next_events(context, reader=reader, most=most) as (_, events):
        return [event.payload["number"] for event in events]


async def test_a_reader_goes_on_where_it_was(ground: Ground) -> None:
    await ground.announce(1, 2, 3)
    await dispatch(ground.context(), HANDLERS)
    assert await read(ground.context(), "search", most=2) == [1, 2]
    assert await read(ground.context(), "search", most=2) == [3]
    assert await read(ground.context(), "search") == []
    assert await read(ground.context(), "webhooks") == [1, 2, 3]


async def test_what_has_no_position_is_not_read(ground: Ground) -> None:
    await ground.announce(1)
    assert await read(ground.context(), "search") == []
    await dispatch(ground.context(), HANDLERS)
    assert await read(ground.context(), "search") == [1]


async def test_a_reader_that_fails_stays_where_it_is(ground: Ground) -> None:
    await ground.announce(1)
    await dispatch(ground.context(), HANDLERS)
    with pytest.raises(RuntimeError):
        async with next_events(ground.context(), reader="search"):
            raise RuntimeError
    assert await read(ground.context(), "search") == [1]


async def test_what_a_reader_writes_is_written_with_its_position(ground: Ground) -> None:
    await ground.announce(1)
    await dispatch(ground.context(), HANDLERS)
    async with next_events(ground.context(), reader="search") as (context, events):
        await context.db.exec_driver_sql(f"INSERT INTO seen VALUES ('reader', {events[0].position})")
    assert await ground.seen("reader") == [1]


async def test_rows_of_tags_are_passed_over(ground: Ground) -> None:
    async with transaction(ground.context()) as context:
        context.outdate("catalog")
    await ground.announce(1)
    await dispatch(ground.context(), HANDLERS)
    assert await read(ground.context(), "search", most=1) == []
    assert await read(ground.context(), "search", most=1) == [1]


async def test_two_processes_of_one_reader_share_the_log(ground: Ground) -> None:
    await ground.announce(*range(30))
    await dispatch(ground.context(), HANDLERS)

    async def follow() -> list[int]:
        found: list[int] = []
        while batch := await read(ground.context(), "search", most=4):
            found += batch
        return found

    shares = await asyncio.gather(*(follow() for _ in range(4)))
    assert sorted(number for share in shares for number in share) == list(range(30))
    assert all(share == sorted(share) for share in shares)
