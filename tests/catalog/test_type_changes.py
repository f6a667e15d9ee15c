"""Product types, attributes and choices, changed one at a time."""

from typing import Any
from uuid import UUID

import pytest
from tests.catalog.noted import NOBODY, announced, audited, fetch, id_of, outdated

from mercer.catalog import errors, service
from mercer.catalog.models import AttributeKind
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, InvalidInput, VersionConflict
from mercer.platform.transactions import transaction

HAS = """
    SELECT a.code FROM catalog.product_type_attribute t
    JOIN catalog.attribute a ON a.id = t.attribute_id JOIN catalog.product_type p ON p.id = t.product_type_id
    WHERE p.code = :code ORDER BY t.position
"""
CHOICES = """
    SELECT c.code, c.name FROM catalog.attribute_choice c JOIN catalog.attribute a ON a.id = c.attribute_id
    WHERE a.code = :code ORDER BY c.position
"""
DRINKWARE = ["material", "uses", "volume", "dishwasher", "since", "maker", "care"]


async def do(context: Context, verb: str, **given: Any) -> Any:
    """Call a verb in a transaction of its own."""
    async with transaction(context) as inner:
        return await getattr(service, verb)(inner, **given)


async def attribute(context: Context, code: str) -> UUID:
    return await id_of(context, "attribute", code)


async def attributes_of(context: Context, code: str) -> list[str]:
    return [row[0] for row in await fetch(context, HAS, code=code)]


async def test_a_type_is_created_changed_and_deleted(catalogue: Context) -> None:
    ids = [await attribute(catalogue, code) for code in ("maker", "material")]
    new = {"code": "tools", "name": "Tools", "name_translations": {"de": "Werkzeug"}, "attribute_ids": ids}
    id = await do(catalogue, "create_product_type", product_type=new)
    assert await attributes_of(catalogue, "tools") == ["maker", "material"]
    await do(catalogue, "update_product_type", id=id, changes={"code": "gear", "name": "Gear"}, version=1)
    await do(catalogue, "update_product_type", id=id, changes={"code": "gear"})
    with pytest.raises(VersionConflict):
        await do(catalogue, "update_product_type", id=id, changes={"name": "x"}, version=1)
    await do(catalogue, "delete_product_type", id=id, version=2)
    assert await audited(catalogue) == [
        (
            "ProductType",
            {
                "code": [None, "tools"],
                "name": [None, "Tools"],
                "name_translations": [None, {"de": "Werkzeug"}],
                "attribute_ids": [None, [str(each) for each in ids]],
            },
        ),
        ("ProductType", {"code": ["tools", "gear"], "name": ["Tools", "Gear"]}),
        ("ProductType", {"code": ["gear", None], "name": ["Gear", None]}),
    ]
    assert await announced(catalogue) == ["ProductTypeCreated", "ProductTypeUpdated", "ProductTypeDeleted"]
    assert await outdated(catalogue) == {"catalog"}


async def test_products_are_found_by_their_types_new_name(catalogue: Context) -> None:
    id = await id_of(catalogue, "type", "bags")
    await do(catalogue, "update_product_type", id=id, changes={"code": "carriers", "name": "Carrier"})
    found = "SELECT count(*) FROM catalog.product_search WHERE words @@ 'carrier'::tsquery AND language = 'en'"
    assert await fetch(catalogue, found) == [(2,)]


async def test_a_type_in_use_stays(catalogue: Context) -> None:
    with pytest.raises(errors.ProductTypeInUse) as raised:
        await do(catalogue, "delete_product_type", id=await id_of(catalogue, "type", "bags"))
    assert raised.value.products == 2
    with pytest.raises(errors.CodeTaken):
        await do(catalogue, "create_product_type", product_type={"code": "bags", "name": "Bags"})


async def test_a_types_attributes_are_set_in_their_order(catalogue: Context) -> None:
    bags, drinkware = await id_of(catalogue, "type", "bags"), await id_of(catalogue, "type", "drinkware")
    wanted = [await attribute(catalogue, code) for code in ("volume", "maker")]
    for _ in range(2):
        await do(catalogue, "set_attributes", id=bags, attribute_ids=wanted)
    assert await attributes_of(catalogue, "bags") == ["volume", "maker"]
    kept = [await attribute(catalogue, code) for code in reversed(DRINKWARE)]
    await do(catalogue, "set_attributes", id=drinkware, attribute_ids=kept, version=1)
    assert await attributes_of(catalogue, "drinkware") == DRINKWARE[::-1]
    with pytest.raises(errors.AttributeInUse) as raised:
        await do(catalogue, "set_attributes", id=drinkware, attribute_ids=kept[:-1])
    assert (raised.value.products, raised.value.product_types) == (4, 1)
    with pytest.raises(errors.AttributeNotFound) as unknown:
        await do(catalogue, "set_attributes", id=bags, attribute_ids=[wanted[0], NOBODY])
    assert unknown.value.path == ("attribute_ids", "1")
    for wrong in ([wanted[0], wanted[0]], [UUID(int=each) for each in range(101)]):
        with pytest.raises(InvalidInput):
            await do(catalogue, "set_attributes", id=bags, attribute_ids=wrong)
    await do(catalogue, "set_attributes", id=bags, attribute_ids=[])
    assert await attributes_of(catalogue, "bags") == []
    assert await announced(catalogue) == ["ProductTypeUpdated"] * 3


async def test_an_attribute_is_created_changed_and_deleted(catalogue: Context) -> None:
    choices = [{"name": "Big One", "code": "big"}, {"name": "Small One"}, {"name": "Small one"}]
    new = {"code": "size", "name": "Size", "kind": AttributeKind.CHOICE, "is_filterable": False, "choices": choices}
    id = await do(catalogue, "create_attribute", attribute=new)
    codes = [code for code, _ in await fetch(catalogue, CHOICES, code="size")]
    assert codes[:2] == ["big", "small-one"]
    assert codes[2].startswith("small-one-")
    changes = {"name": "Extent", "is_filterable": True, "name_translations": {"de": "Größe"}}
    await do(catalogue, "update_attribute", id=id, changes=changes, version=1)
    columns = "code, kind, name, name_translations, is_filterable, position, version"
    assert await fetch(catalogue, f"SELECT {columns} FROM catalog.attribute WHERE id = :id", id=id) == [
        ("size", "choice", "Extent", {"de": "Größe"}, True, 7, 2)
    ]
    await do(catalogue, "delete_attribute", id=id, version=2)
    assert await announced(catalogue) == ["AttributeCreated", "AttributeUpdated", "AttributeDeleted"]
    assert await fetch(catalogue, CHOICES, code="size") == []


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"code": "category"}, ["code"]),
        ({"code": "A B", "name": ""}, ["name", "code"]),
        ({"unit": "mm"}, ["unit"]),
        ({"kind": AttributeKind.TEXT, "choices": [{"name": "x"}]}, ["choices"]),
        ({"choices": [{"name": "x", "code": "a"}, {"name": "y", "code": "a"}]}, ["choices.1.code"]),
        ({"choices": [{"name": ""}, {"name": "x", "code": "A"}]}, ["choices.0.name", "choices.1.code"]),
        ({"choices": [{"name": str(each)} for each in range(1001)]}, ["choices"]),
    ],
)
async def test_a_faulty_attribute_is_not_created(
    catalogue: Context, changes: dict[str, Any], places: list[str]
) -> None:
    new = {"code": "size", "name": "Size", "kind": AttributeKind.CHOICE, **changes}
    with pytest.raises(InvalidInput) as raised:
        await do(catalogue, "create_attribute", attribute=new)
    assert [".".join(field.path) for field in raised.value.fields] == places
    assert await announced(catalogue) == []


async def test_what_is_in_use_stays(catalogue: Context) -> None:
    with pytest.raises(errors.AttributeInUse) as raised:
        await do(catalogue, "delete_attribute", id=await attribute(catalogue, "volume"))
    assert (raised.value.products, raised.value.product_types) == (3, 1)
    with pytest.raises(errors.ChoiceInUse) as chosen:
        await do(catalogue, "delete_choice", id=await id_of(catalogue, "choice", "steel"))
    assert chosen.value.products == 2
    new = {"code": "volume", "name": "x", "kind": AttributeKind.NUMBER}
    with pytest.raises(errors.CodeTaken):
        await do(catalogue, "create_attribute", attribute=new)


async def test_choices_come_change_and_go(catalogue: Context) -> None:
    material = await attribute(catalogue, "material")
    await do(catalogue, "create_choice", attribute_id=material, choice={"name": "Rose Wood"}, version=1)
    await do(catalogue, "create_choice", attribute_id=material, choice={"name": "Tin", "code": "sn"})
    with pytest.raises(errors.CodeTaken):
        await do(catalogue, "create_choice", attribute_id=material, choice={"name": "Snow", "code": "sn"})
    with pytest.raises(VersionConflict):
        await do(catalogue, "create_choice", attribute_id=material, choice={"name": "Ice"}, version=1)
    tin, wood = await id_of(catalogue, "choice", "sn"), await id_of(catalogue, "choice", "rose-wood")
    await do(catalogue, "update_choice", id=tin, changes={"name": "Pewter", "name_translations": {"de": "Zinn"}})
    others = [await id_of(catalogue, "choice", code) for code in ("clay", "glass", "steel")]
    await do(catalogue, "reorder_choices", attribute_id=material, choice_ids=[tin, wood, *others])
    await do(catalogue, "delete_choice", id=wood)
    assert await fetch(catalogue, CHOICES, code="material") == [
        ("sn", "Pewter"),
        ("clay", "Clay"),
        ("glass", "Glass"),
        ("steel", "Steel"),
    ]
    with pytest.raises(errors.OrderIncomplete):
        await do(catalogue, "reorder_choices", attribute_id=material, choice_ids=others)
    assert [changes for _, changes in await audited(catalogue)] == [
        {"choices.rose-wood": [None, {"name": "Rose Wood"}]},
        {"choices.sn": [None, {"name": "Tin"}]},
        {"choices.sn.name": ["Tin", "Pewter"], "choices.sn.name_translations": [{}, {"de": "Zinn"}]},
        {
            "choices": [
                ["steel", "glass", "clay", "rose-wood", "sn"],
                ["sn", "rose-wood", "clay", "glass", "steel"],
            ]
        },
        {"choices.rose-wood": [{"name": "Rose Wood"}, None]},
    ]
    assert await fetch(catalogue, "SELECT version FROM catalog.attribute WHERE id = :id", id=material) == [(6,)]


@pytest.mark.parametrize(
    ("verb", "given", "error"),
    [
        ("update_product_type", {"id": NOBODY, "changes": {"name": "x"}}, errors.ProductTypeNotFound),
        ("delete_product_type", {"id": NOBODY}, errors.ProductTypeNotFound),
        ("set_attributes", {"id": NOBODY, "attribute_ids": []}, errors.ProductTypeNotFound),
        ("create_product_type", {"product_type": {"code": "A", "name": ""}}, InvalidInput),
        (
            "create_product_type",
            {"product_type": {"code": "a", "name": "a", "attribute_ids": [NOBODY]}},
            errors.AttributeNotFound,
        ),
        ("update_attribute", {"id": NOBODY, "changes": {"name": "x"}}, errors.AttributeNotFound),
        ("delete_attribute", {"id": NOBODY}, errors.AttributeNotFound),
        ("create_choice", {"attribute_id": NOBODY, "choice": {"name": "x"}}, errors.AttributeNotFound),
        ("update_choice", {"id": NOBODY, "changes": {"name": "x"}}, errors.ChoiceNotFound),
        ("delete_choice", {"id": NOBODY}, errors.ChoiceNotFound),
        ("reorder_choices", {"attribute_id": NOBODY, "choice_ids": []}, errors.AttributeNotFound),
    ],
)
async def test_nothing_is_found_of_unknown_ids(
    catalogue: Context, verb: str, given: dict[str, Any], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        await do(catalogue, verb, **given)
    assert await announced(catalogue) == []


async def test_only_choices_have_choices_and_only_numbers_units(catalogue: Context) -> None:
    volume, maker = await attribute(catalogue, "volume"), await attribute(catalogue, "maker")
    with pytest.raises(errors.ChoicesMisplaced):
        await do(catalogue, "create_choice", attribute_id=volume, choice={"name": "x"})
    with pytest.raises(InvalidInput):
        await do(catalogue, "update_attribute", id=maker, changes={"unit": "mm"})
    await do(catalogue, "update_attribute", id=volume, changes={"unit": None})
    assert await fetch(catalogue, "SELECT unit FROM catalog.attribute WHERE code = 'volume'") == [(None,)]
