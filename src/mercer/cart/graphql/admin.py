"""Carts as the admin API shows them: all of them."""

from datetime import datetime

import sqlalchemy as sa
import strawberry

from mercer.cart import models, tables
from mercer.cart.errors import CartLineProblem
from mercer.cart.graphql.parts import CartNotice, CartShippingMethod, chosen, discount_total
from mercer.catalog.graphql.admin import ProductVariant
from mercer.channels.graphql.admin import Channel
from mercer.identity.graphql.admin import Customer
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
    one,
    page,
    translated,
    view,
    within_channels,
)
from mercer.platform.graphql.views.operators import DateTimeOperators, IdOperators
from mercer.values.graphql.address import address
from mercer.values.graphql.masked_address import MaskedAddress
from mercer.values.graphql.money import Money, TaxedMoney, money, taxed

READ = "carts.read"


@view(tables.line)
class CartLine:
    """So many of a variant."""

    id: strawberry.ID = column()
    quantity: int = column()
    sku: str = column()
    product_name: str = translated("product_name")
    variant_name: str = translated("variant_name")
    variant: ProductVariant | None = one(on=lambda line, variant: variant.c.id == line.c.variant_id)
    problem: CartLineProblem | None = column(description="Why it cannot be bought. It counts for nothing then.")
    unit_price: TaxedMoney = taxed("unit", description="What one costs.")
    total: TaxedMoney = taxed("total")


@view(tables.cart, rows=lambda cart: within_channels(READ, cart.c.channel_id))
class Cart:
    """What somebody means to buy, as it was priced last."""

    id: strawberry.ID = column()
    state: models.CartState = column()
    channel: Channel | None = one(on=lambda cart, channel: channel.c.id == cart.c.channel_id)
    customer: Customer | None = one(
        on=lambda cart, customer: customer.c.id == cart.c.customer_id, needs="customers.read"
    )
    email: str | None = computed(
        lambda cart: masked_email(cart.c.email), shown_to=PERSONAL_DATA, description="Masked: `a***@example.org`."
    )
    currency: str = column(description="ISO 4217.")
    language: str = column(description="BCP 47: what its buyer read when he changed it last.")
    lines: list[CartLine] = many(
        on=lambda cart, line: line.c.cart_id == cart.c.id, order_by=lambda line: (line.c.position, line.c.id)
    )
    shipping_address: MaskedAddress | None = address(tables.cart, "shipping_address")
    billing_address: MaskedAddress | None = address(tables.cart, "billing_address", "shipping_address")
    shipping_method: CartShippingMethod | None = one(on=chosen)
    subtotal: TaxedMoney = taxed("subtotal", is_estimated=lambda cart: cart.c.is_estimated)
    shipping_total: TaxedMoney = taxed("shipping", is_estimated=lambda cart: cart.c.is_estimated)
    discount_total: TaxedMoney = discount_total()
    tax_total: Money | None = money("total_tax", total=False, description="Null while it is not known.")
    total: TaxedMoney = taxed("total", is_estimated=lambda cart: cart.c.is_estimated)
    notices: list[CartNotice] = many(
        on=lambda cart, notice: notice.c.cart_id == cart.c.id, order_by=lambda notice: (notice.c.position,)
    )
    merged_into_id: strawberry.ID | None = column(description="The cart that it went into.")
    order_id: strawberry.ID | None = column(description="The order that was made of it.")
    created_at: datetime = column()
    updated_at: datetime = column(description="When its buyer changed it last.")
    priced_at: datetime | None = column()


@strawberry.type
class Query:
    cart: Cart | None = one(
        arguments={"id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value)}, needs=READ
    )
    carts: Connection[Cart] = page(needs=READ)


@strawberry.input(description="Carts of which any of these became.")
class CartStateOperators:
    in_: list[models.CartState] | None = strawberry.field(name="in", default=strawberry.UNSET)


def _is_in_state(cart: Row, given: Given) -> sa.ColumnElement[bool]:
    if "in" not in given:
        return sa.true()
    states = [item.constant.value for item in given["in"].items]
    return sa.or_(sa.false(), *(cart.c.state == sa.literal_column(f"'{each}'") for each in states))


LISTINGS: Listings = {
    Cart: Listing(
        filters={
            "state": Filter(CartStateOperators, _is_in_state),
            "channel": Filter(IdOperators, lambda cart, given: given.compared(cart.c.channel_id)),
            "customer": Filter(IdOperators, lambda cart, given: given.compared(cart.c.customer_id)),
            "updatedAt": Filter(DateTimeOperators, lambda cart, given: given.compared(cart.c.updated_at)),
        },
        sorts={"UPDATED_AT": Sort(lambda cart: cart.c.updated_at)},
        default_order=AskedOrder("UPDATED_AT", SortDirection.DESC),
    )
}
