"""Totals, for random baskets, rates and currencies: what holds whatever is bought."""

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import chain

from hypothesis import assume, given
from hypothesis import strategies as st

from mercer.totals.errors import TotalTooLarge
from mercer.totals.models import LARGEST_AMOUNT, NOTHING, AppliedTax, PricedBasket, Taxed
from mercer.totals.rules.pricing import Pricing
from mercer.totals.rules.rounding import half_up, spread
from mercer.totals.rules.steps import STEPS
from mercer.totals.service import adds_up, from_json, price_basket, recompute, to_json
from mercer.values.basket import Basket, BasketLine, BasketShipping, TaxMode, TaxRate
from mercer.values.currency import digits, to_decimal, to_minor

CURRENCIES = ("JPY", "EUR", "USD", "KWD")
HALF = Fraction(1, 2)

amounts = st.integers(0, 20_000) | st.integers(0, 10**15)
quantities = st.integers(1, 20) | st.integers(1, 10**6)
rates = st.builds(
    TaxRate,
    name=st.sampled_from(("VAT", "city", "state")),
    jurisdiction=st.sampled_from(("DE", "US-NY")),
    rate=st.sampled_from((Decimal(0), Decimal("0.07"), Decimal("0.19"), Decimal("0.08875")))
    | st.decimals(0, 1, places=6),
)
all_rates = st.none() | st.lists(rates, max_size=4).map(tuple)
lines = st.lists(
    st.builds(BasketLine, id=st.uuids(), quantity=quantities, unit_amount=amounts, rates=all_rates),
    max_size=8,
    unique_by=lambda line: line.id,
).map(tuple)
baskets = st.builds(
    Basket,
    currency=st.sampled_from(CURRENCIES),
    mode=st.sampled_from(TaxMode),
    lines=lines,
    shipping=st.none() | st.builds(BasketShipping, amount=amounts, rates=all_rates),
    is_estimated=st.booleans(),
)


def priced_or_too_large(basket: Basket) -> PricedBasket:
    """The basket priced. Only what is really too large is refused."""
    try:
        return price_basket(basket)
    except TotalTooLarge:
        costs = [line.unit_amount * line.quantity for line in basket.lines]
        costs += [] if basket.shipping is None else [basket.shipping.amount]
        # At most four taxes of at most 100 per cent each.
        assert sum(costs) * 5 > LARGEST_AMOUNT
        assume(False)
        raise


def exact_tax(amount: int, mode: TaxMode, due: Sequence[TaxRate]) -> Fraction:
    rate = sum((Fraction(each.rate) for each in due), Fraction(0))
    return amount * rate if mode is TaxMode.NET else amount * rate / (1 + rate)


def check_amount(
    amount: int, mode: TaxMode, due: Sequence[TaxRate] | None, total: Taxed, taxes: Sequence[AppliedTax]
) -> None:
    assert total.given(mode) == amount
    if due is None:
        assert (total.tax, taxes) == (None, ())
        assert [total.net, total.gross].count(None) == 1
        return
    assert total.net is not None
    assert total.tax is not None
    assert total.gross == total.net + total.tax
    assert sum(tax.amount for tax in taxes) == total.tax
    assert [(tax.rate, tax.base) for tax in taxes] == [(each.rate, total.net) for each in due]
    assert all(tax.amount >= 0 for tax in taxes)
    if mode is TaxMode.GROSS:
        assert abs(total.tax - exact_tax(amount, mode, due)) <= HALF
        assert all(
            abs(tax.amount - Fraction(tax.rate) * amount / (1 + sum(Fraction(e.rate) for e in due))) < 1 + HALF
            for tax in taxes
        )
    else:
        assert all(abs(tax.amount - amount * Fraction(tax.rate)) <= HALF for tax in taxes)


@given(baskets)
def test_each_line_is_right_by_itself(basket: Basket) -> None:
    priced = priced_or_too_large(basket)
    assert [line.id for line in priced.lines] == [line.id for line in basket.lines]
    for given_line, line in zip(basket.lines, priced.lines, strict=True):
        amount = given_line.unit_amount * given_line.quantity
        check_amount(amount, basket.mode, given_line.rates, line.total, line.taxes)
        assert line.unit.given(basket.mode) == given_line.unit_amount
    if basket.shipping is None:
        assert priced.shipping is None
    else:
        assert priced.shipping is not None
        shipping = priced.shipping
        check_amount(basket.shipping.amount, basket.mode, basket.shipping.rates, shipping.total, shipping.taxes)


@given(baskets)
def test_lines_and_delivery_sum_to_the_totals(basket: Basket) -> None:
    priced = priced_or_too_large(basket)
    totals = [line.total for line in priced.lines]
    assert priced.subtotal == sum(totals, NOTHING)
    assert priced.shipping_total == (NOTHING if priced.shipping is None else priced.shipping.total)
    every = [*totals, priced.shipping_total]
    for part in ("net", "tax", "gross"):
        parts = [getattr(each, part) for each in every]
        assert getattr(priced.total, part) == (None if None in parts else sum(parts))
    assert priced.tax_total == priced.total.tax
    assert priced.discount_total == 0
    applied = chain.from_iterable(line.taxes for line in priced.lines)
    if priced.subtotal.tax is not None:
        assert sum(tax.amount for tax in applied) == priced.subtotal.tax


@given(baskets)
def test_the_tax_follows_from_what_is_stored(basket: Basket) -> None:
    priced = priced_or_too_large(basket)
    stored = from_json(to_json(priced))
    assert stored == priced
    assert recompute(stored) == priced
    assert adds_up(stored)


@given(baskets, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(basket: Basket, shuffle: random.Random) -> None:
    priced = priced_or_too_large(basket)
    others = list(basket.lines)
    shuffle.shuffle(others)
    other = price_basket(replace(basket, lines=tuple(others)))
    assert {line.id: line for line in other.lines} == {line.id: line for line in priced.lines}
    assert replace(other, lines=()) == replace(priced, lines=())


@given(baskets)
def test_twice_is_once(basket: Basket) -> None:
    assert priced_or_too_large(basket) == price_basket(basket)


@given(baskets)
def test_amounts_survive_the_currency_that_they_are_shown_in(basket: Basket) -> None:
    priced = priced_or_too_large(basket)
    amount = priced.total.given(basket.mode)
    shown = to_decimal(amount, basket.currency)
    assert shown.as_tuple().exponent == -digits(basket.currency)
    assert to_minor(Decimal(str(shown)), basket.currency) == amount


@given(baskets, st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_an_order_promotion_keeps_all_of_it_true(basket: Basket, wanted: int, shuffle: random.Random) -> None:
    """The step of a later day: what it takes off is on the lines, whole, wherever they stand."""
    priced_or_too_large(basket)
    off = min(wanted, sum(line.unit_amount * line.quantity for line in basket.lines))

    def promotion(pricing: Pricing) -> Pricing:
        shares = spread(off, [line.amount for line in pricing.lines], ties=[line.id for line in pricing.lines])
        reduced = (
            line.reduced(share, rule="order_promotion", why="any")
            for line, share in zip(pricing.lines, shares, strict=True)
        )
        return replace(pricing, lines=tuple(reduced))

    steps = (STEPS[0], promotion, *STEPS[1:])
    priced = price_basket(basket, steps=steps)
    assert priced.discount_total == sum(line.discount for line in priced.lines) == off
    for given_line, line in zip(basket.lines, priced.lines, strict=True):
        amount = given_line.unit_amount * given_line.quantity - line.discount
        assert amount >= 0
        check_amount(amount, basket.mode, given_line.rates, line.total, line.taxes)
    assert adds_up(from_json(to_json(priced)))
    others = list(basket.lines)
    shuffle.shuffle(others)
    other = price_basket(replace(basket, lines=tuple(others)), steps=steps)
    assert {line.id: line for line in other.lines} == {line.id: line for line in priced.lines}


@given(st.integers(0, 10**24), st.integers(1, 10**24))
def test_half_up_is_the_nearest(numerator: int, denominator: int) -> None:
    distance = half_up(numerator, denominator) - Fraction(numerator, denominator)
    assert -HALF < distance <= HALF


@given(st.lists(st.integers(0, 10**18), min_size=1, max_size=20), st.data())
def test_what_is_spread_is_all_there(weights: list[int], data: st.DataObject) -> None:
    whole = sum(weights)
    amount = data.draw(st.integers(0, whole))
    shares = spread(amount, weights)
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert 0 <= share <= weight
        assert not whole or abs(share - Fraction(amount * weight, whole)) < 1
