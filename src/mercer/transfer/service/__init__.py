"""What can be done with files: products and past orders, put into the shop."""

from mercer.transfer.readers.mappings import read_mapping, read_order_mapping
from mercer.transfer.service.orders import import_orders
from mercer.transfer.service.products import import_products

__all__ = ["import_orders", "import_products", "read_mapping", "read_order_mapping"]
