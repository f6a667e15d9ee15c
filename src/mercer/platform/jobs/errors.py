"""What becomes of jobs, besides that they are done."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class JobCancelled(DomainError):
    """This job was cancelled."""


@dataclass(eq=False)
class JobUnknown(DomainError):
    """No job of this name is known to this version of Mercer."""


@dataclass(eq=False)
class EventUnknown(DomainError):
    """No event of this name is known to this version of Mercer."""


@dataclass(eq=False)
class ArgumentsUnknown(DomainError):
    """The stored arguments are not those that this version of the job takes."""


@dataclass(eq=False)
class JobLost(DomainError):
    """Another worker has taken this job over, and ended it."""


class JobsInvalid(Exception):
    """What modules declare as jobs and handlers does not fit together. It stops the start."""
