"""The mutations by which staff change orders."""

import strawberry

from mercer.changes import service
from mercer.orders.errors import OrderCancelledBefore, OrderNotFound, OrderShipped, OrderStatusConflict
from mercer.orders.graphql.admin import MANAGE, Order
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, Transaction, mutation, row


@mutation(
    OrderNotFound,
    OrderShipped,
    OrderStatusConflict,
    OrderCancelledBefore,
    needs=MANAGE,
    key=Key.REQUIRED,
    transaction=Transaction.MANUAL,
    fresh_factor=True,
)
async def order_cancel(context: Context, id: strawberry.ID, reason: str) -> Order:
    """Cancel an order that nothing is shipped of: its stock is free again, and its money is given back."""
    order_id = given_id(id)
    await service.cancel_order(context, order_id=order_id, reason=reason)
    return row(Order, order_id)
