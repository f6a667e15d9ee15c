"""Taxes: computed and rounded on each line, and on delivery."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from mercer.totals.rules import taxes
from mercer.totals.rules.pricing import Charge, Pricing, all_within
from mercer.values.basket import TaxMode, TaxRate

_Charge = TypeVar("_Charge", bound=Charge)


def tax(pricing: Pricing) -> Pricing:
    """Each line's taxes on what is left of it after discounts, and delivery's. Raises `TotalTooLarge`."""
    mode = pricing.mode
    return replace(
        pricing,
        lines=tuple(
            _taxed(line, mode).but(unit=all_within(taxes.apply(line.unit_amount, mode=mode, rates=line.rates)[0]))
            for line in pricing.lines
        ),
        shipping=None if pricing.shipping is None else _taxed(pricing.shipping, mode),
    )


def _taxed(charge: _Charge, mode: TaxMode) -> _Charge:
    total, applied = taxes.apply(charge.amount, mode=mode, rates=charge.rates)
    after = charge.amount if total.gross is None else total.gross
    return charge.noted(after, rule="tax", why=_why(mode, charge.rates)).but(total=all_within(total), taxes=applied)


def _why(mode: TaxMode, rates: Sequence[TaxRate] | None) -> str:
    if rates is None:
        return "not known yet"
    how = "within the price" if mode is TaxMode.GROSS else "on top of the price"
    return ", ".join(f"{rate.name} {rate.jurisdiction} {rate.rate} {how}" for rate in rates) or "not taxed"
