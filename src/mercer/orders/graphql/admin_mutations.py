"""The mutations by which staff write on orders."""

import strawberry

from mercer.orders import service
from mercer.orders.errors import OrderNotFound
from mercer.orders.graphql.admin import MANAGE, TimelineEntry
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import mutation, row


@mutation(OrderNotFound, needs=MANAGE)
async def order_note_add(context: Context, id: strawberry.ID, text: str) -> TimelineEntry:
    """Write a note on an order, for staff alone."""
    return row(TimelineEntry, await service.add_note(context, order_id=given_id(id), text=text))
