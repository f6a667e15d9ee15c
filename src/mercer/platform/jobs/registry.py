"""What can be run: the jobs that modules declare, and their handlers as jobs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from mercer.platform.context import Context
from mercer.platform.events import Event, read
from mercer.platform.jobs.cron import next_tick
from mercer.platform.jobs.declaration import Job, Transaction
from mercer.platform.jobs.errors import EventUnknown, JobsInvalid
from mercer.platform.module import Handler, Module

HANDLER_ATTEMPTS = 12
"""A handler that gives up leaves something undone that nobody asked for by name: it tries for five hours."""

LONGEST_NAME = 128


@dataclass(frozen=True)
class Registry:
    """All jobs by name, and which of them each event is handed to, by the event's name."""

    jobs: Mapping[str, Job]
    handlers: Mapping[str, tuple[str, ...]]


def registry_of(modules: Iterable[Module]) -> Registry:
    """What these modules declare. Raises `JobsInvalid`."""
    modules = list(modules)
    declared = [job for module in modules for job in module.jobs]
    handled: dict[str, dict[type[Event], Handler]] = {}
    by_event: dict[str, list[str]] = {}
    for module in modules:
        for event, handlers in module.handlers.items():
            for handler in handlers:
                name = _handler_name(handler)
                handled.setdefault(name, {})[event] = handler
                by_event.setdefault(event.name, []).append(name)
    jobs = [*declared, *(_handler_job(name, kinds) for name, kinds in handled.items())]
    _check([job.name for job in jobs], handled)
    for job in jobs:
        if job.cron is not None:
            next_tick(job.cron, datetime.now(UTC))
    return Registry({job.name: job for job in jobs}, {name: tuple(each) for name, each in by_event.items()})


def _handler_name(handler: Handler) -> str:
    """`handle:search.index_product`: the module and the function."""
    return f"handle:{handler.__module__.split('.')[1]}.{handler.__name__}"


def _handler_job(name: str, kinds: Mapping[type[Event], Handler]) -> Job:
    by_name = {kind.name: (kind, handler) for kind, handler in kinds.items()}
    run = partial(_hand_over, by_name)
    return Job(name=name, run=run, transaction=Transaction.ONE, cron=None, attempts=HANDLER_ATTEMPTS)


async def _hand_over(
    kinds: Mapping[str, tuple[type[Event], Handler]],
    context: Context,
    *,
    name: str,
    payload: dict[str, Any],
    position: int,  # noqa: ARG001 — for whoever looks at the job
) -> None:
    """Hand an event to its handler. Raises `EventUnknown`."""
    if name not in kinds:
        raise EventUnknown
    kind, handler = kinds[name]
    await handler(context, read(kind, payload))


def _check(names: list[str], handled: Mapping[str, Mapping[type[Event], Handler]]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    twice += [name for name, kinds in handled.items() if len(set(kinds.values())) > 1]
    if twice:
        raise JobsInvalid(f"Two functions have the same name as a job: {', '.join(twice)}.")
    if long := [name for name in names if len(name) > LONGEST_NAME]:
        raise JobsInvalid(f"The names of jobs have {LONGEST_NAME} characters at the most: {', '.join(long)}.")
