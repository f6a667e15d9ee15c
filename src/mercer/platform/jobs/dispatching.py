"""The dispatcher: gives committed events their positions, and hands each to its handlers."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from procrastinate.jobs import Job as Queued
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.jobs import queue
from mercer.platform.jobs.schema import dispatcher
from mercer.platform.outbox import outbox

log = structlog.get_logger("mercer.dispatcher")

WAITING = "SELECT EXISTS (SELECT FROM platform.outbox WHERE position IS NULL)"


async def is_waiting(context: Context) -> bool:
    """Whether there is anything to dispatch. Cheap: ask it often."""
    return bool(await context.database.fetch_value(WAITING))


async def dispatch(context: Context, handlers: Mapping[str, Sequence[str]], *, most: int = 500) -> int:
    """Place up to so many events, and enqueue a job for each of their handlers, in one transaction.

    Positions follow each other without gaps, and an event gets its own only when it is committed: whoever has read up
    to a position has missed nothing before it. `handlers` are names of jobs by the name of the event. Returns how many
    rows were placed; none when another process is dispatching.
    """
    async with context.database.transaction() as connection:
        head = sa.select(dispatcher.c.position).with_for_update(skip_locked=True)
        position = (await connection.execute(head)).scalar()
        if position is None:
            return 0
        placed = await _place(connection, after=position, most=most)
        if not placed:
            return 0
        if entries := [entry for row in placed for entry in _entries(row, handlers.get(row.name, ()))]:
            await queue.put(connection, entries)
        await connection.execute(sa.update(dispatcher).values(position=position + len(placed)))
        tags = {tag for row in placed for tag in row.tags}
        if tags and context.answers is not None:
            # Before the commit: if this process dies in between, the next one does it again. What the tags stand for
            # is committed already.
            await context.answers.outdate(tags)
    return len(placed)


async def _place(connection: AsyncConnection, *, after: int, most: int) -> list[Any]:
    """Give rows that have none a position, in the order in which they were written. Returns them in that order."""
    waiting = (
        sa.select(outbox.c.id, sa.func.row_number().over(order_by=outbox.c.id).label("place"))
        .where(outbox.c.position.is_(None))
        .order_by(outbox.c.id)
        .limit(most)
        .cte("waiting")
    )
    columns = (outbox.c.position, outbox.c.name, outbox.c.payload, outbox.c.tags)
    placing = (
        sa.update(outbox)
        .where(outbox.c.id == waiting.c.id)
        .values(position=after + waiting.c.place)
        .returning(*columns, outbox.c.request_id, outbox.c.traceparent)
    )
    return sorted((await connection.execute(placing)).all(), key=lambda row: row.position)


def _entries(row: Any, handlers: Sequence[str]) -> list[Queued]:
    arguments = {"name": row.name, "payload": row.payload, "position": row.position}
    origin = Origin(request_id=row.request_id, traceparent=row.traceparent)
    return [queue.entry(handler, arguments, origin) for handler in handlers]
