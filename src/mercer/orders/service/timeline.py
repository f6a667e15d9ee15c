"""What happened to an order, in words that do not change."""

from typing import Any
from uuid import UUID

from mercer.orders.errors import OrderNotFound
from mercer.orders.models import TimelineData, TimelineKind
from mercer.orders.queries import heads
from mercer.orders.queries import timeline as queries
from mercer.orders.rules.texts import check_note
from mercer.platform.context import Context
from mercer.platform.scopes import check_scope

NOTHING: TimelineData = {}


async def note(context: Context, *, order_id: UUID, kind: TimelineKind, data: TimelineData = NOTHING) -> UUID:
    """Note what happened to an order, and who acted. Returns the entry. `data` are JSON values, nothing personal."""
    return await queries.insert_entry(context.db, entry_of(context, order_id, kind, data))


async def add_note(context: Context, *, order_id: UUID, text: str) -> UUID:
    """Note what staff write of an order. Raises `OrderNotFound`, `ScopeExceeded`, `NoteInvalid`."""
    text = check_note(text)
    order = await heads.find_order(context.db, order_id)
    if order is None:
        raise OrderNotFound().at("id")
    check_scope(context, "orders.manage", channel_id=order.channel_id, amount=0)
    return await note(context, order_id=order_id, kind=TimelineKind.NOTE, data={"text": text})


def entry_of(context: Context, order_id: UUID, kind: TimelineKind, data: TimelineData = NOTHING) -> dict[str, Any]:
    """An entry's row."""
    return {
        "order_id": order_id,
        "at": context.now,
        "kind": kind.value,
        "actor_kind": context.actor.kind.value,
        "actor_id": context.actor.id,
        "data": dict(data),
        "traceparent": context.origin.traceparent,
    }
