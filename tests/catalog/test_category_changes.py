"""The category tree, changed one category at a time."""

from random import Random
from typing import Any
from uuid import UUID

import pytest
from tests.catalog.noted import NOBODY, announced, audited, fetch, id_of, outdated
from tests.factories.shop import mug

from mercer.catalog import errors, service
from mercer.catalog.models import Category, CategoryContents, NewCategory
from mercer.catalog.service import store_categories, store_products
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, InvalidInput, VersionConflict
from mercer.platform.transactions import transaction

TREE = """
    SELECT string_agg(above.slug, '/' ORDER BY a.depth) AS path, max(a.depth), c.position
    FROM catalog.category c
    JOIN catalog.category_ancestor a ON a.category_id = c.id JOIN catalog.category above ON above.id = a.ancestor_id
    GROUP BY c.id ORDER BY path
"""
SEEDED = [("kitchen", 0, 0), ("kitchen/mugs", 1, 1), ("kitchen/mugs/travel-mugs", 2, 2), ("outdoor", 0, 3)]


async def do(context: Context, verb: str, **given: Any) -> Any:
    """Call a verb in a transaction of its own."""
    async with transaction(context) as inner:
        return await getattr(service, verb)(inner, **given)


async def category(context: Context, slug: str) -> UUID:
    return await id_of(context, "category", slug)


async def test_categories_are_created_last(catalogue: Context) -> None:
    kitchen = await category(catalogue, "kitchen")
    new = {
        "name": "Mugs",
        "name_translations": {"de": "Becher"},
        "description": "<p>x</p><script>",
        "parent_id": kitchen,
    }
    id = await do(catalogue, "create_category", category=new)
    assert await fetch(catalogue, "SELECT slug ~ '^mugs-[0-9a-f]{6}$' FROM catalog.category WHERE id = :id", id=id) == [
        (True,)
    ]
    await do(catalogue, "create_category", category={"name": "Top", "slug": "top", "parent_id": None})
    tree = await fetch(catalogue, TREE)
    assert ("top", 0, 4) in tree
    assert [row[1:] for row in tree if row[0].startswith("kitchen/mugs-")] == [(1, 2)]
    assert await audited(catalogue) == [
        (
            "Category",
            {
                "name": [None, "Mugs"],
                "name_translations": [None, {"de": "Becher"}],
                "description": [None, "<p>x</p>"],
                "parent_id": [None, str(kitchen)],
                "slug": [
                    None,
                    (await fetch(catalogue, "SELECT slug FROM catalog.category WHERE id = :id", id=id))[0][0],
                ],
            },
        ),
        ("Category", {"name": [None, "Top"], "slug": [None, "top"]}),
    ]
    assert await announced(catalogue) == ["CategoryCreated"] * 2
    assert await outdated(catalogue) == {"catalog"}


async def test_a_category_changes_its_texts_and_keeps_its_former_slugs(catalogue: Context) -> None:
    mugs = await category(catalogue, "mugs")
    changes = {"name": "Cups", "slug": "cups", "name_translations": {"de": None}}
    await do(catalogue, "update_category", id=mugs, changes=changes, version=1)
    row = "SELECT name, slug, name_translations, version FROM catalog.category WHERE id = :id"
    assert await fetch(catalogue, row, id=mugs) == [("Cups", "cups", {}, 2)]
    with pytest.raises(VersionConflict):
        await do(catalogue, "update_category", id=mugs, changes={"name": "x"}, version=1)
    for slug in ("mugs", "outdoor"):
        with pytest.raises(errors.SlugTaken):
            await do(catalogue, "create_category", category={"name": "x", "slug": slug})
    async with transaction(catalogue) as context:
        await store_categories(context, categories=[Category(slug="mugs", name="Imported", parent="kitchen")])
        assert (await store_products(context, products=[mug("New", "NEW", category="mugs")])).rejected == ()
    assert (await fetch(catalogue, row, id=mugs))[0][:2] == ("Imported", "cups")
    placed = "SELECT category_id FROM catalog.product WHERE slug = 'new'"
    assert await fetch(catalogue, placed) == [(mugs,)]
    await do(catalogue, "update_category", id=mugs, changes={"slug": "mugs"})
    assert await fetch(catalogue, "SELECT slug FROM catalog.former_category_slug") == [("cups",)]


async def test_a_category_moves_with_all_below_it(catalogue: Context) -> None:
    mugs, outdoor = await category(catalogue, "mugs"), await category(catalogue, "outdoor")
    await do(catalogue, "move_category", id=mugs, parent_id=outdoor)
    assert await fetch(catalogue, TREE) == [
        ("kitchen", 0, 0),
        ("outdoor", 0, 3),
        ("outdoor/mugs", 1, 0),
        ("outdoor/mugs/travel-mugs", 2, 2),
    ]
    await do(catalogue, "move_category", id=mugs, parent_id=None)
    assert await fetch(catalogue, TREE) == [
        ("kitchen", 0, 0),
        ("mugs", 0, 4),
        ("mugs/travel-mugs", 1, 2),
        ("outdoor", 0, 3),
    ]
    await do(catalogue, "move_category", id=mugs, parent_id=None)
    assert await announced(catalogue) == ["CategoryMoved"] * 2


async def test_no_category_stands_below_itself(catalogue: Context) -> None:
    kitchen = await category(catalogue, "kitchen")
    for slug in ("kitchen", "mugs", "travel-mugs"):
        with pytest.raises(errors.CategoryCycle):
            await do(catalogue, "move_category", id=kitchen, parent_id=await category(catalogue, slug))
    assert await fetch(catalogue, TREE) == SEEDED
    assert await announced(catalogue) == []


async def test_after_any_moves_the_tree_is_what_the_parents_say(catalogue: Context) -> None:
    chance, parents = Random(7), dict[UUID, UUID | None]()
    async with transaction(catalogue) as context:
        for number in range(10):
            new = NewCategory(name=f"C{number}", parent_id=chance.choice([None, *parents]))
            parents[await service.create_category(context, category=new)] = new["parent_id"]
        for _ in range(40):
            id, parent = chance.choice([*parents]), chance.choice([None, *parents])
            if parent is not None and id in _above(parent, parents):
                with pytest.raises(errors.CategoryCycle):
                    await service.move_category(context, id=id, parent_id=parent)
            else:
                await service.move_category(context, id=id, parent_id=parent)
                parents[id] = parent
    rows = await fetch(catalogue, "SELECT category_id, ancestor_id, depth FROM catalog.category_ancestor")
    expected = {
        (id, above, len(path) - 1 - place)
        for id in parents
        for path in [_above(id, parents)]
        for place, above in enumerate(path)
    }
    assert {row for row in rows if row[0] in parents} == expected


def _above(id: UUID, parents: dict[UUID, UUID | None]) -> list[UUID]:
    """A category and those above it, itself first."""
    parent = parents[id]
    return [id] if parent is None else [id, *_above(parent, parents)]


async def test_a_tree_has_an_end(catalogue: Context) -> None:
    parent: UUID | None = None
    async with transaction(catalogue) as context:
        for depth in range(20):
            new = NewCategory(name=f"D{depth}", parent_id=parent)
            parent = await service.create_category(context, category=new)
    with pytest.raises(errors.CategoryTooDeep) as raised:
        await do(catalogue, "create_category", category={"name": "Deeper", "parent_id": parent})
    assert (raised.value.deepest, raised.value.path) == (20, ("parent_id",))
    with pytest.raises(errors.CategoryTooDeep):
        await do(catalogue, "move_category", id=await category(catalogue, "mugs"), parent_id=parent)


async def test_siblings_stand_in_the_order_given(catalogue: Context) -> None:
    kitchen, outdoor = await category(catalogue, "kitchen"), await category(catalogue, "outdoor")
    for _ in range(2):
        await do(catalogue, "reorder_categories", parent_id=None, category_ids=[outdoor, kitchen])
    roots = "SELECT slug, position FROM catalog.category WHERE parent_id IS NULL ORDER BY position"
    assert await fetch(catalogue, roots) == [("outdoor", 0), ("kitchen", 1)]
    for wrong in ([], [kitchen], [kitchen, kitchen], [kitchen, outdoor, await category(catalogue, "mugs")]):
        with pytest.raises(errors.OrderIncomplete):
            await do(catalogue, "reorder_categories", parent_id=None, category_ids=wrong)
    assert await announced(catalogue) == ["CategoryUpdated"] * 2


async def test_a_category_with_contents_goes_only_if_they_move_up(catalogue: Context) -> None:
    mugs, kitchen = await category(catalogue, "mugs"), await category(catalogue, "kitchen")
    with pytest.raises(errors.CategoryInUse) as raised:
        await do(catalogue, "delete_category", id=mugs, contents=CategoryContents.REFUSE)
    assert (raised.value.products, raised.value.categories) == (9, 1)
    await do(catalogue, "delete_category", id=mugs, contents=CategoryContents.MOVE_UP, version=1)
    assert await fetch(catalogue, TREE) == [("kitchen", 0, 0), ("kitchen/travel-mugs", 1, 2), ("outdoor", 0, 3)]
    moved = "SELECT count(*), min(version) FROM catalog.product WHERE category_id = :id"
    assert await fetch(catalogue, moved, id=kitchen) == [(9, 2)]
    assert await announced(catalogue) == ["CategoryMoved", "ProductsStored", "CategoryDeleted"]
    await do(catalogue, "delete_category", id=kitchen, contents=CategoryContents.MOVE_UP)
    assert await fetch(catalogue, TREE) == [("outdoor", 0, 3), ("travel-mugs", 0, 4)]
    assert await fetch(catalogue, "SELECT count(*) FROM catalog.product WHERE category_id IS NULL") == [(9,)]


async def test_an_empty_category_goes(catalogue: Context) -> None:
    id = await do(catalogue, "create_category", category={"name": "Empty"})
    await do(catalogue, "delete_category", id=id, contents=CategoryContents.REFUSE)
    assert await fetch(catalogue, TREE) == SEEDED


@pytest.mark.parametrize(
    ("verb", "given", "error"),
    [
        ("create_category", {"category": {"name": "x", "parent_id": NOBODY}}, errors.CategoryNotFound),
        ("create_category", {"category": {"name": " ", "slug": "A"}}, InvalidInput),
        ("update_category", {"id": NOBODY, "changes": {"name": "x"}}, errors.CategoryNotFound),
        ("update_category", {"id": NOBODY, "changes": {"name": "x" * 501}}, InvalidInput),
        ("move_category", {"id": NOBODY, "parent_id": None}, errors.CategoryNotFound),
        ("delete_category", {"id": NOBODY, "contents": CategoryContents.REFUSE}, errors.CategoryNotFound),
        ("reorder_categories", {"parent_id": NOBODY, "category_ids": []}, errors.CategoryNotFound),
    ],
)
async def test_nonsense_is_refused(
    catalogue: Context, verb: str, given: dict[str, Any], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        await do(catalogue, verb, **given)
    assert await fetch(catalogue, TREE) == SEEDED
    with pytest.raises(errors.CategoryNotFound):
        await do(catalogue, "move_category", id=await category(catalogue, "mugs"), parent_id=NOBODY)
