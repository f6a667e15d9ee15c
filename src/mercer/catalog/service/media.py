"""Products' pictures, made of uploads. The product is locked first, and its version counted on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from mercer.catalog import tables
from mercer.catalog.errors import MediaNotFound, ProductNotFound, TooMany
from mercer.catalog.models import MediaChanges, NewMedia
from mercer.catalog.queries import rows
from mercer.catalog.queries.rows import Row
from mercer.catalog.rules.changes import MEDIA, MOST_MEDIA, check_order, put_in
from mercer.catalog.rules.faults import Faults
from mercer.catalog.service.editing import changes_of, differing, locked
from mercer.catalog.service.outdating import outdate_products
from mercer.catalog.service.product_changes import note_change, release
from mercer.media import service as pictures
from mercer.media.errors import PictureUnknown
from mercer.platform.context import Context


async def add_media(context: Context, *, product_id: UUID, media: NewMedia, version: int | None = None) -> UUID:
    """Let a product show an uploaded picture, after those that it shows. Returns the id of what it shows.

    Raises `ProductNotFound`, `VersionConflict`, `PictureUnknown`, `InvalidInput`.
    """
    values = put_in({}, _checked(media))
    before = await locked(context, table=tables.product, id=product_id, missing=ProductNotFound, version=version)
    there = await rows.ids_in(context.db, tables.media.c.product_id, product_id)
    if len(there) >= MOST_MEDIA:
        raise TooMany(most=MOST_MEDIA).at("upload_id")
    try:
        picture = await pictures.take_picture(context, picture_id=media["upload_id"])
    except PictureUnknown as error:
        raise error.at("upload_id") from None
    shown = {
        "product_id": product_id,
        "picture_id": picture.id,
        "path": picture.path,
        "width": picture.width,
        "height": picture.height,
        **values,
    }
    id = await rows.insert_last(context.db, tables.media.c.product_id, shown)
    described = {f"media.{id}": (None, {"picture_id": picture.id, **values})}
    await note_change(context, before=before, values={}, described=described)
    return id


async def update_media(context: Context, *, id: UUID, changes: MediaChanges, version: int | None = None) -> UUID:
    """Change what a product says of a picture. `version` is the product's, whose id is returned.

    Raises `MediaNotFound`, `VersionConflict`, `InvalidInput`.
    """
    values = _checked(changes)
    product, row = await _lock(context, id, version)
    changed = differing(row, put_in(row, values))
    if changed:
        await rows.update(context.db, tables.media, id, changed)
        described = {f"media.{id}.{name}": change for name, change in changes_of(row, changed).items()}
        await note_change(context, before=product, values={}, described=described)
    product_id: UUID = product["id"]
    return product_id


async def remove_media(context: Context, *, id: UUID, version: int | None = None) -> UUID:
    """Let a product show a picture no longer. Returns the product's id. Raises `MediaNotFound`, `VersionConflict`."""
    product, row = await _lock(context, id, version)
    await rows.delete(context.db, tables.media, id)
    await release(context, media_rows=[row])
    described = {f"media.{id}": ({"path": row["path"], "alt": row["alt"]}, None)}
    await note_change(context, before=product, values={}, described=described)
    product_id: UUID = product["id"]
    return product_id


async def reorder_media(
    context: Context, *, product_id: UUID, media_ids: Sequence[UUID], version: int | None = None
) -> None:
    """Put a product's pictures in this order; the first is its thumbnail.

    Raises `ProductNotFound`, `VersionConflict`, `OrderIncomplete`.
    """
    before = await locked(context, table=tables.product, id=product_id, missing=ProductNotFound, version=version)
    there = await rows.ids_in(context.db, tables.media.c.product_id, product_id)
    check_order(media_ids, there, at="media_ids")
    if list(media_ids) != list(there):
        await rows.put_in_order(context.db, tables.media, media_ids)
        described = {"media": (list(there), list(media_ids))}
        await note_change(context, before=before, values={}, described=described)


async def show_renditions(context: Context, *, picture_id: UUID) -> None:
    """Drop cached answers that show a picture whose sizes are there now."""
    shown = await rows.list_values(context.db, tables.media.c.product_id, tables.media.c.picture_id, picture_id)
    outdate_products(context, product_ids=shown)


def _checked(changes: MediaChanges) -> dict[str, Any]:
    faults = Faults()
    values = faults.check_fields(changes, MEDIA)
    faults.refuse()
    return values


async def _lock(context: Context, id: UUID, version: int | None) -> tuple[Row, Row]:
    """A product and its picture, locked."""
    product_id = await rows.parent_of(context.db, tables.media.c.product_id, id)
    if product_id is None:
        raise MediaNotFound(id=id)
    product = await locked(context, table=tables.product, id=product_id, missing=ProductNotFound, version=version)
    return product, await locked(context, table=tables.media, id=id, missing=MediaNotFound)
