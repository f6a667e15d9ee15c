"""How things go wrong: failures a caller plans for, and requests that are not carried out."""

from collections.abc import Mapping
from types import MappingProxyType

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class DomainError(Exception):
    """A failure the caller can act on. Its docstring is its message."""

    @property
    def message(self) -> str:
        return (type(self).__doc__ or "").strip()


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


class StatementTimedOut(RequestRefused):
    """One SQL statement took longer than the setting `statement_timeout_ms` allows."""

    def __init__(self) -> None:
        super().__init__("The request took too long. Ask for less, or filter more.", code="TIMEOUT", status=503)
