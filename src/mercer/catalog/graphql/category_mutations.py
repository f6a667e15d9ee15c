"""What staff do with the category tree."""

import strawberry
from strawberry import UNSET, Maybe

from mercer.catalog import models, service
from mercer.catalog.errors import CategoryCycle, CategoryInUse, CategoryNotFound, CategoryTooDeep, SlugTaken
from mercer.catalog.graphql.admin import Category
from mercer.catalog.graphql.inputs import given, id_of, ids_of, placed, said, version_in
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.mutations import mutation, row, rows
from mercer.platform.graphql.scalars import Translations

strawberry.enum(models.CategoryContents, description=models.CategoryContents.__doc__)


@strawberry.input
class CategoryCreateInput:
    name: str
    name_translations: Maybe[Translations]
    slug: Maybe[str] = strawberry.field(description="Made of the name when it is left out.")
    description: Maybe[str] = strawberry.field(description="Rich text: HTML, which is sanitised.")
    description_translations: Maybe[Translations]
    parent_id: Maybe[strawberry.ID | None] = strawberry.field(description="The category above it; none at the root.")


@strawberry.input(description="What is left out stays. Translations: languages that are named, null removes one.")
class CategoryUpdateInput:
    name: Maybe[str]
    name_translations: Maybe[Translations]
    slug: Maybe[str] = strawberry.field(description="The one before goes on leading to the category.")
    description: Maybe[str] = strawberry.field(description="Rich text: HTML, which is sanitised.")
    description_translations: Maybe[Translations]
    version: Maybe[int] = strawberry.field(description="The one that was read: refused if it is another one by now.")


@strawberry.type(description="A category is gone.")
class CategoryDeleted:
    id: strawberry.ID


@strawberry.type(description="Categories stand in another order.")
class CategoriesReordered:
    categories: list[Category]


@mutation(CategoryNotFound, SlugTaken, CategoryTooDeep, needs="categories.manage")
async def category_create(context: Context, input: CategoryCreateInput) -> Category:
    """Create a category, the last of its siblings."""
    with placed("input"):
        return row(Category, await service.create_category(context, category=given(input)))


@mutation(CategoryNotFound, VersionConflict, SlugTaken, needs="categories.manage")
async def category_update(context: Context, id: strawberry.ID, input: CategoryUpdateInput) -> Category:
    """Change what a category says of itself."""
    with placed("input"):
        await service.update_category(context, id=id_of(id), changes=given(input), version=version_in(input))
    return row(Category, id_of(id))


@mutation(CategoryNotFound, VersionConflict, CategoryCycle, CategoryTooDeep, needs="categories.manage")
async def category_move(
    context: Context,
    id: strawberry.ID,
    parent_id: strawberry.ID | None = UNSET,
    version: int | None = UNSET,
) -> Category:
    """Put a category, with all below it, into another one, or at the root: the last of its new siblings."""
    above = said(parent_id)
    with placed():
        await service.move_category(
            context, id=id_of(id), parent_id=None if above is None else id_of(above), version=said(version)
        )
    return row(Category, id_of(id))


@mutation(CategoryNotFound, needs="categories.manage")
async def categories_reorder(
    context: Context, category_ids: list[strawberry.ID], parent_id: strawberry.ID | None = None
) -> CategoriesReordered:
    """Put all categories in another one, or all at the root, in this order."""
    above, wanted = None if parent_id is None else id_of(parent_id), ids_of(category_ids)
    with placed():
        await service.reorder_categories(context, parent_id=above, category_ids=wanted)
    return CategoriesReordered(categories=rows(Category, wanted))


@mutation(CategoryNotFound, VersionConflict, CategoryInUse, needs="categories.manage")
async def category_delete(
    context: Context, id: strawberry.ID, contents: models.CategoryContents, version: int | None = UNSET
) -> CategoryDeleted:
    """Delete a category, with what it holds moved to the one above it if you say so."""
    with placed():
        await service.delete_category(context, id=id_of(id), contents=contents, version=said(version))
    return CategoryDeleted(id=id)
