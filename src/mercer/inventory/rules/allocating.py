"""Where the goods of an order are taken from: as few parcels as may be, from near by.

1. One warehouse that has everything; one in the buyer's country first, then by code.
2. Else each line from one warehouse: one that sends something anyway, then as above.
3. Else that line in as few parts as may be: from where most lie.

A variant is back-ordered only if there is not enough of it in all warehouses together.
"""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from mercer.inventory.errors import InsufficientStock, Shortage
from mercer.inventory.models import Allocation, StockRequest, Supply

Obtainable = dict[UUID, dict[UUID, int]]
"""How many of each variant can be taken from each warehouse."""


def propose(
    requests: Sequence[StockRequest], supplies: Sequence[Supply], *, country: str | None
) -> tuple[Allocation, ...]:
    """Where each line is taken from, in the order of the lines. Raises `InsufficientStock`."""
    wanted = _wanted(requests)
    obtainable = _obtainable(wanted, supplies)
    codes = {each.warehouse_id: (each.country != country, each.code) for each in supplies}
    nearest = sorted(codes, key=codes.__getitem__)
    for warehouse_id in nearest:
        if all(obtainable[variant_id].get(warehouse_id, 0) >= quantity for variant_id, quantity in wanted.items()):
            return tuple(_taken(request, warehouse_id, request.quantity) for request in requests)
    return tuple(_split(requests, obtainable, nearest))


def _wanted(requests: Sequence[StockRequest]) -> Mapping[UUID, int]:
    wanted: dict[UUID, int] = {}
    for request in requests:
        wanted[request.variant_id] = wanted.get(request.variant_id, 0) + request.quantity
    return wanted


def _obtainable(wanted: Mapping[UUID, int], supplies: Sequence[Supply]) -> Obtainable:
    """Of what there is enough of, what is there; of the rest, what may be sold of it."""
    obtainable: Obtainable = {}
    shortages = []
    for variant_id, quantity in wanted.items():
        own = [each for each in supplies if each.variant_id == variant_id]
        obtainable[variant_id] = {each.warehouse_id: max(each.free, 0) for each in own}
        if sum(obtainable[variant_id].values()) < quantity:
            obtainable[variant_id] = {each.warehouse_id: max(each.free + each.backorder_limit, 0) for each in own}
        if (available := sum(obtainable[variant_id].values())) < quantity:
            shortages.append(Shortage(variant_id=variant_id, requested=quantity, available=available))
    if shortages:
        raise InsufficientStock(available=shortages[0].available, shortages=tuple(shortages))
    return obtainable


def _split(requests: Sequence[StockRequest], obtainable: Obtainable, nearest: Sequence[UUID]) -> Iterator[Allocation]:
    sending: set[UUID] = set()
    for request in requests:
        there = obtainable[request.variant_id]
        preferred = sorted((each for each in nearest if there.get(each)), key=lambda each: each not in sending)
        whole = [each for each in preferred if there[each] >= request.quantity]
        left = request.quantity
        for warehouse_id in whole[:1] or sorted(preferred, key=there.__getitem__, reverse=True):
            if part := min(left, there[warehouse_id]):
                yield _taken(request, warehouse_id, part)
                sending.add(warehouse_id)
                there[warehouse_id] -= part
                left -= part


def _taken(request: StockRequest, warehouse_id: UUID, quantity: int) -> Allocation:
    return Allocation(
        variant_id=request.variant_id, warehouse_id=warehouse_id, line_id=request.line_id, quantity=quantity
    )
