"""How a module declares a mutation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from mercer.platform.errors import DomainError
from mercer.platform.jobs.declaration import Transaction
from mercer.platform.permissions import Needs
from mercer.platform.rate_limits import Limit

Resolver = Callable[..., Awaitable[Any]]


class Key(Enum):
    """What becomes of an `Idempotency-Key`."""

    OPTIONAL = "optional"
    """Who sends one may repeat the request without repeating its effect."""
    REQUIRED = "required"
    """Money or stock moves: without one nothing is done."""
    IGNORED = "ignored"
    """The answer holds a secret, which is not stored: a repeated request is a new one."""


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A mutation: its resolver, and all that the door must know of it."""

    resolver: Resolver
    errors: tuple[type[DomainError], ...]
    needs: Needs
    key: Key
    transaction: Transaction
    limit: Limit | None
    fresh_factor: bool

    @property
    def name(self) -> str:
        return self.resolver.__name__


def mutation(
    *errors: type[DomainError],
    needs: Needs,
    key: Key = Key.OPTIONAL,
    transaction: Transaction = Transaction.ONE,
    limit: Limit | None = None,
    fresh_factor: bool = False,
) -> Callable[[Resolver], Mutation]:
    """Make a function a mutation: `async def product_create(context, input: …) -> Product`.

    It is called within one transaction, unless that is `MANUAL`. What it returns, or one of the declared `errors`,
    becomes a member of the union `ProductCreateResult`; any other failure is a fault of the program. Errors about a
    value of the input (`InvalidValue`) need no declaring. `row(Product, id)` is read back after the commit. With
    `fresh_factor` only somebody is let in who has shown within some minutes who he is.
    """

    def declare(resolver: Resolver) -> Mutation:
        return Mutation(
            resolver=resolver,
            errors=errors,
            needs=needs,
            key=key,
            transaction=transaction,
            limit=limit,
            fresh_factor=fresh_factor,
        )

    return declare
