"""How pricing fails."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class TotalTooLarge(DomainError):
    """No amount of money is that large. Take fewer."""


class BasketImpossible(ValueError):
    """No basket is like this. Whoever made it checks what people give: this is a fault of the program."""
