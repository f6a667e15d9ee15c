"""Single products, variants and categories, by each key that leads to them."""

from typing import Any

import pytest
from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.factories.shop import a_shop, mug
from tests.fixtures import Known, writing

from mercer.catalog import service as catalog
from mercer.catalog.models import Category, Variant
from mercer.platform.settings import Settings

NEITHER = "Give one of: id, slug."


PRODUCT = """{ product(slug: "steel-mug") {
    id name slug description tags productType { code name } category { id slug }
    thumbnail { url width height alt } media { url alt }
    attributes { code name kind unit value choices { code name } }
    options { name values }
    variants { id sku barcode name weightGrams available isAvailable options { name value } product { slug } }
} }"""


async def test_all_of_a_product(shop: Caller, known: Known) -> None:
    red = {
        "id": known.variants["MUG-1-R"],
        "sku": "MUG-1-R",
        "barcode": "4006381333931",
        "name": "Red",
        "weightGrams": 300,
        "available": 7,
        "isAvailable": True,
        "options": [{"name": "Colour", "value": "Red"}],
        "product": {"slug": "steel-mug"},
    }
    blue = {
        "id": known.variants["MUG-1-B"],
        "sku": "MUG-1-B",
        "barcode": None,
        "name": "Blue",
        "weightGrams": None,
        "available": 0,
        "isAvailable": False,
        "options": [{"name": "Colour", "value": "Blue"}],
        "product": {"slug": "steel-mug"},
    }

    def attribute(code: str, name: str, kind: str, value: str, **further: Any) -> dict[str, Any]:
        return {"code": code, "name": name, "kind": kind, "unit": None, "value": value, "choices": []} | further

    assert await shop(PRODUCT) == {
        "product": {
            "id": known.products["Steel Mug"],
            "name": "Steel Mug",
            "slug": "steel-mug",
            "description": "<p>Keeps warm.</p>",
            "tags": ["new", "bestseller"],
            "productType": {"code": "drinkware", "name": "Drinkware"},
            "category": {"id": known.categories["mugs"], "slug": "mugs"},
            "thumbnail": {"url": "http://test/media/mug-front.svg", "width": 800, "height": 600, "alt": "A mug"},
            "media": [
                {"url": "http://test/media/mug-front.svg", "alt": "A mug"},
                {"url": "http://test/media/mug-side.svg", "alt": ""},
            ],
            "attributes": [
                attribute("material", "Material", "CHOICE", "Steel", choices=[{"code": "steel", "name": "Steel"}]),
                attribute(
                    "uses",
                    "Uses",
                    "MULTI_CHOICE",
                    "Coffee, Tea",
                    choices=[{"code": "coffee", "name": "Coffee"}, {"code": "tea", "name": "Tea"}],
                ),
                attribute("volume", "Volume", "NUMBER", "350.5", unit="ml"),
                attribute("dishwasher", "Dishwasher safe", "BOOLEAN", "true"),
                attribute("since", "Made since", "DATE", "2019-04-01"),
                attribute("maker", "Maker", "TEXT", "By hand"),
                attribute("care", "Care", "RICH_TEXT", "<p>Rinse.</p>"),
            ],
            "options": [{"name": "Colour", "values": ["Red", "Blue"]}],
            "variants": [red, blue],
        }
    }


async def test_a_product_with_next_to_nothing(shop: Caller) -> None:
    query = """{ product(slug: "unpriced-bag") {
        description tags thumbnail { url } media { url } attributes { code } options { name }
        priceRange { start { amount } }
        variants { sku available isAvailable price { amount } options { name } }
    } }"""
    variant = {"sku": "BAG-2", "available": 0, "isAvailable": False, "price": None, "options": []}
    assert await shop(query) == {
        "product": {
            "description": "",
            "tags": [],
            "thumbnail": None,
            "media": [],
            "attributes": [],
            "options": [],
            "priceRange": None,
            "variants": [variant],
        }
    }


async def test_a_product_by_its_keys(shop: Caller, known: Known) -> None:
    query = "query ($id: ID, $slug: String) { product(id: $id, slug: $slug) { name } }"
    clay, found = known.products["Clay Cup"], {"product": {"name": "Clay Cup"}}
    assert await shop(query, {"id": clay}) == found
    assert await shop(query, {"id": clay, "slug": None}) == found
    assert await shop(query, {"slug": "clay-cup"}) == found
    assert await shop(query, {"id": clay, "slug": "clay-cup"}) == found
    assert await shop(query, {"id": clay, "slug": "rucksack"}) == {"product": None}
    for nothing in ("", "nonsense", "Clay-Cup", known.variants["CLAY-1"]):
        assert await shop(query, {"id": nothing}) == await shop(query, {"slug": nothing}) == {"product": None}


@pytest.mark.parametrize("variables", [{}, {"id": None}, {"id": None, "slug": None}])
async def test_a_product_without_a_key_is_refused(shop: Caller, variables: dict[str, Any]) -> None:
    query = "query ($id: ID, $slug: String) { product(id: $id, slug: $slug) { name } }"
    answer = (await shop.send(query, variables)).json()
    [error] = answer["errors"]
    assert (error["message"], error["path"], answer["data"]) == (NEITHER, ["product"], {"product": None})


async def test_a_variant_by_its_keys(shop: Caller, known: Known) -> None:
    query = "query ($id: ID, $sku: String) { productVariant(id: $id, sku: $sku) { sku product { name } } }"
    found = {"productVariant": {"sku": "MUG-1-B", "product": {"name": "Steel Mug"}}}
    blue = known.variants["MUG-1-B"]
    assert await shop(query, {"id": blue}) == await shop(query, {"sku": "MUG-1-B"}) == found
    assert await shop(query, {"id": blue, "sku": "MUG-1-B"}) == found
    for variables in ({"sku": "mug-1-b"}, {"sku": ""}, {"id": blue, "sku": "MUG-1-R"}, {"id": "nonsense"}):
        assert await shop(query, variables) == {"productVariant": None}
    [error] = (await shop.send(query)).json()["errors"]
    assert error["message"] == "Give one of: id, sku."


async def test_categories(shop: Caller, known: Known) -> None:
    query = """query ($id: ID, $slug: String) { category(id: $id, slug: $slug) {
        id slug name parent { slug } children { slug } breadcrumbs { slug } products { totalCount }
    } }"""
    mugs = {
        "id": known.categories["mugs"],
        "slug": "mugs",
        "name": "Mugs",
        "parent": {"slug": "kitchen"},
        "children": [{"slug": "travel-mugs"}],
        "breadcrumbs": [{"slug": "kitchen"}, {"slug": "mugs"}],
        "products": {"totalCount": 5},
    }
    assert await shop(query, {"slug": "mugs"}) == await shop(query, {"id": mugs["id"]}) == {"category": mugs}
    assert await shop(query, {"slug": "nowhere"}) == {"category": None}
    [error] = (await shop.send(query)).json()["errors"]
    assert error["message"] == NEITHER


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", ["kitchen", "mugs", "travel-mugs", "outdoor"]),
        ("sort: {field: POSITION, direction: DESC}", ["outdoor", "travel-mugs", "mugs", "kitchen"]),
        ("sort: {field: SLUG}", ["kitchen", "mugs", "outdoor", "travel-mugs"]),
        ("filter: {isRoot: {eq: true}}", ["kitchen", "outdoor"]),
        ("filter: {isRoot: {eq: false}}", ["mugs", "travel-mugs"]),
        ("filter: {isRoot: {}, parent: {}}", ["kitchen", "mugs", "travel-mugs", "outdoor"]),
        ('filter: {parent: {eq: "KITCHEN"}}', ["mugs"]),
        ('filter: {parent: {in: ["KITCHEN", "nonsense"]}}', ["mugs"]),
        ('filter: {parent: {eq: "KITCHEN"}, isRoot: {eq: true}}', []),
        ('filter: {parent: {eq: "nonsense"}}', []),
        ("first: 2, sort: {field: SLUG}", ["kitchen", "mugs"]),
    ],
)
async def test_lists_of_categories(shop: Caller, known: Known, arguments: str, expected: list[str]) -> None:
    given = arguments.replace("KITCHEN", known.categories["kitchen"])
    arguments = f"({given})" if given else ""
    found = await shop(f"{{ categories{arguments} {{ nodes {{ slug }} totalCount }} }}")
    assert [category["slug"] for category in found["categories"]["nodes"]] == expected


async def test_former_slugs_lead_on(fresh: Settings) -> None:
    async with writing(fresh) as context:
        await a_shop(context)
        await catalog.store_products(
            context,
            products=[
                mug("Clay Cup", "CLAY-1", slug="new-cup"),
                mug("Draft Mug", "DRAFT-1", slug="new-draft", publications={}),
            ],
        )
    query = """{ new: product(slug: "new-cup") { slug } old: product(slug: "clay-cup") { slug }
        draft: product(slug: "draft-mug") { slug } }"""
    async with calling(fresh) as http:
        found = {"slug": "new-cup"}
        assert await shop_caller(http)(query) == {"new": found, "old": found, "draft": None}
        assert await admin_caller(http)(query) == {"new": found, "old": found, "draft": {"slug": "new-draft"}}


async def test_many_variants_and_deep_categories(fresh: Settings) -> None:
    """A product may have more variants than the shop lists at once, and a category any depth."""
    slugs = [f"level-{number}" for number in range(12)]
    async with writing(fresh) as context:
        await a_shop(context)
        levels = [
            Category(slug=slug, name=slug, parent=parent) for slug, parent in zip(slugs, [None, *slugs], strict=False)
        ]
        await catalog.store_categories(context, categories=levels)
        variants = [Variant(sku=f"MANY-{number:03}") for number in range(120)]
        product = mug("Many", "MANY", variants=variants, category=slugs[-1])
        assert (await catalog.store_products(context, products=[product])).rejected == ()
    async with calling(fresh) as http:
        query = """{ product(slug: "many") { variants { sku } breadcrumbs { slug } }
            category(slug: "level-0") { products { totalCount } } }"""
        found = await shop_caller(http)(query)
        staff = await admin_caller(http)('{ product(slug: "many") { variants { sku } } }')
    assert [each["sku"] for each in found["product"]["variants"]] == [f"MANY-{number:03}" for number in range(100)]
    assert len(staff["product"]["variants"]) == 120
    assert [each["slug"] for each in found["product"]["breadcrumbs"]] == slugs
    assert found["category"] == {"products": {"totalCount": 1}}
