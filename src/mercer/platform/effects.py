"""What a transaction leaves behind besides its rows: audit, events, jobs, outdated answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from mercer.platform.events import Event
from mercer.platform.jobs.declaration import Job

if TYPE_CHECKING:
    from mercer.platform.context import Context


@dataclass(frozen=True, kw_only=True)
class Change:
    """What changed of one thing: each field with its value before and after, as JSON knows them."""

    entity: str
    """The thing's type, as the APIs name it: `Product`."""
    id: UUID
    fields: Mapping[str, tuple[Any, Any]]
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Deferred:
    """A job to be run after the transaction."""

    job: Job
    arguments: Mapping[str, Any]
    at: datetime | None = None


Keep = Callable[["Context"], Awaitable[None]]


@dataclass
class Effects:
    """What verbs noted during one transaction. It is written when the transaction is committed."""

    changes: list[Change] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    jobs: list[Deferred] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    """Which cached answers are outdated by it."""
    kept: list[Keep] = field(default_factory=list)
    """What is written whatever becomes of the transaction."""

    def forget(self) -> None:
        """Drop all that goes with a rollback."""
        self.changes.clear()
        self.events.clear()
        self.jobs.clear()
        self.tags.clear()
