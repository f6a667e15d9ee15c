"""Who asks, when, and with what: the one ambient thing, handed to every verb first."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.database import Database
from mercer.platform.settings import Settings


@dataclass(frozen=True)
class Context:
    """One request, or one command. `now` is in UTC and does not move while it runs."""

    settings: Settings
    database: Database
    now: datetime
    binds: Mapping[str, Any] = field(default_factory=dict)
    """What reads are bound to: the channel, the language … Each module adds its own."""

    connection: AsyncConnection | None = None
    """The transaction that verbs write in. None outside one."""

    def with_binds(self, binds: Mapping[str, Any]) -> "Context":
        """This context with more to bind reads to."""
        return replace(self, binds={**self.binds, **binds})

    @property
    def db(self) -> AsyncConnection:
        """The transaction's connection. A verb that writes is always called within one."""
        if self.connection is None:
            raise RuntimeError("this verb writes: call it within a transaction")
        return self.connection
