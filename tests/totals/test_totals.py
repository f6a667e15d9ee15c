"""What baskets cost, by hand."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.totals.baskets import CITY, REDUCED, STATE, VAT, a_basket, a_line

from mercer.totals.errors import BasketImpossible, TotalTooLarge
from mercer.totals.models import AppliedTax, Taxed, TraceEntry
from mercer.totals.service import adds_up, from_json, price_basket, recompute, to_json
from mercer.values.basket import BasketShipping, TaxMode, TaxRate


def taxed(net: int | None, tax: int | None, gross: int | None) -> Taxed:
    return Taxed(net=net, tax=tax, gross=gross)


def test_a_gross_basket() -> None:
    priced = price_basket(
        a_basket(
            a_line(1, amount=1999, quantity=3),
            a_line(2, amount=500, rates=(REDUCED,)),
            shipping=BasketShipping(amount=490, rates=(VAT,)),
        )
    )
    assert [line.total for line in priced.lines] == [taxed(5039, 958, 5997), taxed(467, 33, 500)]
    assert [line.unit for line in priced.lines] == [taxed(1680, 319, 1999), taxed(467, 33, 500)]
    assert priced.shipping is not None
    assert priced.shipping.total == taxed(412, 78, 490)
    assert (priced.subtotal, priced.shipping_total) == (taxed(5506, 991, 6497), taxed(412, 78, 490))
    assert (priced.total, priced.tax_total, priced.discount_total) == (taxed(5918, 1069, 6987), 1069, 0)


def test_a_net_basket_with_two_taxes() -> None:
    priced = price_basket(
        a_basket(
            a_line(1, amount=1999, quantity=3, rates=(STATE, CITY)),
            mode=TaxMode.NET,
            currency="USD",
            shipping=BasketShipping(amount=800, rates=()),
        )
    )
    line = priced.lines[0]
    assert line.taxes == (
        AppliedTax(name=STATE.name, jurisdiction="US-NY", rate=Decimal("0.04"), base=5997, amount=240),
        AppliedTax(name=CITY.name, jurisdiction="US-NY-NYC", rate=Decimal("0.04875"), base=5997, amount=292),
    )
    assert line.total == taxed(5997, 532, 6529)
    assert priced.shipping_total == taxed(800, 0, 800)
    assert priced.total == taxed(6797, 532, 7329)


def test_several_taxes_within_a_price_are_taken_out_at_once_and_split() -> None:
    halves = tuple(TaxRate(name=name, jurisdiction="X", rate=Decimal("0.05")) for name in ("one", "two"))
    line = price_basket(a_basket(a_line(amount=105, rates=halves))).lines[0]
    # 105 x 0.10 / 1.10 = 9.54…, so 10; each of equals has the same, and an odd one goes to the first.
    assert [tax.amount for tax in line.taxes] == [5, 5]
    assert line.total == taxed(95, 10, 105)
    line = price_basket(a_basket(a_line(amount=100, rates=halves))).lines[0]
    assert [tax.amount for tax in line.taxes] == [5, 4]


@pytest.mark.parametrize(
    ("mode", "amount", "rate", "expected"),
    [
        (TaxMode.NET, 50, "0.01", 1),  # exactly half
        (TaxMode.NET, 49, "0.01", 0),
        (TaxMode.NET, 150, "0.01", 2),  # half to even would be 2 as well; 250 tells them apart
        (TaxMode.NET, 250, "0.01", 3),
        (TaxMode.GROSS, 3, "0.2", 1),  # 0.5
        (TaxMode.GROSS, 15, "0.2", 3),  # 2.5
        (TaxMode.GROSS, 1, "0.19", 0),
        (TaxMode.NET, 10**15, "0.000001", 10**9),
        (TaxMode.GROSS, 10**15 + 1, "0.19", 159663865546219),
        (TaxMode.GROSS, 100, "1.5", 60),
    ],
)
def test_half_a_unit_is_rounded_up(mode: TaxMode, amount: int, rate: str, expected: int) -> None:
    rates = (TaxRate(name="tax", jurisdiction="X", rate=Decimal(rate)),)
    priced = price_basket(a_basket(a_line(amount=amount, rates=rates), mode=mode))
    assert priced.tax_total == expected


def test_it_is_rounded_at_the_line_not_at_each_piece() -> None:
    priced = price_basket(a_basket(a_line(amount=3, quantity=10), mode=TaxMode.NET))
    assert priced.lines[0].unit == taxed(3, 1, 4)
    assert priced.total == taxed(30, 6, 36)


def test_unknown_taxes_are_left_out() -> None:
    gross = price_basket(a_basket(a_line(1, rates=None), a_line(2)))
    assert [line.total for line in gross.lines] == [taxed(None, None, 1000), taxed(840, 160, 1000)]
    assert (gross.total, gross.tax_total) == (taxed(None, None, 2000), None)
    net = price_basket(a_basket(a_line(), mode=TaxMode.NET, shipping=BasketShipping(amount=5, rates=None)))
    assert (net.subtotal, net.total) == (taxed(1000, 190, 1190), taxed(1005, None, None))
    assert net.tax_total is None


@pytest.mark.parametrize("mode", TaxMode)
def test_an_empty_basket_costs_nothing(mode: TaxMode) -> None:
    priced = price_basket(a_basket(mode=mode))
    assert (priced.lines, priced.shipping, priced.total) == ((), None, taxed(0, 0, 0))
    assert adds_up(priced)


def test_untaxed_is_known_to_be_nothing() -> None:
    none = TaxRate(name="VAT", jurisdiction="GB", rate=Decimal(0))
    assert price_basket(a_basket(a_line(rates=()))).total == taxed(1000, 0, 1000)
    priced = price_basket(a_basket(a_line(rates=(none, none))))
    assert priced.total == taxed(1000, 0, 1000)
    assert [tax.amount for tax in priced.lines[0].taxes] == [0, 0]


def test_each_step_leaves_its_trace() -> None:
    priced = price_basket(a_basket(a_line(amount=1999, quantity=3), shipping=BasketShipping(amount=490, rates=None)))
    assert priced.lines[0].trace == (
        TraceEntry(rule="base_price", before=0, after=5997, why="3 x 1999"),
        TraceEntry(rule="tax", before=5997, after=5997, why="VAT DE 0.19 within the price"),
    )
    assert priced.shipping is not None
    assert priced.shipping.trace == (
        TraceEntry(rule="shipping", before=490, after=490, why="the chosen method"),
        TraceEntry(rule="tax", before=490, after=490, why="not known yet"),
    )
    net = price_basket(a_basket(a_line(), a_line(2, rates=()), mode=TaxMode.NET))
    assert [line.trace[-1] for line in net.lines] == [
        TraceEntry(rule="tax", before=1000, after=1190, why="VAT DE 0.19 on top of the price"),
        TraceEntry(rule="tax", before=1000, after=1000, why="not taxed"),
    ]


LARGE = [
    a_basket(a_line(amount=10**15, quantity=10**6)),
    a_basket(a_line(amount=2**63)),
    a_basket(a_line(1, amount=2**62), a_line(2, amount=2**62)),
    a_basket(a_line(amount=2**63 - 1), mode=TaxMode.NET),
    a_basket(a_line(amount=2**63 - 1), shipping=BasketShipping(amount=1, rates=())),
    a_basket(shipping=BasketShipping(amount=2**63, rates=())),
]


@pytest.mark.parametrize("basket", LARGE)
def test_what_no_column_holds_is_refused(basket: Any) -> None:
    with pytest.raises(TotalTooLarge):
        price_basket(basket)


def test_the_largest_amount() -> None:
    assert price_basket(a_basket(a_line(amount=2**63 - 1))).total.gross == 2**63 - 1
    million = price_basket(a_basket(a_line(amount=10**12, quantity=10**6, rates=(REDUCED,))))
    assert million.total == taxed(934579439252336449, 65420560747663551, 10**18)


IMPOSSIBLE = [
    a_basket(a_line(quantity=0)),
    a_basket(a_line(quantity=-1)),
    a_basket(a_line(amount=-1)),
    a_basket(a_line(1), a_line(1)),
    a_basket(shipping=BasketShipping(amount=-1, rates=())),
    *(
        a_basket(a_line(rates=(replace(VAT, rate=Decimal(rate)),)))
        for rate in ("-0.01", "0.0000001", "NaN", "Infinity", "sNaN")
    ),
]


@pytest.mark.parametrize("basket", IMPOSSIBLE)
def test_no_basket_is_like_this(basket: Any) -> None:
    with pytest.raises(BasketImpossible):
        price_basket(basket)


def test_it_can_be_stored_and_computed_again() -> None:
    priced = price_basket(
        a_basket(a_line(1, amount=1999, quantity=3), a_line(2, rates=None), shipping=BasketShipping(amount=1, rates=()))
    )
    assert from_json(to_json(priced)) == from_json(to_json(priced).encode()) == priced
    assert recompute(priced) == priced


def test_a_changed_amount_does_not_add_up() -> None:
    priced = price_basket(a_basket(a_line(1), a_line(2)))
    changed = taxed(841, 160, 1001)
    for line in (replace(priced.lines[0], unit=changed), replace(priced.lines[0], total=changed)):
        assert not adds_up(replace(priced, lines=(line, priced.lines[1])))
    assert not adds_up(replace(priced, total=taxed(1680, 321, 2001)))
    assert not adds_up(replace(priced, discount_total=1))
    tax = replace(priced.lines[0].taxes[0], amount=159)
    assert not adds_up(replace(priced, lines=(replace(priced.lines[0], taxes=(tax,)), priced.lines[1])))
