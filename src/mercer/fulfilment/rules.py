"""What may be shipped, from where, and how it is tracked."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote
from uuid import UUID

from mercer.fulfilment.errors import (
    CarrierInvalid,
    LinesInSeveralWarehouses,
    NothingToShip,
    OrderNotPaid,
    ShipmentEmpty,
    ShipmentLineRepeated,
    ShippedQuantityInvalid,
    TrackingNumberInvalid,
)
from mercer.fulfilment.models import Parcel, ShippedLine, Tracking
from mercer.inventory.errors import NotAllocated
from mercer.inventory.models import Allocation
from mercer.orders.errors import LineShippedAlready, OrderLineNotFound, OrderStatusConflict
from mercer.orders.models import OrderHead, OrderStatus
from mercer.payments.models import PaymentStatus

LONGEST_CARRIER = 100
_TRACKING_NUMBER = re.compile(r"(?=.{1,100}\Z)[A-Za-z0-9]+([ ./-][A-Za-z0-9]+)*")
_TRACKING_PAGES: Mapping[str, str] = {
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "gls": "https://gls-group.com/track/{}",
    "hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{}",
    "ups": "https://www.ups.com/track?tracknum={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
}
"""Where carriers show a parcel, by their name in small letters."""

_MONEY_IS_GONE = frozenset({PaymentStatus.VOIDED, PaymentStatus.REFUNDED, PaymentStatus.FAILED})


def check_order(order: OrderHead) -> None:
    """Raise `OrderStatusConflict` if nothing of the order may leave now, `OrderNotPaid` if its money went back."""
    if order.status is not OrderStatus.OPEN:
        raise OrderStatusConflict(status=order.status)
    if order.payment_status in _MONEY_IS_GONE:
        raise OrderNotPaid(payment_status=order.payment_status)


def check_lines(lines: Sequence[ShippedLine]) -> None:
    """Raise `ShipmentEmpty`, `ShipmentLineRepeated` or `ShippedQuantityInvalid`, with its place."""
    if not lines:
        raise ShipmentEmpty().at("lines")
    known: set[UUID] = set()
    for index, line in enumerate(lines):
        if line.order_line_id in known:
            raise ShipmentLineRepeated().at("lines", str(index), "orderLineId")
        if line.quantity < 1:
            raise ShippedQuantityInvalid().at("lines", str(index), "quantity")
        known.add(line.order_line_id)


def check_asked(lines: Sequence[ShippedLine], *, remaining: Mapping[UUID, int]) -> None:
    """Raise `OrderLineNotFound` or `LineShippedAlready`, with its place, unless so many are left of each line."""
    for index, line in enumerate(lines):
        if line.order_line_id not in remaining:
            raise OrderLineNotFound(id=line.order_line_id).at("lines", str(index), "orderLineId")
        if line.quantity > remaining[line.order_line_id]:
            raise LineShippedAlready(remaining=remaining[line.order_line_id]).at("lines", str(index), "quantity")


def plan_parcel(
    asked: Mapping[UUID, int] | None,
    *,
    remaining: Mapping[UUID, int],
    allocations: Sequence[Allocation],
    warehouse_id: UUID | None = None,
) -> Parcel:
    """What leaves from where. A parcel leaves one warehouse: the one named, or the only one that can.

    With nothing asked it is all that is left of the order, or of what is set aside for it in the warehouse named.
    If several warehouses have all that is asked for, it leaves the one with the smallest id. Raises `NothingToShip`,
    `NotAllocated` if not so much is set aside, there or anywhere, and `LinesInSeveralWarehouses`.
    """
    aside: dict[UUID, dict[UUID, int]] = {}
    for each in allocations:
        there = aside.setdefault(each.warehouse_id, {})
        there[each.line_id] = there.get(each.line_id, 0) + each.quantity
    if warehouse_id is not None:
        there = aside.get(warehouse_id, {})
        wanted = there if asked is None else asked
        _check_enough(wanted, there)
        return _parcel(warehouse_id, wanted)
    wanted = {line: left for line, left in remaining.items() if left} if asked is None else asked
    if not wanted:
        raise NothingToShip
    able = [each for each, there in aside.items() if all(there.get(line, 0) >= left for line, left in wanted.items())]
    if able:
        return _parcel(min(able), wanted)
    _check_enough(wanted, {line: sum(there.get(line, 0) for there in aside.values()) for line in wanted})
    raise LinesInSeveralWarehouses(
        warehouse_ids=tuple(sorted(each for each, there in aside.items() if there.keys() & wanted.keys()))
    )


def track(carrier: str | None, number: str | None) -> Tracking:
    """By what a parcel is found, spaces around it left out. Raises `CarrierInvalid`, `TrackingNumberInvalid`."""
    carrier, number = _stripped(carrier), _stripped(number)
    if carrier is not None and not (carrier and carrier.isprintable() and len(carrier) <= LONGEST_CARRIER):
        raise CarrierInvalid().at("carrier")
    if number is not None and not _TRACKING_NUMBER.fullmatch(number):
        raise TrackingNumberInvalid().at("trackingNumber")
    page = _TRACKING_PAGES.get((carrier or "").lower())
    url = None if page is None or number is None else page.format(quote(number.replace(" ", ""), safe=""))
    return Tracking(carrier=carrier, number=number, url=url)


def _stripped(text: str | None) -> str | None:
    return None if text is None else text.strip()


def _check_enough(wanted: Mapping[UUID, int], there: Mapping[UUID, int]) -> None:
    for line, quantity in wanted.items():
        if there.get(line, 0) < quantity:
            raise NotAllocated(line_id=line, allocated=there.get(line, 0))


def _parcel(warehouse_id: UUID, quantities: Mapping[UUID, int]) -> Parcel:
    if not quantities:
        raise NothingToShip
    return Parcel(warehouse_id=warehouse_id, quantities=dict(quantities))
