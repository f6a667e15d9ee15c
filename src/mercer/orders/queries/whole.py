"""The SQL by which a whole order is read."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.orders import tables
from mercer.orders.models import OrderLine, TokenKey
from mercer.orders.queries.heads import head_of
from mercer.totals.models import Taxed
from mercer.values.address import Address
from mercer.values.basket import TaxMode

_ORDER, _LINE, _SHIPPING, _KEY = tables.order, tables.line, tables.shipping_line, tables.token_key


async def find_lines(connection: AsyncConnection, order_id: UUID) -> tuple[OrderLine, ...]:
    """An order's lines, in their order."""
    found = sa.select(_LINE).where(_LINE.c.order_id == order_id).order_by(_LINE.c.position)
    return tuple(_line(row) for row in await connection.execute(found))


async def find_whole_order(connection: AsyncConnection, order_id: UUID) -> tuple[dict[str, Any], TokenKey] | None:
    """All of an order but its lines, and the key that signs."""
    newest = sa.select(sa.func.max(_KEY.c.id)).scalar_subquery()
    found = (
        sa.select(_ORDER, _SHIPPING.c.name.label("shipping_name"), _KEY.c.inner, _KEY.c.outer)
        .outerjoin(_SHIPPING, _SHIPPING.c.order_id == _ORDER.c.id)
        .join(_KEY, _KEY.c.id == newest)
        .where(_ORDER.c.id == order_id)
    )
    row = (await connection.execute(found)).one_or_none()
    if row is None:
        return None
    values = {
        "head": head_of(row),
        "shipping_address": _address(row.shipping_address),
        "billing_address": _address(row.billing_address),
        "shipping_name": row.shipping_name,
        **{name: _taxed(row, name) for name in ("subtotal", "shipping", "total")},
        "discount": row.discount_total,
        "tax_mode": TaxMode(row.tax_mode),
    }
    return values, TokenKey(inner=bytes(row.inner), outer=bytes(row.outer))


def _line(row: Any) -> OrderLine:
    plain = {name: getattr(row, name) for name in OrderLine.__dataclass_fields__ if name not in {"unit", "total"}}
    return OrderLine(**plain, unit=_taxed(row, "unit"), total=_taxed(row, "total"))


def _taxed(row: Any, name: str) -> Taxed:
    return Taxed(**{part: getattr(row, f"{name}_{part}") for part in tables.PARTS})


def _address(stored: dict[str, Any] | None) -> Address | None:
    return None if stored is None else Address(**stored)
