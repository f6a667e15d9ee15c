"""Products' options and their values. The product is locked first, and its version counted on."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from mercer.catalog import tables
from mercer.catalog.errors import (
    OptionInUse,
    OptionNameTaken,
    OptionNotFound,
    OptionUnknown,
    OptionValueNotFound,
    ProductNotFound,
    TooMany,
)
from mercer.catalog.models import NewOption, NewOptionValue, OptionChanges
from mercer.catalog.queries import rows
from mercer.catalog.queries import variants as variant_queries
from mercer.catalog.queries.rows import Row
from mercer.catalog.rules.changes import MOST_OPTIONS, MOST_VALUES, OPTION, check_order, put_in
from mercer.catalog.rules.creation import checked_new_option
from mercer.catalog.rules.faults import Faults
from mercer.catalog.rules.options import check_option_is_spare
from mercer.catalog.service.editing import changes_of, differing, locked
from mercer.catalog.service.product_changes import note_change
from mercer.platform.context import Context


async def create_option(context: Context, *, product_id: UUID, option: NewOption, version: int | None = None) -> None:
    """Give a product another option. The variants that are there get its value `value_of_variants`.

    Raises `ProductNotFound`, `VersionConflict`, `OptionNameTaken`, `InvalidInput`.
    """
    faults = Faults()
    checked = checked_new_option(option, faults)
    wanted = option.get("value_of_variants", "")
    if wanted not in [value.name for value in checked.values]:
        faults.note(OptionUnknown(option=checked.name, value=wanted), "value_of_variants")
    faults.refuse()
    before = await locked(context, table=tables.product, id=product_id, missing=ProductNotFound, version=version)
    there = await rows.rows_in(context.db, tables.option.c.product_id, product_id)
    _refuse_full(there, MOST_OPTIONS)
    _refuse_taken(checked.name, there)
    named = {"product_id": product_id, "name": checked.name, "name_translations": checked.name_translations}
    option_id = await rows.insert_last(context.db, tables.option.c.product_id, named)
    values = [
        {"option_id": option_id, "name": each.name, "name_translations": each.name_translations, "position": position}
        for position, each in enumerate(checked.values)
    ]
    await rows.insert_many(context.db, tables.option_value, values)
    chosen = next(
        row["id"]
        for row in await rows.rows_in(context.db, tables.option_value.c.option_id, option_id)
        if row["name"] == wanted
    )
    variants = await rows.ids_in(context.db, tables.variant.c.product_id, product_id)
    given = [{"variant_id": id, "option_id": option_id, "option_value_id": chosen} for id in variants]
    await rows.insert_many(context.db, tables.variant_option_value, given)
    described = {f"options.{checked.name}": (None, [value.name for value in checked.values])}
    await note_change(context, before=before, values={}, described=described)


async def update_option(context: Context, *, id: UUID, changes: OptionChanges, version: int | None = None) -> UUID:
    """Change an option. `version` is the product's, whose id is returned.

    Raises `OptionNotFound`, `VersionConflict`, `OptionNameTaken`, `InvalidInput`.
    """
    values = _checked(changes)
    before = await _lock_product_of_option(context, id, version)
    there = await rows.rows_in(context.db, tables.option.c.product_id, before["id"])
    option = next(row for row in there if row["id"] == id)
    await _rename(context, before, tables.option, option, there, values, f"options.{option['name']}")
    return _id(before)


async def delete_option(context: Context, *, id: UUID, version: int | None = None) -> UUID:
    """Remove an option that does not tell variants apart. Returns the product's id.

    Raises `OptionNotFound`, `VersionConflict`, `OptionInUse`.
    """
    before = await _lock_product_of_option(context, id, version)
    option = await locked(context, table=tables.option, id=id, missing=OptionNotFound)
    values = await rows.rows_in(context.db, tables.option_value.c.option_id, id)
    standing = await variant_queries.load_standing(context.db, before["id"])
    sold = {variant: each.values for variant, each in standing.items() if not each.is_archived}
    check_option_is_spare([row["id"] for row in values], sold)
    await rows.delete(context.db, tables.option, id)
    described = {f"options.{option['name']}": ([row["name"] for row in values], None)}
    await note_change(context, before=before, values={}, described=described)
    return _id(before)


async def reorder_options(
    context: Context, *, product_id: UUID, option_ids: Sequence[UUID], version: int | None = None
) -> None:
    """Put a product's options in this order.

    Raises `ProductNotFound`, `VersionConflict`, `OrderIncomplete`.
    """
    before = await locked(context, table=tables.product, id=product_id, missing=ProductNotFound, version=version)
    there = await rows.rows_in(context.db, tables.option.c.product_id, product_id)
    await _put_in_order(context, before, there, option_ids, table=tables.option, at="option_ids", place="options")


async def create_option_value(
    context: Context, *, option_id: UUID, value: NewOptionValue, version: int | None = None
) -> UUID:
    """Give an option another value, the last in order. Returns the product's id.

    Raises `OptionNotFound`, `VersionConflict`, `OptionNameTaken`, `InvalidInput`.
    """
    values = put_in({}, _checked(value))
    before = await _lock_product_of_option(context, option_id, version)
    option = await locked(context, table=tables.option, id=option_id, missing=OptionNotFound)
    there = await rows.rows_in(context.db, tables.option_value.c.option_id, option_id)
    _refuse_full(there, MOST_VALUES)
    _refuse_taken(values["name"], there)
    await rows.insert_last(context.db, tables.option_value.c.option_id, {"option_id": option_id, **values})
    names = [row["name"] for row in there]
    described = {f"options.{option['name']}": (names, [*names, values["name"]])}
    await note_change(context, before=before, values={}, described=described)
    return _id(before)


async def update_option_value(
    context: Context, *, id: UUID, changes: OptionChanges, version: int | None = None
) -> UUID:
    """Change a value of an option. Returns the product's id.

    Raises `OptionValueNotFound`, `VersionConflict`, `OptionNameTaken`, `InvalidInput`.
    """
    values = _checked(changes)
    before, option = await _lock_product_of_value(context, id, version)
    there = await rows.rows_in(context.db, tables.option_value.c.option_id, option["id"])
    value = next(row for row in there if row["id"] == id)
    place = f"options.{option['name']}.{value['name']}"
    await _rename(context, before, tables.option_value, value, there, values, place)
    return _id(before)


async def delete_option_value(context: Context, *, id: UUID, version: int | None = None) -> UUID:
    """Remove a value that no variant has. Returns the product's id.

    Raises `OptionValueNotFound`, `VersionConflict`, `OptionInUse`.
    """
    before, option = await _lock_product_of_value(context, id, version)
    if uses := await variant_queries.count_uses(context.db, [id]):
        raise OptionInUse(variants=uses)
    there = await rows.rows_in(context.db, tables.option_value.c.option_id, option["id"])
    if len(there) == 1:
        raise OptionInUse(variants=0)
    await rows.delete(context.db, tables.option_value, id)
    names, left = [row["name"] for row in there], [row["name"] for row in there if row["id"] != id]
    await note_change(context, before=before, values={}, described={f"options.{option['name']}": (names, left)})
    return _id(before)


async def reorder_option_values(
    context: Context, *, option_id: UUID, value_ids: Sequence[UUID], version: int | None = None
) -> UUID:
    """Put an option's values in this order. Returns the product's id.

    Raises `OptionNotFound`, `VersionConflict`, `OrderIncomplete`.
    """
    before = await _lock_product_of_option(context, option_id, version)
    option = await locked(context, table=tables.option, id=option_id, missing=OptionNotFound)
    there = await rows.rows_in(context.db, tables.option_value.c.option_id, option_id)
    place = f"options.{option['name']}"
    await _put_in_order(context, before, there, value_ids, table=tables.option_value, at="value_ids", place=place)
    return _id(before)


async def _lock_product_of_option(context: Context, id: UUID, version: int | None) -> Row:
    product_id = await rows.parent_of(context.db, tables.option.c.product_id, id)
    if product_id is None:
        raise OptionNotFound(id=id)
    before = await locked(context, table=tables.product, id=product_id, missing=ProductNotFound, version=version)
    await locked(context, table=tables.option, id=id, missing=OptionNotFound)
    return before


async def _lock_product_of_value(context: Context, id: UUID, version: int | None) -> tuple[Row, Row]:
    """The product and the option of a value, locked."""
    option_id = await rows.parent_of(context.db, tables.option_value.c.option_id, id)
    if option_id is None:
        raise OptionValueNotFound(id=id)
    before = await _lock_product_of_option(context, option_id, version)
    await locked(context, table=tables.option_value, id=id, missing=OptionValueNotFound)
    return before, await locked(context, table=tables.option, id=option_id, missing=OptionNotFound)


def _checked(changes: OptionChanges | NewOptionValue) -> dict[str, Any]:
    faults = Faults()
    values = faults.check_fields(changes, OPTION)
    faults.refuse()
    return values


def _refuse_taken(name: str, there: Sequence[Row]) -> None:
    if name in [row["name"] for row in there]:
        raise OptionNameTaken(name=name).at("name")


def _refuse_full(there: Sequence[Row], most: int) -> None:
    if len(there) >= most:
        raise TooMany(most=most)


async def _rename(
    context: Context,
    product: Row,
    table: rows.Table,
    row: Row,
    siblings: Sequence[Row],
    values: Mapping[str, Any],
    place: str,
) -> None:
    changed = differing(row, put_in(row, values))
    if "name" in changed:
        _refuse_taken(changed["name"], siblings)
    if changed:
        await rows.update(context.db, table, row["id"], changed)
        described = {f"{place}.{name}": change for name, change in changes_of(row, changed).items()}
        await note_change(context, before=product, values={}, described=described)


async def _put_in_order(
    context: Context,
    product: Row,
    there: Sequence[Row],
    wanted: Sequence[UUID],
    *,
    table: rows.Table,
    at: str,
    place: str,
) -> None:
    ids = [row["id"] for row in there]
    check_order(wanted, ids, at=at)
    if list(wanted) != ids:
        await rows.put_in_order(context.db, table, wanted)
        names = {row["id"]: row["name"] for row in there}
        described = {place: ([names[id] for id in ids], [names[id] for id in wanted])}
        await note_change(context, before=product, values={}, described=described)


def _id(product: Row) -> UUID:
    id: UUID = product["id"]
    return id
