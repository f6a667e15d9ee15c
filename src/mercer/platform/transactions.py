"""One transaction: rows, audit, events and jobs together, or nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TypeVar

import msgspec
import sqlalchemy as sa
import stamina

from mercer.platform.context import Context
from mercer.platform.effects import Effects
from mercer.platform.errors import DatabaseUnavailable, DomainError, RequestRefused, TransactionBroken
from mercer.platform.events import written
from mercer.platform.jobs.queue import defer
from mercer.platform.outbox import NO_EVENT

T = TypeVar("T")

RETRY_S = 2.0
"""How long a transaction is tried again after transient faults."""

# One statement, for every transaction pays for it. The first event carries the tags of the whole transaction.
_TRACES = sa.text("""
    WITH noted AS (
        INSERT INTO platform.audit (
            at, actor_kind, actor_id, session_id, ip, user_agent, request_id, api, operation,
            entity, entity_id, changes, reason
        )
        SELECT :at, :actor_kind, cast(:actor_id AS uuid), cast(:session_id AS uuid), cast(:ip AS text),
            cast(:user_agent AS text), cast(:request_id AS text), cast(:api AS text), cast(:operation AS text),
            entity, id, fields, reason
        FROM jsonb_to_recordset(cast(:changes AS jsonb)) AS change(entity text, id uuid, fields jsonb, reason text)
    )
    INSERT INTO platform.outbox (name, payload, tags, at, request_id, traceparent)
    SELECT name, payload, CASE ordinality WHEN 1 THEN cast(:tags AS text[]) ELSE '{}' END, :at,
        cast(:request_id AS text), cast(:traceparent AS text)
    FROM ROWS FROM (jsonb_to_recordset(cast(:events AS jsonb)) AS (name text, payload jsonb)) WITH ORDINALITY
""")


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


async def in_transaction(context: Context, work: Callable[[Context], Awaitable[T]]) -> T:
    """What comes of some work in one transaction, which is begun again after a deadlock or a lost connection.

    `work` has no effects but those that are rolled back with it. Raises `DatabaseUnavailable`, and what `work` raises.
    """

    async def attempt() -> T:
        async with transaction(context) as inner:
            return await work(inner)

    return await retried(attempt, TransactionBroken)


async def retried(attempt: Callable[[], Awaitable[T]], *on: type[Exception]) -> T:
    """What comes of an attempt, which is made again after these faults: at once, then with growing pauses."""
    with suppress(*on):
        return await attempt()
    async for each in stamina.retry_context(
        on=on, attempts=None, timeout=RETRY_S, wait_initial=0.01, wait_max=0.2, wait_jitter=0.05
    ):
        with each:
            return await attempt()
    raise AssertionError("the last attempt returns or raises")


async def write_effects(context: Context) -> None:
    """Write what the transaction leaves behind, in itself: the outbox last."""
    effects = context.effects
    if effects.jobs:
        await defer(context.db, effects.jobs, origin=context.origin)
    if effects.changes or effects.events or effects.tags:
        await context.db.execute(_TRACES, _traces(context))


def _traces(context: Context) -> dict[str, object]:
    effects, actor, origin = context.effects, context.actor, context.origin
    events: list[dict[str, object]] = [{"name": each.name, "payload": written(each)} for each in effects.events]
    if effects.tags and not events:
        events.append({"name": NO_EVENT, "payload": {}})
    return {
        "at": context.now,
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "session_id": actor.session_id,
        "ip": origin.ip,
        "user_agent": origin.user_agent,
        "request_id": origin.request_id,
        "traceparent": origin.traceparent,
        "api": origin.api,
        "operation": origin.operation,
        "changes": msgspec.json.encode(effects.changes).decode(),
        "events": msgspec.json.encode(events).decode(),
        "tags": sorted(effects.tags),
    }


async def _write_kept(context: Context, effects: Effects) -> None:
    for write in effects.kept:
        async with transaction(context) as inner:
            await write(inner)
