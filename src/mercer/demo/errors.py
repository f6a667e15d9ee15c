"""Why a seed is refused."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class ShopInUse(DomainError):
    """The shop has products of its own, and demonstration products would stand among them. Use an empty database."""


@dataclass(eq=False)
class SeedRejected(DomainError):
    """Something in the shop is in the way of the demonstration's."""

    reason: DomainError

    @property
    def message(self) -> str:
        return f"{super().message} {self.reason.message} ({self.reason!r})"
