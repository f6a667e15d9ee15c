"""The verbs by which stock waits for a buyer."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from mercer.inventory.models import Place, StockRequest
from mercer.inventory.queries import levels as level_queries
from mercer.inventory.queries import promises as queries
from mercer.inventory.queries.promises import KeptHold
from mercer.inventory.rules.values import check_quantity
from mercer.inventory.service.proposing import lock_and_propose
from mercer.inventory.service.telling import note_of, tell_changed
from mercer.platform.context import Context
from mercer.platform.errors import TransactionBroken

_MOST_SWEPT = 200
"""How many expired holds one transaction begins with."""


async def hold_stock(
    context: Context,
    *,
    holder_id: UUID,
    channel_id: UUID,
    country: str | None,
    quantities: Mapping[UUID, int],
    until: datetime,
) -> None:
    """Make the holder's holds exactly these quantities of variants, until then.

    What was held before and is not wanted any more is let go of. What others hold counts as soon as it has expired.
    Raises `InsufficientStock`: then the holds are what they were. Raises `QuantityInvalid`.
    """
    for quantity in quantities.values():
        check_quantity(quantity)
    requests = [
        StockRequest(line_id=variant_id, variant_id=variant_id, quantity=quantity)
        for variant_id, quantity in sorted(quantities.items())
        if quantity
    ]
    proposal = await lock_and_propose(
        context, holder_id=holder_id, channel_id=channel_id, country=country, requests=requests
    )
    wanted = {(each.variant_id, each.warehouse_id): each.quantity for each in proposal.allocations}
    holds = [
        KeptHold(Place(variant_id=place[0], warehouse_id=place[1]), wanted.get(place, 0), proposal.own.get(place, 0))
        for place in sorted(wanted.keys() | proposal.own.keys())
    ]
    if not holds:
        return
    changed = await queries.write_holds(
        context.db, holds, holder_id=holder_id, until=until, note=note_of(context, None)
    )
    if changed is None:
        raise TransactionBroken
    tell_changed(context, changed)


async def release_holds(context: Context, *, holder_id: UUID) -> None:
    """Let go of all that waits for a holder. Again, it changes nothing."""
    tell_changed(context, await queries.release_holds(context.db, holder_id=holder_id, note=note_of(context, None)))


async def sweep_holds(context: Context) -> bool:
    """Let go of some holds that have expired. Says whether there were any that nobody else was just changing."""
    freed = await level_queries.sweep_holds(context.db, now=context.now, limit=_MOST_SWEPT, note=note_of(context, None))
    tell_changed(context, {each.variant_id: each.product_id for each in freed})
    return bool(freed)
