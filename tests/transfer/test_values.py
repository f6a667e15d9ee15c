from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercer.catalog.errors import TextInvalid, TextMissing, TextTooLong
from mercer.catalog.models import AttributeKind
from mercer.transfer.errors import PriceInvalid, PriceTooExact, ValueInvalid
from mercer.transfer.models.mapping import FieldRule
from mercer.transfer.rules.values import PLAIN, parse_amount, parse_attribute, parse_count
from mercer.values.currency import digits

K = AttributeKind


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("12.50", "USD", 1250),
        (Decimal("12.5"), "USD", 1250),
        (12, "USD", 1200),
        ("12.500", "USD", 1250),
        ("0", "USD", 0),
        ("-0", "USD", 0),
        ("0e999999", "USD", 0),
        ("1e3", "USD", 100_000),
        ("500", "JPY", 500),
        ("500.0", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("10000000000000", "USD", 10**15),
    ],
)
def test_amounts_become_minor_units(value: Any, currency: str, minor: int) -> None:
    assert parse_amount(value, currency, "price") == minor


@pytest.mark.parametrize(
    ("value", "currency", "error"),
    [
        ("-0.01", "USD", PriceInvalid),
        ("NaN", "USD", PriceInvalid),
        ("Infinity", "USD", PriceInvalid),
        ("10000000000000.01", "USD", PriceInvalid),
        ("1e999999", "USD", PriceInvalid),
        (Decimal("1e400"), "USD", PriceInvalid),
        ("9" * 10_000, "USD", PriceInvalid),
        ("1,299.00", "USD", PriceInvalid),
        ("$12", "USD", PriceInvalid),
        ("", "USD", PriceInvalid),
        (True, "USD", PriceInvalid),
        ([1], "USD", PriceInvalid),
        ("12.505", "USD", PriceTooExact),
        ("500.5", "JPY", PriceTooExact),
        ("1e-999999", "USD", PriceTooExact),
    ],
)
def test_amounts_that_are_none_are_refused(value: Any, currency: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_amount(value, currency, "price")


@given(st.integers(0, 10**15), st.sampled_from(["USD", "JPY", "KWD"]))
def test_every_amount_is_read_exactly(minor: int, currency: str) -> None:
    amount = Decimal(minor).scaleb(-digits(currency))
    assert parse_amount(amount, currency, "price") == minor
    assert parse_amount(f"{amount:f}", currency, "price") == minor


@given(st.text() | st.integers() | st.decimals() | st.booleans() | st.lists(st.integers()))
def test_nothing_else_than_a_refusal_comes_of_any_value(value: Any) -> None:
    with suppress(PriceInvalid, PriceTooExact):
        assert 0 <= parse_amount(value, "USD", "price") <= 10**15


@pytest.mark.parametrize(
    ("value", "kind", "rule", "parsed"),
    [
        ("Red", K.CHOICE, PLAIN, "Red"),
        (" Red ", K.CHOICE, PLAIN, "Red"),
        (7200, K.CHOICE, FieldRule(labels={"7200": "7200 rpm"}), "7200 rpm"),
        (False, K.CHOICE, FieldRule(labels={"false": "No"}), "No"),
        (Decimal("2.50"), K.CHOICE, PLAIN, "2.5"),
        ([1920, 1080], K.CHOICE, FieldRule(join=" x "), "1920 x 1080"),
        ("Wired, Wired,Wireless", K.MULTI_CHOICE, FieldRule(separator=","), ["Wired", "Wireless"]),
        (["4k", "2k"], K.MULTI_CHOICE, PLAIN, ["4k", "2k"]),
        ("3.5", K.NUMBER, PLAIN, Decimal("3.5")),
        (Decimal("3.5"), K.NUMBER, PLAIN, Decimal("3.5")),
        ("Yes", K.BOOLEAN, PLAIN, True),
        (False, K.BOOLEAN, PLAIN, False),
        ("2019-04-01", K.DATE, PLAIN, date(2019, 4, 1)),
        (12, K.TEXT, PLAIN, "12"),
    ],
)
def test_cells_become_attribute_values(value: Any, kind: AttributeKind, rule: FieldRule, parsed: Any) -> None:
    assert parse_attribute(value, kind, "field", rule) == parsed


@pytest.mark.parametrize(
    ("value", "kind", "error"),
    [
        ([1, 2], K.CHOICE, ValueInvalid),
        ({"a": 1}, K.CHOICE, ValueInvalid),
        (" ", K.CHOICE, TextMissing),
        ("a" * 201, K.CHOICE, TextTooLong),
        ("a\0", K.CHOICE, TextInvalid),
        ("a\ud800", K.CHOICE, TextInvalid),
        ("wide", K.NUMBER, ValueInvalid),
        ("nan", K.NUMBER, ValueInvalid),
        (True, K.NUMBER, ValueInvalid),
        ("perhaps", K.BOOLEAN, ValueInvalid),
        (1, K.BOOLEAN, ValueInvalid),
        ("1.4.2019", K.DATE, ValueInvalid),
        (2019, K.DATE, ValueInvalid),
        (True, K.TEXT, ValueInvalid),
    ],
)
def test_cells_of_another_kind_are_refused(value: Any, kind: AttributeKind, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_attribute(value, kind, "field", PLAIN)


@pytest.mark.parametrize("value", ["1.5", "a", "1e99", True, None])
def test_counts_are_whole(value: Any) -> None:
    with pytest.raises(ValueInvalid):
        parse_count(value, "stock")
    assert parse_count("12.0", "stock") == 12
