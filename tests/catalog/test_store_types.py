from dataclasses import replace

import pytest
from tests.contents import fetch
from tests.factories.shop import BAG_TYPE, MUG_TYPE

from mercer.catalog import errors
from mercer.catalog.models import Attribute, AttributeKind, Choice, ProductType
from mercer.catalog.service import name_choices, store_product_types
from mercer.platform.context import Context
from mercer.values.stored import Stored

MATERIAL = MUG_TYPE.attributes[0]


async def test_types_are_counted_by_what_came_of_them(context: Context) -> None:
    pots = ProductType(code="pots", name="Pots", attributes=[MATERIAL])
    assert await store_product_types(context, product_types=[MUG_TYPE, BAG_TYPE, pots]) == Stored(
        created=1, updated=0, unchanged=2
    )
    renamed = replace(MATERIAL, name="Stuff")
    mugs = replace(MUG_TYPE, attributes=[renamed, *MUG_TYPE.attributes[1:]])
    assert await store_product_types(context, product_types=[mugs, BAG_TYPE]) == Stored(
        created=0, updated=1, unchanged=1
    )
    # Those not named stay: the type had seven attributes.
    fewer = replace(MUG_TYPE, attributes=[renamed])
    assert await store_product_types(context, product_types=[fewer]) == Stored(created=0, updated=0, unchanged=1)
    assert await fetch(context.db, "SELECT count(*) FROM catalog.product_type_attribute") == [(8,)]


async def test_a_kind_never_changes(context: Context) -> None:
    other = replace(MUG_TYPE, attributes=[replace(MATERIAL, kind=AttributeKind.TEXT, choices=())])
    with pytest.raises(errors.AttributeKindFixed) as caught:
        await store_product_types(context, product_types=[other])
    assert vars(caught.value) == {"attribute": "material", "kind": AttributeKind.CHOICE}


async def test_two_definitions_of_one_attribute_must_agree(context: Context) -> None:
    a = Attribute(code="size", name="Size", kind=AttributeKind.NUMBER, unit="mm")
    types = [
        ProductType(code="a", name="A", attributes=[a]),
        ProductType(code="b", name="B", attributes=[replace(a, unit="cm")]),
    ]
    with pytest.raises(errors.AttributeDefinedTwice):
        await store_product_types(context, product_types=types)


async def test_a_type_is_given_once(context: Context) -> None:
    with pytest.raises(errors.ProductTypeRepeated):
        await store_product_types(context, product_types=[BAG_TYPE, replace(BAG_TYPE, name="Sacks")])


@pytest.mark.parametrize(
    "product_type",
    [
        ProductType(code="Pots", name="Pots"),
        ProductType(code="pots", name="Pots", attributes=[replace(MATERIAL, code="a b")]),
        ProductType(code="pots", name="Pots", attributes=[replace(MATERIAL, choices=[Choice(code="É", name="É")])]),
    ],
)
async def test_codes_have_one_form(context: Context, product_type: ProductType) -> None:
    with pytest.raises(errors.CodeInvalid):
        await store_product_types(context, product_types=[product_type])


@pytest.mark.parametrize("code", ["category", "tags"])
async def test_an_attribute_is_not_called_as_another_facet(context: Context, code: str) -> None:
    pots = ProductType(code="pots", name="Pots", attributes=[replace(MATERIAL, code=code)])
    with pytest.raises(errors.AttributeCodeReserved):
        await store_product_types(context, product_types=[pots])


async def test_names_become_choices_and_stay_the_same_ones(context: Context) -> None:
    names = ["AM3", "AM3+", "steel", "STEEL", "Édition", "edition"]
    first = await name_choices(context, names={"material": names})
    assert first["material"] == {
        "AM3": "am3",
        "AM3+": "am3-5b308b",
        "steel": "steel",
        "STEEL": "steel",
        "Édition": "edition",
        "edition": "edition",
    }
    assert await name_choices(context, names={"material": list(reversed(names))}) == first
    stored = "SELECT c.name FROM catalog.attribute_choice c JOIN catalog.attribute a ON a.id = attribute_id "
    stored += "WHERE a.code = 'material' ORDER BY c.position"
    found = [name for (name,) in await fetch(context.db, stored)]
    assert found == ["Steel", "Glass", "Clay", "AM3", "AM3+", "Édition"]
