"""Carts as they are found: with their lines, locked or not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.cart.models import Cart, CartLine, CartState, Notice
from mercer.totals.models import PricedBasket, Taxed
from mercer.totals.service import from_json
from mercer.values.address import Address

_ROW = """
    SELECT c.id, c.state, c.channel_id, c.currency, c.language, c.customer_id, c.token_hash, c.email,
        c.shipping_address, c.billing_address, c.shipping_method_id, c.merged_into_id, c.order_id,
        c.shipping_net, c.shipping_tax, c.shipping_gross, c.total_net, c.total_tax, c.total_gross,
        c.pricing_revision, c.revision, c.updated_at,
        (SELECT s.revision FROM cart.cart s WHERE s.id = c.id) AS seen_revision,
        (SELECT o.name FROM cart.offer o WHERE o.cart_id = c.id AND o.method_id = c.shipping_method_id) AS method_name,
        (SELECT json_agg(l ORDER BY l.position, l.id) FROM cart.line l WHERE l.cart_id = c.id) AS lines,
        (SELECT json_agg(n ORDER BY n.position) FROM cart.notice n WHERE n.cart_id = c.id) AS notices
    FROM cart.cart c
"""
_OPENED = """
    WHERE c.id = coalesce((SELECT m.merged_into_id FROM cart.cart m WHERE m.id = :id), :id)
        AND (:is_program OR c.customer_id = :customer_id OR (c.customer_id IS NULL AND c.token_hash = :token_hash))
"""
_LOAD = sa.text(_ROW + _OPENED)
_LOCK = sa.text(_ROW + _OPENED + " FOR NO KEY UPDATE OF c")
_LOAD_MANY = sa.text(_ROW + " WHERE c.id = ANY(:ids) ORDER BY c.id")
_OWN = sa.text("""
    SELECT id FROM cart.cart WHERE state = 'active' AND channel_id = :channel_id
        AND (customer_id = :customer_id OR (customer_id IS NULL AND token_hash = :token_hash))
    ORDER BY customer_id IS NULL, updated_at DESC LIMIT 1
""")
_UNCLAIMED = sa.text("""
    SELECT id FROM cart.cart
    WHERE token_hash = :token_hash AND customer_id IS NULL AND state = 'active' AND channel_id = :channel_id
""")
_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('mercer.cart ' || :customer_id, 0))")
_LOCK_OWN = sa.text("""
    SELECT id, customer_id IS NULL AS is_unclaimed FROM cart.cart
    WHERE state = 'active' AND channel_id = :channel_id
        AND (customer_id = :customer_id OR (customer_id IS NULL AND token_hash = :token_hash))
    ORDER BY id FOR NO KEY UPDATE
""")
_PRICED = sa.text("SELECT priced FROM cart.cart WHERE id = :id")


@dataclass(frozen=True, kw_only=True)
class Key:
    """What somebody opens carts with."""

    customer_id: UUID | None
    token_hash: bytes | None
    is_program: bool = False
    """Whether it is a command or a job, which may open all."""


async def load_cart(connection: AsyncConnection, cart_id: UUID, key: Key) -> Cart | None:
    """A cart that this key opens, or the one that it went into. It is not locked."""
    row = (await connection.execute(_LOAD, {"id": cart_id, **vars(key)})).mappings().one_or_none()
    return None if row is None else _cart(dict(row))


async def lock_cart(connection: AsyncConnection, cart_id: UUID, key: Key) -> Cart | None:
    """A cart that this key opens, or the one that it went into, which nobody else changes now.

    Whoever waited for the lock has the cart as it is by then, but its lines as they were before: the statement saw
    them before it waited. The revision, read in both ways, tells.
    """
    row = (await connection.execute(_LOCK, {"id": cart_id, **vars(key)})).mappings().one_or_none()
    if row is None:
        return None
    if row["state"] == CartState.MERGED:
        return await lock_cart(connection, row["merged_into_id"], key)
    if row["revision"] != row["seen_revision"]:
        return (await load_locked(connection, [row["id"]]))[row["id"]]
    return _cart(dict(row))


async def load_locked(connection: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Cart]:
    """Carts that this transaction has locked."""
    rows = await connection.execute(_LOAD_MANY, {"ids": list(ids)})
    return {row["id"]: _cart(dict(row)) for row in rows.mappings()}


async def find_own(connection: AsyncConnection, key: Key, *, channel_id: UUID) -> UUID | None:
    """The active cart that this key opens in a channel: the customer's, before one that a token opens."""
    found: UUID | None = await connection.scalar(_OWN, _owner(key, channel_id))
    return found


async def find_unclaimed(connection: AsyncConnection, token_hash: bytes, *, channel_id: UUID) -> UUID | None:
    """The guest's active cart that a token opens."""
    found: UUID | None = await connection.scalar(_UNCLAIMED, {"token_hash": token_hash, "channel_id": channel_id})
    return found


async def lock_ownership(connection: AsyncConnection, customer_id: UUID) -> None:
    """Let nobody else give this customer a cart until the transaction ends. Taken before carts are locked."""
    await connection.execute(_ONE_AT_A_TIME, {"customer_id": str(customer_id)})


async def lock_own(connection: AsyncConnection, key: Key, *, channel_id: UUID) -> tuple[Cart | None, Cart | None]:
    """The customer's active cart, and the guest's that he shows the token of, both locked, in order of their ids."""
    rows = (await connection.execute(_LOCK_OWN, _owner(key, channel_id))).all()
    carts = await load_locked(connection, [row.id for row in rows])
    own = next((carts[row.id] for row in rows if not row.is_unclaimed), None)
    unclaimed = next((carts[row.id] for row in rows if row.is_unclaimed), None)
    return own, unclaimed


async def load_priced(connection: AsyncConnection, cart_id: UUID) -> PricedBasket | None:
    """The basket as it was priced last."""
    stored = await connection.scalar(_PRICED, {"id": cart_id})
    return None if stored is None else from_json(stored)


def _owner(key: Key, channel_id: UUID) -> dict[str, Any]:
    return {"customer_id": key.customer_id, "token_hash": key.token_hash, "channel_id": channel_id}


def _cart(row: Mapping[str, Any]) -> Cart:
    return Cart(
        id=row["id"],
        state=CartState(row["state"]),
        channel_id=row["channel_id"],
        currency=row["currency"],
        language=row["language"],
        customer_id=row["customer_id"],
        token_hash=row["token_hash"],
        email=row["email"],
        shipping_address=_address(row["shipping_address"]),
        billing_address=_address(row["billing_address"]),
        shipping_method_id=row["shipping_method_id"],
        shipping_method_name=row["method_name"] or "",
        lines=tuple(_line(line) for line in row["lines"] or ()),
        notices=tuple(msgspec.convert(row["notices"] or [], list[Notice])),
        merged_into_id=row["merged_into_id"],
        order_id=row["order_id"],
        shipping_total=_taxed(row, "shipping"),
        total=_taxed(row, "total"),
        pricing_revision=row["pricing_revision"],
        revision=row["revision"],
        updated_at=row["updated_at"],
    )


def _line(row: Mapping[str, Any]) -> CartLine:
    counts = row["problem"] is None
    amounts = {name: _parts(row, name) if counts else None for name in ("unit", "total")}
    return msgspec.convert({**row, **amounts}, CartLine)


def _taxed(row: Mapping[str, Any], name: str) -> Taxed:
    return Taxed(**_parts(row, name))


def _parts(row: Mapping[str, Any], name: str) -> dict[str, int | None]:
    return {part: row[f"{name}_{part}"] for part in ("net", "tax", "gross")}


def _address(stored: Mapping[str, Any] | None) -> Address | None:
    return None if stored is None else msgspec.convert(stored, Address)
