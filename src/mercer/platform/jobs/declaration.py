"""What modules declare: jobs, some of them at fixed times."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Transaction(StrEnum):
    """Who opens the transaction that a verb, a mutation or a job writes in."""

    ONE = "one"
    """The door: all of it is one transaction."""
    MANUAL = "manual"
    """The verb itself, because it calls the outside between two of them."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Work that is enqueued in a transaction and run after it, at least once: `run` must be repeatable.

    `run` takes a context first and JSON values by keyword.
    """

    name: str
    """`catalog.announce_publications`: the module and the function."""
    run: Callable[..., Awaitable[None]]
    transaction: Transaction
    cron: str | None
    """When it runs by itself: minute, hour, day, month, weekday in UTC."""
    attempts: int
    """How often it is tried, with growing pauses, before it is a dead letter."""


def job(
    *, transaction: Transaction = Transaction.ONE, cron: str | None = None, attempts: int = 8
) -> Callable[[Callable[..., Awaitable[None]]], Job]:
    """Make a function of a module's `jobs.py` a job. List it in `module.py`."""

    def declare(run: Callable[..., Awaitable[Any]]) -> Job:
        name = f"{run.__module__.split('.')[1]}.{run.__name__}"
        return Job(name=name, run=run, transaction=transaction, cron=cron, attempts=attempts)

    return declare
