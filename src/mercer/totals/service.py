"""Pricing a basket, and checking what was priced before. Pure: the same basket always costs the same."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from mercer.totals.models import NOTHING, PricedBasket, PricedLine, PricedShipping
from mercer.totals.rules import taxes
from mercer.totals.rules.pricing import Charge, Line, Step, begin
from mercer.totals.rules.steps import STEPS
from mercer.values.basket import Basket


def price_basket(basket: Basket, *, steps: Sequence[Step] = STEPS) -> PricedBasket:
    """What it costs, line by line, with a trace. Amounts in minor units, rounded half up, once, at the line.

    Raises `TotalTooLarge` if an amount would not fit a bigint, and `BasketImpossible`, which is a fault of the caller,
    if the basket has a line without quantity, two lines of one id, a negative amount or rate.
    """
    pricing = begin(basket)
    for step in steps:
        pricing = step(pricing)
    return PricedBasket(
        currency=basket.currency,
        mode=basket.mode,
        rounding=basket.rounding,
        is_estimated=basket.is_estimated,
        lines=tuple(_line(line) for line in pricing.lines),
        shipping=None if pricing.shipping is None else _shipping(pricing.shipping),
        subtotal=pricing.subtotal,
        shipping_total=pricing.shipping_total,
        discount_total=pricing.discount_total,
        tax_total=pricing.total.tax,
        total=pricing.total,
    )


def recompute(priced: PricedBasket) -> PricedBasket:
    """The same, computed again from its prices, quantities, discounts and rates alone: no catalogue, no rate table.

    A basket as `price_basket` returned it comes out equal. An order is right if its copy does.
    """
    lines = tuple(_recomputed_line(priced, line) for line in priced.lines)
    shipping = None if priced.shipping is None else _recomputed_shipping(priced, priced.shipping)
    subtotal = sum((line.total for line in lines), NOTHING)
    shipping_total = NOTHING if shipping is None else shipping.total
    total = subtotal + shipping_total
    return replace(
        priced,
        lines=lines,
        shipping=shipping,
        subtotal=subtotal,
        shipping_total=shipping_total,
        discount_total=sum(line.discount for line in lines) + (0 if shipping is None else shipping.discount),
        tax_total=total.tax,
        total=total,
    )


def adds_up(priced: PricedBasket) -> bool:
    """Whether every amount of it follows from its prices, quantities, discounts and rates."""
    return recompute(priced) == priced


def to_json(priced: PricedBasket) -> str:
    """As carts and orders store it, in a column of type jsonb."""
    return msgspec.json.encode(priced).decode()


def from_json(stored: str | bytes | Mapping[str, Any]) -> PricedBasket:
    """What `to_json` wrote: its text, or as the driver reads it from a column. Raises `msgspec.ValidationError`."""
    if isinstance(stored, str | bytes):
        return msgspec.json.decode(stored, type=PricedBasket)
    return msgspec.convert(stored, PricedBasket)


def _line(line: Line) -> PricedLine:
    return PricedLine(
        id=line.id,
        quantity=line.quantity,
        unit=line.unit,
        discount=line.discount,
        total=line.total,
        taxes=line.taxes,
        trace=line.trace,
    )


def _shipping(charge: Charge) -> PricedShipping:
    return PricedShipping(discount=charge.discount, total=charge.total, taxes=charge.taxes, trace=charge.trace)


def _recomputed_line(priced: PricedBasket, line: PricedLine) -> PricedLine:
    mode, rates = priced.mode, taxes.rates_of(line.total, line.taxes)
    unit = line.unit.given(mode)
    total, applied = taxes.apply(unit * line.quantity - line.discount, mode=mode, rates=rates)
    return replace(line, unit=taxes.apply(unit, mode=mode, rates=rates)[0], total=total, taxes=applied)


def _recomputed_shipping(priced: PricedBasket, shipping: PricedShipping) -> PricedShipping:
    rates = taxes.rates_of(shipping.total, shipping.taxes)
    total, applied = taxes.apply(shipping.total.given(priced.mode), mode=priced.mode, rates=rates)
    return replace(shipping, total=total, taxes=applied)
