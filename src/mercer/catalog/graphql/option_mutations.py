"""What staff do with products' options: what their variants differ in. Versions are the product's."""

import strawberry
from strawberry import UNSET, Maybe

from mercer.catalog import service
from mercer.catalog.errors import (
    OptionInUse,
    OptionNameTaken,
    OptionNotFound,
    OptionValueNotFound,
    ProductNotFound,
)
from mercer.catalog.graphql.admin import Product
from mercer.catalog.graphql.inputs import given, id_of, ids_of, placed, said, version_in
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.mutations import mutation, row
from mercer.platform.graphql.scalars import Translations


@strawberry.input(description="A value that an option gets.")
class OptionValueInput:
    name: str
    name_translations: Maybe[Translations]


@strawberry.input
class OptionCreateInput:
    product_id: strawberry.ID
    name: str
    name_translations: Maybe[Translations]
    values: list[OptionValueInput]
    value_of_variants: str = strawberry.field(
        description="The name of the value that the variants have which are there already."
    )
    version: Maybe[int]


@strawberry.input(description="What is left out stays. Translations: languages that are named, null removes one.")
class OptionUpdateInput:
    name: Maybe[str]
    name_translations: Maybe[Translations]
    version: Maybe[int]


@strawberry.input
class OptionValueCreateInput:
    option_id: strawberry.ID
    name: str
    name_translations: Maybe[Translations]
    version: Maybe[int]


@mutation(ProductNotFound, VersionConflict, OptionNameTaken, needs="products.manage")
async def product_option_create(context: Context, input: OptionCreateInput) -> Product:
    """Give a product another option, the last in order."""
    option = given(input)
    id = option.pop("product_id")
    with placed("input"):
        await service.create_option(context, product_id=id, option=option, version=version_in(input))
    return row(Product, id)


@mutation(OptionNotFound, VersionConflict, OptionNameTaken, needs="products.manage")
async def product_option_update(context: Context, id: strawberry.ID, input: OptionUpdateInput) -> Product:
    """Change what an option is called."""
    with placed("input"):
        changes = given(input)
        product = await service.update_option(context, id=id_of(id), changes=changes, version=version_in(input))
    return row(Product, product)


@mutation(OptionNotFound, VersionConflict, OptionInUse, needs="products.manage")
async def product_option_delete(context: Context, id: strawberry.ID, version: int | None = UNSET) -> Product:
    """Remove an option without which no two variants are alike."""
    with placed():
        return row(Product, await service.delete_option(context, id=id_of(id), version=said(version)))


@mutation(ProductNotFound, VersionConflict, needs="products.manage")
async def product_options_reorder(
    context: Context, product_id: strawberry.ID, option_ids: list[strawberry.ID], version: int | None = UNSET
) -> Product:
    """Put a product's options in this order."""
    id, wanted = id_of(product_id), ids_of(option_ids)
    with placed():
        await service.reorder_options(context, product_id=id, option_ids=wanted, version=said(version))
    return row(Product, id)


@mutation(OptionNotFound, VersionConflict, OptionNameTaken, needs="products.manage")
async def option_value_create(context: Context, input: OptionValueCreateInput) -> Product:
    """Give an option another value, the last in order."""
    value = given(input)
    option_id = value.pop("option_id")
    with placed("input"):
        product = await service.create_option_value(
            context, option_id=option_id, value=value, version=version_in(input)
        )
    return row(Product, product)


@mutation(OptionValueNotFound, VersionConflict, OptionNameTaken, needs="products.manage")
async def option_value_update(context: Context, id: strawberry.ID, input: OptionUpdateInput) -> Product:
    """Change what a value of an option is called."""
    with placed("input"):
        changes = given(input)
        product = await service.update_option_value(context, id=id_of(id), changes=changes, version=version_in(input))
    return row(Product, product)


@mutation(OptionValueNotFound, VersionConflict, OptionInUse, needs="products.manage")
async def option_value_delete(context: Context, id: strawberry.ID, version: int | None = UNSET) -> Product:
    """Remove a value that no variant has. An option keeps one."""
    with placed():
        return row(Product, await service.delete_option_value(context, id=id_of(id), version=said(version)))


@mutation(OptionNotFound, VersionConflict, needs="products.manage")
async def option_values_reorder(
    context: Context, option_id: strawberry.ID, value_ids: list[strawberry.ID], version: int | None = UNSET
) -> Product:
    """Put an option's values in this order."""
    id, wanted = id_of(option_id), ids_of(value_ids)
    with placed():
        product = await service.reorder_option_values(context, option_id=id, value_ids=wanted, version=said(version))
    return row(Product, product)
