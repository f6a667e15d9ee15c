"""Products, changed one at a time."""

from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from tests.catalog.noted import NOBODY, announced, audited, fetch, id_of, outdated
from tests.catalog.test_product_creation import create, faults

from mercer.catalog import errors
from mercer.catalog.models import AttributeSetting, NewVariant, ProductChanges
from mercer.catalog.service import delete_product, update_product, update_products
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, InvalidInput, VersionConflict
from mercer.platform.transactions import transaction

VALUES = """
    SELECT a.code, v.number, v.boolean, v.date, v.text, v.text_translations,
        ARRAY(SELECT c.code FROM catalog.product_attribute_choice p
            JOIN catalog.attribute_choice c ON c.id = p.choice_id
            WHERE p.product_id = v.product_id AND p.attribute_id = v.attribute_id ORDER BY c.code)
    FROM catalog.product_attribute v JOIN catalog.attribute a ON a.id = v.attribute_id
    WHERE v.product_id = :id ORDER BY a.position
"""


async def update(context: Context, id: UUID, version: int | None = None, **changes: Any) -> None:
    async with transaction(context) as inner:
        await update_product(inner, id=id, changes=cast("ProductChanges", changes), version=version)


async def test_fields_that_are_named_change_and_no_others(catalogue: Context) -> None:
    id, outdoor = await id_of(catalogue, "product", "steel-mug"), await id_of(catalogue, "category", "outdoor")
    mugs = await id_of(catalogue, "category", "mugs")
    await update(catalogue, id, name="  Iron Mug ", category_id=outdoor, name_translations={"fr": "Tasse", "de": None})
    columns = "name, name_translations, category_id, slug, tags, description, version"
    assert await fetch(catalogue, f"SELECT {columns} FROM catalog.product WHERE id = :id", id=id) == [
        ("Iron Mug", {"fr": "Tasse"}, outdoor, "steel-mug", ["new", "bestseller"], "<p>Keeps warm.</p>", 2)
    ]
    assert await audited(catalogue) == [
        (
            "Product",
            {
                "name": ["Steel Mug", "Iron Mug"],
                "category_id": [str(mugs), str(outdoor)],
                "name_translations": [{"de": "Stahlbecher"}, {"fr": "Tasse"}],
            },
        )
    ]
    assert await announced(catalogue) == ["ProductUpdated"]
    assert await outdated(catalogue) == {"products", f"product:{id}"}


async def test_what_changes_nothing_leaves_no_trace(catalogue: Context) -> None:
    id = await id_of(catalogue, "product", "steel-mug")
    settings = [
        AttributeSetting(code="material", choices=["steel"]),
        AttributeSetting(code="volume", number=Decimal("350.5")),
    ]
    await update(catalogue, id, name="Steel Mug", tags=["new", "bestseller"], name_translations={}, attributes=settings)
    assert (await audited(catalogue), await announced(catalogue), await outdated(catalogue)) == ([], [], set())
    assert await fetch(catalogue, "SELECT version FROM catalog.product WHERE id = :id", id=id) == [(1,)]


async def test_null_takes_a_product_out_of_its_category(catalogue: Context) -> None:
    id = await id_of(catalogue, "product", "steel-mug")
    await update(catalogue, id, category_id=None)
    assert await fetch(catalogue, "SELECT category_id FROM catalog.product WHERE id = :id", id=id) == [(None,)]


async def test_rich_text_is_sanitised(catalogue: Context) -> None:
    id = await id_of(catalogue, "product", "steel-mug")
    await update(catalogue, id, description="<p onclick='x()'>Hot<script>alert(1)</script></p>")
    assert await fetch(catalogue, "SELECT description FROM catalog.product WHERE id = :id", id=id) == [("<p>Hot</p>",)]


async def test_another_version_is_refused(catalogue: Context) -> None:
    id = await id_of(catalogue, "product", "steel-mug")
    await update(catalogue, id, version=1, name="One")
    with pytest.raises(VersionConflict) as raised:
        await update(catalogue, id, version=1, name="Two")
    assert (raised.value.current, raised.value.path) == (2, ("version",))
    assert await announced(catalogue) == ["ProductUpdated"]


async def test_a_former_slug_leads_on_and_is_nobody_elses(catalogue: Context) -> None:
    steel, clay = await id_of(catalogue, "product", "steel-mug"), await id_of(catalogue, "product", "clay-cup")
    await update(catalogue, steel, slug="iron-mug")
    with pytest.raises(errors.SlugTaken) as raised:
        await update(catalogue, clay, slug="steel-mug")
    assert (raised.value.slug, raised.value.path) == ("steel-mug", ("slug",))
    with pytest.raises(errors.SlugTaken):
        await update(catalogue, clay, slug="iron-mug")
    former = "SELECT slug FROM catalog.former_product_slug WHERE product_id = :id"
    assert await fetch(catalogue, former, id=steel) == [("steel-mug",)]
    await update(catalogue, steel, slug="steel-mug")
    assert await fetch(catalogue, former, id=steel) == [("iron-mug",)]


async def test_what_it_is_found_by_follows(catalogue: Context) -> None:
    id = await id_of(catalogue, "product", "steel-mug")
    await update(catalogue, id, name="Iron Mug", tags=["vintage"])
    words = "SELECT language, name_key, words @@ 'vintag'::tsquery FROM catalog.product_search WHERE product_id = :id"
    rows = await fetch(catalogue, words + " ORDER BY language", id=id)
    assert [row[:2] for row in rows] == [("de", "stahlbecher"), ("en", "iron mug")]
    assert rows[1][2]


async def test_attribute_values_of_every_kind(catalogue: Context) -> None:
    id = await id_of(catalogue, "product", "rucksack")
    drinkware = await id_of(catalogue, "type", "drinkware")
    settings = [
        AttributeSetting(code="material", choices=["clay"]),
        AttributeSetting(code="uses", choices=["tea", "coffee", "tea"]),
        AttributeSetting(code="volume", number=Decimal("1.5")),
        AttributeSetting(code="dishwasher", boolean=False),
        AttributeSetting(code="since", date=date(2020, 2, 29)),
        AttributeSetting(code="maker", text=" Us ", text_translations={"de": "Wir"}),
        AttributeSetting(code="care", text="<b>Dry</b><script></script>"),
    ]
    await update(catalogue, id, product_type_id=drinkware, attributes=settings)
    assert await fetch(catalogue, VALUES, id=id) == [
        ("material", None, None, None, None, {}, ["clay"]),
        ("uses", None, None, None, None, {}, ["coffee", "tea"]),
        ("volume", Decimal("1.5"), None, None, None, {}, []),
        ("dishwasher", None, False, None, None, {}, []),
        ("since", None, None, date(2020, 2, 29), None, {}, []),
        ("maker", None, None, None, "Us", {"de": "Wir"}, []),
        ("care", None, None, None, "<b>Dry</b>", {}, []),
    ]
    await update(
        catalogue,
        id,
        attributes=[
            AttributeSetting(code="material"),
            AttributeSetting(code="uses", choices=[]),
            AttributeSetting(code="maker", text_translations={"fr": "Nous"}),
        ],
    )
    assert [(row[0], row[4], row[5]) for row in await fetch(catalogue, VALUES, id=id)] == [
        ("volume", None, {}),
        ("dishwasher", None, {}),
        ("since", None, {}),
        ("maker", "Us", {"de": "Wir", "fr": "Nous"}),
        ("care", "<b>Dry</b>", {}),
    ]
    assert (await audited(catalogue))[1] == (
        "Product",
        {
            "attributes.material": [["clay"], None],
            "attributes.uses": [["coffee", "tea"], None],
            "attributes.maker": [
                {"text": "Us", "translations": {"de": "Wir"}},
                {"text": "Us", "translations": {"de": "Wir", "fr": "Nous"}},
            ],
        },
    )


async def test_with_another_type_foreign_values_go(catalogue: Context) -> None:
    id, bags = await id_of(catalogue, "product", "clay-cup"), await id_of(catalogue, "type", "bags")
    await update(catalogue, id, product_type_id=bags)
    assert await fetch(catalogue, VALUES, id=id) == []
    changes = (await audited(catalogue))[0][1]
    assert changes["attributes.volume"] == ["90", None]
    assert changes["attributes.dishwasher"] == [False, None]


async def test_all_that_is_wrong_is_told_at_once(catalogue: Context) -> None:
    id = await id_of(catalogue, "product", "steel-mug")
    with pytest.raises(InvalidInput) as raised:
        await update(
            catalogue,
            id,
            name=" ",
            slug="Not A Slug",
            description="x" * 200_001,
            tags=["t" * 101],
            name_translations={"german": "x", "de": "ok"},
            attributes=[
                AttributeSetting(code="unheard", text="x"),
                AttributeSetting(code="volume", text="x"),
                AttributeSetting(code="volume", number=Decimal(1)),
                AttributeSetting(code="material", choices=["gold"]),
                AttributeSetting(code="uses", choices=["tea"], boolean=True),
                AttributeSetting(code="care", text="ok", text_translations={"x": "y"}),
            ],
        )
    assert [place for place, _ in faults(raised.value)] == [
        "name",
        "name_translations",
        "description",
        "slug",
        "tags",
        "attributes.0.code",
        "attributes.1",
        "attributes.2.code",
        "attributes.3",
        "attributes.4",
        "attributes.5",
    ]
    assert await announced(catalogue) == []


@pytest.mark.parametrize(
    ("changes", "error", "path"),
    [
        ({"category_id": NOBODY}, errors.CategoryNotFound, ("category_id",)),
        ({"product_type_id": NOBODY}, errors.ProductTypeNotFound, ("product_type_id",)),
    ],
)
async def test_unknown_kinds_are_refused(
    catalogue: Context, changes: dict[str, Any], error: type[DomainError], path: tuple[str, ...]
) -> None:
    id = await id_of(catalogue, "product", "steel-mug")
    with pytest.raises(error) as raised:
        await update(catalogue, id, name="Other", **changes)
    assert raised.value.path == path
    assert await fetch(catalogue, "SELECT name FROM catalog.product WHERE id = :id", id=id) == [("Steel Mug",)]


async def test_an_unknown_product_is_not_found(catalogue: Context) -> None:
    with pytest.raises(errors.ProductNotFound):
        await update(catalogue, NOBODY, name="x")
    async with transaction(catalogue) as context:
        with pytest.raises(errors.ProductNotFound):
            await delete_product(context, id=NOBODY)


async def test_a_deleted_product_frees_its_slugs_and_skus(catalogue: Context) -> None:
    id = await id_of(catalogue, "product", "steel-mug")
    await update(catalogue, id, slug="iron-mug")
    async with transaction(catalogue) as context:
        await delete_product(context, id=id, version=2)
    assert (await audited(catalogue))[-1][1]["variants"] == [["MUG-1-R", "MUG-1-B", "MUG-1-OLD"], None]
    assert (await announced(catalogue))[-1] == "ProductDeleted"
    variants = [NewVariant(sku="MUG-1-R", barcode="4006381333931")]
    new = await create(catalogue, slug="steel-mug", variants=variants)
    assert await fetch(catalogue, "SELECT slug FROM catalog.product WHERE id = :id", id=new) == [("steel-mug",)]


async def test_many_are_changed_alike(catalogue: Context) -> None:
    ids = [await id_of(catalogue, "product", slug) for slug in ("steel-mug", "clay-cup", "rucksack")]
    outdoor = await id_of(catalogue, "category", "outdoor")
    async with transaction(catalogue) as context:
        outcomes = await update_products(
            context,
            ids=[ids[0], NOBODY, *ids[1:]],
            changes={"category_id": outdoor, "add_tags": ["sale"], "remove_tags": ["new"]},
        )
    assert outcomes.done == ids
    assert [(each.id, type(each.error)) for each in outcomes.refused] == [(NOBODY, errors.ProductNotFound)]
    rows = "SELECT slug, category_id = :outdoor, tags, version FROM catalog.product WHERE id = ANY(:ids) ORDER BY slug"
    assert await fetch(catalogue, rows, ids=ids, outdoor=outdoor) == [
        ("clay-cup", True, ["sale"], 2),
        ("rucksack", True, ["sale"], 2),
        ("steel-mug", True, ["bestseller", "sale"], 2),
    ]
    assert await announced(catalogue) == ["ProductUpdated"] * 3


@pytest.mark.parametrize("ids", [[NOBODY, NOBODY], [UUID(int=n) for n in range(251)]])
async def test_too_many_and_repeated_ones_are_refused(catalogue: Context, ids: list[UUID]) -> None:
    with pytest.raises(InvalidInput):
        async with transaction(catalogue) as context:
            await update_products(context, ids=ids, changes={"add_tags": ["x"]})
