"""Carts as they are written: the cart, its lines, its offers and notices by one statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.cart import tables
from mercer.cart.models import Cart, CartLine
from mercer.shipping.models import ShippingOffer
from mercer.totals.models import Taxed
from mercer.totals.service import to_json

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_NOTHING = Taxed(net=None, tax=None, gross=None)


def _write_rows(table: sa.Table, parameter: str, keys: Sequence[str]) -> str:
    """Write the rows in a JSON parameter, which are the cart's, over those that have the same keys."""
    columns = [column for column in table.columns if column.name != "cart_id"]
    names = ", ".join(column.name for column in columns)
    types = ", ".join(f"{column.name} {column.type.compile(dialect=_DIALECT)}" for column in columns)
    others = [column.name for column in columns if column.name not in keys]
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    stored, given = (", ".join(f"{source}.{name}" for name in others) for source in (table.name, "excluded"))
    return f"""
        INSERT INTO {table} (cart_id, {names})
        SELECT CAST(:id AS uuid), {names} FROM jsonb_to_recordset(CAST(:{parameter} AS jsonb)) AS given ({types})
        ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {changes}
        WHERE ({stored}) IS DISTINCT FROM ({given})
    """  # noqa: S608 — names of our own tables and columns


_CART = (
    "language",
    "customer_id",
    "token_hash",
    "email",
    "shipping_method_id",
    "subtotal_net",
    "subtotal_tax",
    "subtotal_gross",
    "shipping_net",
    "shipping_tax",
    "shipping_gross",
    "discount_total",
    "total_net",
    "total_tax",
    "total_gross",
    "is_estimated",
    "pricing_revision",
    "priced_at",
    "updated_at",
)
_JSON = ("shipping_address", "billing_address", "priced")
_WRITE = sa.text(f"""
    WITH lines_removed AS (DELETE FROM cart.line WHERE cart_id = :id AND id <> ALL(CAST(:line_ids AS uuid[]))),
    lines_written AS ({_write_rows(tables.line, "lines", ["id"])}),
    offers_removed AS (
        DELETE FROM cart.offer WHERE cart_id = :id AND method_id <> ALL(CAST(:method_ids AS uuid[]))
    ),
    offers_written AS ({_write_rows(tables.offer, "offers", ["cart_id", "method_id"])}),
    notices_removed AS (DELETE FROM cart.notice WHERE cart_id = :id AND position >= :notice_count),
    notices_written AS ({_write_rows(tables.notice, "notices", ["cart_id", "position"])})
    UPDATE cart.cart SET {", ".join(f"{name} = :{name}" for name in _CART)},
        {", ".join(f"{name} = CAST(:{name} AS jsonb)" for name in _JSON)}, revision = revision + 1
    WHERE id = :id
""")  # noqa: S608 — as above
_INSERT = sa.insert(tables.cart)
_MERGED = sa.text("""
    UPDATE cart.cart SET state = CASE id WHEN :id THEN 'merged' ELSE state END, merged_into_id = :into,
        revision = revision + 1
    WHERE id = :id OR merged_into_id = :id
""")
_CONVERTED = sa.text("""
    UPDATE cart.cart SET state = 'converted', order_id = :order_id, updated_at = :now, revision = revision + 1
    WHERE id = :id AND state = 'active'
""")
_EXPIRED = sa.text("""
    UPDATE cart.cart SET state = 'expired', email = NULL, shipping_address = NULL, billing_address = NULL,
        revision = revision + 1
    WHERE id IN (
        SELECT id FROM cart.cart
        WHERE state = 'active' AND updated_at < CASE WHEN customer_id IS NULL THEN :guests ELSE :customers END
        ORDER BY updated_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED
    )
""")


async def insert_cart(connection: AsyncConnection, cart: Cart, *, now: datetime) -> None:
    """Begin an empty cart."""
    cells = {
        "id": cart.id,
        "channel_id": cart.channel_id,
        "currency": cart.currency,
        "language": cart.language,
        "customer_id": cart.customer_id,
        "token_hash": cart.token_hash,
        "email": cart.email,
        "created_at": now,
        "updated_at": now,
    }
    await connection.execute(_INSERT, cells)


async def write_cart(connection: AsyncConnection, cart: Cart, *, priced_at: datetime) -> None:
    """Write all of a cart that is locked, and was priced just now."""
    priced = cart.priced
    assert priced is not None, "a cart is written with what it costs"
    cells: dict[str, Any] = {
        **{name: getattr(cart, name) for name in _CART[:5]},
        **_parts("subtotal", priced.subtotal),
        **_parts("shipping", priced.shipping_total),
        **_parts("total", priced.total),
        "discount_total": priced.discount_total,
        "is_estimated": priced.is_estimated,
        "pricing_revision": cart.pricing_revision,
        "priced_at": priced_at,
        "updated_at": cart.updated_at,
        "shipping_address": None if cart.shipping_address is None else _json(cart.shipping_address),
        "billing_address": None if cart.billing_address is None else _json(cart.billing_address),
        "priced": to_json(priced),
    }
    related = {
        "id": cart.id,
        "line_ids": [line.id for line in cart.lines],
        "lines": _json([_line_cells(line, cart.currency) for line in cart.lines]),
        "method_ids": [offer.method_id for offer in cart.offers],
        "offers": _json(list(_offer_cells(cart.offers))),
        "notice_count": len(cart.notices),
        "notices": _json([{**asdict(each), "position": place} for place, each in enumerate(cart.notices)]),
    }
    await connection.execute(_WRITE, cells | related)


async def mark_merged(connection: AsyncConnection, cart_id: UUID, *, into: UUID) -> None:
    """Note that a cart, with all that went into it before, went into another one."""
    await connection.execute(_MERGED, {"id": cart_id, "into": into})


async def mark_converted(connection: AsyncConnection, cart_id: UUID, *, order_id: UUID, now: datetime) -> bool:
    """Note which order was made of an active cart. Returns whether it was one."""
    written = await connection.execute(_CONVERTED, {"id": cart_id, "order_id": order_id, "now": now})
    return bool(written.rowcount)


async def expire_carts(connection: AsyncConnection, *, guests: datetime, customers: datetime, limit: int) -> int:
    """End carts that were changed last before these times, and forget who they were of. Returns how many."""
    written = await connection.execute(_EXPIRED, {"guests": guests, "customers": customers, "limit": limit})
    return written.rowcount


def _line_cells(line: CartLine, currency: str) -> Mapping[str, Any]:
    cells = asdict(line)
    unit, total = cells.pop("unit"), cells.pop("total")
    return {
        **cells,
        "currency": currency,
        **_parts("unit", _NOTHING if unit is None else Taxed(**unit)),
        **_parts("total", _NOTHING if total is None else Taxed(**total)),
    }


def _offer_cells(offers: Iterable[ShippingOffer]) -> Iterable[Mapping[str, Any]]:
    for place, offer in enumerate(offers):
        yield {**asdict(offer), "name_translations": offer.translations, "position": place}


def _parts(name: str, amount: Taxed) -> dict[str, int | None]:
    return {f"{name}_net": amount.net, f"{name}_tax": amount.tax, f"{name}_gross": amount.gross}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
