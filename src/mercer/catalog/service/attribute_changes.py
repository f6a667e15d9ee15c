"""Changing attributes and their choices. An attribute's version counts what happens to its choices too."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from mercer.catalog import tables
from mercer.catalog.errors import (
    AttributeInUse,
    AttributeNotFound,
    ChoiceInUse,
    ChoiceNotFound,
    ChoicesMisplaced,
    CodeTaken,
    NamedTwice,
    TooMany,
    UnitInvalid,
)
from mercer.catalog.events import AttributeCreated, AttributeDeleted, AttributeUpdated
from mercer.catalog.models import AttributeChanges, AttributeKind, ChoiceChanges, NewAttribute, NewChoice
from mercer.catalog.queries import rows
from mercer.catalog.queries import types as queries
from mercer.catalog.queries.lookups import lock_catalogue
from mercer.catalog.queries.rows import Row
from mercer.catalog.rules.changes import ATTRIBUTE, CHOICE, MOST_CHOICES, at_most, check_order, put_in
from mercer.catalog.rules.faults import Faults
from mercer.catalog.rules.slugs import choose_slug
from mercer.catalog.service.editing import as_created, as_deleted, changes_of, differing, locked, save
from mercer.catalog.service.outdating import EVERYTHING
from mercer.catalog.service.type_changes import refuse_code
from mercer.platform.context import Context
from mercer.values.names import sort_key

ENTITY = "Attribute"
OF_CHOICES = frozenset({AttributeKind.CHOICE, AttributeKind.MULTI_CHOICE})


async def create_attribute(context: Context, *, attribute: NewAttribute) -> UUID:
    """Create an attribute with its choices. No product type has it yet. Returns its id.

    Raises `CodeTaken`, `InvalidInput`.
    """
    faults = Faults()
    values = put_in({}, faults.check_fields(attribute, ATTRIBUTE))
    given = faults.check(("choices",), at_most, MOST_CHOICES, attribute.get("choices", ())) or ()
    choices = [faults.check_fields(each, CHOICE, "choices", str(place)) for place, each in enumerate(given)]
    kind = attribute["kind"]
    if given and kind not in OF_CHOICES:
        faults.note(ChoicesMisplaced(), "choices")
    _note_unit(values, kind, faults)
    named = _with_codes(choices, faults)
    faults.refuse()
    await lock_catalogue(context.db)
    await refuse_code(context, table=tables.attribute, code=values["code"])
    position = await queries.next_attribute_position(context.db)
    id = await rows.insert(context.db, tables.attribute, {**values, "kind": kind.value, "position": position})
    written = [{"attribute_id": id, "position": place, **each} for place, each in enumerate(named)]
    await rows.insert_many(context.db, tables.attribute_choice, written)
    codes = [each["code"] for each in named]
    context.record(ENTITY, id, as_created({**values, "kind": kind, "choices": codes}))
    context.announce(AttributeCreated(attribute_id=id))
    context.outdate(EVERYTHING)
    return id


async def update_attribute(
    context: Context, *, id: UUID, changes: AttributeChanges, version: int | None = None
) -> None:
    """Change what an attribute says of itself. Its kind and its code stay.

    Raises `AttributeNotFound`, `VersionConflict`, `InvalidInput`.
    """
    faults = Faults()
    values = faults.check_fields(changes, ATTRIBUTE)
    before = await _lock(context, id, version)
    _note_unit(values, AttributeKind(before["kind"]), faults)
    faults.refuse()
    if await save(context, entity=ENTITY, table=tables.attribute, before=before, values=put_in(before, values)):
        context.announce(AttributeUpdated(attribute_id=id))
        context.outdate(EVERYTHING)


async def delete_attribute(context: Context, *, id: UUID, version: int | None = None) -> None:
    """Delete an attribute that no product type has, with its choices.

    Raises `AttributeNotFound`, `VersionConflict`, `AttributeInUse`.
    """
    await lock_catalogue(context.db)
    before = await _lock(context, id, version)
    products = await rows.count_in(context.db, tables.product_attribute.c.attribute_id, id)
    types = await rows.count_in(context.db, tables.product_type_attribute.c.attribute_id, id)
    if products or types:
        raise AttributeInUse(products=products, product_types=types)
    await rows.delete(context.db, tables.attribute, id)
    context.record(ENTITY, id, as_deleted(before, ["code", "name", "kind"]))
    context.announce(AttributeDeleted(attribute_id=id))
    context.outdate(EVERYTHING)


async def create_choice(context: Context, *, attribute_id: UUID, choice: NewChoice, version: int | None = None) -> None:
    """Give an attribute another choice, the last in order. `version` is the attribute's.

    Raises `AttributeNotFound`, `VersionConflict`, `CodeTaken`, `InvalidInput`.
    """
    faults = Faults()
    values = put_in({}, faults.check_fields(choice, CHOICE))
    faults.refuse()
    await lock_catalogue(context.db)
    before = await _lock(context, attribute_id, version)
    if AttributeKind(before["kind"]) not in OF_CHOICES:
        raise ChoicesMisplaced().at("attribute_id")
    there = {
        row["code"] for row in await rows.rows_in(context.db, tables.attribute_choice.c.attribute_id, attribute_id)
    }
    if len(there) >= MOST_CHOICES:
        raise TooMany(most=MOST_CHOICES).at("attribute_id")
    code = values.setdefault("code", choose_slug(values["name"], key=sort_key(values["name"]), taken=there))
    if code is None or code in there:
        raise CodeTaken(taken=code or values["name"]).at("code")
    values["attribute_id"] = attribute_id
    await rows.insert_last(context.db, tables.attribute_choice.c.attribute_id, values)
    await _note(context, before, {f"choices.{code}": (None, {"name": values["name"]})})


async def update_choice(context: Context, *, id: UUID, changes: ChoiceChanges, version: int | None = None) -> UUID:
    """Change what a choice says of itself. Its code stays. Returns the attribute's id.

    Raises `ChoiceNotFound`, `VersionConflict`, `InvalidInput`.
    """
    faults = Faults()
    values = faults.check_fields(changes, CHOICE)
    faults.refuse()
    before, choice = await _lock_choice(context, id, version)
    changed = differing(choice, put_in(choice, values))
    if changed:
        await rows.update(context.db, tables.attribute_choice, id, changed)
        place = f"choices.{choice['code']}"
        described = {f"{place}.{name}": change for name, change in changes_of(choice, changed).items()}
        await _note(context, before, described)
    attribute_id: UUID = before["id"]
    return attribute_id


async def delete_choice(context: Context, *, id: UUID, version: int | None = None) -> UUID:
    """Remove a choice that no product has. Returns the attribute's id.

    Raises `ChoiceNotFound`, `VersionConflict`, `ChoiceInUse`.
    """
    await lock_catalogue(context.db)
    before, choice = await _lock_choice(context, id, version)
    if products := await rows.count_in(context.db, tables.product_attribute_choice.c.choice_id, id):
        raise ChoiceInUse(products=products)
    await rows.delete(context.db, tables.attribute_choice, id)
    await _note(context, before, {f"choices.{choice['code']}": ({"name": choice["name"]}, None)})
    attribute_id: UUID = before["id"]
    return attribute_id


async def reorder_choices(
    context: Context, *, attribute_id: UUID, choice_ids: Sequence[UUID], version: int | None = None
) -> None:
    """Put an attribute's choices in this order.

    Raises `AttributeNotFound`, `VersionConflict`, `OrderIncomplete`.
    """
    before = await _lock(context, attribute_id, version)
    there = await rows.rows_in(context.db, tables.attribute_choice.c.attribute_id, attribute_id)
    codes = {row["id"]: row["code"] for row in there}
    check_order(choice_ids, codes, at="choice_ids")
    if list(choice_ids) != list(codes):
        await rows.put_in_order(context.db, tables.attribute_choice, choice_ids)
        await _note(context, before, {"choices": (list(codes.values()), [codes[id] for id in choice_ids])})


async def _lock(context: Context, id: UUID, version: int | None) -> Row:
    return await locked(context, table=tables.attribute, id=id, missing=AttributeNotFound, version=version)


async def _lock_choice(context: Context, id: UUID, version: int | None) -> tuple[Row, Row]:
    """A choice's attribute and itself, locked."""
    attribute_id = await rows.parent_of(context.db, tables.attribute_choice.c.attribute_id, id)
    if attribute_id is None:
        raise ChoiceNotFound(id=id)
    before = await _lock(context, attribute_id, version)
    return before, await locked(context, table=tables.attribute_choice, id=id, missing=ChoiceNotFound)


async def _note(context: Context, attribute: Row, described: dict[str, tuple[Any, Any]]) -> None:
    """Note that an attribute's choices changed."""
    await rows.update(context.db, tables.attribute, attribute["id"], {"version": attribute["version"] + 1})
    context.record(ENTITY, attribute["id"], described)
    context.announce(AttributeUpdated(attribute_id=attribute["id"]))
    context.outdate(EVERYTHING)


def _note_unit(values: dict[str, Any], kind: AttributeKind, faults: Faults) -> None:
    if values.get("unit") is not None and kind is not AttributeKind.NUMBER:
        faults.note(UnitInvalid(), "unit")


def _with_codes(choices: Sequence[dict[str, Any]], faults: Faults) -> list[dict[str, Any]]:
    """New choices, each with a code and each code once."""
    named: list[dict[str, Any]] = []
    taken = {each["code"] for each in choices if each.get("code")}
    seen = set[str]()
    for place, each in enumerate(choices):
        name, code = each.get("name") or "", each.get("code")
        if code is None and "code" not in each and name:
            code = choose_slug(name, key=sort_key(name), taken=taken)
        if code is not None and code in seen:
            faults.note(NamedTwice(), "choices", str(place), "code")
        seen.add(code or "")
        taken.add(code or "")
        stored = put_in({}, {key: value for key, value in each.items() if value is not None})
        named.append({"name_translations": {}, **stored, "code": code})
    return named
