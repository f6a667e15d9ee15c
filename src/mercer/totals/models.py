"""A priced basket's nouns. All amounts are in minor units of its currency."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from mercer.values.basket import Rounding, TaxMode

LARGEST_AMOUNT = 2**63 - 1
"""What PostgreSQL's bigint holds."""


@dataclass(frozen=True, kw_only=True)
class Taxed:
    """An amount without tax, the tax, and both together: `gross = net + tax`. What cannot be known yet is None."""

    net: int | None
    tax: int | None
    gross: int | None

    def __add__(self, other: "Taxed") -> "Taxed":
        return Taxed(net=_sum(self.net, other.net), tax=_sum(self.tax, other.tax), gross=_sum(self.gross, other.gross))

    def given(self, mode: TaxMode) -> int:
        """The part that is always known: prices are given so."""
        amount = self.gross if mode is TaxMode.GROSS else self.net
        assert amount is not None
        return amount


NOTHING = Taxed(net=0, tax=0, gross=0)


@dataclass(frozen=True, kw_only=True)
class AppliedTax:
    """One tax that is due. Together with its line it says all that is needed to compute it again."""

    name: str
    jurisdiction: str
    rate: Decimal
    base: int
    """What it is due on: the amount without any tax."""
    amount: int


@dataclass(frozen=True, kw_only=True)
class TraceEntry:
    """What one step of the pipeline made of an amount."""

    rule: str
    before: int
    after: int
    why: str
    """For people and programs that ask how the amount came about: `3 x 1000`."""


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """A line and what it costs."""

    id: UUID
    quantity: int
    unit: Taxed
    """One, before discounts. For display: what is due is the line's total, which is rounded once."""
    discount: int
    """What was taken off for the whole line, in the basket's mode."""
    total: Taxed
    taxes: tuple[AppliedTax, ...]
    """Empty if it is not taxed, or if taxes are not known yet: then `total.tax` is None."""
    trace: tuple[TraceEntry, ...]


@dataclass(frozen=True, kw_only=True)
class PricedShipping:
    """What delivery costs."""

    discount: int
    total: Taxed
    taxes: tuple[AppliedTax, ...]
    trace: tuple[TraceEntry, ...]


@dataclass(frozen=True, kw_only=True)
class PricedBasket:
    """A basket and what it costs, with all that is needed to compute it again."""

    currency: str
    mode: TaxMode
    rounding: Rounding
    is_estimated: bool
    """Whether taxes were taken from where the channel is, because there is no address yet."""
    lines: tuple[PricedLine, ...]
    """In the basket's own order."""
    shipping: PricedShipping | None
    """None while no way of delivery is chosen: then its total counts as nothing."""
    subtotal: Taxed
    """The sum of the lines, discounts taken off."""
    shipping_total: Taxed
    discount_total: int
    """What was taken off lines and delivery, in the basket's mode. Subtotal and shipping are without it already."""
    tax_total: int | None
    total: Taxed
    """Subtotal and shipping."""


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
