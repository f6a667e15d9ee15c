"""A step that is not there yet: one function, one place in the list, and nothing else changes."""

from dataclasses import replace

import pytest
from tests.totals.baskets import VAT, a_basket, a_line, an_id

from mercer.totals.errors import BasketImpossible
from mercer.totals.models import Taxed, TraceEntry
from mercer.totals.rules.pricing import Pricing
from mercer.totals.rules.rounding import spread
from mercer.totals.rules.steps import STEPS
from mercer.totals.service import adds_up, from_json, price_basket, to_json
from mercer.values.basket import BasketShipping, TaxMode


def ten_off(pricing: Pricing) -> Pricing:
    """An order promotion: 1.00 off, spread over the lines by largest remainder, ties by line id."""
    shares = spread(100, [line.amount for line in pricing.lines], ties=[line.id for line in pricing.lines])
    return replace(
        pricing,
        lines=tuple(
            line.reduced(share, rule="order_promotion", why="TEN")
            for line, share in zip(pricing.lines, shares, strict=True)
        ),
    )


def half_price(pricing: Pricing) -> Pricing:
    """A catalogue promotion: it changes what one costs."""
    lines = (line.repriced(line.unit_amount // 2, rule="catalogue_promotion", why="SALE") for line in pricing.lines)
    return replace(pricing, lines=tuple(lines))


def free_shipping(pricing: Pricing) -> Pricing:
    assert pricing.shipping is not None
    free = pricing.shipping.reduced(pricing.shipping.amount, rule="shipping_promotion", why="FREE")
    return replace(pricing, shipping=free)


BASE, SHIPPING, *REST = STEPS


def test_a_discount_is_spread_over_the_lines_before_tax() -> None:
    basket = a_basket(*(a_line(number, amount=1000) for number in (3, 1, 2)))
    priced = price_basket(basket, steps=(BASE, ten_off, SHIPPING, *REST))
    assert {line.id: line.discount for line in priced.lines} == {an_id(1): 34, an_id(2): 33, an_id(3): 33}
    assert [line.total.gross for line in priced.lines] == [967, 966, 967]
    assert (priced.discount_total, priced.total) == (100, Taxed(net=2438, tax=462, gross=2900))
    first = priced.lines[1]
    assert first.total == Taxed(net=812, tax=154, gross=966)
    assert first.unit == Taxed(net=840, tax=160, gross=1000)
    assert first.trace == (
        TraceEntry(rule="base_price", before=0, after=1000, why="1 x 1000"),
        TraceEntry(rule="order_promotion", before=1000, after=966, why="TEN"),
        TraceEntry(rule="tax", before=966, after=966, why="VAT DE 0.19 within the price"),
    )
    assert adds_up(priced)
    assert from_json(to_json(priced)) == priced


@pytest.mark.parametrize("mode", TaxMode)
def test_steps_of_every_kind_together(mode: TaxMode) -> None:
    basket = a_basket(
        a_line(1, amount=1001, quantity=2),
        a_line(2, amount=99),
        mode=mode,
        shipping=BasketShipping(amount=500, rates=(VAT,)),
    )
    priced = price_basket(basket, steps=(BASE, half_price, ten_off, SHIPPING, free_shipping, *REST))
    assert [line.unit.given(mode) for line in priced.lines] == [500, 49]
    assert priced.subtotal.given(mode) == 949
    assert priced.discount_total == 600
    assert priced.shipping_total == Taxed(net=0, tax=0, gross=0)
    assert priced.total.given(mode) == 949
    assert adds_up(priced)


def test_a_step_cannot_take_more_than_there_is() -> None:
    with pytest.raises(BasketImpossible):
        price_basket(a_basket(a_line(amount=1), a_line(2, amount=98)), steps=(BASE, ten_off, *REST))


def test_a_step_cannot_add_to_the_price() -> None:
    def surcharge(pricing: Pricing) -> Pricing:
        return replace(pricing, lines=tuple(line.reduced(-1, rule="surcharge", why="") for line in pricing.lines))

    with pytest.raises(BasketImpossible):
        price_basket(a_basket(a_line()), steps=(BASE, surcharge, *REST))
