"""What stock may be."""

import re
from collections.abc import Mapping

from babel.core import get_global

from mercer.inventory.errors import (
    AdjustmentInvalid,
    BackordersPromised,
    InsufficientStock,
    QuantityInvalid,
    ReasonInvalid,
    StockMoved,
    TransferredQuantityInvalid,
    WarehouseInvalid,
)
from mercer.inventory.models import (
    Adjustment,
    AdjustmentKind,
    BackorderLimit,
    Count,
    LockedLevel,
    NewWarehouse,
    Transfer,
    Warehouse,
)

LARGEST_QUANTITY = 1_000_000_000
LONGEST_NAME = 200
LONGEST_REASON = 500
MOST_LEVELS = 250
"""How many levels staff change at once."""
_CODE = re.compile(r"(?=.{1,50}\Z)[a-z0-9]+(-[a-z0-9]+)*")


def check_warehouse(warehouse: Warehouse) -> None:
    """Raise `WarehouseInvalid` with the first field that has a value it cannot have."""
    for field in warehouse_faults(warehouse):
        raise WarehouseInvalid(warehouse=warehouse.code, field=field)


def warehouse_faults(warehouse: Warehouse | NewWarehouse) -> Mapping[str, str]:
    """The fields that have values they cannot have, each with what it should be."""
    name = warehouse.name
    faults = {
        "code": (
            not _CODE.fullmatch(warehouse.code),
            "A code has small letters and digits, with single hyphens between: at most 50.",
        ),
        "name": (
            not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME,
            "A name has 1 to 200 printable characters.",
        ),
        "country": (
            warehouse.country not in get_global("territory_currencies"),
            "This is no country (ISO 3166-1).",
        ),
    }
    return {field: says for field, (is_wrong, says) in faults.items() if is_wrong}


def check_quantity(on_hand: int) -> None:
    """Raise `QuantityInvalid` if no warehouse can hold that many."""
    if not 0 <= on_hand <= LARGEST_QUANTITY:
        raise QuantityInvalid(on_hand=on_hand)


def check_transfer(transfer: Transfer) -> None:
    """Raise `TransferredQuantityInvalid` if so many cannot be taken somewhere else."""
    if not 1 <= transfer.quantity <= LARGEST_QUANTITY:
        raise TransferredQuantityInvalid


def check_backorder_limit(level: LockedLevel, limit: BackorderLimit) -> None:
    """Raise `BackordersPromised` if more are sold already than could be then."""
    promised = level.reserved + level.backorder_limit - level.on_hand
    if promised > limit.limit:
        raise BackordersPromised(promised=promised)


def check_taken(quantity: int) -> None:
    """Raise `QuantityInvalid` if no line of an order can be of that many."""
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise QuantityInvalid(on_hand=quantity)


def check_reason(reason: str) -> str:
    """The reason without spaces around it. Raises `ReasonInvalid`."""
    reason = reason.strip()
    if not reason or not reason.isprintable() or len(reason) > LONGEST_REASON:
        raise ReasonInvalid
    return reason


def check_adjustment(adjustment: Adjustment) -> None:
    """Raise `AdjustmentInvalid` if it moves nothing, or not in the direction of its kind; `QuantityInvalid`."""
    delta, kind = adjustment.delta, adjustment.kind
    adds, takes = {AdjustmentKind.RECEIVED, AdjustmentKind.RETURNED}, {AdjustmentKind.SCRAPPED}
    if delta == 0 or (delta < 0 and kind in adds) or (delta > 0 and kind in takes):
        raise AdjustmentInvalid
    check_quantity(abs(delta))


def adjusted(level: LockedLevel, adjustment: Adjustment) -> int:
    """How many are on hand afterwards. Raises `InsufficientStock`, `QuantityInvalid`."""
    on_hand = level.on_hand + adjustment.delta
    if adjustment.delta < 0 and on_hand < max(level.reserved, 0):
        raise InsufficientStock(available=level.on_hand - max(level.reserved, 0))
    check_quantity(on_hand)
    return on_hand


def counted(level: LockedLevel, count: Count) -> int:
    """How many are on hand afterwards. Raises `StockMoved`, `InsufficientStock`."""
    if count.expected not in {None, level.on_hand}:
        raise StockMoved(on_hand=level.on_hand)
    if count.on_hand < level.reserved:
        raise InsufficientStock(available=level.on_hand - max(level.reserved, 0))
    return count.on_hand
