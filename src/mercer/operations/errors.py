"""How operations may fail."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class JobNotFound(DomainError):
    """There is no such job. Those that are done are forgotten after some days."""


@dataclass(eq=False)
class JobStateInvalid(DomainError):
    """This cannot be done with a job in this state."""

    current: str
    """Its status."""
