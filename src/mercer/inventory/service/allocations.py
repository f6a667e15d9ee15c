"""The verbs by which stock is set aside for orders, and leaves."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from mercer.inventory.errors import InsufficientStock, NotAllocated, Shortage
from mercer.inventory.models import Allocation, StockRequest
from mercer.inventory.queries import levels as level_queries
from mercer.inventory.queries import promises as queries
from mercer.inventory.queries.promises import Leaving
from mercer.inventory.rules.values import check_taken
from mercer.inventory.service.proposing import lock_and_propose
from mercer.inventory.service.telling import note_of, tell_changed
from mercer.platform.context import Context
from mercer.platform.errors import TransactionBroken


async def allocate_stock(
    context: Context,
    *,
    holder_id: UUID,
    order_id: UUID,
    channel_id: UUID,
    country: str | None,
    lines: Sequence[StockRequest],
) -> tuple[Allocation, ...]:
    """Set aside what an order needs: all of it, or nothing. What the holder holds is used for it, and let go of.

    A line may be taken from several warehouses: see `rules/allocating.py`. Raises `InsufficientStock`,
    `QuantityInvalid`.
    """
    for line in lines:
        check_taken(line.quantity)
    proposal = await lock_and_propose(
        context, holder_id=holder_id, channel_id=channel_id, country=country, requests=lines
    )
    changed = await queries.write_allocations(
        context.db,
        proposal.allocations,
        order_id=order_id,
        holder_id=holder_id,
        note=note_of(context, None),
    )
    if changed is None:
        raise TransactionBroken
    tell_changed(context, changed)
    return proposal.allocations


async def release_allocations(
    context: Context, *, order_id: UUID, line_ids: Sequence[UUID] | None = None
) -> tuple[Allocation, ...]:
    """Let go of what is set aside for an order, or for these lines of it, and has not left yet. Returns what was.

    Again, it changes nothing.
    """
    released, changed = await queries.release_allocations(
        context.db, order_id=order_id, line_ids=line_ids, note=note_of(context, None)
    )
    tell_changed(context, changed)
    return released


async def ship_allocated(
    context: Context,
    *,
    order_id: UUID,
    shipment_id: UUID,
    lines: Mapping[UUID, int],
    warehouse_id: UUID | None = None,
) -> tuple[Allocation, ...]:
    """Let so many of each line of an order leave: all of them, or none. Returns from where.

    Without a warehouse, they leave from wherever they are set aside. Raises `NotAllocated`; `InsufficientStock` where
    what was promised on back-order has not come in; `QuantityInvalid`.
    """
    for quantity in lines.values():
        check_taken(quantity)
    if not lines:
        return ()
    leaving = await queries.ship(
        context.db,
        order_id=order_id,
        shipment_id=shipment_id,
        lines=lines,
        warehouse_id=warehouse_id,
        note=note_of(context, None),
    )
    _check_left(leaving)
    tell_changed(context, {each.variant_id: each.product_id for each in leaving if each.variant_id and each.product_id})
    return tuple(
        Allocation(
            line_id=each.line_id, variant_id=each.variant_id, warehouse_id=each.warehouse_id, quantity=each.quantity
        )
        for each in leaving
        if each.variant_id and each.warehouse_id
    )


def _check_left(leaving: Sequence[Leaving]) -> None:
    """Raise `NotAllocated` or `InsufficientStock` if nothing left."""
    allocated: dict[UUID, int] = {}
    for each in leaving:
        allocated[each.line_id] = allocated.get(each.line_id, 0) + each.quantity
    for each in leaving:
        if allocated[each.line_id] < each.wanted:
            raise NotAllocated(line_id=each.line_id, allocated=allocated[each.line_id])
    for each in leaving:
        if each.variant_id and (on_hand := each.on_hand or 0) < (requested := each.of_level or 0):
            shortage = Shortage(variant_id=each.variant_id, requested=requested, available=on_hand)
            raise InsufficientStock(available=on_hand, shortages=(shortage,))


async def find_available(
    context: Context, *, channel_id: UUID, variant_ids: Sequence[UUID], holder_id: UUID | None = None
) -> dict[UUID, int]:
    """How many of each variant can be had now, from stock or on back-order; what the holder holds counts for him.

    Every variant asked for has an entry.
    """
    found = await level_queries.find_available(
        context.db, channel_id=channel_id, variant_ids=variant_ids, holder_id=holder_id, now=context.now
    )
    return {variant_id: found.get(variant_id, 0) for variant_id in variant_ids}
