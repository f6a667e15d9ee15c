"""Which cached answers a change of the catalogue outdates."""

from collections.abc import Collection
from uuid import UUID

from mercer.platform.context import Context

EVERYTHING = "catalog"
"""The tag of every answer: something that many products share changed."""
LISTS = "products"
"""The tag of answers that say which products there are, in which order, or how many."""
MOST_TAGS = 90


def outdate_products(context: Context, *, product_ids: Collection[UUID]) -> None:
    """Drop what shows these products, and the lists that they may have entered, left or changed places in."""
    if len(product_ids) > MOST_TAGS:
        context.outdate(EVERYTHING)
    elif product_ids:
        context.outdate(LISTS, *(f"product:{id}" for id in product_ids))
