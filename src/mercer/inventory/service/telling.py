"""What is noted and told of stock that changed."""

from collections.abc import Mapping
from itertools import islice
from uuid import UUID

from mercer.inventory.events import StockChanged
from mercer.inventory.queries.notes import MovementNote
from mercer.platform.context import Context

_MOST_TAGS = 50
_MOST_IN_EVENT = 500


def note_of(context: Context, reason: str | None) -> MovementNote:
    """What the context's movements note."""
    return MovementNote(reason, context.now, context.actor.kind.value, context.actor.id)


def tell_changed(context: Context, products: Mapping[UUID, UUID]) -> None:
    """Tell that the stock of these variants changed, and so what can be had of their products."""
    remaining = iter(sorted(products))
    while part := tuple(islice(remaining, _MOST_IN_EVENT)):
        context.announce(StockChanged(variant_ids=part))
    tags = {f"product:{each}" for each in products.values()}
    if len(tags) > _MOST_TAGS:
        context.outdate("catalog")
    elif tags:
        context.outdate("stock", *tags)
