"""The verb by which past orders are stored: those of another shop, and a demonstration's."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from mercer.orders.errors import OrderNumberTaken, OrderRepeated
from mercer.orders.models import FulfilmentStatus, OrderStatus, PastLine, PastOrder, PastShipping
from mercer.orders.queries import past as queries
from mercer.orders.rules.past import check_past_order, total_of
from mercer.orders.service.placing import address, tax_values, taxed
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.totals.models import AppliedTax
from mercer.values.currency import to_decimal
from mercer.values.ids import new_id
from mercer.values.stored import Rejection, Stored

Rows = dict[str, list[dict[str, Any]]]


async def store_past_orders(context: Context, *, orders: Sequence[PastOrder]) -> Stored:
    """Store orders that came about elsewhere, some thousands at a time. One known by its external id stays as it is.

    A faulty one is rejected; the others are stored. They are history: nothing is announced of them, no stock is set
    aside, nothing stands in the ledger, and nobody can pay them here.
    """
    known, numbers = await queries.find_known(
        context.db,
        external_ids=[order.external_id for order in orders],
        numbers=[order.number for order in orders],
    )
    rejected: dict[int, DomainError] = {}
    given, rows = set[str](), Rows(order=[], line=[], shipping=[], tax=[])
    for index, order in enumerate(orders):
        try:
            if order.external_id in given:
                raise OrderRepeated(external_id=order.external_id)
            given.add(order.external_id)
            if order.external_id in known:
                continue
            check_past_order(order)
            if order.number in numbers:
                raise OrderNumberTaken(number=order.number)
            numbers[order.number] = order.external_id
        except DomainError as error:
            rejected[index] = error.with_traceback(None)
            continue
        _add(rows, order)
    await queries.stage_orders(context.db, rows)
    created = len(await queries.write_orders(context.db))
    return Stored(
        created=created,
        updated=0,
        unchanged=len(orders) - created - len(rejected),
        rejected=tuple(Rejection(index=index, error=error) for index, error in rejected.items()),
    )


def _add(rows: Rows, order: PastOrder) -> None:
    """Add an order's rows."""
    order_id = new_id(order.created_at)
    rows["order"].append(_head(order, order_id))
    for place, line in enumerate(order.lines, 1):
        line_id = new_id(order.created_at)
        rows["line"].append(_line(order, line, place) | {"id": line_id, "order_id": order_id})
        rows["tax"] += _taxes(order, line.taxes, order_id, line_id)
    if order.shipping is not None:
        row = _shipping(order, order.shipping)
        rows["shipping"].append(row | {"id": new_id(order.created_at), "order_id": order_id})
        rows["tax"] += _taxes(order, order.shipping.taxes, order_id, None)


def _head(order: PastOrder, order_id: UUID) -> dict[str, Any]:
    goods, delivery, total = total_of(order)
    assert total.gross is not None
    is_placed = order.status in {OrderStatus.OPEN, OrderStatus.ON_HOLD, OrderStatus.COMPLETED}
    is_cancelled = order.status is OrderStatus.CANCELLED
    country = order.shipping_address.country if order.shipping_address else order.shipping_country
    placed_at = order.placed_at or (order.created_at if is_placed else None)
    return {
        "id": order_id,
        "number": order.number,
        "channel_id": order.channel_id,
        "external_id": order.external_id,
        "customer_id": order.customer_id,
        "email": order.email,
        "email_key": None if order.email is None else order.email.casefold(),
        "currency": order.currency,
        "tax_mode": order.tax_mode.value,
        "rounding": order.rounding.value,
        "language": order.language,
        "status": order.status.value,
        "payment_status": order.payment_status.value,
        "fulfilment_status": order.fulfilment_status.value,
        **taxed("subtotal", goods),
        **taxed("shipping", delivery),
        "discount_total": order.discount,
        **taxed("total", total),
        "total_amount": to_decimal(total.gross, order.currency),
        "shipping_address": _json(order.shipping_address),
        "billing_address": _json(order.billing_address),
        "shipping_country": country,
        "trace": "{}",
        "created_at": order.created_at,
        "placed_at": placed_at,
        "completed_at": placed_at if order.status is OrderStatus.COMPLETED else None,
        "cancelled_at": order.cancelled_at or (order.created_at if is_cancelled else None),
        "cancel_reason": order.cancel_reason,
    }


def _line(order: PastOrder, line: PastLine, place: int) -> dict[str, Any]:
    is_shipped = order.fulfilment_status is FulfilmentStatus.FULFILLED
    return {
        "position": place,
        "variant_id": line.variant_id,
        "product_id": line.product_id,
        "sku": line.sku,
        "product_name": line.product_name,
        "variant_name": line.variant_name,
        "weight_grams": line.weight_grams,
        "currency": order.currency,
        "quantity": line.quantity,
        "shipped_quantity": line.quantity if is_shipped else line.shipped_quantity,
        **taxed("unit", line.unit),
        "discount": 0,
        **taxed("total", line.total),
    }


def _shipping(order: PastOrder, shipping: PastShipping) -> dict[str, Any]:
    return {
        "code": shipping.code,
        "name": shipping.name,
        "currency": order.currency,
        "discount": 0,
        **taxed("total", shipping.total),
    }


def _taxes(order: PastOrder, taxes: Sequence[AppliedTax], order_id: UUID, line_id: UUID | None) -> list[dict[str, Any]]:
    return [
        tax_values(tax, order.tax_mode, order.currency)
        | {"id": new_id(order.created_at), "order_id": order_id, "line_id": line_id, "mode": order.tax_mode.value}
        for tax in taxes
    ]


def _json(given: Any) -> str | None:
    return None if given is None else msgspec.json.encode(address(given)).decode()
