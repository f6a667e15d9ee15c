"""One transaction: rows, audit, events and jobs together, or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from mercer.platform.audit import audit, audit_rows
from mercer.platform.context import Context
from mercer.platform.effects import Effects
from mercer.platform.errors import DatabaseUnavailable, DomainError, RequestRefused
from mercer.platform.events import written
from mercer.platform.jobs.queue import defer
from mercer.platform.outbox import outbox

NO_EVENT = ""


@asynccontextmanager
async def transaction(context: Context) -> AsyncIterator[Context]:
    """Commit what is done within, with its audit rows, events and jobs, or roll all of it back when it raises.

    Cached answers that it outdates are dropped after the commit. What was to be kept is written afterwards, in
    transactions of its own, after a commit and after an expected failure alike. Raises `DatabaseUnavailable`.
    """
    effects = Effects()
    may_be_committed = False
    try:
        async with context.database.transaction() as connection:
            inner = replace(context, connection=connection, effects=effects)
            yield inner
            await write_effects(inner)
            may_be_committed = True
    except DatabaseUnavailable:
        raise
    except (DomainError, RequestRefused):
        await _write_kept(context, effects)
        raise
    finally:
        if may_be_committed and effects.tags and context.answers is not None:
            await context.answers.outdate(effects.tags)
    await _write_kept(context, effects)


async def write_effects(context: Context) -> None:
    """Write what the transaction leaves behind, in itself: audit first, the outbox last."""
    effects = context.effects
    if effects.changes:
        await context.db.execute(sa.insert(audit), audit_rows(context))
    if effects.jobs:
        await defer(context.db, effects.jobs, origin=context.origin)
    if effects.events or effects.tags:
        await context.db.execute(sa.insert(outbox), _outbox_rows(context))


def _outbox_rows(context: Context) -> list[dict[str, Any]]:
    """The events, the first of them with the tags of the whole transaction."""
    effects, origin = context.effects, context.origin
    facts = [(event.name, written(event)) for event in effects.events] or [(NO_EVENT, {})]
    return [
        {
            "name": name,
            "payload": payload,
            "tags": [] if place else sorted(effects.tags),
            "at": context.now,
            "request_id": origin.request_id,
            "traceparent": origin.traceparent,
        }
        for place, (name, payload) in enumerate(facts)
    ]


async def _write_kept(context: Context, effects: Effects) -> None:
    for write in effects.kept:
        async with transaction(context) as inner:
            await write(inner)
