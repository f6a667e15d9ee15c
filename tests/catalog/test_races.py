"""Two at once: changes of one catalogue over several connections."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.catalog.noted import fetch, id_of
from tests.catalog.test_category_changes import TREE, do
from tests.factories.shop import mug

from mercer.catalog import errors
from mercer.catalog.models import AttributeSetting, CategoryContents, NewProduct, NewVariant
from mercer.catalog.service import store_products
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.transactions import transaction


async def together(*calls: Coroutine[Any, Any, Any]) -> list[str]:
    """What came of these calls, made at once: the names of the failures, sorted, `ok` for the others."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    return sorted(type(each).__name__ if isinstance(each, BaseException) else "ok" for each in results)


async def test_one_of_many_gets_a_slug(catalogue: Context) -> None:
    slugs = ("steel-mug", "clay-cup", "travel-mug", "rucksack")
    ids = [await id_of(catalogue, "product", slug) for slug in slugs]
    assert await together(*(do(catalogue, "update_product", id=id, changes={"slug": "wanted"}) for id in ids)) == [
        "SlugTaken"
    ] * 3 + ["ok"]


async def test_a_slug_that_is_left_is_not_taken_meanwhile(catalogue: Context) -> None:
    steel, clay = await id_of(catalogue, "product", "steel-mug"), await id_of(catalogue, "product", "clay-cup")
    came = await together(
        do(catalogue, "update_product", id=steel, changes={"slug": "iron-mug"}),
        do(catalogue, "update_product", id=clay, changes={"slug": "steel-mug"}),
    )
    assert came == ["SlugTaken", "ok"]


async def test_one_of_many_gets_a_sku(catalogue: Context) -> None:
    kind = await id_of(catalogue, "type", "bags")
    product = NewProduct(product_type_id=kind, name="Bag", variants=[NewVariant(sku="SAME", barcode="4012345678901")])
    clay = await id_of(catalogue, "variant", "CLAY-1")

    async def imported() -> None:
        async with transaction(catalogue) as context:
            stored = await store_products(context, products=[mug("Imported", "SAME")])
            for each in stored.rejected:
                raise each.error

    came = await together(
        do(catalogue, "create_product", product=product),
        do(catalogue, "create_product", product=product),
        do(catalogue, "update_variant", id=clay, changes={"sku": "SAME"}),
        imported(),
    )
    assert len(await fetch(catalogue, "SELECT id FROM catalog.variant WHERE sku = 'SAME'")) == 1
    assert came in (["SkuTaken"] * 3 + ["ok"], ["SkuTaken"] * 2 + ["ok"] * 2)  # an import may meet what is there


async def test_opposite_moves_make_no_circle(catalogue: Context) -> None:
    kitchen, outdoor = await id_of(catalogue, "category", "kitchen"), await id_of(catalogue, "category", "outdoor")
    came = await together(
        do(catalogue, "move_category", id=kitchen, parent_id=outdoor),
        do(catalogue, "move_category", id=outdoor, parent_id=kitchen),
    )
    assert came == ["CategoryCycle", "ok"]
    assert len(await fetch(catalogue, TREE)) == 4


async def test_of_those_who_read_one_version_one_writes(catalogue: Context) -> None:
    id = await id_of(catalogue, "product", "steel-mug")
    calls = (do(catalogue, "update_product", id=id, changes={"name": f"N{n}"}, version=1) for n in range(6))
    assert await together(*calls) == [VersionConflict.__name__] * 5 + ["ok"]
    assert await fetch(catalogue, "SELECT version FROM catalog.product WHERE id = :id", id=id) == [(2,)]


async def test_the_last_variants_do_not_go_together(catalogue: Context) -> None:
    red, blue = await id_of(catalogue, "variant", "MUG-1-R"), await id_of(catalogue, "variant", "MUG-1-B")
    came = await together(do(catalogue, "archive_variant", id=red), do(catalogue, "delete_variant", id=blue))
    assert came == [errors.LastVariant.__name__, "ok"]


async def test_what_goes_is_not_referred_to_meanwhile(catalogue: Context) -> None:
    empty = await do(catalogue, "create_category", category={"name": "Empty"})
    clay = await id_of(catalogue, "product", "clay-cup")
    came = await together(
        do(catalogue, "update_product", id=clay, changes={"category_id": empty}),
        do(catalogue, "delete_category", id=empty, contents=CategoryContents.REFUSE),
    )
    assert came in (["CategoryInUse", "ok"], ["CategoryNotFound", "ok"])
    material, rucksack = await id_of(catalogue, "attribute", "material"), await id_of(catalogue, "product", "clay-cup")
    await do(catalogue, "create_choice", attribute_id=material, choice={"name": "Gold"})
    gold = await id_of(catalogue, "choice", "gold")
    settings = [AttributeSetting(code="material", choices=["gold"])]
    came = await together(
        do(catalogue, "update_product", id=rucksack, changes={"attributes": settings}),
        do(catalogue, "delete_choice", id=gold),
    )
    assert came in (["ChoiceInUse", "ok"], ["InvalidInput", "ok"])


async def test_many_who_lock_several_do_not_wait_for_each_other(catalogue: Context) -> None:
    ids = [row[0] for row in await fetch(catalogue, "SELECT id FROM catalog.product ORDER BY id")]
    us = await id_of(catalogue, "channel", "us")
    calls = []
    for round_ in range(4):
        ordered = ids if round_ % 2 else ids[::-1]
        calls.append(do(catalogue, "publish_products", ids=ordered, channel_ids=[us]))
        calls.append(do(catalogue, "update_products", ids=ordered, changes={"add_tags": [f"t{round_}"]}))
    assert await together(*calls) == ["ok"] * 8
    tagged = "SELECT DISTINCT tags @> ARRAY['t0', 't1', 't2', 't3'] FROM catalog.product"
    assert await fetch(catalogue, tagged) == [(True,)]
