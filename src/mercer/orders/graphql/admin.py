"""Orders as the admin API shows them: all of them."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import strawberry
from strawberry.scalars import JSON

from mercer.channels.graphql.admin import Channel
from mercer.identity.graphql.admin import Customer
from mercer.orders import models, tables
from mercer.orders.graphql.parts import OrderLine, OrderShipping, discount_total, lines_of
from mercer.payments.graphql.admin import PaymentAttempt
from mercer.payments.graphql.shop import of_order
from mercer.payments.models import PaymentStatus
from mercer.platform.graphql.views import (
    PERSONAL_DATA,
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Given,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    computed,
    many,
    masked_email,
    may,
    one,
    page,
    view,
    within_channels,
)
from mercer.platform.graphql.views.operators import (
    DateTimeOperators,
    DecimalOperators,
    IdOperators,
    StringOperators,
)
from mercer.values.basket import Rounding, TaxMode
from mercer.values.graphql.address import address
from mercer.values.graphql.masked_address import MaskedAddress
from mercer.values.graphql.money import Money, TaxedMoney, money, taxed

READ, MANAGE = "orders.read", "orders.manage"

strawberry.enum(models.TimelineKind, description=models.TimelineKind.__doc__)
strawberry.enum(Rounding, description=Rounding.__doc__)


def channel_of(order_id: sa.ColumnElement[UUID]) -> sa.ScalarSelect[UUID]:
    """The channel of the order with this id: what views of an order's parts say which rows are seen by."""
    order = tables.order.alias()
    return sa.select(order.c.channel_id).where(order.c.id == order_id).scalar_subquery()


@view(tables.timeline)
class TimelineEntry:
    """Something that happened to an order."""

    id: strawberry.ID = column()
    happened_at: datetime = column("at")
    kind: models.TimelineKind = column()
    actor_kind: str = column(description="Who did it: `customer`, `guest`, `staff`, `system` …")
    actor_id: strawberry.ID | None = column()
    data: JSON = column(description="What else there is to say: the text of a note, the status of a payment.")


@view(tables.order, rows=lambda order: within_channels(READ, order.c.channel_id))
class Order:
    """What was bought, as it was agreed on."""

    id: strawberry.ID = column()
    number: str = column()
    external_id: str | None = column(description="Of past orders: what tells it apart where it comes from.")
    channel: Channel | None = one(on=lambda order, channel: channel.c.id == order.c.channel_id)
    customer: Customer | None = one(
        on=lambda order, customer: customer.c.id == order.c.customer_id,
        needs="customers.read",
        description="Null: a guest's.",
    )
    email: str | None = computed(
        lambda order: masked_email(order.c.email), shown_to=PERSONAL_DATA, description="Masked: `a***@example.org`."
    )
    language: str = column(description="BCP 47: what mails about it are written in.")
    status: models.OrderStatus = column()
    payment_status: PaymentStatus = column()
    fulfilment_status: models.FulfilmentStatus = column()
    tax_mode: TaxMode = column(description="Whether prices held the tax.")
    rounding: Rounding = column()
    lines: list[OrderLine] = lines_of()
    shipping: OrderShipping | None = one(on=lambda order, shipping: shipping.c.order_id == order.c.id)
    subtotal: TaxedMoney = taxed("subtotal", description="The sum of the lines.")
    shipping_total: TaxedMoney = taxed("shipping")
    discount_total: TaxedMoney = discount_total()
    tax_total: Money = money("total_tax")
    total: TaxedMoney = taxed("total")
    shipping_address: MaskedAddress | None = address(tables.order, "shipping_address")
    billing_address: MaskedAddress | None = address(tables.order, "billing_address")
    payments: list[PaymentAttempt] = many(
        on=lambda order, attempt: of_order(attempt, order.c.id),
        order_by=lambda attempt: (attempt.c.created_at, attempt.c.id),
        description="The attempts to pay it, in their order.",
        needs="payments.read",
    )
    created_at: datetime = column()
    placed_at: datetime | None = column(description="Since when it is paid, or promised to be.")
    completed_at: datetime | None = column()
    cancelled_at: datetime | None = column()
    cancel_reason: str | None = column()
    expires_at: datetime | None = column(description="When it is cancelled, if nobody has paid by then.")
    version: int = column()
    trace: JSON = column(description="How each amount came about.")
    timeline: list[TimelineEntry] = many(
        on=lambda order, entry: entry.c.order_id == order.c.id,
        order_by=lambda entry: (entry.c.at, entry.c.id),
        most=500,
    )


@strawberry.type
class Query:
    order: Order | None = one(
        arguments={
            "id": Argument(strawberry.ID, lambda order, given: order.c.id == given.value),
            "number": Argument(str, lambda order, given: order.c.number == given.value),
        },
        needs=READ,
    )
    orders: Connection[Order] = page(needs=READ)


@strawberry.input(description="An e-mail address, or how it begins; small and capital letters are the same.")
class OrderEmailOperators:
    eq: str | None = strawberry.UNSET
    starts_with: str | None = strawberry.UNSET


@strawberry.input(description="Any of these.")
class OrderStatusOperators:
    in_: list[models.OrderStatus] | None = strawberry.field(name="in", default=strawberry.UNSET)


@strawberry.input(description="Any of these.")
class PaymentStatusOperators:
    in_: list[PaymentStatus] | None = strawberry.field(name="in", default=strawberry.UNSET)


@strawberry.input(description="Any of these.")
class FulfilmentStatusOperators:
    in_: list[models.FulfilmentStatus] | None = strawberry.field(name="in", default=strawberry.UNSET)


def _is_any(name: str) -> Callable[[Row, Given], sa.ColumnElement[bool]]:
    """Whether the column has one of these members. They stand in the SQL: PostgreSQL knows how many rows each has."""

    def condition(order: Row, given: Given) -> sa.ColumnElement[bool]:
        if "in" not in given:
            return sa.true()
        members: list[Enum] = [item.constant for item in given["in"].items]
        if len(members) == 1:
            return order.c[name] == _constant(members[0])
        return order.c[name].in_([_constant(each) for each in members])

    return condition


def _constant(member: Enum) -> sa.ColumnElement[Any]:
    return sa.literal_column(f"'{member.value}'")


def _has_email(order: Row, given: Given) -> sa.ColumnElement[bool]:
    """Addresses that begin so are a range in the order of their bytes, which an index has whatever is bound.

    Who sees them masked finds none: he would find out the rest by asking for one letter after the other.
    """
    asked: list[sa.ColumnElement[bool]] = [may(PERSONAL_DATA)] if "eq" in given or "startsWith" in given else []
    if "eq" in given:
        asked.append(order.c.email_key == sa.func.lower(given["eq"].value))
    if "startsWith" in given:
        start = sa.func.lower(given["startsWith"].value)
        past = sa.func.concat(start, sa.literal_column("chr(1114111)"))
        asked += [order.c.email_key >= start, order.c.email_key < past]
    return sa.and_(sa.true(), *asked)


def _has_sku(order: Row, given: Given) -> sa.ColumnElement[bool]:
    """The lines are found first. As EXISTS, all orders would be walked for what few, or none, have."""
    line = tables.line.alias()
    found = sa.select(line.c.order_id).where(given.compared(line.c.sku))
    return order.c.id == sa.any_(sa.func.array(found.scalar_subquery()))


LISTINGS: Listings = {
    Order: Listing(
        filters={
            "number": Filter(StringOperators, lambda order, given: given.compared(order.c.number)),
            "email": Filter(OrderEmailOperators, _has_email),
            "customer": Filter(IdOperators, lambda order, given: given.compared(order.c.customer_id)),
            "channel": Filter(IdOperators, lambda order, given: given.compared(order.c.channel_id)),
            "status": Filter(OrderStatusOperators, _is_any("status")),
            "paymentStatus": Filter(PaymentStatusOperators, _is_any("payment_status")),
            "fulfilmentStatus": Filter(FulfilmentStatusOperators, _is_any("fulfilment_status")),
            "createdAt": Filter(DateTimeOperators, lambda order, given: given.compared(order.c.created_at)),
            "placedAt": Filter(DateTimeOperators, lambda order, given: given.compared(order.c.placed_at)),
            "total": Filter(DecimalOperators, lambda order, given: given.compared(order.c.total_amount)),
            "country": Filter(StringOperators, lambda order, given: given.compared(order.c.shipping_country)),
            "sku": Filter(StringOperators, _has_sku),
        },
        sorts={"CREATED_AT": Sort(lambda order: order.c.created_at)},
        default_order=AskedOrder("CREATED_AT", SortDirection.DESC),
    )
}
