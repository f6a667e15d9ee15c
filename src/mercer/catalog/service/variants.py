"""Creating, changing, archiving and deleting variants. The product's row is locked first, always."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from mercer.catalog import tables
from mercer.catalog.errors import (
    BarcodeTaken,
    LastVariant,
    ProductNotFound,
    SkuTaken,
    TooMany,
    VariantNotFound,
    VariantSold,
)
from mercer.catalog.events import VariantArchived, VariantCreated, VariantDeleted, VariantRestored, VariantUpdated
from mercer.catalog.models import NewVariant, Outcomes, Refusal, VariantChanges
from mercer.catalog.queries import rows
from mercer.catalog.queries import variants as queries
from mercer.catalog.queries.lookups import lock_catalogue
from mercer.catalog.queries.rows import Row
from mercer.catalog.rules.changes import MOST_VARIANTS, VARIANT, check_order, distinct, put_in
from mercer.catalog.rules.faults import Faults
from mercer.catalog.rules.options import checked_combination
from mercer.catalog.service.costs import as_columns, check_costs, told_costs
from mercer.catalog.service.editing import as_created, as_deleted, changes_of, differing, locked
from mercer.catalog.service.outdating import outdate_products
from mercer.catalog.service.search import refresh_search_of
from mercer.platform.context import Context
from mercer.platform.errors import DomainError

ENTITY = "ProductVariant"


async def create_variant(context: Context, *, product_id: UUID, variant: NewVariant) -> UUID:
    """Give a product another variant, the last in order. Returns its id.

    Raises `ProductNotFound`, `SkuTaken`, `BarcodeTaken`, `OptionValueNotFound`, `OptionValuesIncomplete`,
    `OptionValuesTaken`, `InvalidInput`, and as `check_costs` does.
    """
    check_costs(context, [variant])
    values = _checked(variant)
    await lock_catalogue(context.db)
    await locked(context, table=tables.product, id=product_id, missing=ProductNotFound)
    await _refuse_taken(context, values, id=None)
    standing = await queries.load_standing(context.db, product_id)
    if len(standing) >= MOST_VARIANTS:
        raise TooMany(most=MOST_VARIANTS).at("product_id")
    chosen = await _chosen(context, product_id, None, variant.get("option_value_ids", ()), standing)
    stored = put_in({}, values)
    id = await rows.insert_last(context.db, tables.variant.c.product_id, {"product_id": product_id, **stored})
    if chosen:
        await queries.write_values(context.db, id, chosen)
    told = told_costs(stored, stored)
    context.record(ENTITY, id, as_created({"product_id": product_id, **told, "option_value_ids": _sorted(chosen)}))
    context.announce(VariantCreated(variant_id=id, product_id=product_id))
    await _note_on_product(context, product_id)
    await refresh_search_of(context, product_ids=[product_id])
    return id


async def update_variant(context: Context, *, id: UUID, changes: VariantChanges, version: int | None = None) -> None:
    """Change what a variant says of itself, its SKU included.

    Raises `VariantNotFound`, `VersionConflict`, `SkuTaken`, `BarcodeTaken`, `OptionValueNotFound`,
    `OptionValuesIncomplete`, `OptionValuesTaken`, `InvalidInput`, and as `check_costs` does.
    """
    check_costs(context, [changes])
    values = _checked(changes)
    if "sku" in values or "barcode" in values:
        await lock_catalogue(context.db)
    before = await lock_variant(context, id=id, version=version)
    product_id = before["product_id"]
    changed = differing(before, put_in(before, values))
    await _refuse_taken(context, changed, id=id)
    described: dict[str, tuple[Any, Any]] = {}
    if "option_value_ids" in changes:
        standing = await queries.load_standing(context.db, product_id)
        chosen = await _chosen(context, product_id, id, changes["option_value_ids"], standing)
        if standing[id].values != set(chosen.values()):
            await queries.write_values(context.db, id, chosen)
            described["option_value_ids"] = (sorted(standing[id].values), _sorted(chosen))
    if not changed and not described:
        return
    await rows.update(context.db, tables.variant, id, {**changed, "version": before["version"] + 1})
    told = changes_of(told_costs(before, changed), told_costs({**before, **changed}, changed))
    context.record(ENTITY, id, {**told, **described})
    context.announce(VariantUpdated(variant_id=id, product_id=product_id))
    await _note_on_product(context, product_id)
    if "sku" in changed:
        await refresh_search_of(context, product_ids=[product_id])


async def update_variants(context: Context, *, changes: Mapping[UUID, VariantChanges]) -> Outcomes:
    """Change several variants, of any products. One that cannot be is left, and told with its reason.

    Raises as `check_costs` does.
    """
    await lock_catalogue(context.db)
    products = await queries.find_products(context.db, list(changes))
    await rows.lock_many(context.db, tables.product, set(products.values()))
    done, refused = list[UUID](), list[Refusal]()
    for id, asked in changes.items():
        try:
            await update_variant(context, id=id, changes=asked)
            done.append(id)
        except DomainError as error:
            refused.append(Refusal(id=id, error=error))
    return Outcomes(done=done, refused=refused)


async def archive_variant(context: Context, *, id: UUID, version: int | None = None) -> None:
    """Sell a variant no longer. Repeated, it changes nothing.

    Raises `VariantNotFound`, `VersionConflict`, `LastVariant`.
    """
    before = await lock_variant(context, id=id, version=version)
    if before["archived_at"] is None:
        standing = await queries.load_standing(context.db, before["product_id"])
        if not any(other != id and not each.is_archived for other, each in standing.items()):
            raise LastVariant
        await _write_archived(context, before, archived_at=context.now)
        context.announce(VariantArchived(variant_id=id, product_id=before["product_id"]))


async def restore_variant(context: Context, *, id: UUID, version: int | None = None) -> None:
    """Sell a variant again. Repeated, it changes nothing.

    Raises `VariantNotFound`, `VersionConflict`, `OptionValuesIncomplete`, `OptionValuesTaken`.
    """
    before = await lock_variant(context, id=id, version=version)
    if before["archived_at"] is not None:
        product_id = before["product_id"]
        standing = await queries.load_standing(context.db, product_id)
        await _chosen(context, product_id, id, list(standing[id].values), standing)
        await _write_archived(context, before, archived_at=None)
        context.announce(VariantRestored(variant_id=id, product_id=product_id))


async def delete_variant(context: Context, *, id: UUID, version: int | None = None) -> UUID:
    """Delete a variant with its prices and stock. Returns its product's id.

    Raises `VariantNotFound`, `VersionConflict`, `LastVariant`, `VariantSold`.
    """
    before = await lock_variant(context, id=id, version=version)
    product_id: UUID = before["product_id"]
    standing = await queries.load_standing(context.db, product_id)
    left = [each for other, each in standing.items() if other != id]
    if not left or (before["archived_at"] is None and all(each.is_archived for each in left)):
        raise LastVariant
    if not await rows.delete_unless_used(context.db, tables.variant, id):
        raise VariantSold
    context.record(ENTITY, id, as_deleted(before, ["product_id", "sku", "barcode", "name"]))
    context.announce(VariantDeleted(variant_id=id, product_id=product_id))
    await _note_on_product(context, product_id)
    await refresh_search_of(context, product_ids=[product_id])
    return product_id


async def reorder_variants(context: Context, *, product_id: UUID, variant_ids: Sequence[UUID]) -> None:
    """Put a product's variants in this order, archived ones included.

    Raises `ProductNotFound`, `OrderIncomplete`.
    """
    await locked(context, table=tables.product, id=product_id, missing=ProductNotFound)
    there = await rows.ids_in(context.db, tables.variant.c.product_id, product_id)
    check_order(variant_ids, there, at="variant_ids")
    if list(variant_ids) != list(there):
        await rows.put_in_order(context.db, tables.variant, variant_ids)
        context.record("Product", product_id, {"variants": (list(there), list(variant_ids))})
        for id in variant_ids:
            context.announce(VariantUpdated(variant_id=id, product_id=product_id))
        await _note_on_product(context, product_id)


async def lock_variant(context: Context, *, id: UUID, version: int | None = None) -> Row:
    """A variant's row, its product's locked before it. Raises `VariantNotFound`, `VersionConflict`."""
    product_id = await rows.parent_of(context.db, tables.variant.c.product_id, id)
    if product_id is None or await rows.lock(context.db, tables.product, product_id) is None:
        raise VariantNotFound(id=id)
    return await locked(context, table=tables.variant, id=id, missing=VariantNotFound, version=version)


def _checked(changes: VariantChanges) -> dict[str, Any]:
    faults = Faults()
    values = faults.check_fields(changes, VARIANT)
    faults.check(("option_value_ids",), distinct, changes.get("option_value_ids", ()))
    faults.refuse()
    return as_columns(values)


async def _refuse_taken(context: Context, values: Mapping[str, Any], *, id: UUID | None) -> None:
    if (sku := values.get("sku")) is not None and await queries.find_owner(context.db, sku=sku) not in (None, id):
        raise SkuTaken(sku=sku).at("sku")
    barcode = values.get("barcode")
    if barcode is not None and await queries.find_owner(context.db, barcode=barcode) not in (None, id):
        raise BarcodeTaken(barcode=barcode).at("barcode")


async def _chosen(
    context: Context,
    product_id: UUID,
    id: UUID | None,
    values: Sequence[UUID],
    standing: Mapping[UUID, queries.VariantStanding],
) -> dict[UUID, UUID]:
    """The values that a variant is to have, by option. Raises as `checked_combination` does."""
    options = await queries.load_option_values(context.db, product_id)
    siblings = {other: each.values for other, each in standing.items() if other != id and not each.is_archived}
    combination = checked_combination(values, options=options, siblings=siblings)
    return {options[value]: value for value in combination}


def _sorted(chosen: Mapping[UUID, UUID]) -> list[UUID]:
    return sorted(chosen.values())


async def _write_archived(context: Context, before: Row, *, archived_at: Any) -> None:
    values = {"archived_at": archived_at}
    await rows.update(context.db, tables.variant, before["id"], {**values, "version": before["version"] + 1})
    context.record(ENTITY, before["id"], changes_of(before, values))
    await _note_on_product(context, before["product_id"])
    await refresh_search_of(context, product_ids=[before["product_id"]])


async def _note_on_product(context: Context, product_id: UUID) -> None:
    """Note that something that belongs to the product changed. Its own version stays: its own fields did not."""
    await rows.update(context.db, tables.product, product_id, {"updated_at": context.now})
    outdate_products(context, product_ids=[product_id])
