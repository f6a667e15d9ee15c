"""What can be done with shipping."""

from mercer.shipping.service.finding import find_methods
from mercer.shipping.service.methods import (
    archive_method,
    create_method,
    delete_method,
    restore_method,
    update_method,
)
from mercer.shipping.service.stored import store_methods, store_zones
from mercer.shipping.service.zones import create_zone, delete_zone, update_zone

__all__ = [
    "archive_method",
    "create_method",
    "create_zone",
    "delete_method",
    "delete_zone",
    "find_methods",
    "restore_method",
    "store_methods",
    "store_zones",
    "update_method",
    "update_zone",
]
