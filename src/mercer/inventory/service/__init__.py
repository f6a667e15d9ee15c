"""What can be done with stock."""

from mercer.inventory.service.allocations import (
    allocate_stock,
    find_available,
    release_allocations,
    ship_allocated,
)
from mercer.inventory.service.holds import hold_stock, release_holds, sweep_holds
from mercer.inventory.service.levels import adjust_stock, count_stock
from mercer.inventory.service.set_aside import find_allocations
from mercer.inventory.service.stored import store_levels, store_warehouses
from mercer.inventory.service.transfers import set_backorders, transfer_stock
from mercer.inventory.service.warehouses import (
    archive_warehouse,
    create_warehouse,
    find_known_warehouses,
    restore_warehouse,
    update_warehouse,
)

__all__ = [
    "adjust_stock",
    "allocate_stock",
    "archive_warehouse",
    "count_stock",
    "create_warehouse",
    "find_allocations",
    "find_available",
    "find_known_warehouses",
    "hold_stock",
    "release_allocations",
    "release_holds",
    "restore_warehouse",
    "set_backorders",
    "ship_allocated",
    "store_levels",
    "store_warehouses",
    "sweep_holds",
    "transfer_stock",
    "update_warehouse",
]
