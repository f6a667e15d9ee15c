from dataclasses import replace

import pytest
from tests.contents import fetch, stamps
from tests.factories.shop import CATEGORIES

from mercer.catalog import errors
from mercer.catalog.models import Category
from mercer.catalog.service import store_categories
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.values.stored import Stored

PATHS = """
    SELECT c.slug, string_agg(a.slug, '/' ORDER BY t.depth) FROM catalog.category_ancestor t
    JOIN catalog.category c ON c.id = t.category_id JOIN catalog.category a ON a.id = t.ancestor_id
    GROUP BY c.slug ORDER BY c.slug
"""


async def test_each_category_knows_all_above_it(context: Context) -> None:
    assert await fetch(context.db, PATHS) == [
        ("kitchen", "kitchen"),
        ("mugs", "kitchen/mugs"),
        ("outdoor", "outdoor"),
        ("travel-mugs", "kitchen/mugs/travel-mugs"),
    ]


async def test_a_moved_category_takes_along_those_below_it(context: Context) -> None:
    moved = [replace(category, parent="outdoor") if category.slug == "mugs" else category for category in CATEGORIES]
    assert await store_categories(context, categories=moved) == Stored(created=0, updated=1, unchanged=3)
    assert await fetch(context.db, PATHS) == [
        ("kitchen", "kitchen"),
        ("mugs", "outdoor/mugs"),
        ("outdoor", "outdoor"),
        ("travel-mugs", "outdoor/mugs/travel-mugs"),
    ]


async def test_what_is_stored_again_changes_no_row(context: Context) -> None:
    before = await stamps(context.db)
    assert await store_categories(context, categories=CATEGORIES) == Stored(created=0, updated=0, unchanged=4)
    assert await stamps(context.db) == before


@pytest.mark.parametrize(
    ("categories", "error"),
    [
        ([Category(slug="kitchen", name="K", parent="travel-mugs")], errors.CategoryCycle),
        ([Category(slug="a", name="A", parent="a")], errors.CategoryCycle),
        ([Category(slug="a", name="A", parent="b"), Category(slug="b", name="B", parent="a")], errors.CategoryCycle),
        ([Category(slug="a", name="A", parent="nowhere")], errors.CategoryUnknown),
        ([Category(slug="a", name="A"), Category(slug="a", name="B")], errors.CategoryRepeated),
        ([Category(slug="A", name="A")], errors.SlugInvalid),
        ([Category(slug="a", name=" ")], errors.TextMissing),
    ],
)
async def test_faulty_trees_are_refused(context: Context, categories: list[Category], error: type[DomainError]) -> None:
    before = await stamps(context.db)
    with pytest.raises(error):
        await store_categories(context, categories=categories)
    assert await stamps(context.db) == before
