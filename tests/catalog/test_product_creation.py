"""Products, created whole."""

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from tests.catalog.noted import NOBODY, announced, audited, fetch, id_of

from mercer.catalog import errors
from mercer.catalog.models import AttributeSetting, NewProduct, NewVariant
from mercer.catalog.service import create_product
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, InvalidInput
from mercer.platform.transactions import transaction


def faults(error: InvalidInput) -> list[tuple[str, str]]:
    return [(".".join(field.path), field.message) for field in error.fields]


async def a_new_product(context: Context, **changes: Any) -> NewProduct:
    kind = await id_of(context, "type", "drinkware")
    product = {"product_type_id": kind, "name": "Steel Mug", "variants": [NewVariant(sku="NEW-1")], **changes}
    return cast("NewProduct", product)


async def create(context: Context, **changes: Any) -> UUID:
    product = await a_new_product(context, **changes)
    async with transaction(context) as inner:
        return await create_product(inner, product=product)


async def test_a_product_is_created_whole(catalogue: Context) -> None:
    mugs = await id_of(catalogue, "category", "mugs")
    values = [{"name": "Small", "name_translations": {"de": "Klein"}}, {"name": "Large"}]
    id = await create(
        catalogue,
        name_translations={"de": "Neuer Becher"},
        description="<p>New</p>",
        category_id=mugs,
        tags=["new", "new"],
        attributes=[AttributeSetting(code="volume", number=Decimal(5)), AttributeSetting(code="uses", choices=["tea"])],
        options=[{"name": "Size", "values": values}],
        variants=[
            NewVariant(sku="S", barcode="4006381333931", option_values=[{"option": "Size", "value": "Small"}])
            | {"barcode": "4012345678901"},
            NewVariant(sku="L", name="Big", weight_grams=7, option_values=[{"option": "Size", "value": "Large"}]),
        ],
    )
    columns = "slug LIKE 'steel-mug-%', name_translations, tags, category_id, version"
    assert await fetch(catalogue, f"SELECT {columns} FROM catalog.product WHERE id = :id", id=id) == [
        (True, {"de": "Neuer Becher"}, ["new"], mugs, 1)
    ]
    variants = """
        SELECT v.sku, v.barcode, v.name, v.weight_grams, o.name FROM catalog.variant v
        JOIN catalog.variant_option_value c ON c.variant_id = v.id
        JOIN catalog.option_value o ON o.id = c.option_value_id
        WHERE v.product_id = :id ORDER BY v.position
    """
    assert await fetch(catalogue, variants, id=id) == [
        ("S", "4012345678901", "", None, "Small"),
        ("L", None, "Big", 7, "Large"),
    ]
    assert await fetch(catalogue, "SELECT count(*) FROM catalog.publication WHERE product_id = :id", id=id) == [(0,)]
    assert await fetch(catalogue, "SELECT count(*) FROM catalog.product_search WHERE product_id = :id", id=id) == [(2,)]
    assert await announced(catalogue) == ["ProductCreated"]
    noted = await audited(catalogue)
    assert [entity for entity, _ in noted] == ["Product", "ProductVariant", "ProductVariant"]
    assert noted[0][1]["attributes.uses"] == [None, ["tea"]]
    assert noted[0][1]["options"] == [None, {"Size": ["Small", "Large"]}]
    assert noted[2][1] == {
        "product_id": [None, str(id)],
        "sku": [None, "L"],
        "name": [None, "Big"],
        "weight_grams": [None, 7],
        "option_values": [None, {"Size": "Large"}],
    }


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"variants": []}, ["variants"]),
        ({"variants": [NewVariant(sku="")]}, ["variants.0.sku"]),
        ({"variants": [NewVariant(sku="A"), NewVariant(sku="A")]}, ["variants.1.sku"]),
        (
            {"variants": [NewVariant(sku="A", barcode="1", weight_grams=-1)]},
            ["variants.0.barcode", "variants.0.weight_grams"],
        ),
        ({"variants": [NewVariant(sku=str(n)) for n in range(251)]}, ["variants"]),
        ({"name": "", "slug": "A B"}, ["name", "slug"]),
        ({"options": [{"name": "Size", "values": []}]}, ["options.0.values", "variants.0.option_values"]),
        (
            {"options": [{"name": "Size", "values": [{"name": "S"}, {"name": "S"}]}]},
            ["options.0.values.1.name", "variants.0.option_values"],
        ),
        (
            {"options": [{"name": "Size", "values": [{"name": "S"}]}, {"name": "Size", "values": [{"name": "S"}]}]},
            ["options.1.name", "variants.0.option_values"],
        ),
        (
            {
                "options": [{"name": "Size", "values": [{"name": "S"}]}],
                "variants": [
                    NewVariant(sku="A", option_values=[{"option": "Size", "value": "S"}]),
                    NewVariant(sku="B", option_values=[{"option": "Size", "value": "S"}]),
                    NewVariant(sku="C", option_values=[{"option": "Size", "value": "XL"}]),
                    NewVariant(sku="D", option_values=[{"option": "Colour", "value": "S"}]),
                    NewVariant(sku="E", option_values=[{"option": "Size", "value": "S"}] * 2),
                ],
            },
            [
                "variants.4.option_values.1",
                "variants.1.option_values",
                "variants.2.option_values",
                "variants.3.option_values",
                "variants.4.option_values",
            ],
        ),
        (
            {"attributes": [AttributeSetting(code="nope"), AttributeSetting(code="material", choices=["x"])]},
            ["attributes.0.code", "attributes.1"],
        ),
        ({"attributes": [AttributeSetting(code=str(n)) for n in range(101)]}, ["attributes"]),
    ],
)
async def test_a_faulty_product_is_not_created(catalogue: Context, changes: dict[str, Any], places: list[str]) -> None:
    with pytest.raises(InvalidInput) as raised:
        await create(catalogue, **changes)
    assert [place for place, _ in faults(raised.value)] == places
    assert await fetch(catalogue, "SELECT count(*) FROM catalog.product") == [(12,)]
    assert await audited(catalogue) == []


@pytest.mark.parametrize(
    ("changes", "error", "path"),
    [
        ({"slug": "clay-cup"}, errors.SlugTaken, ("slug",)),
        ({"variants": [NewVariant(sku="X"), NewVariant(sku="CLAY-1")]}, errors.SkuTaken, ("variants", "1", "sku")),
        (
            {"variants": [NewVariant(sku="X", barcode="4006381333931")]},
            errors.BarcodeTaken,
            ("variants", "0", "barcode"),
        ),
        ({"category_id": NOBODY}, errors.CategoryNotFound, ("category_id",)),
        ({"product_type_id": NOBODY}, errors.ProductTypeNotFound, ("product_type_id",)),
    ],
)
async def test_a_product_takes_nothing_that_is_taken(
    catalogue: Context, changes: dict[str, Any], error: type[DomainError], path: tuple[str, ...]
) -> None:
    with pytest.raises(error) as raised:
        await create(catalogue, **changes)
    assert raised.value.path == path
    assert await fetch(catalogue, "SELECT count(*) FROM catalog.product") == [(12,)]
