"""What stock may be."""

import re

from babel.core import get_global

from mercer.inventory.errors import QuantityInvalid, WarehouseInvalid
from mercer.inventory.models import Warehouse

LARGEST_QUANTITY = 1_000_000_000
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_warehouse(warehouse: Warehouse) -> None:
    """Raise `WarehouseInvalid` with the first field that has a value it cannot have."""
    is_right = {
        "code": bool(_CODE.fullmatch(warehouse.code)),
        "name": bool(warehouse.name.strip()),
        "country": warehouse.country in get_global("territory_currencies"),
    }
    for field, is_field_right in is_right.items():
        if not is_field_right:
            raise WarehouseInvalid(warehouse=warehouse.code, field=field)


def check_quantity(on_hand: int) -> None:
    """Raise `QuantityInvalid` if no warehouse can hold that many."""
    if not 0 <= on_hand <= LARGEST_QUANTITY:
        raise QuantityInvalid(on_hand=on_hand)
