"""What can be done with carts."""

from mercer.cart.service.addresses import find_address_format
from mercer.cart.service.completion import convert_cart, prepare_cart, store_prices
from mercer.cart.service.details import set_addresses, set_customer, set_shipping_method
from mercer.cart.service.lines import add_lines, create_cart, update_lines
from mercer.cart.service.reading import find_cart, find_own_cart
from mercer.cart.service.retention import expire_carts

__all__ = [
    "add_lines",
    "convert_cart",
    "create_cart",
    "expire_carts",
    "find_address_format",
    "find_cart",
    "find_own_cart",
    "prepare_cart",
    "set_addresses",
    "set_customer",
    "set_shipping_method",
    "store_prices",
    "update_lines",
]
