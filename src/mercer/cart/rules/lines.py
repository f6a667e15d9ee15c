"""How lines of a cart come together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from mercer.cart.errors import (
    LineGivenTwice,
    LineNotFound,
    LineQuantityExceeded,
    LineQuantityInvalid,
    LinesTooMany,
    NewQuantityInvalid,
)
from mercer.cart.models import CartLine, CartNoticeKind, LineChange, LineRequest, Notice

MOST_LINES = 100
MOST_OF_A_LINE = 9_999

NewId = Callable[[], UUID]


def check_requests(requests: Sequence[LineRequest]) -> None:
    """Raise `LineQuantityInvalid` for what adds nothing, `LinesTooMany`."""
    if len(requests) > MOST_LINES:
        raise LinesTooMany(most=MOST_LINES).at("lines")
    for place, request in enumerate(requests):
        if request.quantity < 1:
            raise LineQuantityInvalid().at("lines", str(place), "quantity")


def added(lines: Sequence[CartLine], requests: Sequence[LineRequest], *, new_id: NewId) -> list[CartLine]:
    """The lines with what is added. The same variant is one line, whose quantities add up.

    Raises `LineQuantityInvalid`, `LineQuantityExceeded`, `LinesTooMany`.
    """
    check_requests(requests)
    found = {line.variant_id: line for line in lines}
    position = 1 + max((line.position for line in lines), default=-1)
    for place, request in enumerate(requests):
        line = found.get(request.variant_id)
        if line is None:
            line = CartLine(id=new_id(), variant_id=request.variant_id, quantity=0, position=position)
            position += 1
        quantity = line.quantity + request.quantity
        if quantity > MOST_OF_A_LINE:
            error = LineQuantityExceeded(variant_id=line.variant_id, most=MOST_OF_A_LINE)
            raise error.at("lines", str(place), "quantity")
        found[request.variant_id] = replace(line, quantity=quantity)
    if len(found) > MOST_LINES:
        raise LinesTooMany(most=MOST_LINES).at("lines")
    return list(found.values())


def updated(lines: Sequence[CartLine], changes: Sequence[LineChange]) -> list[CartLine]:
    """The lines with other quantities; those of 0 are gone.

    Raises `NewQuantityInvalid`, `LineNotFound`, `LineGivenTwice`, `LineQuantityExceeded`, `LinesTooMany`.
    """
    if len(changes) > MOST_LINES:
        raise LinesTooMany(most=MOST_LINES).at("lines")
    found = {line.id: line for line in lines}
    given: set[UUID] = set()
    for place, change in enumerate(changes):
        at = ("lines", str(place))
        if change.quantity < 0:
            raise NewQuantityInvalid().at(*at, "quantity")
        if change.line_id in given:
            raise LineGivenTwice().at(*at, "lineId")
        if change.line_id not in found:
            raise LineNotFound(line_id=change.line_id).at(*at, "lineId")
        given.add(change.line_id)
        line = found[change.line_id]
        if change.quantity > MOST_OF_A_LINE:
            error = LineQuantityExceeded(variant_id=line.variant_id, most=MOST_OF_A_LINE)
            raise error.at(*at, "quantity")
        found[change.line_id] = replace(line, quantity=change.quantity)
    return [line for line in found.values() if line.quantity]


def grown(before: Sequence[CartLine], after: Sequence[CartLine]) -> Mapping[UUID, int]:
    """How many of each variant there are now, of which there are more than before."""
    had = {line.variant_id: line.quantity for line in before}
    return {line.variant_id: line.quantity for line in after if line.quantity > had.get(line.variant_id, 0)}


@dataclass(frozen=True, kw_only=True)
class Merger:
    """Two carts' lines in one, and what of them it cannot hold."""

    lines: tuple[CartLine, ...]
    notices: tuple[Notice, ...]


def merged(lines: Sequence[CartLine], others: Sequence[CartLine], *, new_id: NewId) -> Merger:
    """The lines of a cart with those of another. What does not fit is told, line by line."""
    found = {line.variant_id: line for line in lines}
    position = 1 + max((line.position for line in lines), default=-1)
    notices: list[Notice] = []
    for other in others:
        line = found.get(other.variant_id)
        if line is None and len(found) >= MOST_LINES:
            notices.append(_notice(CartNoticeKind.LINE_LEFT_OUT, other, other.quantity))
            continue
        if line is None:
            found[other.variant_id] = replace(other, id=new_id(), position=position)
            position += 1
            continue
        together = line.quantity + other.quantity
        if together > MOST_OF_A_LINE:
            notices.append(_notice(CartNoticeKind.QUANTITY_CAPPED, line, together - MOST_OF_A_LINE))
        found[other.variant_id] = replace(line, quantity=min(together, MOST_OF_A_LINE))
    return Merger(lines=tuple(found.values()), notices=tuple(notices))


def _notice(kind: CartNoticeKind, line: CartLine, quantity: int) -> Notice:
    return Notice(kind=kind, name=line.product_name, sku=line.sku or None, quantity=quantity)
