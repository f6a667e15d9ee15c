"""Where goods are taken from: the rule, by table."""

from collections.abc import Mapping
from uuid import UUID, uuid5

import pytest

from mercer.inventory.errors import InsufficientStock
from mercer.inventory.models import StockRequest, Supply
from mercer.inventory.rules.allocating import propose

COUNTRIES = {"berlin": "DE", "hamburg": "DE", "oslo": "NO", "zurich": "CH"}
Stock = Mapping[str, Mapping[str, int | tuple[int, int]]]
"""What there is by variant and warehouse: how many are free, and how many may be sold beyond."""


def named(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


def supplies(stock: Stock) -> list[Supply]:
    return [
        Supply(
            variant_id=named(variant),
            warehouse_id=named(code),
            code=code,
            country=COUNTRIES[code],
            free=numbers[0] if isinstance(numbers, tuple) else numbers,
            backorder_limit=numbers[1] if isinstance(numbers, tuple) else 0,
        )
        for variant, places in stock.items()
        for code, numbers in places.items()
    ]


def requests(lines: str) -> list[StockRequest]:
    """`a3 b1`: a line of three of `a`, and one of one of `b`."""
    return [
        StockRequest(line_id=named(f"{place}"), variant_id=named(line[0]), quantity=int(line[1:]))
        for place, line in enumerate(lines.split())
    ]


@pytest.mark.parametrize(
    ("stock", "lines", "taken"),
    [
        # One warehouse has everything: in the buyer's country first, then by code.
        ({"a": {"oslo": 9, "hamburg": 9, "berlin": 9}}, "a1", "0 berlin 1"),
        ({"a": {"oslo": 9, "berlin": 1}}, "a2", "0 oslo 2"),
        ({"a": {"zurich": 9, "oslo": 9}}, "a2", "0 oslo 2"),
        ({"a": {"berlin": 1, "oslo": 1}, "b": {"oslo": 1}}, "a1 b1", "0 oslo 1, 1 oslo 1"),
        ({"a": {"berlin": 3, "oslo": 4}}, "a2 a2", "0 oslo 2, 1 oslo 2"),
        # Lines are sent from different warehouses, before a line is split.
        ({"a": {"berlin": 2}, "b": {"oslo": 2}}, "a2 b2", "0 berlin 2, 1 oslo 2"),
        ({"a": {"berlin": 2}, "b": {"hamburg": 1, "oslo": 2}}, "a2 b2", "0 berlin 2, 1 oslo 2"),
        # A warehouse that sends something anyway is preferred.
        (
            {"a": {"oslo": 1}, "b": {"berlin": 1, "oslo": 1}, "c": {"zurich": 1}},
            "a1 b1 c1",
            "0 oslo 1, 1 oslo 1, 2 zurich 1",
        ),
        # A line that no warehouse has is split into as few parts as may be.
        ({"a": {"berlin": 1, "hamburg": 2, "oslo": 4}}, "a5", "0 oslo 4, 0 hamburg 1"),
        ({"a": {"berlin": 2, "hamburg": 2, "oslo": 2}}, "a3", "0 berlin 2, 0 hamburg 1"),
        ({"a": {"berlin": 4, "oslo": 2}}, "a3 a3", "0 berlin 3, 1 oslo 2, 1 berlin 1"),
        # What may be sold beyond what is there counts only where there is not enough of it anywhere.
        ({"a": {"berlin": (1, 9), "oslo": 2}}, "a2", "0 oslo 2"),
        ({"a": {"berlin": (1, 9), "oslo": 2}}, "a3", "0 oslo 2, 0 berlin 1"),
        ({"a": {"berlin": (1, 9), "oslo": 2}}, "a4", "0 berlin 4"),
        ({"a": {"berlin": (0, 9)}, "b": {"berlin": (0, 9), "oslo": 1}}, "a1 b1", "0 berlin 1, 1 oslo 1"),
        ({"a": {"berlin": (-3, 9), "oslo": (-1, 1)}}, "a6", "0 berlin 6"),
        # Nothing is wanted.
        ({}, "", ""),
    ],
)
def test_where_lines_are_taken_from(stock: Stock, lines: str, taken: str) -> None:
    allocations = propose(requests(lines), supplies(stock), country="DE")
    codes = {named(code): code for code in COUNTRIES}
    places = {named(str(place)): place for place in range(9)}
    told = [f"{places[each.line_id]} {codes[each.warehouse_id]} {each.quantity}" for each in allocations]
    assert ", ".join(told) == taken


@pytest.mark.parametrize("country", [None, "US"])
def test_a_buyer_from_elsewhere(country: str | None) -> None:
    [allocation] = propose(requests("a1"), supplies({"a": {"oslo": 1, "hamburg": 1}}), country=country)
    assert allocation.warehouse_id == named("hamburg")


@pytest.mark.parametrize(
    ("stock", "lines", "short"),
    [
        ({}, "a1", {"a": (1, 0)}),
        ({"a": {"berlin": 2, "oslo": 1}}, "a4", {"a": (4, 3)}),
        ({"a": {"berlin": 2}}, "a1 a2", {"a": (3, 2)}),
        ({"a": {"berlin": (-2, 1)}}, "a1", {"a": (1, 0)}),
        ({"a": {"berlin": (1, 1)}, "b": {"oslo": 5}, "c": {}}, "a3 b1 c2", {"a": (3, 2), "c": (2, 0)}),
    ],
)
def test_what_is_short(stock: Stock, lines: str, short: Mapping[str, tuple[int, int]]) -> None:
    with pytest.raises(InsufficientStock) as refused:
        propose(requests(lines), supplies(stock), country="DE")
    told = [(each.variant_id, (each.requested, each.available)) for each in refused.value.shortages]
    assert told == [(named(variant), numbers) for variant, numbers in short.items()]
    assert refused.value.available == next(iter(short.values()))[1]
