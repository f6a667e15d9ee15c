"""Carts as the shop API shows them: one's own, and the one whose token was shown."""

from datetime import datetime
from functools import partial

import sqlalchemy as sa
import strawberry

from mercer.cart import models, service, tables
from mercer.cart.errors import CartLineProblem
from mercer.cart.graphql.addresses import AddressFormat, find_format
from mercer.cart.graphql.parts import CartNotice, CartShippingMethod, chosen, discount_total, offered
from mercer.catalog.graphql.shop import ProductVariant
from mercer.identity.graphql.authentication import CUSTOMER
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import row
from mercer.platform.graphql.views import ANSWERED, Row, column, many, one, translated, view
from mercer.platform.permissions import PUBLIC
from mercer.platform.transactions import in_transaction
from mercer.values.graphql.address import Address, address
from mercer.values.graphql.money import Money, TaxedMoney, money, taxed


def _is_own(cart: Row) -> sa.ColumnElement[bool]:
    """Whose cart it is sees it; a guest's, whoever has shown its token.

    A customer's is not seen by what was answered before to somebody who knew the token that it had then.
    """
    return sa.or_(cart.c.customer_id == CUSTOMER, sa.and_(cart.c.id == ANSWERED, cart.c.customer_id.is_(None)))


@view(tables.line)
class CartLine:
    """So many of a variant."""

    id: strawberry.ID = column()
    quantity: int = column()
    sku: str = column()
    product_name: str = translated("product_name")
    variant_name: str = translated("variant_name", description="Empty where the product has this variant alone.")
    variant: ProductVariant | None = one(
        on=lambda line, variant: variant.c.id == line.c.variant_id, description="Null when it is not sold any more."
    )
    problem: CartLineProblem | None = column(description="Why it cannot be bought. It counts for nothing then.")
    unit_price: TaxedMoney = taxed("unit", description="What one costs.")
    total: TaxedMoney = taxed("total")


@view(tables.cart, rows=_is_own)
class Cart:
    """What somebody means to buy."""

    id: strawberry.ID = column()
    state: models.CartState = column()
    email: str | None = column()
    currency: str = column(description="ISO 4217.")
    lines: list[CartLine] = many(
        on=lambda cart, line: line.c.cart_id == cart.c.id, order_by=lambda line: (line.c.position, line.c.id)
    )
    shipping_address: Address | None = address(tables.cart, "shipping_address")
    billing_address: Address | None = address(
        tables.cart, "billing_address", "shipping_address", description="The shipping address, unless another is given."
    )
    shipping_methods: list[CartShippingMethod] = many(
        on=offered, order_by=lambda offer: (offer.c.position, offer.c.method_id), description="What can be chosen."
    )
    shipping_method: CartShippingMethod | None = one(on=chosen, description="What is chosen.")
    subtotal: TaxedMoney = taxed(
        "subtotal", is_estimated=lambda cart: cart.c.is_estimated, description="The sum of the lines."
    )
    shipping_total: TaxedMoney = taxed("shipping", is_estimated=lambda cart: cart.c.is_estimated)
    discount_total: TaxedMoney = discount_total()
    tax_total: Money | None = money("total_tax", total=False, description="Null while it is not known.")
    total: TaxedMoney = taxed(
        "total",
        is_estimated=lambda cart: cart.c.is_estimated,
        description="Subtotal and shipping. It is estimated until there is an address.",
    )
    notices: list[CartNotice] = many(
        on=lambda cart, notice: notice.c.cart_id == cart.c.id, order_by=lambda notice: (notice.c.position,)
    )
    order_id: strawberry.ID | None = column(description="The order that was made of it.")
    created_at: datetime = column()
    updated_at: datetime = column(description="When its buyer changed it last.")


async def find_cart(info: strawberry.Info[Context, None], id: strawberry.ID) -> Cart | None:
    cart_id = await in_transaction(info.context, partial(service.find_cart, cart_id=given_id(id)))
    return None if cart_id is None else row(Cart, cart_id)


async def find_own_cart(info: strawberry.Info[Context, None]) -> Cart | None:
    channel_id = info.context.binds["channel"]
    cart_id = await in_transaction(info.context, partial(service.find_own_cart, channel_id=channel_id))
    return None if cart_id is None else row(Cart, cart_id)


@strawberry.type
class Query:
    cart: Cart | None = strawberry.field(
        resolver=find_cart,
        metadata={"needs": PUBLIC},
        description="Your cart: the header X-Mercer-Cart opens it, or your being signed in; its id alone does not."
        " Its prices are those of this moment. An id leads to the cart that its own went into.",
    )
    my_cart: Cart | None = strawberry.field(
        resolver=find_own_cart,
        metadata={"needs": PUBLIC},
        description="The cart that you can buy now in this channel: yours if you are signed in, or the one that the"
        " header X-Mercer-Cart opens. Signed in with that header, the guest's cart becomes yours, with all that was in"
        " the one you had.",
    )
    address_format: AddressFormat | None = strawberry.field(
        resolver=find_format,
        metadata={"needs": PUBLIC},
        description="How addresses of a country are written. Null: there is no such country.",
    )
