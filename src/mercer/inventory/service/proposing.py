"""How stock is found for a buyer: levels are locked, then it is decided where to take it from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from mercer.inventory.errors import InsufficientStock
from mercer.inventory.models import Allocation, StockRequest, Supply
from mercer.inventory.queries import levels as queries
from mercer.inventory.rules.allocating import propose
from mercer.inventory.service.telling import note_of, tell_changed
from mercer.platform.context import Context


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Where stock is to be taken from, at levels that nobody else changes now."""

    allocations: tuple[Allocation, ...]
    own: Mapping[tuple[UUID, UUID], int]
    """How many the holder holds already, by variant and warehouse."""


async def lock_and_propose(
    context: Context, *, holder_id: UUID, channel_id: UUID, country: str | None, requests: Sequence[StockRequest]
) -> Proposal:
    """Lock all that could be taken, and what the holder holds, and say from where to take it.

    A buyer who finds too little has holds of others swept that have expired. Raises `InsufficientStock`.
    """
    variant_ids = {request.variant_id for request in requests}
    locked = await queries.lock_supplies(
        context.db, holder_id=holder_id, channel_id=channel_id, variant_ids=variant_ids
    )
    supplies = [each.supply for each in locked if each.is_serving]
    try:
        allocations = propose(requests, supplies, country=country)
    except InsufficientStock:
        swept = await _sweep(context, holder_id, channel_id, variant_ids, supplies)
        if swept is None:
            raise
        allocations = propose(requests, swept, country=country)
    own = {(each.supply.variant_id, each.supply.warehouse_id): each.supply.own for each in locked if each.supply.own}
    return Proposal(allocations=allocations, own=own)


async def _sweep(
    context: Context, holder_id: UUID, channel_id: UUID, variant_ids: Collection[UUID], supplies: Sequence[Supply]
) -> list[Supply] | None:
    """The supplies with what expired holds leave; None if there were none."""
    freed = await queries.sweep_holds_of(
        context.db,
        holder_id=holder_id,
        channel_id=channel_id,
        variant_ids=variant_ids,
        now=context.now,
        note=note_of(context, None),
    )
    if not freed:
        return None
    tell_changed(context, {each.variant_id: each.product_id for each in freed})
    more = {(each.variant_id, each.warehouse_id): each.quantity for each in freed}
    return [replace(each, free=each.free + more.get((each.variant_id, each.warehouse_id), 0)) for each in supplies]
