"""What both APIs show of a cart alike."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import strawberry

from mercer.cart import errors, models, tables
from mercer.platform.graphql.views import Row, column, embedded, translated, view
from mercer.values.graphql.money import Money, money

strawberry.enum(models.CartState, description=models.CartState.__doc__)
strawberry.enum(models.CartNoticeKind, description=models.CartNoticeKind.__doc__)
strawberry.enum(errors.CartLineProblem, description=errors.CartLineProblem.__doc__)


@view(tables.offer, key="method_id")
class CartShippingMethod:
    """A way of delivery that a cart can choose."""

    id: strawberry.ID = column("method_id")
    code: str = column()
    name: str = translated("name")
    description: str = translated("description")
    carrier: str | None = column()
    price: Money = money("amount", description="In the channel's own way: with tax, or without.")


@view(tables.notice, key="position")
class CartNotice:
    """Something that was changed in a cart without being asked for. It stands there until the cart's next change."""

    kind: models.CartNoticeKind = column()
    name: str = column(description="Of the product or the shipping method.")
    sku: str | None = column()
    quantity: int | None = column(description="How many are not in the cart.")


def offered(cart: Row, offer: Row) -> sa.ColumnElement[bool]:
    """What can be chosen."""
    return offer.c.cart_id == cart.c.id


def chosen(cart: Row, offer: Row) -> sa.ColumnElement[bool]:
    """What is."""
    return sa.and_(offer.c.cart_id == cart.c.id, offer.c.method_id == cart.c.shipping_method_id)


def discount_total() -> Any:
    """What was taken off."""
    return embedded(_discount, total=True)


def _discount(cart: Row) -> Mapping[str, sa.ColumnElement[Any]]:
    # Nothing takes anything off yet: without tax and with it, it is the same.
    amount = cart.c.discount_total
    return {
        "net": amount,
        "tax": sa.literal_column("0"),
        "gross": amount,
        "currency": cart.c.currency,
        "is_estimated": sa.false(),
    }
