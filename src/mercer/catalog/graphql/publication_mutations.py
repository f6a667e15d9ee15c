"""When and where products are seen."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from mercer.catalog import service
from mercer.catalog.errors import ProductIsArchived, ProductNotFound
from mercer.catalog.graphql.admin import Product
from mercer.catalog.graphql.inputs import id_of, ids_of, only, placed, refused, said
from mercer.catalog.graphql.product_mutations import ProductsChanged
from mercer.channels.errors import ChannelNotFound
from mercer.platform.context import Context
from mercer.platform.graphql.mutations import mutation, row, rows


@mutation(ProductNotFound, ProductIsArchived, ChannelNotFound, needs="products.publish")
async def product_publish(
    context: Context,
    id: strawberry.ID,
    channel_ids: list[strawberry.ID],
    publish_at: datetime | None = UNSET,
    unpublish_at: datetime | None = UNSET,
) -> Product:
    """Let a product be seen in channels from then until then: without times from now on and without an end."""
    with placed():
        outcomes = await service.publish_products(
            context,
            ids=[id_of(id)],
            channel_ids=ids_of(channel_ids),
            publish_at=said(publish_at),
            unpublish_at=unpublish_at or None,
        )
    return row(Product, only(outcomes))


@mutation(ProductNotFound, ProductIsArchived, ChannelNotFound, needs="products.publish")
async def product_unpublish(
    context: Context, id: strawberry.ID, channel_ids: list[strawberry.ID], at: datetime | None = UNSET
) -> Product:
    """Let a product be seen in channels no longer, at once or from then on."""
    with placed():
        outcomes = await service.unpublish_products(
            context, ids=[id_of(id)], channel_ids=ids_of(channel_ids), at=said(at)
        )
    return row(Product, only(outcomes))


@mutation(ChannelNotFound, needs="products.publish")
async def products_publish(
    context: Context,
    ids: list[strawberry.ID],
    channel_ids: list[strawberry.ID],
    publish_at: datetime | None = UNSET,
    unpublish_at: datetime | None = UNSET,
) -> ProductsChanged:
    """Let up to 250 products be seen in channels from then until then."""
    with placed():
        outcomes = await service.publish_products(
            context,
            ids=ids_of(ids),
            channel_ids=ids_of(channel_ids),
            publish_at=said(publish_at),
            unpublish_at=unpublish_at or None,
        )
    return ProductsChanged(products=rows(Product, outcomes.done), refused=refused(outcomes))


@mutation(ChannelNotFound, needs="products.publish")
async def products_unpublish(
    context: Context, ids: list[strawberry.ID], channel_ids: list[strawberry.ID], at: datetime | None = UNSET
) -> ProductsChanged:
    """Let up to 250 products be seen in channels no longer, at once or from then on."""
    with placed():
        outcomes = await service.unpublish_products(
            context, ids=ids_of(ids), channel_ids=ids_of(channel_ids), at=said(at)
        )
    return ProductsChanged(products=rows(Product, outcomes.done), refused=refused(outcomes))
