"""What can be done with orders."""

from mercer.orders.service.cancelling import EXPIRED, cancel, claim_overdue, extend
from mercer.orders.service.claiming import claim_orders
from mercer.orders.service.following import follow_fulfilment, follow_payment
from mercer.orders.service.lookups import (
    find_lines,
    find_order,
    find_order_of_cart,
    find_order_of_number,
    find_whole_order,
    lock_order,
)
from mercer.orders.service.past import store_past_orders
from mercer.orders.service.placing import place_order
from mercer.orders.service.timeline import add_note, note
from mercer.orders.service.tokens import open_order, order_of_token, order_token

__all__ = [
    "EXPIRED",
    "add_note",
    "cancel",
    "claim_orders",
    "claim_overdue",
    "extend",
    "find_lines",
    "find_order",
    "find_order_of_cart",
    "find_order_of_number",
    "find_whole_order",
    "follow_fulfilment",
    "follow_payment",
    "lock_order",
    "note",
    "open_order",
    "order_of_token",
    "order_token",
    "place_order",
    "store_past_orders",
]
