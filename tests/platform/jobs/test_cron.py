"""Jobs at fixed times: once for each time, whoever sees it first."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.platform.jobs.things import Ground, known

from mercer.platform.context import Context
from mercer.platform.jobs.cron import enqueue_due, last_tick, next_tick
from mercer.platform.jobs.declaration import job
from mercer.platform.jobs.errors import JobsInvalid

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@job(cron="0 * * * *")
async def hourly(_context: Context) -> None:
    """Do nothing, every hour."""


@job(cron="30 3 * * *")
async def nightly(_context: Context) -> None:
    """Do nothing, every night."""


async def due(ground: Ground, now: datetime) -> list[str]:
    async with ground.database.transaction() as connection:
        return await enqueue_due(connection, [hourly, nightly], now=now)


def test_times_are_in_utc() -> None:
    assert datetime.fromtimestamp(last_tick("30 3 * * *", NOON), UTC) == datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    assert datetime.fromtimestamp(next_tick("30 3 * * *", NOON), UTC) == datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert next_tick("* * * * *", NOON) - last_tick("* * * * *", NOON) == 120


@pytest.mark.parametrize("cron", ["", "often", "61 * * * *", "* * * *"])
def test_other_words_stop_the_start(cron: str) -> None:
    async def run(_context: Context) -> None:
        """Do nothing."""

    with pytest.raises(JobsInvalid, match="says no times"):
        known(job(cron=cron)(run))


async def test_it_is_due_once_for_each_time(ground: Ground) -> None:
    at = NOON + timedelta(seconds=1)
    assert await due(ground, at) == ["platform.hourly"]
    assert await due(ground, at) == []
    await ground.worker(known(hourly)).work_off()
    assert await due(ground, at + timedelta(minutes=59)) == []
    assert await due(ground, at + timedelta(minutes=60)) == ["platform.hourly"]


async def test_several_workers_enqueue_it_once(ground: Ground) -> None:
    found = await asyncio.gather(*(due(ground, NOON + timedelta(seconds=1)) for _ in range(8)))
    assert max(found, key=len) == ["platform.hourly"]
    assert sum(map(len, found)) == len(await ground.jobs()) == 1


async def test_one_that_never_ran_waits_for_its_next_time(ground: Ground) -> None:
    assert await due(ground, NOON + timedelta(minutes=11)) == []


async def test_one_that_missed_its_times_is_due_once(ground: Ground) -> None:
    assert await due(ground, NOON + timedelta(seconds=1)) == ["platform.hourly"]
    await ground.worker(known(hourly)).work_off()
    assert await due(ground, NOON + timedelta(hours=5, minutes=40)) == ["platform.hourly"]
    assert await due(ground, NOON + timedelta(hours=5, minutes=41)) == []


async def test_one_that_still_waits_is_not_enqueued_again(ground: Ground) -> None:
    assert await due(ground, NOON + timedelta(seconds=1)) == ["platform.hourly"]
    assert await due(ground, NOON + timedelta(hours=2)) == []
    await ground.worker(known(hourly)).work_off()
    assert await due(ground, NOON + timedelta(hours=2)) == ["platform.hourly"]
