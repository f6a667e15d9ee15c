"""Changing product types and their attributes. What names them by code locks the catalogue first."""

from collections.abc import Sequence
from uuid import UUID

from mercer.catalog import tables
from mercer.catalog.errors import AttributeInUse, AttributeNotFound, CodeTaken, ProductTypeInUse, ProductTypeNotFound
from mercer.catalog.events import ProductTypeCreated, ProductTypeDeleted, ProductTypeUpdated
from mercer.catalog.models import NewProductType, ProductTypeChanges
from mercer.catalog.queries import rows
from mercer.catalog.queries import types as queries
from mercer.catalog.queries.lookups import lock_catalogue
from mercer.catalog.queries.rows import Row
from mercer.catalog.rules.changes import MOST_ATTRIBUTES, PRODUCT_TYPE, distinct, put_in
from mercer.catalog.rules.faults import Faults
from mercer.catalog.service.editing import as_created, as_deleted, differing, locked, save
from mercer.catalog.service.outdating import EVERYTHING
from mercer.catalog.service.search import refresh_search_of_types
from mercer.platform.context import Context

ENTITY = "ProductType"


async def create_product_type(context: Context, *, product_type: NewProductType) -> UUID:
    """Create a product type with its attributes in their order. Returns its id.

    Raises `CodeTaken`, `AttributeNotFound`, `InvalidInput`.
    """
    faults = Faults()
    values = put_in({}, faults.check_fields(product_type, PRODUCT_TYPE))
    wanted = faults.check(("attribute_ids",), distinct, product_type.get("attribute_ids", ()), most=MOST_ATTRIBUTES)
    faults.refuse()
    await lock_catalogue(context.db)
    await refuse_code(context, table=tables.product_type, code=values["code"])
    await _find_attributes(context, wanted or ())
    id = await rows.insert(context.db, tables.product_type, values)
    await queries.link_attributes(context.db, id, wanted or ())
    context.record(ENTITY, id, as_created({**values, "attribute_ids": wanted}))
    context.announce(ProductTypeCreated(product_type_id=id))
    context.outdate(EVERYTHING)
    return id


async def update_product_type(
    context: Context, *, id: UUID, changes: ProductTypeChanges, version: int | None = None
) -> None:
    """Change what a product type says of itself.

    Raises `ProductTypeNotFound`, `VersionConflict`, `CodeTaken`, `InvalidInput`.
    """
    faults = Faults()
    values = faults.check_fields(changes, PRODUCT_TYPE)
    faults.refuse()
    await lock_catalogue(context.db)
    before = await _lock(context, id, version)
    changed = differing(before, put_in(before, values))
    if "code" in changed:
        await refuse_code(context, table=tables.product_type, code=changed["code"])
    if await save(context, entity=ENTITY, table=tables.product_type, before=before, values=changed):
        context.announce(ProductTypeUpdated(product_type_id=id))
        context.outdate(EVERYTHING)
    if not {"name", "name_translations"}.isdisjoint(changed):
        await refresh_search_of_types(context, types=[changed.get("code") or before["code"]])


async def delete_product_type(context: Context, *, id: UUID, version: int | None = None) -> None:
    """Delete a product type that no product is of.

    Raises `ProductTypeNotFound`, `VersionConflict`, `ProductTypeInUse`.
    """
    await lock_catalogue(context.db)
    before = await _lock(context, id, version)
    if products := await rows.count_in(context.db, tables.product.c.product_type_id, id):
        raise ProductTypeInUse(products=products)
    await rows.delete(context.db, tables.product_type, id)
    context.record(ENTITY, id, as_deleted(before, ["code", "name"]))
    context.announce(ProductTypeDeleted(product_type_id=id))
    context.outdate(EVERYTHING)


async def set_attributes(
    context: Context, *, id: UUID, attribute_ids: Sequence[UUID], version: int | None = None
) -> None:
    """Give a product type exactly these attributes, in this order. One that its products have a value of must stay.

    Raises `ProductTypeNotFound`, `VersionConflict`, `AttributeNotFound`, `AttributeInUse`,
    `InvalidInput`.
    """
    faults = Faults()
    wanted = faults.check(("attribute_ids",), distinct, attribute_ids, most=MOST_ATTRIBUTES) or []
    faults.refuse()
    await lock_catalogue(context.db)
    before = await _lock(context, id, version)
    await _find_attributes(context, wanted)
    there = await queries.list_attributes(context.db, id)
    gone = [each for each in there if each not in wanted]
    for attribute_id in gone:
        await locked(context, table=tables.attribute, id=attribute_id, missing=AttributeNotFound)
        if products := await queries.count_values(context.db, product_type_id=id, attribute_id=attribute_id):
            raise AttributeInUse(products=products, product_types=1)
    if list(there) == wanted:
        return
    await rows.delete_in(context.db, tables.product_type_attribute.c.product_type_id, id)
    await queries.link_attributes(context.db, id, wanted)
    await rows.update_each(context.db, tables.product_type, [id], {})
    context.record(ENTITY, before["id"], {"attribute_ids": (list(there), wanted)})
    context.announce(ProductTypeUpdated(product_type_id=id))
    context.outdate(EVERYTHING)


async def refuse_code(context: Context, *, table: rows.Table, code: str) -> None:
    """Refuse a code that another one of its kind has. Raises `CodeTaken`."""
    if await rows.find(context.db, table.c.code, code) is not None:
        raise CodeTaken(taken=code).at("code")


async def _lock(context: Context, id: UUID, version: int | None) -> Row:
    return await locked(context, table=tables.product_type, id=id, missing=ProductTypeNotFound, version=version)


async def _find_attributes(context: Context, ids: Sequence[UUID]) -> None:
    there = await rows.refer_to_many(context.db, tables.attribute, ids)
    for place, id in enumerate(ids):
        if id not in there:
            raise AttributeNotFound(id=id).at("attribute_ids", str(place))
