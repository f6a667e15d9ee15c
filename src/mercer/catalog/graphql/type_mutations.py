"""What staff do with product types, attributes and choices."""

import strawberry
from strawberry import UNSET, Maybe

from mercer.catalog import models, service
from mercer.catalog.errors import (
    AttributeInUse,
    AttributeNotFound,
    ChoiceInUse,
    ChoiceNotFound,
    CodeTaken,
    ProductTypeInUse,
    ProductTypeNotFound,
)
from mercer.catalog.graphql.admin import Attribute, ProductType
from mercer.catalog.graphql.inputs import given, id_of, ids_of, placed, said, version_in
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.mutations import mutation, row
from mercer.platform.graphql.scalars import Translations

_STAYS = "What is left out stays. Translations: languages that are named, null removes one."


@strawberry.input
class ProductTypeCreateInput:
    code: str
    name: str
    name_translations: Maybe[Translations]
    attribute_ids: Maybe[list[strawberry.ID]] = strawberry.field(description="In their order.")


@strawberry.input(description=_STAYS)
class ProductTypeUpdateInput:
    code: Maybe[str]
    name: Maybe[str]
    name_translations: Maybe[Translations]
    version: Maybe[int] = strawberry.field(description="The one that was read: refused if it is another one by now.")


@strawberry.input(description="A choice that an attribute is created with.")
class AttributeChoiceInput:
    name: str
    name_translations: Maybe[Translations]
    code: Maybe[str] = strawberry.field(description="Made of the name when it is left out.")


@strawberry.input
class AttributeCreateInput:
    code: str
    kind: models.AttributeKind = strawberry.field(description="It never changes.")
    name: str
    name_translations: Maybe[Translations]
    unit: Maybe[str | None] = strawberry.field(description="Of numbers.")
    is_filterable: Maybe[bool] = strawberry.field(
        description="Whether shoppers may filter by it: they may, unless said."
    )
    choices: Maybe[list[AttributeChoiceInput]]


@strawberry.input(description=_STAYS)
class AttributeUpdateInput:
    name: Maybe[str]
    name_translations: Maybe[Translations]
    unit: Maybe[str | None]
    is_filterable: Maybe[bool]
    version: Maybe[int] = strawberry.field(description="The one that was read: refused if it is another one by now.")


@strawberry.input
class AttributeChoiceCreateInput:
    attribute_id: strawberry.ID
    name: str
    name_translations: Maybe[Translations]
    code: Maybe[str] = strawberry.field(description="Made of the name when it is left out.")
    version: Maybe[int] = strawberry.field(description="The attribute's.")


@strawberry.input(description=_STAYS)
class AttributeChoiceUpdateInput:
    name: Maybe[str]
    name_translations: Maybe[Translations]
    version: Maybe[int] = strawberry.field(description="The attribute's.")


@strawberry.type(description="A product type is gone.")
class ProductTypeDeleted:
    id: strawberry.ID


@strawberry.type(description="An attribute is gone, with its choices.")
class AttributeDeleted:
    id: strawberry.ID


@mutation(CodeTaken, AttributeNotFound, needs="product_types.manage")
async def product_type_create(context: Context, input: ProductTypeCreateInput) -> ProductType:
    """Create a product type with its attributes."""
    with placed("input"):
        return row(ProductType, await service.create_product_type(context, product_type=given(input)))


@mutation(ProductTypeNotFound, VersionConflict, CodeTaken, needs="product_types.manage")
async def product_type_update(context: Context, id: strawberry.ID, input: ProductTypeUpdateInput) -> ProductType:
    """Change what a product type says of itself."""
    with placed("input"):
        await service.update_product_type(context, id=id_of(id), changes=given(input), version=version_in(input))
    return row(ProductType, id_of(id))


@mutation(ProductTypeNotFound, VersionConflict, AttributeNotFound, AttributeInUse, needs="product_types.manage")
async def product_type_attributes_set(
    context: Context, id: strawberry.ID, attribute_ids: list[strawberry.ID], version: int | None = UNSET
) -> ProductType:
    """Give a product type exactly these attributes, in this order. Those that its products have values of must stay."""
    wanted = ids_of(attribute_ids)
    with placed():
        await service.set_attributes(context, id=id_of(id), attribute_ids=wanted, version=said(version))
    return row(ProductType, id_of(id))


@mutation(ProductTypeNotFound, VersionConflict, ProductTypeInUse, needs="product_types.manage")
async def product_type_delete(context: Context, id: strawberry.ID, version: int | None = UNSET) -> ProductTypeDeleted:
    """Delete a product type that no product is of."""
    with placed():
        await service.delete_product_type(context, id=id_of(id), version=said(version))
    return ProductTypeDeleted(id=id)


@mutation(CodeTaken, needs="product_types.manage")
async def attribute_create(context: Context, input: AttributeCreateInput) -> Attribute:
    """Create an attribute with its choices. Give it to product types with `productTypeAttributesSet`."""
    with placed("input"):
        return row(Attribute, await service.create_attribute(context, attribute=given(input)))


@mutation(AttributeNotFound, VersionConflict, needs="product_types.manage")
async def attribute_update(context: Context, id: strawberry.ID, input: AttributeUpdateInput) -> Attribute:
    """Change what an attribute says of itself. Its kind and its code stay."""
    with placed("input"):
        await service.update_attribute(context, id=id_of(id), changes=given(input), version=version_in(input))
    return row(Attribute, id_of(id))


@mutation(AttributeNotFound, VersionConflict, AttributeInUse, needs="product_types.manage")
async def attribute_delete(context: Context, id: strawberry.ID, version: int | None = UNSET) -> AttributeDeleted:
    """Delete an attribute that no product type has."""
    with placed():
        await service.delete_attribute(context, id=id_of(id), version=said(version))
    return AttributeDeleted(id=id)


@mutation(AttributeNotFound, VersionConflict, CodeTaken, needs="product_types.manage")
async def attribute_choice_create(context: Context, input: AttributeChoiceCreateInput) -> Attribute:
    """Give an attribute another choice, the last in order."""
    choice = given(input)
    id = choice.pop("attribute_id")
    with placed("input"):
        await service.create_choice(context, attribute_id=id, choice=choice, version=version_in(input))
    return row(Attribute, id)


@mutation(ChoiceNotFound, VersionConflict, needs="product_types.manage")
async def attribute_choice_update(context: Context, id: strawberry.ID, input: AttributeChoiceUpdateInput) -> Attribute:
    """Change what a choice is called. Its code stays."""
    with placed("input"):
        changes = given(input)
        attribute = await service.update_choice(context, id=id_of(id), changes=changes, version=version_in(input))
    return row(Attribute, attribute)


@mutation(ChoiceNotFound, VersionConflict, ChoiceInUse, needs="product_types.manage")
async def attribute_choice_delete(context: Context, id: strawberry.ID, version: int | None = UNSET) -> Attribute:
    """Remove a choice that no product has."""
    with placed():
        return row(Attribute, await service.delete_choice(context, id=id_of(id), version=said(version)))


@mutation(AttributeNotFound, VersionConflict, needs="product_types.manage")
async def attribute_choices_reorder(
    context: Context, attribute_id: strawberry.ID, choice_ids: list[strawberry.ID], version: int | None = UNSET
) -> Attribute:
    """Put an attribute's choices in this order."""
    id, wanted = id_of(attribute_id), ids_of(choice_ids)
    with placed():
        await service.reorder_choices(context, attribute_id=id, choice_ids=wanted, version=said(version))
    return row(Attribute, id)
