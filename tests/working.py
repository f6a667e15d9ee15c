"""Working off, in process, what requests leave behind: events to their handlers, and jobs."""

from datetime import datetime

import httpx2
import sqlalchemy as sa
from tests.callers import Loopback
from tests.factories.shop import NOW

from mercer.platform.jobs.schema import jobs
from mercer.platform.settings import Settings
from mercer.worker import working


async def work_off(
    settings: Settings, *, now: datetime = NOW, transport: httpx2.AsyncBaseTransport | None = None
) -> int:
    """Do all that is due at `now`, as a worker would, with all that comes of it. Returns how many jobs were run.

    What jobs send to others goes through `transport`; without one, nobody can be reached.
    """
    async with working(settings, clock=lambda: now, transport=transport or Loopback()) as worker:
        async with worker.now().database.transaction() as connection:
            due = sa.and_(jobs.c.status == "todo", jobs.c.scheduled_at <= now)
            await connection.execute(sa.update(jobs).where(due).values(scheduled_at=None))
        return await worker.work_off()
