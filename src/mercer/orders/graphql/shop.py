"""Orders as the shop API shows them: one's own, and the one whose token was shown."""

from datetime import datetime

import sqlalchemy as sa
import strawberry

from mercer.identity.graphql.authentication import CUSTOMER
from mercer.orders import models, service, tables
from mercer.orders.graphql.parts import OrderLine, OrderShipping, discount_total, lines_of
from mercer.orders.graphql.tokens import token_of
from mercer.payments.graphql.shop import PaymentAttempt, of_order
from mercer.payments.models import PaymentStatus
from mercer.platform.context import Context
from mercer.platform.graphql.mutations import row
from mercer.platform.graphql.views import (
    ANSWERED,
    AskedOrder,
    Connection,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    computed,
    many,
    one,
    page,
    view,
)
from mercer.platform.permissions import PUBLIC, SIGNED_IN
from mercer.values.graphql.address import Address, address
from mercer.values.graphql.money import Money, TaxedMoney, money, taxed


def _is_own(order: Row) -> sa.ColumnElement[bool]:
    """Whose order it is sees it, and whoever has shown its token, or its cart's."""
    return sa.or_(order.c.customer_id == CUSTOMER, order.c.id == ANSWERED)


@view(tables.order, rows=_is_own)
class Order:
    """What was bought, as it was agreed on."""

    id: strawberry.ID = column()
    number: str = column()
    token: str = computed(token_of, total=True, description="Opens the order without signing in. A secret.")
    status: models.OrderStatus = column()
    payment_status: PaymentStatus = column()
    fulfilment_status: models.FulfilmentStatus = column()
    email: str | None = column()
    language: str = column(description="BCP 47: what mails about it are written in.")
    lines: list[OrderLine] = lines_of()
    shipping: OrderShipping | None = one(on=lambda order, shipping: shipping.c.order_id == order.c.id)
    subtotal: TaxedMoney = taxed("subtotal", description="The sum of the lines.")
    shipping_total: TaxedMoney = taxed("shipping")
    discount_total: TaxedMoney = discount_total()
    tax_total: Money = money("total_tax")
    total: TaxedMoney = taxed("total")
    shipping_address: Address | None = address(tables.order, "shipping_address")
    billing_address: Address | None = address(tables.order, "billing_address")
    payments: list[PaymentAttempt] = many(
        on=lambda order, attempt: of_order(attempt, order.c.id),
        order_by=lambda attempt: (attempt.c.created_at, attempt.c.id),
        description="The attempts to pay it, in their order.",
    )
    created_at: datetime = column()
    placed_at: datetime | None = column(description="Since when it is paid, or promised to be.")
    cancelled_at: datetime | None = column()
    expires_at: datetime | None = column(description="When it is cancelled, if nobody has paid by then.")


async def find_order(
    info: strawberry.Info[Context, None], number: str | None = None, token: str | None = None
) -> Order | None:
    order_id = await service.open_order(info.context, number=number, token=token)
    return None if order_id is None else row(Order, order_id)


@strawberry.type
class Query:
    order: Order | None = strawberry.field(
        resolver=find_order,
        metadata={"needs": PUBLIC},
        description="An order by its token; one's own also by its number alone. Null where neither opens it.",
    )
    my_orders: Connection[Order] = page(on=lambda _, order: order.c.customer_id == CUSTOMER, needs=SIGNED_IN)


LISTINGS: Listings = {
    Order: Listing(
        sorts={"CREATED_AT": Sort(lambda order: order.c.created_at)},
        default_order=AskedOrder("CREATED_AT", SortDirection.DESC),
    )
}
