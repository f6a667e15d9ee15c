"""What staff do with products' pictures. Versions are the product's."""

import strawberry
from strawberry import UNSET, Maybe

from mercer.catalog import service
from mercer.catalog.errors import MediaNotFound, ProductNotFound
from mercer.catalog.graphql.admin import Product
from mercer.catalog.graphql.inputs import given, id_of, ids_of, placed, said, version_in
from mercer.media.errors import PictureUnknown
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.mutations import mutation, row
from mercer.platform.graphql.scalars import Translations


@strawberry.input
class ProductMediaAddInput:
    product_id: strawberry.ID
    upload_id: strawberry.ID = strawberry.field(description="What `POST /admin/uploads` answered.")
    alt: Maybe[str] = strawberry.field(description="What the picture shows, for those who do not see it.")
    alt_translations: Maybe[Translations]
    version: Maybe[int]


@strawberry.input(description="What is left out stays. Translations: languages that are named, null removes one.")
class ProductMediaUpdateInput:
    alt: Maybe[str]
    alt_translations: Maybe[Translations]
    version: Maybe[int]


@mutation(ProductNotFound, VersionConflict, PictureUnknown, needs="products.manage")
async def product_media_add(context: Context, input: ProductMediaAddInput) -> Product:
    """Let a product show an uploaded picture, after those that it shows."""
    media = given(input)
    id = media.pop("product_id")
    with placed("input"):
        await service.add_media(context, product_id=id, media=media, version=version_in(input))
    return row(Product, id)


@mutation(MediaNotFound, VersionConflict, needs="products.manage")
async def product_media_update(context: Context, id: strawberry.ID, input: ProductMediaUpdateInput) -> Product:
    """Change what is said of a product's picture."""
    with placed("input"):
        changes = given(input)
        product = await service.update_media(context, id=id_of(id), changes=changes, version=version_in(input))
    return row(Product, product)


@mutation(MediaNotFound, VersionConflict, needs="products.manage")
async def product_media_remove(context: Context, id: strawberry.ID, version: int | None = UNSET) -> Product:
    """Let a product show a picture no longer."""
    with placed():
        return row(Product, await service.remove_media(context, id=id_of(id), version=said(version)))


@mutation(ProductNotFound, VersionConflict, needs="products.manage")
async def product_media_reorder(
    context: Context, product_id: strawberry.ID, media_ids: list[strawberry.ID], version: int | None = UNSET
) -> Product:
    """Put a product's pictures in this order. The first is its thumbnail."""
    id, wanted = id_of(product_id), ids_of(media_ids)
    with placed():
        await service.reorder_media(context, product_id=id, media_ids=wanted, version=said(version))
    return row(Product, id)
