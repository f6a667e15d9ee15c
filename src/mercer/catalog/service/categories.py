"""The category tree's verbs."""

from collections.abc import Sequence
from dataclasses import replace

from mercer.catalog.errors import CategoryRepeated, SlugInvalid
from mercer.catalog.events import CategoriesStored
from mercer.catalog.models import Category
from mercer.catalog.queries import categories as queries
from mercer.catalog.queries.lookups import lock_catalogue
from mercer.catalog.rules.slugs import is_slug
from mercer.catalog.rules.texts import checked_html, checked_name, checked_translations
from mercer.catalog.rules.trees import check_tree
from mercer.catalog.service.outdating import EVERYTHING
from mercer.platform.context import Context
from mercer.values.stored import Stored


async def store_categories(context: Context, *, categories: Sequence[Category]) -> Stored:
    """Create or update categories, by slug. One that is faulty refuses all.

    Raises `SlugInvalid`, `CategoryRepeated`, `CategoryUnknown` for a parent, `CategoryCycle`, and as texts do.
    """
    checked = [_checked(category) for category in categories]
    await lock_catalogue(context.db)
    checked = await _as_called_now(context, checked)
    parents = await queries.load_parents(context.db)
    given = {category.slug: category.parent for category in checked}
    if len(given) < len(checked):
        slugs = [category.slug for category in checked]
        raise CategoryRepeated(category=next(slug for slug in slugs if slugs.count(slug) > 1))
    check_tree(parents | given)
    created, updated, ids = await queries.write_categories(context.db, checked)
    if ids:
        context.announce(CategoriesStored(category_ids=ids))
        context.outdate(EVERYTHING)
    return Stored(created=created, updated=updated, unchanged=len(checked) - created - updated)


async def _as_called_now(context: Context, categories: Sequence[Category]) -> list[Category]:
    """The categories under the slugs that they have now: one that had a slug before is still meant by it."""
    named = {slug for each in categories for slug in (each.slug, each.parent) if slug is not None}
    current = await queries.load_current_slugs(context.db, named)
    return [
        replace(each, slug=current.get(each.slug, each.slug), parent=current.get(each.parent or "", each.parent))
        for each in categories
    ]


def _checked(category: Category) -> Category:
    if not is_slug(category.slug):
        raise SlugInvalid(slug=category.slug)
    return replace(
        category,
        name=checked_name(category.name),
        name_translations=checked_translations(category.name_translations, "name"),
        description=checked_html(category.description, "description"),
        description_translations=checked_translations(category.description_translations, "description", is_html=True),
    )
