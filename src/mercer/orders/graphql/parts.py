"""What orders are made of, as both APIs show it."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
import strawberry

from mercer.orders import models, tables
from mercer.payments.models import PaymentStatus
from mercer.platform.graphql.views import Row, column, embedded, many, view
from mercer.values.graphql.money import Money, TaxedMoney, money, taxed

strawberry.enum(models.OrderStatus, description=models.OrderStatus.__doc__)
strawberry.enum(models.FulfilmentStatus, description=models.FulfilmentStatus.__doc__)
strawberry.enum(PaymentStatus, description=PaymentStatus.__doc__)


@view(tables.tax_line)
class TaxLine:
    """A tax that is due: all that is needed to compute it again."""

    name: str = column(description="What it is called: `VAT`.")
    jurisdiction: str = column(description="Whose it is.")
    rate: Decimal = column(description="0.19 is 19 per cent.")
    base: Money = money("base", description="What it is due on, without tax.")
    amount: Money = money("amount")


@view(tables.line)
class OrderLine:
    """So many of one thing, as it was when it was bought."""

    id: strawberry.ID = column()
    variant_id: strawberry.ID | None = column(description="Null where it was never in this catalogue.")
    product_id: strawberry.ID | None = column()
    sku: str = column()
    product_name: str = column()
    variant_name: str | None = column()
    quantity: int = column()
    shipped_quantity: int = column()
    unit_price: TaxedMoney = taxed("unit", description="What one cost, before discounts.")
    total: TaxedMoney = taxed("total", description="What all of them cost, discounts taken off.")
    taxes: list[TaxLine] = many(
        on=lambda line, tax: tax.c.line_id == line.c.id, order_by=lambda tax: (tax.c.jurisdiction, tax.c.name, tax.c.id)
    )


@view(tables.shipping_line)
class OrderShipping:
    """How an order is delivered, as it was agreed on."""

    method_id: strawberry.ID | None = column(description="Null where it was never a method of this shop.")
    code: str = column()
    name: str = column()
    total: TaxedMoney = taxed("total")
    taxes: list[TaxLine] = many(
        on=lambda shipping, tax: sa.and_(tax.c.order_id == shipping.c.order_id, tax.c.line_id.is_(None)),
        order_by=lambda tax: (tax.c.jurisdiction, tax.c.name, tax.c.id),
    )


def lines_of() -> Any:
    """The field `lines` of an order."""
    return many(
        on=lambda order, line: line.c.order_id == order.c.id, order_by=lambda line: (line.c.position,), most=500
    )


def discount_of(order: Row) -> dict[str, sa.ColumnElement[object]]:
    """What was taken off, as `TaxedMoney`: known in the order's own tax mode alone, unless it is nothing."""
    amount = order.c.discount_total
    nothing = amount == sa.literal_column("0")

    def known(mode: str) -> sa.ColumnElement[object]:
        return sa.case((sa.or_(nothing, order.c.tax_mode == sa.literal_column(f"'{mode}'")), amount))

    return {
        "net": known("net"),
        "tax": sa.case((nothing, amount)),
        "gross": known("gross"),
        "currency": order.c.currency,
        "is_estimated": sa.false(),
    }


def discount_total() -> Any:
    """The field `discountTotal` of an order."""
    return embedded(discount_of, total=True, description="What was taken off. Subtotal and shipping are without it.")
