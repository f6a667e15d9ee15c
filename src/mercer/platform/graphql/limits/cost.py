"""How many values an operation asks for: a sum of products, because the sizes of lists may be variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mercer.platform.graphql.limits import LimitExceeded

PAGE = 24
"""How long a page is when neither `first` nor `last` says so."""

LIST = 10
"""How long other lists are taken to be when `first` does not say so."""

PRODUCTS = 50
"""How many products the sum may have: each is another set of variables that multiply each other."""


@dataclass(frozen=True, slots=True)
class Size:
    """How long a list is: a number, or the value of a variable."""

    number: int = 1
    variable: str | None = None


@dataclass(slots=True)
class Cost:
    """`{(): 3, ("n",): 5}` is three values, and five more for each of `$n`."""

    products: dict[tuple[str, ...], int] = field(default_factory=dict)

    @property
    def least(self) -> int:
        """What it comes to when each variable is 1. A page of nothing is counted as a page of one."""
        return sum(self.products.values())

    def add(self, other: "Cost", *, times: Size) -> None:
        """Add `other` as often as the list that holds it is long."""
        for variables, values in other.products.items():
            key = variables if times.variable is None else tuple(sorted((*variables, times.variable)))
            self.products[key] = self.products.get(key, 0) + values * times.number

    def total(self, sizes: Mapping[str, int]) -> int:
        """What it comes to with these values of the variables."""
        total = 0
        for variables, values in self.products.items():
            for variable in variables:
                values *= max(1, sizes[variable])  # noqa: PLW2901 — the product grows
            total += values
        return total


def check_cost(cost: int, *, limit: int) -> None:
    """Refuse what asks for more than `limit` values."""
    if cost > limit:
        raise LimitExceeded(
            f"The operation asks for up to {cost} values. At most {limit} are allowed: ask for shorter pages, or less.",
            code="TOO_EXPENSIVE",
        )
