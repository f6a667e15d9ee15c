"""Changing the category tree. What changes its shape or its slugs locks the catalogue first."""

from collections.abc import Sequence
from uuid import UUID

from mercer.catalog import tables
from mercer.catalog.errors import CategoryCycle, CategoryInUse, CategoryNotFound, CategoryTooDeep, SlugTaken
from mercer.catalog.events import CategoryCreated, CategoryDeleted, CategoryMoved, CategoryUpdated
from mercer.catalog.models import CategoryChanges, CategoryContents, NewCategory
from mercer.catalog.queries import categories as queries
from mercer.catalog.queries import rows, slugs
from mercer.catalog.queries.lookups import lock_catalogue
from mercer.catalog.rules.changes import CATEGORY, DEEPEST, check_order, put_in
from mercer.catalog.rules.faults import Faults
from mercer.catalog.rules.slugs import candidates
from mercer.catalog.service.editing import (
    as_created,
    as_deleted,
    differing,
    locked,
    referred_to,
    save,
    take_slug,
)
from mercer.catalog.service.outdating import EVERYTHING, announce_stored
from mercer.platform.context import Context

ENTITY = "Category"


async def create_category(context: Context, *, category: NewCategory) -> UUID:
    """Create a category, the last of its siblings. Its slug comes of its name when none is given. Returns its id.

    Raises `CategoryNotFound` for the parent, `SlugTaken`, `CategoryTooDeep`, `InvalidInput`.
    """
    faults = Faults()
    values = put_in({}, faults.check_fields(category, CATEGORY))
    faults.refuse()
    await lock_catalogue(context.db)
    values["parent_id"] = parent_id = category.get("parent_id")
    if parent_id is not None:
        await _find_parent(context, parent_id)
    if "slug" in values:
        await take_slug(context, of=slugs.CATEGORIES, id=None, before=None, slug=values["slug"])
    else:
        values["slug"] = await _choose_slug(context, values["name"], parent_id)
    id = await rows.insert_last(context.db, tables.category.c.parent_id, values)
    await _write_ancestors(context)
    context.record(ENTITY, id, as_created(values))
    context.announce(CategoryCreated(category_id=id))
    context.outdate(EVERYTHING)
    return id


async def update_category(context: Context, *, id: UUID, changes: CategoryChanges, version: int | None = None) -> None:
    """Change what a category says of itself.

    Raises `CategoryNotFound`, `VersionConflict`, `SlugTaken`, `InvalidInput`.
    """
    faults = Faults()
    values = faults.check_fields(changes, CATEGORY)
    faults.refuse()
    if "slug" in values:
        await lock_catalogue(context.db)
    before = await locked(context, table=tables.category, id=id, missing=CategoryNotFound, version=version)
    changed = differing(before, put_in(before, values))
    if "slug" in changed:
        await take_slug(context, of=slugs.CATEGORIES, id=id, before=before["slug"], slug=changed["slug"])
    if await save(context, entity=ENTITY, table=tables.category, before=before, values=changed):
        context.announce(CategoryUpdated(category_id=id))
        context.outdate(EVERYTHING)


async def move_category(context: Context, *, id: UUID, parent_id: UUID | None, version: int | None = None) -> None:
    """Put a category, with all below it, into another one or at the root: the last of its new siblings.

    Raises `CategoryNotFound`, `VersionConflict`, `CategoryCycle`, `CategoryTooDeep`.
    """
    await lock_catalogue(context.db)
    before = await locked(context, table=tables.category, id=id, missing=CategoryNotFound, version=version)
    if parent_id == before["parent_id"]:
        return
    if parent_id is not None:
        await _find_parent(context, parent_id)
        if await queries.is_within(context.db, parent_id, id):
            raise CategoryCycle(category=before["slug"]).at("parent_id")
    values = {"parent_id": parent_id, "position": await queries.next_position(context.db, parent_id)}
    await save(context, entity=ENTITY, table=tables.category, before=before, values=values)
    await _write_ancestors(context)
    context.announce(CategoryMoved(category_id=id))
    context.outdate(EVERYTHING)


async def reorder_categories(context: Context, *, parent_id: UUID | None, category_ids: Sequence[UUID]) -> None:
    """Put the categories in another one, or those at the root, in this order.

    Raises `CategoryNotFound` for the parent, `OrderIncomplete`.
    """
    await lock_catalogue(context.db)
    if parent_id is not None:
        await _find_parent(context, parent_id)
    there = await rows.ids_in(context.db, tables.category.c.parent_id, parent_id)
    check_order(category_ids, there, at="category_ids")
    before = await rows.lock_many(context.db, tables.category, category_ids)
    moved = [(place, id) for place, id in enumerate(category_ids) if before[id]["position"] != place]
    if moved:
        await rows.put_in_order(context.db, tables.category, category_ids)
        await rows.update_each(context.db, tables.category, [id for _, id in moved], {})
        context.outdate(EVERYTHING)
    for place, id in moved:
        context.record(ENTITY, id, {"position": (before[id]["position"], place)})
        context.announce(CategoryUpdated(category_id=id))


async def delete_category(
    context: Context, *, id: UUID, contents: CategoryContents, version: int | None = None
) -> None:
    """Delete a category. What it holds moves to the one above it, if that is said; else it must hold nothing.

    Raises `CategoryNotFound`, `VersionConflict`, `CategoryInUse`.
    """
    await lock_catalogue(context.db)
    before = await locked(context, table=tables.category, id=id, missing=CategoryNotFound, version=version)
    parent_id: UUID | None = before["parent_id"]
    children = await rows.ids_in(context.db, tables.category.c.parent_id, id)
    products = await rows.count_in(context.db, tables.product.c.category_id, id)
    if contents is CategoryContents.REFUSE and (children or products):
        raise CategoryInUse(products=products, categories=len(children))
    if children:
        await _move_up(context, children, parent_id)
    if products:
        moved = await queries.move_products(context.db, id, parent_id, now=context.now)
        announce_stored(context, product_ids=moved)
    await rows.delete(context.db, tables.category, id)
    await _write_ancestors(context)
    gone = as_deleted(before, ["name", "slug", "parent_id"])
    context.record(ENTITY, id, {**gone, "products": (products, None), "categories": (len(children), None)})
    context.announce(CategoryDeleted(category_id=id))
    context.outdate(EVERYTHING)


async def _find_parent(context: Context, id: UUID) -> None:
    await referred_to(context, table=tables.category, id=id, missing=CategoryNotFound, at="parent_id")


async def _choose_slug(context: Context, name: str, parent_id: UUID | None) -> str:
    """A slug of the name that nobody has or had."""
    possible = list(candidates(name, key=f"{parent_id}/{name}"))
    taken = await slugs.list_taken(context.db, slugs.CATEGORIES, possible)
    slug = next((each for each in possible if each not in taken), None)
    if slug is None:
        raise SlugTaken(slug=possible[0]).at("name")
    return slug


async def _move_up(context: Context, children: Sequence[UUID], parent_id: UUID | None) -> None:
    """Let categories stand beside the one that they stood in, after those that stand there."""
    place = await queries.next_position(context.db, parent_id)
    before = await rows.lock_many(context.db, tables.category, children)
    for position, child in enumerate(children, start=place):
        values = {"parent_id": parent_id, "position": position}
        await save(context, entity=ENTITY, table=tables.category, before=before[child], values=values)
        context.announce(CategoryMoved(category_id=child))


async def _write_ancestors(context: Context) -> None:
    await queries.write_ancestors(context.db)
    if await queries.find_greatest_depth(context.db) >= DEEPEST:
        raise CategoryTooDeep(deepest=DEEPEST).at("parent_id")
