"""How taxes are computed: exactly, and rounded half up once."""

from collections.abc import Sequence
from decimal import Decimal

from mercer.totals.errors import BasketImpossible
from mercer.totals.models import AppliedTax, Taxed
from mercer.totals.rules.rounding import half_up, spread
from mercer.values.basket import TaxMode, TaxRate

_WHOLE = 10**6
"""Rates are whole millionths."""


def millionths(rate: Decimal) -> int:
    """0.19 is 190,000. Raises `BasketImpossible` if it is negative, or has more than six digits after the point."""
    if rate.is_finite():
        numerator, denominator = rate.as_integer_ratio()
        whole, rest = divmod(numerator * _WHOLE, denominator)
        if not rest and whole >= 0:
            return whole
    raise BasketImpossible(f"No tax has the rate {rate}.")


def apply(amount: int, *, mode: TaxMode, rates: Sequence[TaxRate] | None) -> tuple[Taxed, tuple[AppliedTax, ...]]:
    """What is due on an amount that is given in this mode.

    Several taxes are each due on the amount without any. In gross mode their sum is taken out of the amount at once,
    and split among them by largest remainder, the first of equals first; in net mode each is rounded by itself.
    """
    if rates is None:
        return _unknown(amount, mode), ()
    shares = [millionths(rate.rate) for rate in rates]
    if mode is TaxMode.GROSS:
        together = sum(shares)
        parts = spread(half_up(amount * together, _WHOLE + together), shares)
        net = amount - sum(parts)
    else:
        parts = tuple(half_up(amount * share, _WHOLE) for share in shares)
        net = amount
    tax = sum(parts)
    taxes = tuple(
        AppliedTax(name=rate.name, jurisdiction=rate.jurisdiction, rate=rate.rate, base=net, amount=part)
        for rate, part in zip(rates, parts, strict=True)
    )
    return Taxed(net=net, tax=tax, gross=net + tax), taxes


def rates_of(total: Taxed, taxes: Sequence[AppliedTax]) -> tuple[TaxRate, ...] | None:
    """The rates that these taxes came of. None: they were not known."""
    if total.tax is None:
        return None
    return tuple(TaxRate(name=tax.name, jurisdiction=tax.jurisdiction, rate=tax.rate) for tax in taxes)


def _unknown(amount: int, mode: TaxMode) -> Taxed:
    is_gross = mode is TaxMode.GROSS
    return Taxed(net=None if is_gross else amount, tax=None, gross=amount if is_gross else None)
