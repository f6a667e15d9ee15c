"""Which of the catalogue's reads may be cached, and what outdates them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mercer.catalog import tables
from mercer.catalog.graphql.binds import NOW
from mercer.channels.graphql.binds import CHANNEL
from mercer.platform.graphql.views import EVERYTHING, Cached, Entity

OF_PRODUCTS = "products"
"""What lists of products are chosen, sorted and counted by: everything of them but stock."""

PRODUCT = Entity("product", lambda product: product.c.id)
OF_PRODUCT = Entity("product", lambda row: row.c.product_id)
"""Rows that belong to a product."""


def next_publication() -> sa.ColumnElement[datetime | None]:
    """When the next product appears in the channel, or disappears from it."""
    starting, ending = tables.publication.alias(), tables.publication.alias()
    begins = sa.select(sa.func.min(starting.c.publish_at)).where(*_ahead(starting, starting.c.publish_at))
    ends = sa.select(sa.func.min(ending.c.unpublish_at)).where(*_ahead(ending, ending.c.unpublish_at))
    return sa.func.least(begins.scalar_subquery(), ends.scalar_subquery())


def _ahead(publication: Any, moment: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[bool], ...]:
    is_published = publication.c.status == sa.literal_column("'published'")
    return publication.c.channel_id == CHANNEL, is_published, moment > NOW


_SHARED = (
    tables.product_type,
    tables.product_type_attribute,
    tables.attribute,
    tables.attribute_choice,
    tables.category,
    tables.category_ancestor,
    tables.former_category_slug,
)
_OF_PRODUCTS = (
    tables.product,
    tables.former_product_slug,
    tables.product_search,
    tables.publication,
    tables.product_attribute,
    tables.product_attribute_choice,
    tables.option,
    tables.option_value,
    tables.variant,
    tables.variant_option_value,
    tables.media,
)

CACHED = Cached(
    tables=dict.fromkeys(_SHARED, EVERYTHING) | dict.fromkeys(_OF_PRODUCTS, OF_PRODUCTS),
    changes_at={tables.publication: next_publication},
    binds=frozenset({"search_configuration"}),
)
