"""What leaves from where, and how it is tracked: decisions alone."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercer.fulfilment.errors import (
    CarrierInvalid,
    LinesInSeveralWarehouses,
    NothingToShip,
    ShipmentEmpty,
    ShipmentLineRepeated,
    ShippedQuantityInvalid,
    TrackingNumberInvalid,
)
from mercer.fulfilment.models import Parcel, ShippedLine, Tracking
from mercer.fulfilment.rules import check_asked, check_lines, plan_parcel, track
from mercer.inventory.errors import NotAllocated
from mercer.inventory.models import Allocation
from mercer.orders.errors import LineShippedAlready, OrderLineNotFound

A, B, C = (UUID(int=number) for number in (1, 2, 3))
EAST, WEST = UUID(int=10), UUID(int=20)


def aside(*rows: tuple[UUID, UUID, int]) -> list[Allocation]:
    """So many of each line, in each warehouse."""
    return [
        Allocation(line_id=line, variant_id=UUID(int=99), warehouse_id=warehouse, quantity=quantity)
        for line, warehouse, quantity in rows
    ]


def parcel(warehouse: UUID, quantities: Mapping[UUID, int]) -> Parcel:
    return Parcel(warehouse_id=warehouse, quantities=quantities)


def test_with_nothing_asked_all_that_is_left_goes() -> None:
    allocations = aside((A, EAST, 2), (B, EAST, 1))
    plan = plan_parcel(None, remaining={A: 2, B: 1, C: 0}, allocations=allocations)
    assert plan == parcel(EAST, {A: 2, B: 1})


def test_a_part_goes_from_the_only_warehouse_that_has_it() -> None:
    allocations = aside((A, EAST, 2), (A, WEST, 3), (B, EAST, 1))
    left = {A: 5, B: 1}
    assert plan_parcel({A: 3}, remaining=left, allocations=allocations) == parcel(WEST, {A: 3})
    assert plan_parcel({A: 1, B: 1}, remaining=left, allocations=allocations) == parcel(EAST, {A: 1, B: 1})
    assert plan_parcel({A: 2}, remaining=left, allocations=allocations) == parcel(EAST, {A: 2})


def test_what_lies_in_several_warehouses_needs_one_of_them_named() -> None:
    allocations = aside((A, EAST, 2), (A, WEST, 3), (B, WEST, 1))
    left = {A: 5, B: 1}
    for asked in (None, {A: 4}, {A: 5, B: 1}):
        with pytest.raises(LinesInSeveralWarehouses) as raised:
            plan_parcel(asked, remaining=left, allocations=allocations)
        assert raised.value.warehouse_ids == (EAST, WEST)
    assert plan_parcel(None, remaining=left, allocations=allocations, warehouse_id=WEST) == parcel(WEST, {A: 3, B: 1})
    assert plan_parcel({A: 1}, remaining=left, allocations=allocations, warehouse_id=WEST) == parcel(WEST, {A: 1})


def test_only_what_is_set_aside_goes() -> None:
    allocations = aside((A, EAST, 2), (B, WEST, 1))
    left = {A: 5, B: 1}
    for asked, warehouse, line, allocated in (
        ({A: 3}, None, A, 2),
        ({A: 2}, WEST, A, 0),
        ({B: 1, A: 1}, EAST, B, 0),
        (None, None, A, 2),
    ):
        with pytest.raises(NotAllocated) as raised:
            plan_parcel(asked, remaining=left, allocations=allocations, warehouse_id=warehouse)
        assert (raised.value.line_id, raised.value.allocated) == (line, allocated)


def test_nothing_makes_no_parcel() -> None:
    with pytest.raises(NothingToShip):
        plan_parcel(None, remaining={A: 0}, allocations=[])
    with pytest.raises(NothingToShip):
        plan_parcel(None, remaining={A: 1}, allocations=aside((A, EAST, 1)), warehouse_id=WEST)


@given(
    st.dictionaries(st.sampled_from((A, B, C)), st.integers(1, 5), min_size=1),
    st.lists(st.tuples(st.sampled_from((A, B, C)), st.sampled_from((EAST, WEST)), st.integers(1, 5)), max_size=8),
    st.none() | st.sampled_from((EAST, WEST)),
)
def test_a_parcel_never_holds_more_than_its_warehouse_has(
    asked: dict[UUID, int], rows: list[tuple[UUID, UUID, int]], warehouse: UUID | None
) -> None:
    try:
        plan = plan_parcel(asked, remaining=asked, allocations=aside(*rows), warehouse_id=warehouse)
    except (NotAllocated, LinesInSeveralWarehouses):
        able = [
            place
            for place in ((EAST, WEST) if warehouse is None else (warehouse,))
            if all(sum(n for line, at, n in rows if (line, at) == (each, place)) >= asked[each] for each in asked)
        ]
        assert able == []
        return
    assert plan.quantities == asked
    assert warehouse in {None, plan.warehouse_id}
    for line, quantity in plan.quantities.items():
        assert quantity <= sum(n for each, at, n in rows if (each, at) == (line, plan.warehouse_id))


@pytest.mark.parametrize(
    ("lines", "error", "path"),
    [
        ([], ShipmentEmpty, ("lines",)),
        ([(A, 0)], ShippedQuantityInvalid, ("lines", "0", "quantity")),
        ([(A, 1), (B, -1)], ShippedQuantityInvalid, ("lines", "1", "quantity")),
        ([(A, 1), (B, 1), (A, 1)], ShipmentLineRepeated, ("lines", "2", "orderLineId")),
    ],
)
def test_lines_that_make_no_shipment(lines: list[tuple[UUID, int]], error: Any, path: tuple[str, ...]) -> None:
    with pytest.raises(error) as raised:
        check_lines([ShippedLine(order_line_id=line, quantity=quantity) for line, quantity in lines])
    assert raised.value.path == path


def test_lines_are_compared_with_what_is_left() -> None:
    left = {A: 2, B: 0}
    check_asked([ShippedLine(order_line_id=A, quantity=2)], remaining=left)
    with pytest.raises(LineShippedAlready) as shipped:
        check_asked([ShippedLine(order_line_id=A, quantity=3)], remaining=left)
    assert (shipped.value.remaining, shipped.value.path) == (2, ("lines", "0", "quantity"))
    with pytest.raises(OrderLineNotFound) as unknown:
        check_asked([ShippedLine(order_line_id=C, quantity=1)], remaining=left)
    assert (unknown.value.id, unknown.value.path) == (C, ("lines", "0", "orderLineId"))


@pytest.mark.parametrize(
    ("carrier", "number", "expected"),
    [
        (None, None, Tracking()),
        (" DHL ", " RR123456785DE ", ("DHL", "RR123456785DE", "tracking-id=RR123456785DE")),
        ("ups", "1Z 999 AA1", ("ups", "1Z 999 AA1", "tracknum=1Z999AA1")),
        ("dpd", "a/b", ("dpd", "a/b", "parcel/a%2Fb")),
        ("Pony Express", "7", ("Pony Express", "7", None)),
        (None, "7", (None, "7", None)),
        ("DHL", None, ("DHL", None, None)),
    ],
)
def test_parcels_are_tracked(carrier: str | None, number: str | None, expected: Any) -> None:
    tracking = track(carrier, number)
    if isinstance(expected, Tracking):
        assert tracking == expected
        return
    assert (tracking.carrier, tracking.number) == expected[:2]
    assert (tracking.url is None) is (expected[2] is None)
    if tracking.url is not None:
        assert tracking.url.startswith("https://")
        assert tracking.url.endswith(expected[2])


@pytest.mark.parametrize("carrier", ["", "  ", "a\nb", "a\x00b", "x" * 101, "\u202eLHD"])
def test_carriers_that_are_none(carrier: str) -> None:
    with pytest.raises(CarrierInvalid):
        track(carrier, None)


@pytest.mark.parametrize(
    "number", ["", " ", "a  b", "-1", "1-", "a\nb", "<b>", "x" * 101, "ä", "\u0661", 'a"b', "javascript:1", "1#2"]
)
def test_tracking_numbers_that_are_none(number: str) -> None:
    with pytest.raises(TrackingNumberInvalid):
        track("DHL", number)
