"""How things go wrong: failures a caller plans for, and requests that are not carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class DomainError(Exception):
    """A failure the caller can act on. Its docstring is its message, its fields are what the caller needs to know."""

    path: tuple[str, ...] = ()
    """Where in the arguments the cause stands: `("input", "slug")`. Empty when it is nowhere in them."""

    @property
    def message(self) -> str:
        return (type(self).__doc__ or "").strip()

    def at(self, *path: str) -> Self:
        """This failure, caused by what stands there in the arguments."""
        self.path = path
        return self


@dataclass(eq=False)
class InvalidValue(DomainError):
    """This value cannot be used."""


@dataclass(frozen=True)
class InvalidField:
    """One value of the input that cannot be used, and why."""

    path: tuple[str, ...]
    message: str


@dataclass(eq=False)
class InvalidInput(DomainError):
    """Some of the input cannot be used."""

    fields: tuple[InvalidField, ...]


@dataclass(eq=False)
class VersionConflict(DomainError):
    """Somebody else changed this in the meantime. Read it again."""

    current: int
    """The version that is stored."""


@dataclass(eq=False)
class IdempotencyKeyMissing(DomainError):
    """This mutation moves money or stock: send an Idempotency-Key of your own making, and the same one to repeat it."""


@dataclass(eq=False)
class IdempotencyKeyReused(DomainError):
    """This Idempotency-Key was used before, with other arguments."""


@dataclass(eq=False)
class IdempotencyKeyInvalid(InvalidValue):
    """An Idempotency-Key has 1 to 200 printable ASCII characters."""


@dataclass(eq=False)
class InProgress(DomainError):
    """The same request is still being carried out. Send it again in a few seconds."""


class RequestRefused(Exception):
    """A request that no client can plan for: it becomes a top-level error with `extensions.code`.

    `code` is in SCREAMING_SNAKE. `status` is the HTTP status when nothing of the request was carried out;
    `headers` go with it. The message reaches the client as it is.
    """

    def __init__(self, message: str, *, code: str, status: int = 400, headers: Mapping[str, str] = NO_HEADERS) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.headers = headers


class BadUserInput(RequestRefused):
    """A value in the request that cannot be used, whatever the data."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="BAD_USER_INPUT", status=422)


class DatabaseUnavailable(RequestRefused):
    """PostgreSQL cannot be reached now, or has no connection free. Trying again later may help."""

    def __init__(self) -> None:
        super().__init__(
            "The service is briefly unavailable. Please try again.",
            code="UNAVAILABLE",
            status=503,
            headers={"Retry-After": "1"},
        )


class TransactionBroken(DatabaseUnavailable):
    """The transaction was rolled back by a fault that may well be gone when it is tried again."""


class OutcomeUnknown(DatabaseUnavailable):
    """The connection was lost during the commit: nobody knows whether it took place."""


class StatementTimedOut(RequestRefused):
    """One SQL statement took longer than the setting `statement_timeout_ms` allows."""

    def __init__(self) -> None:
        super().__init__("The request took too long. Ask for less, or filter more.", code="TIMEOUT", status=503)
