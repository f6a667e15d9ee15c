"""The verb by which an order is written."""

import dataclasses
from typing import Any
from uuid import UUID

import msgspec

from mercer.channels.service import list_channels
from mercer.orders.models import FulfilmentStatus, NewOrder, NewOrderLine, OrderStatus, PlacedOrder, TimelineKind
from mercer.orders.queries import placing as queries
from mercer.orders.rules.names import FIRST_NUMBER, prefix_of
from mercer.orders.rules.states import UNPAID_FOR
from mercer.orders.service.timeline import entry_of
from mercer.payments.models import PaymentStatus
from mercer.platform.context import Context
from mercer.totals.models import AppliedTax, Taxed
from mercer.values.address import Address
from mercer.values.basket import TaxMode
from mercer.values.currency import to_decimal
from mercer.values.ids import new_id


async def place_order(context: Context, *, order: NewOrder) -> PlacedOrder:
    """Write an order that is agreed on: to be paid, under the next number of its channel. One statement.

    A cart becomes one order: the caller has its row locked and knows that there is none yet.
    """
    told = entry_of(context, order.id, TimelineKind.CREATED)
    rows = {
        "head": [_head(context, order)],
        "lines": [_line(order, each, place) for place, each in enumerate(order.lines, 1)],
        "shipping": _shipping(context, order),
        "taxes": _taxes(context, order),
        "told": [{**told, "id": new_id(context.now)}],
    }
    written = msgspec.to_builtins(rows)
    number = await queries.insert_order(context.db, channel_id=order.channel_id, rows=written)
    if number is None:
        await _begin_numbers(context, order)
        number = await queries.insert_order(context.db, channel_id=order.channel_id, rows=written)
    assert number is not None
    return PlacedOrder(id=order.id, number=number)


async def _begin_numbers(context: Context, order: NewOrder) -> None:
    """The first order of a channel begins its numbers."""
    codes = {channel.id: channel.code for channel in await list_channels(context)}
    prefix = prefix_of(codes[order.channel_id])
    await queries.insert_series(context.db, channel_id=order.channel_id, prefix=prefix, first=FIRST_NUMBER)


def _head(context: Context, order: NewOrder) -> dict[str, Any]:
    totals = order.totals
    assert totals.total.gross is not None, "the order's taxes are not known"
    return {
        "id": order.id,
        "channel_id": order.channel_id,
        "cart_id": order.cart_id,
        "customer_id": order.customer_id,
        "email": order.email,
        "email_key": order.email.casefold(),
        "currency": totals.currency,
        "tax_mode": totals.mode,
        "rounding": totals.rounding,
        "language": order.language,
        "status": OrderStatus.PENDING_PAYMENT,
        "payment_status": PaymentStatus.PENDING if totals.total.gross else PaymentStatus.NONE,
        "fulfilment_status": FulfilmentStatus.UNFULFILLED,
        **taxed("subtotal", totals.subtotal),
        **taxed("shipping", totals.shipping_total),
        "discount_total": totals.discount_total,
        **taxed("total", totals.total),
        "total_amount": to_decimal(totals.total.gross, totals.currency),
        "shipping_address": address(order.shipping_address),
        "billing_address": address(order.billing_address),
        "shipping_country": order.shipping_address.country,
        "cart_token_hash": None if order.cart_token_hash is None else rf"\x{order.cart_token_hash.hex()}",
        "trace": _trace(order),
        "created_at": context.now,
        "expires_at": context.now + UNPAID_FOR,
    }


def _line(order: NewOrder, line: NewOrderLine, place: int) -> dict[str, Any]:
    return {
        "id": line.id,
        "position": place,
        "variant_id": line.variant_id,
        "product_id": line.product_id,
        "tax_class_id": line.tax_class_id,
        "sku": line.sku,
        "product_name": line.product_name,
        "variant_name": line.variant_name,
        "weight_grams": line.weight_grams,
        "currency": order.totals.currency,
        "quantity": line.quantity,
        "shipped_quantity": 0,
        **taxed("unit", line.priced.unit),
        "discount": line.priced.discount,
        **taxed("total", line.priced.total),
    }


def _shipping(context: Context, order: NewOrder) -> list[dict[str, Any]]:
    if (shipping := order.shipping) is None:
        return []
    row = {
        "id": new_id(context.now),
        "method_id": shipping.method_id,
        "tax_class_id": shipping.tax_class_id,
        "code": shipping.code,
        "name": shipping.name,
        "currency": order.totals.currency,
        "discount": shipping.priced.discount,
        **taxed("total", shipping.priced.total),
    }
    return [row]


def _taxes(context: Context, order: NewOrder) -> list[dict[str, Any]]:
    due: list[tuple[UUID | None, AppliedTax]] = [(line.id, tax) for line in order.lines for tax in line.priced.taxes]
    due += [(None, tax) for tax in (order.shipping.priced.taxes if order.shipping else ())]
    return [
        {
            "id": new_id(context.now),
            "line_id": line_id,
            **tax_values(tax, order.totals.mode, order.totals.currency),
        }
        for line_id, tax in due
    ]


def _trace(order: NewOrder) -> dict[str, Any]:
    """How each amount came about, by line and for the delivery."""
    lines = {str(line.id): [dataclasses.asdict(step) for step in line.priced.trace] for line in order.lines}
    shipping = [] if order.shipping is None else [dataclasses.asdict(step) for step in order.shipping.priced.trace]
    return {"lines": lines, "shipping": shipping}


def taxed(name: str, amount: Taxed) -> dict[str, int | None]:
    """An amount's three columns."""
    return {f"{name}_net": amount.net, f"{name}_tax": amount.tax, f"{name}_gross": amount.gross}


def tax_values(tax: AppliedTax, mode: TaxMode, currency: str) -> dict[str, Any]:
    """A tax's columns but the ids."""
    return {
        "name": tax.name,
        "jurisdiction": tax.jurisdiction,
        "rate": tax.rate,
        "base": tax.base,
        "amount": tax.amount,
        "mode": mode,
        "currency": currency,
    }


def address(given: Address) -> dict[str, str | None]:
    """An address as it is stored."""
    return dataclasses.asdict(given)
