"""The request under way, as logs and errors name it."""

import secrets
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class RequestRecord:
    """What is told about one request. No personal data, nothing that the client sent but the operation's name."""

    id: str
    trace_id: str | None = None
    traceparent: str | None = None
    """The trace, as it is passed on to jobs."""
    api: str = "none"
    operation: str = "none"
    status: int = 500
    is_probe: bool = False
    """Whether a machine asks at short intervals: its line in the log is of level debug."""


current_request: ContextVar[RequestRecord | None] = ContextVar("current_request", default=None)


def new_id() -> str:
    """An id that finds a request, or a failure, in the logs."""
    return secrets.token_hex(12)
