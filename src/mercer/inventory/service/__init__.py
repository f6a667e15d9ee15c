"""What can be done with stock."""

from mercer.inventory.service.levels import adjust_stock, count_stock
from mercer.inventory.service.stored import store_levels, store_warehouses
from mercer.inventory.service.warehouses import (
    archive_warehouse,
    create_warehouse,
    restore_warehouse,
    update_warehouse,
)

__all__ = [
    "adjust_stock",
    "archive_warehouse",
    "count_stock",
    "create_warehouse",
    "restore_warehouse",
    "store_levels",
    "store_warehouses",
    "update_warehouse",
]
