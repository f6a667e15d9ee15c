"""What shipments are made of, as both APIs show it."""

from typing import Any

import strawberry

from mercer.fulfilment import models, tables
from mercer.orders.graphql.parts import OrderLine
from mercer.platform.graphql.views import column, many, one, view

strawberry.enum(models.ShipmentState, description=models.ShipmentState.__doc__)


@view(tables.line)
class ShipmentLine:
    """So many of a line of the order."""

    quantity: int = column()
    order_line: OrderLine | None = one(on=lambda shipped, line: line.c.id == shipped.c.order_line_id)


def lines_of() -> Any:
    """The field `lines` of a shipment."""
    return many(
        on=lambda shipment, line: line.c.shipment_id == shipment.c.id,
        order_by=lambda line: (line.c.order_line_id,),
        most=500,
    )
