"""One job, run once: in its transaction, with its trace, and what becomes of it."""

import asyncio
import inspect
import random
import typing
from collections.abc import Awaitable, Callable, Mapping
from contextlib import contextmanager
from contextvars import Token
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.actors import SYSTEM, Origin
from mercer.platform.context import Context
from mercer.platform.errors import DatabaseUnavailable, DomainError, RequestRefused
from mercer.platform.jobs import queue
from mercer.platform.jobs.declaration import Job, Transaction
from mercer.platform.jobs.errors import ArgumentsUnknown, EventUnknown, JobCancelled, JobLost, JobUnknown
from mercer.platform.jobs.pauses import pause_after
from mercer.platform.jobs.queue import Claimed
from mercer.platform.observability.requests import RequestRecord, current_request, new_id
from mercer.platform.observability.tracing import TRACER, carried_trace, trace_id_of
from mercer.platform.transactions import transaction

log = structlog.get_logger("mercer.jobs")

HOPELESS = (JobUnknown, ArgumentsUnknown, EventUnknown)
"""What no further attempt would change."""

PATIENCE_S = 0.5
"""How long to wait for a database that is away before it is asked again."""


async def run(context: Context, jobs: Mapping[str, Job], claimed: Claimed) -> None:
    """Run a job that was claimed, and note what became of it: done, to be tried again, a dead letter, or cancelled.

    A job of one transaction is ended in that same transaction, so its rows are written once, however often it is run.
    `context` is the worker's, at the moment when the job starts. Raises nothing but being cancelled itself, after
    giving the job back.
    """
    with _traced(claimed) as record:
        began = asyncio.get_running_loop().time()
        told = log.bind(job=claimed.name, job_id=claimed.id, attempt=claimed.attempt)
        try:
            await _attempt(_context(context, claimed, record), jobs, claimed)
        except asyncio.CancelledError:
            told.warning("job_given_back")
            await _once(context, lambda connection: queue.give_back(connection, claimed))
            raise
        except JobLost:
            told.warning("job_lost")
        except JobCancelled:
            told.info("job_cancelled")
            await _surely(context, lambda connection: queue.abort(connection, claimed))
        except Exception as failure:  # noqa: BLE001 — whatever it is, the job is tried again
            await _failed(context, jobs, claimed, failure, told)
        else:
            told.info("job_done", seconds=round(asyncio.get_running_loop().time() - began, 3))


async def _attempt(context: Context, jobs: Mapping[str, Job], claimed: Claimed) -> None:
    job = jobs.get(claimed.name)
    if job is None:
        raise JobUnknown
    arguments = read_arguments(job, claimed.arguments)
    if job.transaction is Transaction.ONE:
        async with transaction(context) as inner:
            await job.run(inner, **arguments)
            await queue.succeed(inner.db, claimed)
    else:
        await job.run(context, **arguments)
        await _surely(context, lambda connection: queue.succeed(connection, claimed))


def read_arguments(job: Job, stored: Any) -> dict[str, Any]:
    """A job's arguments as its function declares them. Raises `ArgumentsUnknown`."""
    try:
        signature, hints = _declared(job.run)
        bound = signature.bind(None, **stored)
        return {
            name: msgspec.convert(value, hints[name], strict=True) if name in hints else value
            for name, value in bound.kwargs.items()
        }
    except (TypeError, msgspec.ValidationError) as mismatch:
        raise ArgumentsUnknown from mismatch


@cache
def _declared(run: Callable[..., Awaitable[None]]) -> tuple[inspect.Signature, Mapping[str, Any]]:
    return inspect.signature(run), typing.get_type_hints(getattr(run, "func", run))


async def _failed(
    context: Context, jobs: Mapping[str, Job], claimed: Claimed, failure: Exception, told: structlog.BoundLogger
) -> None:
    error = _reason(failure)
    job = jobs.get(claimed.name)
    if job is None or isinstance(failure, HOPELESS) or claimed.attempt >= job.attempts:
        told.error("job_dead", reason=error, exc_info=failure)
        await _surely(context, lambda connection: queue.bury(connection, claimed, error=error))
        return
    pause = pause_after(claimed.attempt, chance=random.random())  # noqa: S311 — no secret
    told.warning("job_failed", reason=error, again_in_s=round(pause.total_seconds(), 1), exc_info=failure)
    until = datetime.now(UTC) + pause
    await _surely(context, lambda connection: queue.postpone(connection, claimed, error=error, until=until))


def _reason(failure: Exception) -> str:
    """What staff are told of a failure. What a crash says may hold anything, so it is found in the logs, by the id."""
    name = type(failure).__name__
    if isinstance(failure, DomainError | RequestRefused):
        return f"{name}: {failure.message}"
    record = current_request.get()
    return f"{name}. The log says more, under the id {record.id if record else 'of the job'}."


def _context(context: Context, claimed: Claimed, record: RequestRecord) -> Context:
    origin = Origin(request_id=record.id, operation=claimed.name, traceparent=claimed.traceparent)
    return replace(context, actor=SYSTEM, origin=origin, job_id=claimed.id)


@contextmanager
def _traced(claimed: Claimed) -> typing.Iterator[RequestRecord]:
    """Let logs and spans name the request that the job belongs to. A job that belongs to none gets an id of its own."""
    with TRACER.start_as_current_span(f"job {claimed.name}", context=carried_trace(claimed.traceparent)) as span:
        record = RequestRecord(id=claimed.request_id or new_id(), trace_id=trace_id_of(span), operation=claimed.name)
        token: Token[RequestRecord | None] = current_request.set(record)
        try:
            yield record
        finally:
            current_request.reset(token)


async def _surely(context: Context, note: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    """Note what became of a job, as soon as the database is there to take it."""
    while True:
        try:
            return await _once(context, note)
        except DatabaseUnavailable:
            await asyncio.sleep(PATIENCE_S)


async def _once(context: Context, note: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    async with context.database.transaction() as connection:
        await note(connection)
