"""What is not published in the channel, now, is reached by no path of the shop; staff reach all of it."""

from datetime import timedelta
from typing import Any

import pytest
from tests.callers import Caller, calling, shop_caller
from tests.factories.shop import HIDDEN_IN_US, NOW
from tests.fixtures import Known

from mercer.platform.settings import Settings

SKUS = {
    "European Mug": "EU-1",
    "Draft Mug": "DRAFT-1",
    "Archived Mug": "ARCHIVED-1",
    "Future Mug": "FUTURE-1",
    "Past Mug": "PAST-1",
}

BY_ITSELF = """query ($id: ID, $slug: String, $sku: String, $variant: ID) {
    byId: product(id: $id) { name }
    bySlug: product(slug: $slug) { name }
    byBoth: product(id: $id, slug: $slug) { name }
    variant: productVariant(id: $variant) { sku product { name } }
    bySku: productVariant(sku: $sku) { sku product { name } }
}"""

IN_LISTS = """query ($id: ID!, $sku: String!, $name: String!) {
    ids: products(filter: {ids: {in: [$id]}}) { totalCount nodes { name } }
    search: products(search: $sku) { totalCount nodes { name } facets { code } }
    named: products(search: $name) { totalCount nodes { name } }
    root: category(slug: "kitchen") { products(filter: {ids: {eq: $id}}) { totalCount nodes { name } } }
    own: category(slug: "mugs") { products(search: $sku) { totalCount nodes { name } facets { code } } }
}"""


@pytest.mark.parametrize("name", HIDDEN_IN_US)
async def test_what_is_hidden_is_not_found(shop: Caller, known: Known, name: str) -> None:
    sku = SKUS[name]
    keys = {"id": known.products[name], "slug": known.slugs[name], "sku": sku, "variant": known.variants[sku]}
    assert await shop(BY_ITSELF, keys) == dict.fromkeys(("byId", "bySlug", "byBoth", "variant", "bySku"))
    nothing: dict[str, Any] = {"totalCount": 0, "nodes": []}
    assert await shop(IN_LISTS, {"id": keys["id"], "sku": sku, "name": name}) == {
        "ids": nothing,
        "search": nothing | {"facets": []},
        "named": nothing,
        "root": {"products": nothing},
        "own": {"products": nothing | {"facets": []}},
    }


@pytest.mark.parametrize("name", HIDDEN_IN_US)
async def test_staff_see_what_is_hidden(admin: Caller, known: Known, name: str) -> None:
    sku = SKUS[name]
    keys = {"id": known.products[name], "slug": known.slugs[name], "sku": sku, "variant": known.variants[sku]}
    found, variant = {"name": name}, {"sku": sku, "product": {"name": name}}
    assert await admin(BY_ITSELF, keys) == {
        "byId": found,
        "bySlug": found,
        "byBoth": found,
        "variant": variant,
        "bySku": variant,
    }
    query = """query ($id: ID!, $sku: String!) {
        ids: products(filter: {ids: {in: [$id]}}) { totalCount nodes { name } }
        search: products(search: $sku) { totalCount nodes { name } }
    }"""
    only = {"totalCount": 1, "nodes": [found]}
    assert await admin(query, {"id": keys["id"], "sku": sku}) == {"ids": only, "search": only}


async def test_another_channel_shows_its_own_and_not_ours(shop: Caller, shop_eu: Caller, known: Known) -> None:
    query = "query ($id: ID!) { product(id: $id) { name } }"
    european, american = {"id": known.products["European Mug"]}, {"id": known.products["American Mug"]}
    assert await shop_eu(query, european) == {"product": {"name": "Europabecher"}}
    assert await shop(query, american) == {"product": {"name": "American Mug"}}
    assert await shop_eu(query, american) == await shop(query, european) == {"product": None}


async def test_no_count_or_facet_knows_of_what_is_hidden(shop: Caller, known: Known) -> None:
    query = """{ products { totalCount facets { code values { value count } } }
        category(slug: "kitchen") { products { totalCount } } }"""
    kitchen, mugs, travel, outdoor = (known.categories[slug] for slug in ("kitchen", "mugs", "travel-mugs", "outdoor"))
    assert await shop(query) == {
        "products": {
            "totalCount": 7,
            "facets": [
                {
                    "code": "category",
                    "values": [
                        {"value": kitchen, "count": 5},
                        {"value": mugs, "count": 5},
                        {"value": outdoor, "count": 2},
                        {"value": travel, "count": 1},
                    ],
                },
                {"code": "tags", "values": [{"value": "new", "count": 2}, {"value": "bestseller", "count": 1}]},
                {
                    "code": "material",
                    "values": [
                        {"value": "steel", "count": 2},
                        {"value": "glass", "count": 1},
                        {"value": "clay", "count": 1},
                    ],
                },
                {"code": "uses", "values": [{"value": "tea", "count": 2}, {"value": "coffee", "count": 1}]},
                {"code": "dishwasher", "values": [{"value": "false", "count": 1}, {"value": "true", "count": 1}]},
            ],
        },
        "category": {"products": {"totalCount": 5}},
    }


async def test_archived_variants_are_hidden_from_shoppers_alone(shop: Caller, admin: Caller, known: Known) -> None:
    query = """query ($id: ID, $sku: String) {
        byId: productVariant(id: $id) { sku }
        bySku: productVariant(sku: $sku) { sku }
        product(slug: "steel-mug") { variants { sku } }
    }"""
    keys = {"id": known.variants["MUG-1-OLD"], "sku": "MUG-1-OLD"}
    sold = [{"sku": "MUG-1-R"}, {"sku": "MUG-1-B"}]
    assert await shop(query, keys) == {"byId": None, "bySku": None, "product": {"variants": sold}}
    old = {"sku": "MUG-1-OLD"}
    assert await admin(query, keys) == {"byId": old, "bySku": old, "product": {"variants": [*sold, old]}}
    hidden = """{
        search: products(search: "MUG-1-OLD") { totalCount }
        cheap: products(filter: {price: {lte: "1.00"}}) { totalCount }
        product(slug: "steel-mug") { priceRange { start { amount } } }
    }"""
    assert await shop(hidden) == {
        "search": {"totalCount": 0},
        "cheap": {"totalCount": 0},
        "product": {"priceRange": {"start": {"amount": "12.50"}}},
    }


@pytest.mark.parametrize(
    ("slug", "at", "is_seen"),
    [
        ("future-mug", NOW, False),
        ("future-mug", NOW + timedelta(days=1) - timedelta(microseconds=1), False),
        ("future-mug", NOW + timedelta(days=1), True),
        ("past-mug", NOW - timedelta(days=9) - timedelta(microseconds=1), False),
        ("past-mug", NOW - timedelta(days=9), True),
        ("past-mug", NOW - timedelta(days=2) - timedelta(microseconds=1), True),
        ("past-mug", NOW - timedelta(days=2), False),
        ("draft-mug", NOW + timedelta(days=999), False),
    ],
)
async def test_the_clock_publishes_and_withdraws(seeded: Settings, slug: str, at: Any, is_seen: object) -> None:
    query = """query ($slug: String!, $search: String!) {
        product(slug: $slug) { slug } products(search: $search) { nodes { slug } }
    }"""
    async with calling(seeded, now=at) as http:
        found = await shop_caller(http)(query, {"slug": slug, "search": slug.replace("-", " ")})
    expected = {"slug": slug} if is_seen else None
    assert found == {"product": expected, "products": {"nodes": [expected] if expected else []}}


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic eDp5"}])
async def test_the_admin_api_is_closed_without_its_token(nobody: Caller, headers: dict[str, str]) -> None:
    for query in (
        "{ products { nodes { name } } }",
        '{ product(slug: "steel-mug") { name } }',
        "{ ...A } fragment A on Query { categories { totalCount } }",
    ):
        answer = await nobody.send(query, {}, **headers)
        [error] = answer.json()["errors"]
        assert answer.status_code == 401
        assert (error["extensions"]["code"], set(answer.json())) == ("UNAUTHENTICATED", {"errors"})


async def test_a_staff_session_opens_nothing_in_the_shop(shop: Caller, admin: Caller) -> None:
    answer = await shop.send('{ product(slug: "draft-mug") { name } }', authorization=admin.headers["Authorization"])
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert "data" not in answer.json()
