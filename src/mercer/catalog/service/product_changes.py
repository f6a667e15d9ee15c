"""Changing, archiving and deleting products."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from mercer.catalog import tables
from mercer.catalog.errors import CategoryNotFound, ProductNotFound, ProductTypeNotFound, VariantSold
from mercer.catalog.events import ProductDeleted, ProductUpdated
from mercer.catalog.models import ProductChanges
from mercer.catalog.queries import rows, slugs
from mercer.catalog.queries.lookups import lock_catalogue
from mercer.catalog.rules.changes import MOST_ATTRIBUTES, PRODUCT, at_most, put_in
from mercer.catalog.rules.faults import Faults
from mercer.catalog.service.editing import as_deleted, changes_of, differing, locked, referred_to, take_slug
from mercer.catalog.service.outdating import outdate_products
from mercer.catalog.service.search import refresh_search_of
from mercer.catalog.service.values import find_changed_values, write_values
from mercer.media import service as media
from mercer.platform.context import Context

FOUND_BY = frozenset({"name", "name_translations", "tags", "product_type_id"})
"""A change of these changes what a product is found by."""


async def update_product(context: Context, *, id: UUID, changes: ProductChanges, version: int | None = None) -> None:
    """Change what a product says of itself.

    Raises `ProductNotFound`, `VersionConflict`, `SlugTaken`, `ProductTypeNotFound`, `CategoryNotFound`,
    `InvalidInput`.
    """
    faults = Faults()
    values = faults.check_fields(changes, PRODUCT)
    settings = faults.check(("attributes",), at_most, MOST_ATTRIBUTES, changes.get("attributes", ())) or ()
    if "slug" in changes:
        await lock_catalogue(context.db)
    values |= await find_kinds(context, changes=changes)
    before = await locked(context, table=tables.product, id=id, missing=ProductNotFound, version=version)
    type_id: UUID = values.get("product_type_id") or before["product_type_id"]
    changed_values = await find_changed_values(
        context,
        product_id=id,
        product_type_id=type_id,
        is_new_type=type_id != before["product_type_id"],
        settings=settings,
        faults=faults,
    )
    faults.refuse()
    changed = differing(before, put_in(before, values))
    if "slug" in changed:
        await take_slug(context, of=slugs.PRODUCTS, id=id, before=before["slug"], slug=changed["slug"])
    described = await write_values(context, product_id=id, changed=changed_values)
    if changed or described:
        await note_change(context, before=before, values=changed, described=described)
    if not FOUND_BY.isdisjoint(changed):
        await refresh_search_of(context, product_ids=[id])


async def find_kinds(context: Context, *, changes: ProductChanges) -> dict[str, Any]:
    """The type and category that a product is to have, which stay until the transaction ends.

    Raises `ProductTypeNotFound`, `CategoryNotFound`.
    """
    found: dict[str, Any] = {}
    if "product_type_id" in changes:
        found["product_type_id"] = id = changes["product_type_id"]
        await referred_to(context, table=tables.product_type, id=id, missing=ProductTypeNotFound, at="product_type_id")
    if "category_id" in changes:
        found["category_id"] = category_id = changes["category_id"]
        if category_id is not None:
            await referred_to(
                context, table=tables.category, id=category_id, missing=CategoryNotFound, at="category_id"
            )
    return found


async def note_change(
    context: Context, *, before: rows.Row, values: Mapping[str, Any], described: Mapping[str, tuple[Any, Any]]
) -> None:
    """Write changed values of a product that is locked, count its version on, and tell of it.

    `described` is what else of it changed, as the audit shows it.
    """
    id = before["id"]
    counted = {"version": before["version"] + 1, "updated_at": context.now}
    await rows.update(context.db, tables.product, id, {**values, **counted})
    context.record("Product", id, {**changes_of(before, values), **described})
    context.announce(ProductUpdated(product_id=id))
    outdate_products(context, product_ids=[id])


async def delete_product(context: Context, *, id: UUID, version: int | None = None) -> None:
    """Delete a product with all that is its own: variants, prices, stock, pictures, slugs.

    Raises `ProductNotFound`, `VersionConflict`, `VariantSold`.
    """
    before = await locked(context, table=tables.product, id=id, missing=ProductNotFound, version=version)
    pictures = await rows.rows_in(context.db, tables.media.c.product_id, id)
    variants = await rows.rows_in(context.db, tables.variant.c.product_id, id)
    if not await rows.delete_unless_used(context.db, tables.product, id):
        raise VariantSold
    await release(context, media_rows=pictures)
    gone = as_deleted(before, ["name", "slug", "product_type_id", "category_id"])
    context.record("Product", id, {**gone, "variants": ([variant["sku"] for variant in variants], None)})
    context.announce(ProductDeleted(product_id=id))
    outdate_products(context, product_ids=[id])


async def release(context: Context, *, media_rows: Sequence[rows.Row]) -> None:
    """Let go of the pictures of rows that are gone."""
    pictures = [row["picture_id"] for row in media_rows if row["picture_id"] is not None]
    if pictures:
        await media.release_pictures(context, picture_ids=pictures)
