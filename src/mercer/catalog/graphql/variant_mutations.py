"""What staff do with variants."""

import strawberry
from strawberry import UNSET, Maybe

from mercer.catalog import service
from mercer.catalog.errors import (
    BarcodeTaken,
    LastVariant,
    OptionValueNotFound,
    OptionValuesIncomplete,
    OptionValuesTaken,
    ProductNotFound,
    SkuTaken,
    VariantNotFound,
    VariantSold,
)
from mercer.catalog.graphql.admin import Product, ProductVariant
from mercer.catalog.graphql.inputs import Refused, cost_field, given, id_of, ids_of, placed, refused, said, version_in
from mercer.catalog.rules.changes import MOST_AT_ONCE, distinct
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.mutations import mutation, row, rows
from mercer.platform.graphql.scalars import Translations
from mercer.values.graphql.money import AmountInput

_VALUES = "One value of each of the product's options."


@strawberry.input
class VariantCreateInput:
    product_id: strawberry.ID
    sku: str
    barcode: Maybe[str | None] = strawberry.field(description="A GTIN of 8, 12, 13 or 14 digits.")
    name: Maybe[str]
    name_translations: Maybe[Translations]
    weight_grams: Maybe[int | None]
    cost: Maybe[AmountInput | None] = cost_field()
    option_value_ids: Maybe[list[strawberry.ID]] = strawberry.field(description=_VALUES)


@strawberry.input(description="What is left out stays. Translations: languages that are named, null removes one.")
class VariantUpdateInput:
    sku: Maybe[str]
    barcode: Maybe[str | None] = strawberry.field(description="A GTIN of 8, 12, 13 or 14 digits.")
    name: Maybe[str]
    name_translations: Maybe[Translations]
    weight_grams: Maybe[int | None]
    cost: Maybe[AmountInput | None] = cost_field()
    option_value_ids: Maybe[list[strawberry.ID]] = strawberry.field(description=_VALUES)
    version: Maybe[int] = strawberry.field(description="The one that was read: refused if it is another one by now.")


@strawberry.input(description="What changes of one of many variants. What is left out stays.")
class VariantsUpdateInput:
    id: strawberry.ID
    sku: Maybe[str]
    barcode: Maybe[str | None]
    name: Maybe[str]
    name_translations: Maybe[Translations]
    weight_grams: Maybe[int | None]
    cost: Maybe[AmountInput | None] = cost_field()


@strawberry.type(description="A variant is gone.")
class VariantDeleted:
    id: strawberry.ID
    product: Product


@strawberry.type(description="What came of changing many variants.")
class VariantsChanged:
    variants: list[ProductVariant] = strawberry.field(description="Those that are now as was asked.")
    refused: list[Refused]


_CHOSEN = (OptionValueNotFound, OptionValuesIncomplete, OptionValuesTaken)


@mutation(ProductNotFound, SkuTaken, BarcodeTaken, *_CHOSEN, needs="products.manage")
async def variant_create(context: Context, input: VariantCreateInput) -> ProductVariant:
    """Give a product another variant, the last in order."""
    variant = given(input)
    with placed("input"):
        id = await service.create_variant(context, product_id=variant.pop("product_id"), variant=variant)
    return row(ProductVariant, id)


@mutation(VariantNotFound, VersionConflict, SkuTaken, BarcodeTaken, *_CHOSEN, needs="products.manage")
async def variant_update(context: Context, id: strawberry.ID, input: VariantUpdateInput) -> ProductVariant:
    """Change what a variant says of itself, its SKU included."""
    with placed("input"):
        await service.update_variant(context, id=id_of(id), changes=given(input), version=version_in(input))
    return row(ProductVariant, id_of(id))


@mutation(needs="products.manage")
async def variants_update(context: Context, variants: list[VariantsUpdateInput]) -> VariantsChanged:
    """Change up to 250 variants, each in its own way."""
    with placed("variants"):
        ids = distinct(ids_of([each.id for each in variants]), most=MOST_AT_ONCE)
    changes = [given(each) for each in variants]
    for each in changes:
        del each["id"]
    outcomes = await service.update_variants(context, changes=dict(zip(ids, changes, strict=True)))
    return VariantsChanged(variants=rows(ProductVariant, outcomes.done), refused=refused(outcomes))


@mutation(VariantNotFound, VersionConflict, LastVariant, needs="products.manage")
async def variant_archive(context: Context, id: strawberry.ID, version: int | None = UNSET) -> ProductVariant:
    """Sell a variant no longer. A product keeps one that is sold."""
    with placed():
        await service.archive_variant(context, id=id_of(id), version=said(version))
    return row(ProductVariant, id_of(id))


@mutation(VariantNotFound, VersionConflict, OptionValuesIncomplete, OptionValuesTaken, needs="products.manage")
async def variant_restore(context: Context, id: strawberry.ID, version: int | None = UNSET) -> ProductVariant:
    """Sell an archived variant again."""
    with placed():
        await service.restore_variant(context, id=id_of(id), version=said(version))
    return row(ProductVariant, id_of(id))


@mutation(VariantNotFound, VersionConflict, LastVariant, VariantSold, needs="products.manage")
async def variant_delete(context: Context, id: strawberry.ID, version: int | None = UNSET) -> VariantDeleted:
    """Delete a variant with its prices and stock. A product keeps one that is sold."""
    with placed():
        product_id = await service.delete_variant(context, id=id_of(id), version=said(version))
    return VariantDeleted(id=id, product=row(Product, product_id))


@mutation(ProductNotFound, needs="products.manage")
async def product_variants_reorder(
    context: Context, product_id: strawberry.ID, variant_ids: list[strawberry.ID]
) -> Product:
    """Put a product's variants in this order, archived ones included."""
    with placed():
        await service.reorder_variants(context, product_id=id_of(product_id), variant_ids=ids_of(variant_ids))
    return row(Product, id_of(product_id))
