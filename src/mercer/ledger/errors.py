"""Expected failures of the ledger."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class Unbalanced(DomainError):
    """The entries do not sum to zero."""

    difference: int


@dataclass(eq=False)
class PostedDifferently(DomainError):
    """Something else was posted under this reference before."""

    id: UUID
    """The transaction that was."""


@dataclass(eq=False)
class ProviderMissing(DomainError):
    """An entry in the clearing account names the provider whose it is, and no other entry does."""
