"""Jobs that run at fixed times, whoever of several workers sees it first."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, cast

import sqlalchemy as sa
from procrastinate.jobs import DEFAULT_QUEUE
from procrastinate.jobs import Job as Queued
from procrastinate.periodic import PeriodicTask
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.jobs.declaration import Job
from mercer.platform.jobs.errors import JobsInvalid
from mercer.platform.jobs.procrastinate import queue_on
from mercer.platform.jobs.schema import jobs, ticks

NEW_SINCE_S = 600
"""A job that never ran before is still due so long after its time: not one whose time was before it was there."""


def last_tick(cron: str, now: datetime) -> int:
    """The last time at which such a job was due, in seconds since 1970. Raises `JobsInvalid`."""
    return _tick(cron, now, "get_prev")


def next_tick(cron: str, now: datetime) -> int:
    """The next time at which such a job will be due, in seconds since 1970. Raises `JobsInvalid`."""
    return _tick(cron, now, "get_next")


def _tick(cron: str, now: datetime, towards: Literal["get_prev", "get_next"]) -> int:
    # The mathematics of cron stay procrastinate's, which counts in UTC.
    task: PeriodicTask[Any, Any, Any] = PeriodicTask(
        task=cast(Any, None), cron=cron, periodic_id="", configure_kwargs={}
    )
    try:
        moment: float = getattr(task.croniter, towards)(ret_type=float, start_time=now.timestamp())
    except ValueError as wrong:
        raise JobsInvalid(f"{cron!r} says no times: minute, hour, day, month, weekday.") from wrong
    return round(moment)


async def enqueue_due(connection: AsyncConnection, declared: Iterable[Job], *, now: datetime) -> list[str]:
    """Enqueue the jobs whose time has come, each once for each time. Returns their names.

    One whose time passed while no worker ran is due once, however many times it missed. One that still waits for its
    run, or for its next attempt, is not enqueued again.
    """
    due = {job.name: last_tick(job.cron, now) for job in declared if job.cron is not None}
    known = await _known(connection)
    fresh = [
        name
        for name, tick in due.items()
        if (known[name] < tick if name in known else now.timestamp() - tick <= NEW_SINCE_S)
    ]
    if not fresh:
        return []
    waiting = sa.select(jobs.c.task_name).distinct().where(jobs.c.status == "todo", jobs.c.task_name.in_(fresh))
    waiting = waiting.where(jobs.c.args.has_key("timestamp"))
    held = set((await connection.execute(waiting)).scalars())
    return [name for name in fresh if name not in held and await _enqueue(connection, name, due[name])]


async def _known(connection: AsyncConnection) -> Mapping[str, int]:
    last = sa.select(ticks.c.task_name, sa.func.max(ticks.c.defer_timestamp).label("tick")).group_by(ticks.c.task_name)
    return {each.task_name: each.tick for each in await connection.execute(last)}


async def _enqueue(connection: AsyncConnection, name: str, tick: int) -> bool:
    """False if another worker was faster."""
    stored: dict[str, Any] = {"arguments": {}, "timestamp": tick}
    job = Queued(queue=DEFAULT_QUEUE, lock=None, queueing_lock=None, task_name=name, task_kwargs=stored)
    queue = await queue_on(connection)
    return await queue.defer_periodic_job(job, periodic_id="", defer_timestamp=tick) is not None
