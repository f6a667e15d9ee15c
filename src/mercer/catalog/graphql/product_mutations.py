"""What staff do with products."""

from datetime import date
from decimal import Decimal

import strawberry
from strawberry import Maybe

from mercer.catalog import service
from mercer.catalog.errors import (
    BarcodeTaken,
    CategoryNotFound,
    ProductNotFound,
    ProductTypeNotFound,
    SkuTaken,
    SlugTaken,
    VariantSold,
)
from mercer.catalog.graphql.admin import Product
from mercer.catalog.graphql.inputs import (
    Refused,
    cost_field,
    given,
    id_of,
    ids_of,
    only,
    placed,
    refused,
    said,
    version_in,
)
from mercer.catalog.graphql.option_mutations import OptionValueInput
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.mutations import mutation, row, rows
from mercer.platform.graphql.scalars import Translations
from mercer.values.graphql.money import AmountInput


@strawberry.input(
    description="A product's value of one attribute, in the field of its kind. Without any value it is removed."
)
class AttributeValueInput:
    code: str
    choices: Maybe[list[str]] = strawberry.field(description="Codes: one for a choice, any number for a multi-choice.")
    text: Maybe[str]
    text_translations: Maybe[Translations]
    number: Maybe[Decimal]
    boolean: Maybe[bool]
    date: Maybe[date]


@strawberry.input(description="An option that a product is created with.")
class ProductOptionInput:
    name: str
    name_translations: Maybe[Translations]
    values: list[OptionValueInput]


@strawberry.input(description="A value of an option, by the names of both.")
class NamedValueInput:
    option: str
    value: str


@strawberry.input(description="A variant that a product is created with.")
class ProductVariantInput:
    sku: str
    barcode: Maybe[str | None]
    name: Maybe[str]
    name_translations: Maybe[Translations]
    weight_grams: Maybe[int | None]
    cost: Maybe[AmountInput | None] = cost_field()
    option_values: Maybe[list[NamedValueInput]] = strawberry.field(description="One of each of the product's options.")


@strawberry.input
class ProductCreateInput:
    product_type_id: strawberry.ID
    name: str
    name_translations: Maybe[Translations]
    slug: Maybe[str] = strawberry.field(description="Made of the name when it is left out.")
    description: Maybe[str] = strawberry.field(description="Rich text: HTML, which is sanitised.")
    description_translations: Maybe[Translations]
    category_id: Maybe[strawberry.ID | None]
    tags: Maybe[list[str]]
    attributes: Maybe[list[AttributeValueInput]]
    options: Maybe[list[ProductOptionInput]]
    variants: list[ProductVariantInput]


@strawberry.input(description="What is left out stays. Translations: languages that are named, null removes one.")
class ProductUpdateInput:
    name: Maybe[str]
    name_translations: Maybe[Translations]
    slug: Maybe[str] = strawberry.field(description="The one before goes on leading to the product.")
    description: Maybe[str] = strawberry.field(description="Rich text: HTML, which is sanitised.")
    description_translations: Maybe[Translations]
    product_type_id: Maybe[strawberry.ID] = strawberry.field(
        description="Values of attributes that the new type does not have are removed."
    )
    category_id: Maybe[strawberry.ID | None]
    tags: Maybe[list[str]]
    attributes: Maybe[list[AttributeValueInput]] = strawberry.field(description="Those that are named; others stay.")
    version: Maybe[int] = strawberry.field(description="The one that was read: refused if it is another one by now.")


@strawberry.input(description="What changes of all the products. What is left out stays.")
class ProductsUpdateInput:
    category_id: Maybe[strawberry.ID | None]
    add_tags: Maybe[list[str]]
    remove_tags: Maybe[list[str]]


@strawberry.type(description="A product is gone.")
class ProductDeleted:
    id: strawberry.ID


@strawberry.type(description="What came of changing many products.")
class ProductsChanged:
    products: list[Product] = strawberry.field(description="Those that are now as was asked.")
    refused: list[Refused]


@mutation(ProductTypeNotFound, CategoryNotFound, SlugTaken, SkuTaken, BarcodeTaken, needs="products.manage")
async def product_create(context: Context, input: ProductCreateInput) -> Product:
    """Create a product with its options and variants. It is published nowhere yet."""
    with placed("input"):
        return row(Product, await service.create_product(context, product=given(input)))


@mutation(ProductNotFound, VersionConflict, SlugTaken, ProductTypeNotFound, CategoryNotFound, needs="products.manage")
async def product_update(context: Context, id: strawberry.ID, input: ProductUpdateInput) -> Product:
    """Change what a product says of itself."""
    with placed("input"):
        await service.update_product(context, id=id_of(id), changes=given(input), version=version_in(input))
    return row(Product, id_of(id))


@mutation(ProductNotFound, needs="products.manage")
async def product_archive(context: Context, id: strawberry.ID) -> Product:
    """Let nobody see a product anywhere any more. It keeps all that it has."""
    return row(Product, only(await service.archive_products(context, ids=[id_of(id)])))


@mutation(ProductNotFound, needs="products.manage")
async def product_restore(context: Context, id: strawberry.ID) -> Product:
    """Let an archived product stand where it stood before."""
    return row(Product, only(await service.restore_products(context, ids=[id_of(id)])))


@mutation(ProductNotFound, VersionConflict, VariantSold, needs="products.manage")
async def product_delete(context: Context, id: strawberry.ID, version: int | None = strawberry.UNSET) -> ProductDeleted:
    """Delete a product with its variants, prices, stock and pictures. Its slugs are free again."""
    with placed():
        await service.delete_product(context, id=id_of(id), version=said(version))
    return ProductDeleted(id=id)


@mutation(CategoryNotFound, needs="products.manage")
async def products_update(context: Context, ids: list[strawberry.ID], input: ProductsUpdateInput) -> ProductsChanged:
    """Put up to 250 products into a category, and add and remove tags."""
    with placed("input"):
        outcomes = await service.update_products(context, ids=ids_of(ids), changes=given(input))
    return ProductsChanged(products=rows(Product, outcomes.done), refused=refused(outcomes))


@mutation(needs="products.manage")
async def products_archive(context: Context, ids: list[strawberry.ID]) -> ProductsChanged:
    """Let nobody see up to 250 products anywhere any more."""
    with placed():
        outcomes = await service.archive_products(context, ids=ids_of(ids))
    return ProductsChanged(products=rows(Product, outcomes.done), refused=refused(outcomes))


@mutation(needs="products.manage")
async def products_restore(context: Context, ids: list[strawberry.ID]) -> ProductsChanged:
    """Let up to 250 archived products stand where they stood before."""
    with placed():
        outcomes = await service.restore_products(context, ids=ids_of(ids))
    return ProductsChanged(products=rows(Product, outcomes.done), refused=refused(outcomes))
