"""Who acts: everything is done by somebody, in requests, commands and jobs alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class Scope:
    """How far a permission goes. What is None has no limit in that dimension."""

    channels: frozenset[UUID] | None = None
    warehouses: frozenset[UUID] | None = None
    amounts: Mapping[str, int] | None = None
    """The most that may be moved, by currency, in minor units. Nothing in currencies that are not named."""
    is_own: bool = False
    """Only what he made himself."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody, with what he may do. Guests have no id."""

    kind: ActorKind
    id: UUID | None = None
    session_id: UUID | None = None
    permissions: frozenset[str] = frozenset()
    bounds: Mapping[str, tuple[Scope, ...]] = field(default_factory=dict)
    """Permissions that go only so far, with the scopes of each: what one of them covers, he may do."""
    withheld: frozenset[str] = frozenset()
    """Permissions that he would have, or that would go further, had he signed in with a second factor."""
    is_fresh: bool = True
    """Whether he has lately shown who he is. A session forgets it after some minutes; API keys have nobody to ask."""
    has_cookie: bool = False
    """Whether a browser keeps his session in a cookie."""

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
