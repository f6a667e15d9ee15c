"""What the steps hand on: a basket on its way to its price. Immutable; each change of an amount leaves its trace."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from mercer.totals.errors import BasketImpossible, TotalTooLarge
from mercer.totals.models import LARGEST_AMOUNT, NOTHING, AppliedTax, Taxed, TraceEntry
from mercer.values.basket import Basket, TaxMode, TaxRate


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Something that is charged for, and what it comes to so far."""

    amount: int
    """In the basket's mode, discounts taken off."""
    rates: Sequence[TaxRate] | None
    discount: int = 0
    total: Taxed = NOTHING
    """Set by the step `tax`."""
    taxes: tuple[AppliedTax, ...] = ()
    trace: tuple[TraceEntry, ...] = ()

    def changed(self, amount: int, *, rule: str, why: str) -> Self:
        """The amount becomes this one. Raises `TotalTooLarge`."""
        if amount < 0:
            raise BasketImpossible(f"{rule} made an amount negative.")
        return self.noted(amount, rule=rule, why=why).but(amount=within(amount))

    def reduced(self, by: int, *, rule: str, why: str) -> Self:
        """A discount: not more than there is."""
        if by < 0:
            raise BasketImpossible(f"{rule} would add to the price.")
        return self.changed(self.amount - by, rule=rule, why=why).but(discount=self.discount + by)

    def noted(self, after: int, *, rule: str, why: str) -> Self:
        """What a rule made of it, for the trace alone."""
        entry = TraceEntry(rule=rule, before=self.amount, after=after, why=why)
        return self.but(trace=(*self.trace, entry))

    def but(self, **changes: Any) -> Self:
        """As `dataclasses.replace`, which takes several times as long: each line is changed by each step."""
        changed = object.__new__(type(self))
        changed.__dict__.update(self.__dict__, **changes)
        return changed


@dataclass(frozen=True, kw_only=True)
class Line(Charge):
    """So many of one thing."""

    id: UUID
    quantity: int
    unit_amount: int
    """What one costs, before discounts on the whole line."""
    unit: Taxed = NOTHING

    def repriced(self, unit_amount: int, *, rule: str, why: str) -> Self:
        """One costs this: for steps that choose the price. Discounts come later."""
        assert not self.discount
        return self.changed(unit_amount * self.quantity, rule=rule, why=why).but(unit_amount=unit_amount)


@dataclass(frozen=True, kw_only=True)
class Pricing:
    """A basket on its way. A step takes one and returns another."""

    currency: str
    mode: TaxMode
    lines: tuple[Line, ...]
    shipping: Charge | None
    subtotal: Taxed = NOTHING
    shipping_total: Taxed = NOTHING
    discount_total: int = 0
    total: Taxed = NOTHING


Step = Callable[[Pricing], Pricing]


def begin(basket: Basket) -> Pricing:
    """A basket as it is given, with nothing computed yet. Raises `BasketImpossible`."""
    if len({line.id for line in basket.lines}) < len(basket.lines):
        raise BasketImpossible("Two lines have one id.")
    if any(line.quantity < 1 or line.unit_amount < 0 for line in basket.lines):
        raise BasketImpossible("A line has no quantity, or costs less than nothing.")
    if basket.shipping is not None and basket.shipping.amount < 0:
        raise BasketImpossible("Delivery costs less than nothing.")
    return Pricing(
        currency=basket.currency,
        mode=basket.mode,
        lines=tuple(
            Line(id=line.id, quantity=line.quantity, unit_amount=line.unit_amount, amount=0, rates=line.rates)
            for line in basket.lines
        ),
        shipping=None
        if basket.shipping is None
        else Charge(amount=basket.shipping.amount, rates=basket.shipping.rates),
    )


def within(amount: int) -> int:
    """The amount, if it can be stored. Raises `TotalTooLarge`."""
    if amount > LARGEST_AMOUNT:
        raise TotalTooLarge
    return amount


def all_within(total: Taxed) -> Taxed:
    """The same for each part that is known. Raises `TotalTooLarge`."""
    for amount in (total.net, total.tax, total.gross):
        within(amount or 0)
    return total
