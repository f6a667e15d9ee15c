"""What is noted and told of stock that changed."""

from collections.abc import Iterable
from itertools import islice

from mercer.catalog.models import VariantKey
from mercer.inventory.events import StockChanged
from mercer.inventory.queries.notes import MovementNote
from mercer.platform.context import Context

_MOST_TAGS = 50
_MOST_IN_EVENT = 500


def note_of(context: Context, reason: str | None) -> MovementNote:
    """What the context's movements note."""
    return MovementNote(reason, context.now, context.actor.kind.value, context.actor.id)


def tell_changed(context: Context, variants: Iterable[VariantKey]) -> None:
    """Tell that the stock of these variants changed."""
    by_id = {variant.id: variant.product_id for variant in variants}
    if not by_id:
        return
    remaining = iter(sorted(by_id))
    while part := tuple(islice(remaining, _MOST_IN_EVENT)):
        context.announce(StockChanged(variant_ids=part))
    products = set(by_id.values())
    if len(products) > _MOST_TAGS:
        context.outdate("catalog")
    else:
        context.outdate("stock", *(f"product:{each}" for each in products))
