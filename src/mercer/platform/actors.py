"""Who acts: everything is done by somebody, in requests, commands and jobs alike."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What somebody is."""

    GUEST = "guest"
    CUSTOMER = "customer"
    STAFF = "staff"
    API_KEY = "api_key"
    SYSTEM = "system"
    """A command, or a job."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody, with what he may do. Guests have no id."""

    kind: ActorKind
    id: UUID | None = None
    session_id: UUID | None = None
    permissions: frozenset[str] = frozenset()

    @property
    def is_signed_in(self) -> bool:
        return self.kind in {ActorKind.CUSTOMER, ActorKind.STAFF, ActorKind.API_KEY}

    def may(self, permission: str) -> bool:
        """Say whether he has this permission. The program itself has all of them."""
        return self.kind is ActorKind.SYSTEM or permission in self.permissions


GUEST = Actor(kind=ActorKind.GUEST)
SYSTEM = Actor(kind=ActorKind.SYSTEM)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a request came from, for the audit."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None
    api: str | None = None
    operation: str | None = None
    """The mutation, command or job."""
    traceparent: str | None = None
    cart_token: str | None = None
    """What a guest shows for a cart of his own. A secret: never logged, stored hashed."""
