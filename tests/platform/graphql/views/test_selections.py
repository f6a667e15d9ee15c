"""What a document asks for, in all the ways in which GraphQL lets one ask."""

from typing import Any

import pytest
from tests.callers import Caller
from tests.fixtures import Known

CLAY = 'product(slug: "clay-cup")'


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(
            f"{{ a: {CLAY} {{ b: name c: name name }} {CLAY} {{ slug }} }}",
            {"a": {"b": "Clay Cup", "c": "Clay Cup", "name": "Clay Cup"}, "product": {"slug": "clay-cup"}},
            id="aliases",
        ),
        pytest.param(
            f"{{ {CLAY} {{ name name ...N ...N }} }} fragment N on Product {{ name }}",
            {"product": {"name": "Clay Cup"}},
            id="one field many times",
        ),
        pytest.param(
            f"{{ {CLAY} {{ category {{ slug }} ...C category {{ parent {{ slug }} }} }} }}"
            " fragment C on Product { category { name parent { name } } }",
            {
                "product": {
                    "category": {"slug": "mugs", "name": "Mugs", "parent": {"name": "Kitchen", "slug": "kitchen"}}
                }
            },
            id="merged objects",
        ),
        pytest.param(
            "{ products(first: 1) { nodes { name } } ... { products(first: 1) { nodes { slug } totalCount } } }",
            {"products": {"nodes": [{"name": "Rucksack", "slug": "rucksack"}], "totalCount": 7}},
            id="a merged root field",
        ),
        pytest.param(
            '{ category(slug: "mugs") { a: products(first: 1) { nodes { name } }'
            " b: products(first: 1, sort: {field: NAME}) { nodes { name } }"
            ' c: products(search: "clay") { totalCount } } }',
            {
                "category": {
                    "a": {"nodes": [{"name": "Travel Mug"}]},
                    "b": {"nodes": [{"name": "American Mug"}]},
                    "c": {"totalCount": 1},
                }
            },
            id="one field with different arguments",
        ),
        pytest.param(
            f"{{ {CLAY} {{ ...A }} }} fragment A on Product {{ ...B category {{ ...D }} }}"
            " fragment B on Product { ... on Product { name } } fragment D on Category { slug ...E }"
            " fragment E on Category { parent { ... { slug } } }",
            {"product": {"name": "Clay Cup", "category": {"slug": "mugs", "parent": {"slug": "kitchen"}}}},
            id="nested fragments",
        ),
        pytest.param(
            '{ a: category(slug: "mugs") { ...T } b: category(slug: "outdoor") { ...T } }'
            " fragment T on Category { products(first: 1) { nodes { name } } }",
            {
                "a": {"products": {"nodes": [{"name": "Travel Mug"}]}},
                "b": {"products": {"nodes": [{"name": "Rucksack"}]}},
            },
            id="a fragment with arguments twice",
        ),
        pytest.param(
            f"{{ {CLAY} {{ name @include(if: true) slug @include(if: false) tags @skip(if: true) }} }}",
            {"product": {"name": "Clay Cup"}},
            id="literal directives",
        ),
        pytest.param(
            f"{{ {CLAY} {{ name @include(if: true) @skip(if: true) slug }} }}",
            {"product": {"slug": "clay-cup"}},
            id="both directives",
        ),
        pytest.param(f"{{ {CLAY} {{ name @skip(if: true) }} }}", {"product": {}}, id="nothing is left"),
        pytest.param(
            "{ products(first: 1) { edges { node { name } node { slug } } edges { cursor @skip(if: true) } } }",
            {"products": {"edges": [{"node": {"name": "Rucksack", "slug": "rucksack"}}]}},
            id="merged edges",
        ),
        pytest.param(
            "{ products(first: 0) { pageInfo { hasNextPage } n: pageInfo { a: hasPreviousPage }"
            " totalCount t: totalCount } }",
            {
                "products": {
                    "pageInfo": {"hasNextPage": True},
                    "n": {"a": False},
                    "totalCount": 7,
                    "t": 7,
                }
            },
            id="aliases within a page",
        ),
    ],
)
async def test_selections(shop: Caller, query: str, expected: Any) -> None:
    assert (await shop.send(query)).json() == {"data": expected}


async def test_aliases_within_facets(shop: Caller, known: Known) -> None:
    kitchen, mugs = known.categories["kitchen"], known.categories["mugs"]
    query = """{ products(search: "clay") {
        facets { c: code values(first: 1) { v: value n: count } all: values { value } }
    } }"""
    assert await shop(query) == {
        "products": {
            "facets": [
                {"c": "category", "values": [{"v": kitchen, "n": 1}], "all": [{"value": kitchen}, {"value": mugs}]},
                {"c": "material", "values": [{"v": "clay", "n": 1}], "all": [{"value": "clay"}]},
                {"c": "dishwasher", "values": [{"v": "false", "n": 1}], "all": [{"value": "false"}]},
            ]
        }
    }


TYPES = """{
    __typename
    channel { __typename }
    category(slug: "travel-mugs") {
        __typename
        parent { __typename }
        children { __typename }
        breadcrumbs { __typename }
    }
    categories(first: 1) { __typename nodes { __typename } edges { __typename } pageInfo { __typename } }
    products(search: "steel mug") {
        __typename
        pageInfo { __typename }
        edges { __typename node { __typename } }
        facets { __typename values(first: 1) { __typename } }
        nodes {
            __typename
            productType { __typename }
            priceRange { __typename start { __typename } }
            thumbnail { __typename }
            media(first: 1) { __typename }
            options { __typename }
            attributes(first: 1) { __typename choices { __typename } }
            variants(first: 1) { __typename price { __typename } options { __typename } product { __typename } }
        }
    }
}"""


async def test_every_object_says_its_type(shop: Caller) -> None:

    def types(value: Any) -> Any:
        if isinstance(value, list):
            return [types(item) for item in value[:1]]
        return {key: each if key == "__typename" else types(each) for key, each in value.items()}

    def of(name: str, **fields: Any) -> dict[str, Any]:
        return {"__typename": name, **fields}

    assert types(await shop(TYPES)) == of(
        "Query",
        channel=of("Channel"),
        category=of("Category", parent=of("Category"), children=[], breadcrumbs=[of("Category")]),
        categories=of(
            "CategoryConnection", nodes=[of("Category")], edges=[of("CategoryEdge")], pageInfo=of("PageInfo")
        ),
        products=of(
            "ProductConnection",
            pageInfo=of("PageInfo"),
            edges=[of("ProductEdge", node=of("Product"))],
            facets=[of("Facet", values=[of("FacetValue")])],
            nodes=[
                of(
                    "Product",
                    productType=of("ProductType"),
                    priceRange=of("PriceRange", start=of("Price")),
                    thumbnail=of("Media"),
                    media=[of("Media")],
                    options=[of("ProductOption")],
                    attributes=[of("ProductAttribute", choices=[of("AttributeChoice")])],
                    variants=[
                        of(
                            "ProductVariant",
                            price=of("VariantPrice"),
                            options=[of("VariantOption")],
                            product=of("Product"),
                        )
                    ],
                )
            ],
        ),
    )


async def test_directives_by_variables(shop: Caller) -> None:
    query = f"""query ($with: Boolean!, $without: Boolean = false) {{
        {CLAY} {{ slug name @include(if: $with) ...Category @skip(if: $without) }}
    }} fragment Category on Product {{ category @include(if: $with) {{ slug }} productType {{ code }} }}"""
    kind = {"productType": {"code": "drinkware"}}
    everything = {"slug": "clay-cup", "name": "Clay Cup", "category": {"slug": "mugs"}, **kind}
    assert await shop(query, {"with": True}) == {"product": everything}
    assert await shop(query, {"with": False}) == {"product": {"slug": "clay-cup", **kind}}
    assert await shop(query, {"with": True, "without": True}) == {"product": {"slug": "clay-cup", "name": "Clay Cup"}}
    assert await shop(query, {"with": True, "without": False}) == {"product": everything}


@pytest.mark.parametrize("place", ["product", "below"])
async def test_a_condition_that_is_null_is_refused(shop: Caller, unverified: Caller, place: str) -> None:
    queries = {
        "product": f"query ($with: Boolean = true) {{ {CLAY} @include(if: $with) {{ name }} }}",
        "below": f"query ($with: Boolean = true) {{ {CLAY} {{ slug name @include(if: $with) }} }}",
    }
    for caller in (shop, unverified):
        assert await caller(queries[place]) != {}
        answer = (await caller.send(queries[place], {"with": None})).json()
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
        assert not (answer.get("data") or {}).get("product")


async def test_variables_with_defaults_and_nulls(shop: Caller) -> None:
    query = """query ($first: Int = 2, $filter: ProductFilter = {tags: {anyOf: ["new"]}}, $max: Decimal) {
        products(first: $first, filter: $filter) { nodes { name } }
        cheap: products(filter: {price: {lte: $max}}) { totalCount }
    }"""

    async def answer(**variables: Any) -> tuple[list[str], int]:
        data = await shop(query, variables)
        return [product["name"] for product in data["products"]["nodes"]], data["cheap"]["totalCount"]

    assert await answer() == (["Äpfel Glass", "Steel Mug"], 7)
    assert await answer(first=1) == (["Äpfel Glass"], 7)
    assert await answer(first=1, filter=None) == (["Rucksack"], 7)
    assert await answer(filter={}, max="8.00") == (["Rucksack", "Travel Mug"], 1)
    assert await answer(filter={"tags": None}, max=None) == (["Rucksack", "Travel Mug"], 7)
    names, _ = await answer(first=None, filter=None)
    assert len(names) == 7


async def test_the_named_operation_runs(shop: Caller) -> None:
    query = f"""
        query One {{ ...Shared {CLAY} {{ slug }} }}
        query Two {{ ...Shared {CLAY} {{ tags }} }}
        fragment Shared on Query {{ {CLAY} {{ name }} }}
    """
    expected = {"One": {"name": "Clay Cup", "slug": "clay-cup"}, "Two": {"name": "Clay Cup", "tags": []}}
    for name in ("One", "Two", "One"):
        request = {"query": query, "operationName": name}
        answer = await shop.http.post("/shop/graphql", json=request)
        assert answer.json() == {"data": {"product": expected[name]}}


async def test_a_batch(shop: Caller) -> None:
    query = "query ($slug: String) { product(slug: $slug) { name } }"
    slugs = ["clay-cup", "nowhere", "rucksack"]
    requests = [{"query": query, "variables": {"slug": slug}} for slug in slugs]
    answer = await shop.http.post("/shop/graphql", json=[*requests, {"query": "{ nope }"}])
    *found, refused = answer.json()
    assert found == [
        {"data": {"product": {"name": "Clay Cup"}}},
        {"data": {"product": None}},
        {"data": {"product": {"name": "Rucksack"}}},
    ]
    assert [error["message"] for error in refused["errors"]] == ["Cannot query field 'nope' on type 'Query'."]


async def test_what_is_not_verified_answers_alike(shop: Caller, unverified: Caller) -> None:
    query = """query ($n: Int) { __typename nothing: product(slug: "nowhere") { id } channel { code __typename }
        products(first: $n) { nodes { id name variants { price { amount } } } pageInfo { endCursor } totalCount } }"""
    for size in (0, 1, 3):
        assert await unverified(query, {"n": size}) == await shop(query, {"n": size})


async def test_a_faulty_field_leaves_the_others(shop: Caller, unverified: Caller) -> None:
    query = '{ product { id } channel { code } category(slug: "mugs") { products(first: 101) { totalCount } } }'
    for caller in (shop, unverified):
        answer = await caller.send(query)
        errors = answer.json()["errors"]
        assert sorted((error["path"], error["message"]) for error in errors) == [
            (["category"], "first must be between 0 and 100."),
            (["product"], "Give one of: id, slug."),
        ]
        assert answer.json()["data"] == {"product": None, "channel": {"code": "us"}, "category": None}


async def test_arguments_of_what_is_skipped_ask_nothing(shop: Caller) -> None:
    query = """query ($more: Boolean!, $after: String) { category(slug: "mugs") {
        name products(first: 1, after: $after) @include(if: $more) { totalCount }
    } }"""
    assert await shop(query, {"more": False, "after": "forged"}) == {"category": {"name": "Mugs"}}
    answer = (await shop.send(query, {"more": True, "after": "forged"})).json()
    assert [error["message"] for error in answer["errors"]] == [
        "This cursor does not belong to this list in this order."
    ]
    assert await shop(query, {"more": True}) == {"category": {"name": "Mugs", "products": {"totalCount": 5}}}
