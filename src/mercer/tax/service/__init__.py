"""What can be done with taxes."""

from mercer.tax.service.classes import create_class, delete_class, update_class
from mercer.tax.service.finding import default_class, find_class_ids, find_classes, find_rates, find_taxes
from mercer.tax.service.products import assign_class
from mercer.tax.service.rates import create_rate, delete_rate, schedule_rate, update_rate
from mercer.tax.service.stored import store_classes, store_eu_vat, store_rates, store_zones
from mercer.tax.service.zones import create_zone, delete_zone, update_zone

__all__ = [
    "assign_class",
    "create_class",
    "create_rate",
    "create_zone",
    "default_class",
    "delete_class",
    "delete_rate",
    "delete_zone",
    "find_class_ids",
    "find_classes",
    "find_rates",
    "find_taxes",
    "schedule_rate",
    "store_classes",
    "store_eu_vat",
    "store_rates",
    "store_zones",
    "update_class",
    "update_rate",
    "update_zone",
]
