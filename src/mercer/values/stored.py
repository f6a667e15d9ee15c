"""What came of storing many things at once."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """One of those given that was not stored."""

    index: int
    """Its place among those given, from 0."""
    error: DomainError


@dataclass(frozen=True, kw_only=True)
class Stored:
    """How many were created, changed, or stood there already as given; and which were refused."""

    created: int
    updated: int
    unchanged: int
    rejected: tuple[Rejection, ...] = ()
