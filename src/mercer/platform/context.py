"""Who asks, when, and with what: the one ambient thing, handed to every verb first."""

from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import httpx2
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.actors import SYSTEM, Actor, Origin
from mercer.platform.cache.answers import MOST_TAGS, Answers
from mercer.platform.cache.provenance import Provenance
from mercer.platform.cache.shelf import EVERYTHING
from mercer.platform.database import Database
from mercer.platform.effects import Change, Deferred, Effects, Keep
from mercer.platform.events import Event
from mercer.platform.jobs.declaration import Job
from mercer.platform.permissions import Dimension, TokenRefused
from mercer.platform.settings import Settings
from mercer.platform.valkey import Valkey


class FindPlaces(Protocol):
    """Finds those of the ids that something has which permissions may be limited to."""

    def __call__(self, context: "Context", *, ids: Collection[UUID]) -> Awaitable[Collection[UUID]]: ...


@dataclass(frozen=True)
class Context:
    """One request, one command or one job. `now` is in UTC and does not move while it runs."""

    settings: Settings
    database: Database
    now: datetime
    binds: Mapping[str, Any] = field(default_factory=dict)
    """What reads are bound to: the channel, the language … Each module adds its own."""

    actor: Actor = SYSTEM
    origin: Origin = field(default_factory=Origin)
    refused: TokenRefused | None = None
    """Why the caller's token opens nothing. Only what opens a session is carried out then, as a guest's."""

    valkey: Valkey | None = None
    """The cache. None where there is none: a verb must be able to do without."""

    answers: Answers | None = None
    """The answers that this process has cached."""

    provenance: Provenance | None = None
    """Where reads note what the answer under way shows, so that it may be cached. None when nobody asks."""

    http: httpx2.AsyncClient | None = None
    """How the outside is called, never within a transaction. None where nothing is: in commands that only write."""

    reply_headers: list[tuple[str, str]] = field(default_factory=list)
    """What the HTTP answer says besides its body: cookies."""

    idempotency_key: str | None = None
    """What the caller names his request by, so that he may repeat it."""

    catalogue: frozenset[str] = frozenset()
    """Every permission that the APIs name. Empty in commands and jobs."""

    dimensions: Mapping[str, frozenset[Dimension]] = field(default_factory=dict)
    """In what each of these permissions may be limited, if it may."""

    places: Mapping[Dimension, FindPlaces] = field(default_factory=dict)
    """How to find what permissions may be limited to: channels, warehouses."""

    checked: set[str] = field(default_factory=set)
    """The permissions of which a verb has checked how far they go. The door sees to it that one did."""

    claim: UUID | None = None
    """What tells the outside that a repeated call of a `manual` mutation is the same one."""

    job_id: int | None = None
    """The job that this is the context of: its number in the queue."""

    connection: AsyncConnection | None = None
    """The transaction that verbs write in. None outside one: see `transactions.transaction`."""

    effects: Effects = field(default_factory=Effects)
    """What the transaction leaves behind besides its rows."""

    def with_binds(self, binds: Mapping[str, Any]) -> "Context":
        """This context with more to bind reads to."""
        return self._but(binds={**self.binds, **binds})

    def with_actor(self, actor: Actor) -> "Context":
        """This context, of somebody."""
        return self._but(actor=actor)

    def _but(self, **changes: Any) -> "Context":
        """As `dataclasses.replace`, which takes seven times as long: each request does this several times."""
        changed = object.__new__(Context)
        changed.__dict__.update(self.__dict__, **changes)
        return changed

    @property
    def db(self) -> AsyncConnection:
        """The transaction's connection. A verb that writes is always called within one."""
        if self.connection is None:
            raise RuntimeError("this verb writes: call it within a transaction")
        return self.connection

    def announce(self, event: Event) -> None:
        """Tell the modules above of a fact, once the transaction is committed."""
        self.effects.events.append(event)

    def record(
        self, entity: str, id: UUID, fields: Mapping[str, tuple[Any, Any]], *, reason: str | None = None
    ) -> None:
        """Note in the audit what changed of a thing: each field with its value before and after.

        Nothing is noted when no field differs. Secrets and password hashes are never noted.
        """
        differing = {name: change for name, change in fields.items() if change[0] != change[1]}
        if differing:
            self.effects.changes.append(Change(entity=entity, id=id, fields=differing, reason=reason))

    def enqueue(self, job: Job, *, at: datetime | None = None, **arguments: Any) -> None:
        """Have a job run after the transaction is committed, not before `at`. Arguments are JSON values."""
        self.effects.jobs.append(Deferred(job=job, arguments=arguments, at=at))

    def outdate(self, *tags: str) -> None:
        """Drop the cached answers with these tags, once the transaction is committed. Of many tags it drops all."""
        self.effects.tags.update(tags)
        if len(self.effects.tags) > MOST_TAGS:
            self.effects.tags = {EVERYTHING}

    def keep(self, write: Keep) -> None:
        """Write this in a transaction of its own after this one, even if this one is rolled back."""
        self.effects.kept.append(write)
