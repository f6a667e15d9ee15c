"""Which cached answers a change of the catalogue outdates, and how many products are told of at once."""

from collections.abc import Collection, Sequence
from uuid import UUID

from mercer.catalog.events import ProductsStored
from mercer.platform.context import Context

EVERYTHING = "catalog"
"""The tag of every answer: something that many products share changed."""
LISTS = "products"
"""The tag of answers that say which products there are, in which order, or how many."""
MOST_TAGS = 90
MOST_IDS = 500
"""How many products one event names."""


def outdate_products(context: Context, *, product_ids: Collection[UUID]) -> None:
    """Drop what shows these products, and the lists that they may have entered, left or changed places in."""
    if len(product_ids) > MOST_TAGS:
        context.outdate(EVERYTHING)
    elif product_ids:
        context.outdate(LISTS, *(f"product:{id}" for id in product_ids))


def announce_stored(context: Context, *, product_ids: Sequence[UUID]) -> None:
    """Tell of many products that were created or changed in one go."""
    for start in range(0, len(product_ids), MOST_IDS):
        context.announce(ProductsStored(product_ids=tuple(product_ids[start : start + MOST_IDS])))
    outdate_products(context, product_ids=product_ids)
