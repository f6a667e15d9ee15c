"""A basket: all that the price of some goods depends on. Carts, orders and tests make one; `totals` prices it.

Amounts are in minor units of the basket's currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class TaxMode(StrEnum):
    """Whether a channel's prices hold the tax already (`gross`, as in Europe) or not (`net`, as in the US)."""

    NET = "net"
    GROSS = "gross"


class Rounding(StrEnum):
    """How half a minor unit is rounded. For now there is one way."""

    HALF_UP = "half_up"


@dataclass(frozen=True, kw_only=True)
class TaxRate:
    """A rate that holds for some goods at some place: one tax of a jurisdiction."""

    name: str
    """What the tax is called: `VAT`, `New York sales tax`."""
    jurisdiction: str
    """Whose it is: the zone's code."""
    rate: Decimal
    """0.19 is 19 per cent. At most 6 digits after the point."""


@dataclass(frozen=True, kw_only=True)
class BasketLine:
    """So many of one thing."""

    id: UUID
    quantity: int
    unit_amount: int
    """What one costs, in the basket's mode."""
    rates: Sequence[TaxRate] | None
    """All taxes on it. None: they are not known yet. Empty: it is not taxed."""


@dataclass(frozen=True, kw_only=True)
class BasketShipping:
    """What its delivery costs, in the basket's mode."""

    amount: int
    rates: Sequence[TaxRate] | None


@dataclass(frozen=True, kw_only=True)
class Basket:
    """Goods, and how they are delivered."""

    currency: str
    mode: TaxMode
    lines: Sequence[BasketLine]
    shipping: BasketShipping | None = None
    """None while no way of delivery is chosen."""
    is_estimated: bool = False
    """Whether taxes were taken from where the channel is, because there is no address yet."""
    rounding: Rounding = Rounding.HALF_UP
