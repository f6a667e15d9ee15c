"""Variants and options, changed one at a time."""

from typing import Any, cast
from uuid import UUID

import pytest
from tests.catalog.noted import NOBODY, announced, audited, fetch, id_of
from tests.factories.shop import NOW

from mercer.catalog import errors, service
from mercer.catalog.models import NewOption, NewOptionValue, NewVariant, VariantChanges
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, InvalidInput, VersionConflict
from mercer.platform.transactions import transaction

VARIANTS = """
    SELECT v.sku, v.archived_at, v.version, ARRAY(
        SELECT o.name FROM catalog.variant_option_value c JOIN catalog.option_value o ON o.id = c.option_value_id
        WHERE c.variant_id = v.id ORDER BY o.name
    )
    FROM catalog.variant v WHERE v.product_id = :id ORDER BY v.position
"""
OPTIONS = """
    SELECT o.name, ARRAY(SELECT v.name FROM catalog.option_value v WHERE v.option_id = o.id ORDER BY v.position)
    FROM catalog.option o WHERE o.product_id = :id ORDER BY o.position
"""


async def do(context: Context, verb: str, **given: Any) -> Any:
    """Call a verb in a transaction of its own."""
    async with transaction(context) as inner:
        return await getattr(service, verb)(inner, **given)


async def variants(context: Context, slug: str = "steel-mug") -> list[tuple[Any, ...]]:
    return await fetch(context, VARIANTS, id=await id_of(context, "product", slug))


async def options(context: Context) -> list[tuple[Any, ...]]:
    return await fetch(context, OPTIONS, id=await id_of(context, "product", "steel-mug"))


async def a_green_variant(context: Context, **changes: Any) -> UUID:
    colour, mug = await id_of(context, "option", "Colour"), await id_of(context, "product", "steel-mug")
    await do(context, "create_option_value", option_id=colour, value=NewOptionValue(name="Green"))
    green = await id_of(context, "value", "Green")
    variant = cast("NewVariant", {"sku": "MUG-1-G", "option_value_ids": [green], **changes})
    id: UUID = await do(context, "create_variant", product_id=mug, variant=variant)
    return id


async def test_a_variant_is_created_last(catalogue: Context) -> None:
    id = await a_green_variant(catalogue, name="Green", weight_grams=250, name_translations={"de": "Grün"})
    assert [row[0] for row in await variants(catalogue)] == ["MUG-1-R", "MUG-1-B", "MUG-1-OLD", "MUG-1-G"]
    assert (await variants(catalogue))[-1] == ("MUG-1-G", None, 1, ["Green"])
    mug, green = await id_of(catalogue, "product", "steel-mug"), await id_of(catalogue, "value", "Green")
    assert await audited(catalogue) == [
        ("Product", {"options.Colour": [["Red", "Blue"], ["Red", "Blue", "Green"]]}),
        (
            "ProductVariant",
            {
                "product_id": [None, str(mug)],
                "sku": [None, "MUG-1-G"],
                "name": [None, "Green"],
                "name_translations": [None, {"de": "Grün"}],
                "weight_grams": [None, 250],
                "option_value_ids": [None, [str(green)]],
            },
        ),
    ]
    assert await announced(catalogue) == ["ProductUpdated", "VariantCreated"]
    found = "SELECT count(*) FROM catalog.product_search WHERE words @@ '''mug-1-g'''::tsquery"
    assert await fetch(catalogue, found) == [(2,)]
    payload = "SELECT payload->>'variant_id' FROM platform.outbox ORDER BY id DESC LIMIT 1"
    assert await fetch(catalogue, payload) == [(str(id),)]


@pytest.mark.parametrize(
    ("changes", "error", "path"),
    [
        ({"option_value_ids": []}, errors.OptionValuesIncomplete, ("option_value_ids",)),
        ({"option_value_ids": ["Red"]}, errors.OptionValuesTaken, ("option_value_ids",)),
        ({"option_value_ids": ["Green", "Red"]}, errors.OptionValuesIncomplete, ("option_value_ids",)),
        ({"option_value_ids": [NOBODY]}, errors.OptionValueNotFound, ("option_value_ids", "0")),
        ({"sku": "CLAY-1"}, errors.SkuTaken, ("sku",)),
        ({"barcode": "4006381333931"}, errors.BarcodeTaken, ("barcode",)),
        ({"sku": " x", "barcode": "1", "weight_grams": 2**31}, InvalidInput, ()),
        ({"option_value_ids": ["Red", "Red"]}, InvalidInput, ()),
    ],
)
async def test_a_variant_is_unlike_all_others(
    catalogue: Context, changes: dict[str, Any], error: type[DomainError], path: tuple[str, ...]
) -> None:
    id = await a_green_variant(catalogue)
    named = [
        each if isinstance(each, UUID) else await id_of(catalogue, "value", each)
        for each in changes.get("option_value_ids", ())
    ]
    changes = changes | ({"option_value_ids": named} if "option_value_ids" in changes else {})
    before = await variants(catalogue)
    with pytest.raises(error) as raised:
        await do(catalogue, "update_variant", id=id, changes=changes)
    assert raised.value.path == path
    mug = await id_of(catalogue, "product", "steel-mug")
    with pytest.raises(error):
        await do(catalogue, "create_variant", product_id=mug, variant={"sku": "NEW", **changes})
    assert await variants(catalogue) == before


async def test_values_of_another_products_option_are_unknown(catalogue: Context) -> None:
    clay, red = await id_of(catalogue, "product", "clay-cup"), await id_of(catalogue, "value", "Red")
    variant = NewVariant(sku="CLAY-2", option_value_ids=[red])
    with pytest.raises(errors.OptionValueNotFound):
        await do(catalogue, "create_variant", product_id=clay, variant=variant)


async def test_a_variant_changes_its_sku_and_values(catalogue: Context) -> None:
    id = await a_green_variant(catalogue)
    blue = await id_of(catalogue, "variant", "MUG-1-B")
    await do(catalogue, "archive_variant", id=blue)
    value = await id_of(catalogue, "value", "Blue")
    changes = VariantChanges(sku="MUG-2", barcode="4012345678901", option_value_ids=[value])
    await do(catalogue, "update_variant", id=id, changes=changes, version=1)
    assert (await variants(catalogue))[-1] == ("MUG-2", None, 2, ["Blue"])
    with pytest.raises(VersionConflict) as raised:
        await do(catalogue, "update_variant", id=id, changes=VariantChanges(sku="MUG-3"), version=1)
    assert raised.value.current == 2
    with pytest.raises(errors.OptionValuesTaken):
        await do(catalogue, "restore_variant", id=blue)
    await do(catalogue, "update_variant", id=id, changes=VariantChanges(barcode=None, weight_grams=None))
    noted = [changes for entity, changes in await audited(catalogue) if entity == "ProductVariant"]
    assert noted[2]["sku"] == ["MUG-1-G", "MUG-2"]
    assert noted[3] == {"barcode": ["4012345678901", None]}


async def test_archive_and_restore_are_repeatable(catalogue: Context) -> None:
    red = await id_of(catalogue, "variant", "MUG-1-R")
    for _ in range(2):
        await do(catalogue, "archive_variant", id=red)
    assert (await variants(catalogue))[0] == ("MUG-1-R", NOW, 2, ["Red"])
    for _ in range(2):
        await do(catalogue, "restore_variant", id=red)
    assert (await variants(catalogue))[0] == ("MUG-1-R", None, 3, ["Red"])
    assert await announced(catalogue) == ["VariantArchived", "VariantRestored"]


async def test_one_that_is_sold_stays(catalogue: Context) -> None:
    red, blue = await id_of(catalogue, "variant", "MUG-1-R"), await id_of(catalogue, "variant", "MUG-1-B")
    await do(catalogue, "archive_variant", id=red)
    for verb in ("archive_variant", "delete_variant"):
        with pytest.raises(errors.LastVariant):
            await do(catalogue, verb, id=blue)
    await do(catalogue, "delete_variant", id=red)
    with pytest.raises(errors.LastVariant):
        await do(catalogue, "delete_variant", id=await id_of(catalogue, "variant", "CLAY-1"))
    with pytest.raises(errors.OptionValuesIncomplete):
        await do(catalogue, "restore_variant", id=await id_of(catalogue, "variant", "MUG-1-OLD"))
    assert [row[0] for row in await variants(catalogue)] == ["MUG-1-B", "MUG-1-OLD"]
    assert await announced(catalogue) == ["VariantArchived", "VariantDeleted"]


async def test_variants_stand_in_the_order_given(catalogue: Context) -> None:
    mug = await id_of(catalogue, "product", "steel-mug")
    ids = [await id_of(catalogue, "variant", sku) for sku in ("MUG-1-OLD", "MUG-1-B", "MUG-1-R")]
    for _ in range(2):
        await do(catalogue, "reorder_variants", product_id=mug, variant_ids=ids)
    assert [row[0] for row in await variants(catalogue)] == ["MUG-1-OLD", "MUG-1-B", "MUG-1-R"]
    assert await announced(catalogue) == ["VariantUpdated"] * 3
    for wrong in ([], ids[:2], [*ids, NOBODY], [*ids[:2], ids[1]], [ids[0], ids[1], NOBODY]):
        with pytest.raises(errors.OrderIncomplete):
            await do(catalogue, "reorder_variants", product_id=mug, variant_ids=wrong)


async def test_many_variants_change_each_in_its_own_way(catalogue: Context) -> None:
    red, clay = await id_of(catalogue, "variant", "MUG-1-R"), await id_of(catalogue, "variant", "CLAY-1")
    blue = await id_of(catalogue, "variant", "MUG-1-B")
    changes = {
        red: VariantChanges(weight_grams=5),
        NOBODY: VariantChanges(weight_grams=5),
        blue: VariantChanges(sku="CLAY-1", weight_grams=6),
        clay: VariantChanges(barcode="4012345678901"),
    }
    outcomes = await do(catalogue, "update_variants", changes=changes)
    assert outcomes.done == [red, clay]
    assert [(each.id, type(each.error)) for each in outcomes.refused] == [
        (NOBODY, errors.VariantNotFound),
        (blue, errors.SkuTaken),
    ]
    weights = "SELECT sku, weight_grams, barcode FROM catalog.variant WHERE id = ANY(:ids) ORDER BY sku"
    assert await fetch(catalogue, weights, ids=[red, blue, clay]) == [
        ("CLAY-1", None, "4012345678901"),
        ("MUG-1-B", None, None),
        ("MUG-1-R", 5, "4006381333931"),
    ]


async def test_an_option_comes_with_a_value_for_those_that_are_there(catalogue: Context) -> None:
    mug = await id_of(catalogue, "product", "steel-mug")
    option = NewOption(name="Size", values=[NewOptionValue(name="S"), NewOptionValue(name="L")], value_of_variants="L")
    await do(catalogue, "create_option", product_id=mug, option=option, version=1)
    assert await options(catalogue) == [("Colour", ["Red", "Blue"]), ("Size", ["S", "L"])]
    assert [row[3] for row in await variants(catalogue)] == [["L", "Red"], ["Blue", "L"], ["L"]]
    with pytest.raises(errors.OptionNameTaken):
        await do(catalogue, "create_option", product_id=mug, option=option)
    with pytest.raises(VersionConflict):
        await do(catalogue, "create_option", product_id=mug, option={**option, "name": "Shape"}, version=1)
    with pytest.raises(InvalidInput):
        await do(catalogue, "create_option", product_id=mug, option={**option, "value_of_variants": "M"})
    with pytest.raises(errors.OptionInUse) as raised:
        await do(catalogue, "delete_option", id=await id_of(catalogue, "option", "Colour"))
    assert raised.value.variants == 2
    await do(catalogue, "delete_option", id=await id_of(catalogue, "option", "Size"))
    assert [row[3] for row in await variants(catalogue)] == [["Red"], ["Blue"], []]


async def test_options_and_values_are_renamed_and_reordered(catalogue: Context) -> None:
    mug, colour = await id_of(catalogue, "product", "steel-mug"), await id_of(catalogue, "option", "Colour")
    red, blue = await id_of(catalogue, "value", "Red"), await id_of(catalogue, "value", "Blue")
    await do(catalogue, "update_option", id=colour, changes={"name": "Hue", "name_translations": {"de": "Ton"}})
    await do(catalogue, "update_option_value", id=red, changes={"name": "Crimson"})
    await do(catalogue, "reorder_option_values", option_id=colour, value_ids=[blue, red])
    await do(catalogue, "reorder_options", product_id=mug, option_ids=[colour])
    assert await options(catalogue) == [("Hue", ["Blue", "Crimson"])]
    with pytest.raises(errors.OptionNameTaken):
        await do(catalogue, "update_option_value", id=red, changes={"name": "Blue"})
    with pytest.raises(errors.OrderIncomplete):
        await do(catalogue, "reorder_option_values", option_id=colour, value_ids=[blue])
    assert await audited(catalogue) == [
        (
            "Product",
            {
                "options.Colour.name": ["Colour", "Hue"],
                "options.Colour.name_translations": [{"de": "Farbe"}, {"de": "Ton"}],
            },
        ),
        ("Product", {"options.Hue.Red.name": ["Red", "Crimson"]}),
        ("Product", {"options.Hue": [["Crimson", "Blue"], ["Blue", "Crimson"]]}),
    ]
    assert await fetch(catalogue, "SELECT version FROM catalog.product WHERE id = :id", id=mug) == [(4,)]


async def test_a_value_goes_when_no_variant_has_it(catalogue: Context) -> None:
    colour, red = await id_of(catalogue, "option", "Colour"), await id_of(catalogue, "value", "Red")
    with pytest.raises(errors.OptionInUse) as raised:
        await do(catalogue, "delete_option_value", id=red)
    assert raised.value.variants == 1
    await do(catalogue, "create_option_value", option_id=colour, value=NewOptionValue(name="Green"))
    await do(catalogue, "delete_option_value", id=await id_of(catalogue, "value", "Green"))
    assert await options(catalogue) == [("Colour", ["Red", "Blue"])]


@pytest.mark.parametrize(
    ("verb", "given", "error"),
    [
        ("create_variant", {"product_id": NOBODY, "variant": {"sku": "X"}}, errors.ProductNotFound),
        ("update_variant", {"id": NOBODY, "changes": {}}, errors.VariantNotFound),
        ("archive_variant", {"id": NOBODY}, errors.VariantNotFound),
        ("restore_variant", {"id": NOBODY}, errors.VariantNotFound),
        ("delete_variant", {"id": NOBODY}, errors.VariantNotFound),
        ("reorder_variants", {"product_id": NOBODY, "variant_ids": []}, errors.ProductNotFound),
        ("update_option", {"id": NOBODY, "changes": {"name": "x"}}, errors.OptionNotFound),
        ("delete_option", {"id": NOBODY}, errors.OptionNotFound),
        ("reorder_options", {"product_id": NOBODY, "option_ids": []}, errors.ProductNotFound),
        ("create_option_value", {"option_id": NOBODY, "value": {"name": "x"}}, errors.OptionNotFound),
        ("update_option_value", {"id": NOBODY, "changes": {}}, errors.OptionValueNotFound),
        ("delete_option_value", {"id": NOBODY}, errors.OptionValueNotFound),
        ("reorder_option_values", {"option_id": NOBODY, "value_ids": []}, errors.OptionNotFound),
        ("update_media", {"id": NOBODY, "changes": {}}, errors.MediaNotFound),
        ("remove_media", {"id": NOBODY}, errors.MediaNotFound),
        ("reorder_media", {"product_id": NOBODY, "media_ids": []}, errors.ProductNotFound),
    ],
)
async def test_nothing_is_found_of_unknown_ids(
    catalogue: Context, verb: str, given: dict[str, Any], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        await do(catalogue, verb, **given)
    assert await announced(catalogue) == []
