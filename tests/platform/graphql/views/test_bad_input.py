"""Whatever is sent to the real schemas gets a clear, typed answer. What nobody expected would fail these tests."""

import json
from typing import Any

import pytest
from tests.callers import Caller

NULL = "A text may not hold the null character."
DECIMAL = 'A Decimal is a string such as "12.50".'
MOMENT = 'A DateTime is a string such as "2026-11-22T09:30:00Z".'

LISTING = """query ($search: String, $filter: ProductFilter, $sort: ProductSort, $after: String) {
    products(search: $search, filter: $filter, sort: $sort, after: $after) { totalCount }
}"""


async def refusal(caller: Caller, query: str, variables: dict[str, Any] | None = None) -> tuple[int, str, str]:
    """Status, code and message of the one error of a request that has no data."""
    answer = await caller.send(query, variables)
    content = answer.json()
    assert content.get("data") is None
    [error] = content["errors"]
    assert set(error) <= {"message", "locations", "path", "extensions"}
    assert set(error["extensions"]) == {"code", "errorId"}
    return answer.status_code, error["extensions"]["code"], error["message"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            '{ product(slug: "x") { pricee { amount } } }',
            "Cannot query field 'pricee' on type 'Product'.",
        ),
        (
            "{ products(filtre: {}) { totalCount } }",
            "Unknown argument 'filtre' on field 'Query.products'. Did you mean 'filter'?",
        ),
        (
            "{ products(filter: {colour: 1}) { totalCount } }",
            "Expected value of type 'ProductFilter' not to include unknown field 'colour', found: { colour: 1 }.",
        ),
        ("{ products }", None),
        ("{ channel { code { x } } }", None),
        ("{ product(id: {}) { id } }", None),
        ("{ product(id: true) { id } }", None),
        ('{ products(first: "5") { totalCount } }', 'Int cannot represent non-integer value: "5"'),
        ("{ products(sort: {field: COLOUR}) { totalCount } }", None),
        ("{ products(sort: {direction: ASC}) { totalCount } }", None),
        ("{ products(sort: {field: NAME, direction: null}) { totalCount } }", None),
        ("{ products(filter: {price: {gte: 1.5}}) { totalCount } }", DECIMAL),
        ('{ products(filter: {price: {gte: "NaN"}}) { totalCount } }', DECIMAL),
        ('{ products(filter: {price: {gte: "1e400"}}) { totalCount } }', DECIMAL),
        ('{ products(filter: {price: {gte: "1_0"}}) { totalCount } }', DECIMAL),
        ('{ products(filter: {price: {gte: "٣"}}) { totalCount } }', DECIMAL),
        (f'{{ products(filter: {{price: {{gte: "{"9" * 31}"}}}}) {{ totalCount }} }}', DECIMAL),
        (f'{{ products(filter: {{price: {{gte: "1.{"0" * 11}"}}}}) {{ totalCount }} }}', DECIMAL),
        ('{ products(filter: {attributes: [{code: "since", from: "2026-13-01"}]}) { totalCount } }', None),
        ('{ products(filter: {attributes: [{from: "2026-01-01"}]}) { totalCount } }', None),
        ("{ products(filter: {tags: {anyOf: [null]}}) { totalCount } }", None),
        ("query ($x: Nothing) { channel { code } }", None),
        ("query ($x: String) { products(first: $x) { totalCount } }", None),
        ("{ ...F } fragment F on Product { id }", None),
        ("{ channel { code @include } }", None),
        ("{ channel { code @colour } }", "Unknown directive '@colour'."),
        ("mutation { productDelete }", "Cannot query field 'productDelete' on type 'Mutation'."),
    ],
)
async def test_what_the_schema_does_not_have(shop: Caller, query: str, message: str | None) -> None:
    answer = await shop.send(query)
    errors = answer.json()["errors"]
    assert (answer.status_code, {error["extensions"]["code"] for error in errors}) == (
        422,
        {"GRAPHQL_VALIDATION_FAILED"},
    )
    assert message in (None, errors[0]["message"])


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"search": 5}, "String cannot represent a non string value: 5"),
        ({"filter": {"price": {"gte": 1.5}}}, DECIMAL),
        ({"filter": {"price": {"lte": True}}}, DECIMAL),
        ({"filter": {"price": {"lte": []}}}, DECIMAL),
        ({"filter": {"price": {"lte": "12,50"}}}, DECIMAL),
        ({"filter": {"price": {"lte": "1\n"}}}, DECIMAL),
        ({"filter": {"ids": {"eq": 1.5}}}, "ID cannot represent value: 1.5"),
        ({"filter": {"isAvailable": {"eq": "true"}}}, "Boolean cannot represent a non boolean value: 'true'"),
        ({"filter": []}, None),
        ({"filter": {"colour": "red"}}, None),
        ({"sort": {"field": "COLOUR"}}, None),
        ({"sort": {"field": "NAME", "direction": None}}, None),
        ({"after": {}}, None),
    ],
)
async def test_variables_of_the_wrong_kind(shop: Caller, variables: dict[str, Any], message: str | None) -> None:
    status, code, told = await refusal(shop, LISTING, variables)
    assert (status, code) == (422, "BAD_USER_INPUT")
    assert told.startswith("Variable '$")
    assert told.endswith(message or "")


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "yesterday", "", 5, "2026-02-30T00:00:00Z"]
)
async def test_moments_that_are_none(admin: Caller, moment: Any) -> None:
    query = "query ($at: DateTime) { products(filter: {updatedAt: {gte: $at}}) { totalCount } }"
    status, code, told = await refusal(admin, query, {"at": moment})
    assert (status, code, told.endswith(MOMENT)) == (422, "BAD_USER_INPUT", True)
    status, code, told = await refusal(
        admin, query.replace("$at}}", f"{json.dumps(moment)}}}}}").replace("($at: DateTime)", "")
    )
    assert (status, code, told) == (422, "GRAPHQL_VALIDATION_FAILED", MOMENT)


async def test_a_moment_without_its_offset_is_refused(admin: Caller) -> None:
    query = '{ products(filter: {updatedAt: {gte: "2026-11-22T12:00:00"}}) { totalCount } }'
    assert (await refusal(admin, query))[2] == "A DateTime needs its offset from UTC, such as Z."


STRINGS: list[dict[str, Any]] = [
    {"search": "m\0ug"},
    {"after": "\0"},
    {"filter": {"ids": {"eq": "\0"}}},
    {"filter": {"ids": {"in": ["x", "\0"]}}},
    {"filter": {"category": {"slug": "mugs\0"}}},
    {"filter": {"productType": {"eq": "\0"}}},
    {"filter": {"tags": {"anyOf": ["new", "\0"]}}},
    {"filter": {"tags": {"allOf": ["\0"]}}},
    {"filter": {"attributes": [{"code": "\0"}]}},
    {"filter": {"attributes": [{"code": "material", "in": ["\0"]}]}},
    {"filter": {"price": {"gte": "\0"}}},
]


@pytest.mark.parametrize("variables", STRINGS)
async def test_the_null_character_is_refused_everywhere(shop: Caller, variables: dict[str, Any]) -> None:
    assert await refusal(shop, LISTING, variables) == (422, "BAD_USER_INPUT", NULL)


@pytest.mark.parametrize(
    "field",
    ['product(slug: "a%s")', 'product(id: "%s")', 'productVariant(sku: "%s")', 'category(slug: "%s")'],
)
async def test_the_null_character_in_literals_is_refused(shop: Caller, field: str) -> None:
    for escaped in ("\\u0000", "\\u{0}"):
        query = f"{{ {field % escaped} {{ id }} }}"
        assert await refusal(shop, query) == (422, "GRAPHQL_VALIDATION_FAILED", NULL)


@pytest.mark.parametrize("variables", STRINGS)
async def test_lone_surrogates_are_refused_everywhere(shop: Caller, variables: dict[str, Any]) -> None:
    body = json.dumps({"query": LISTING, "variables": variables}).replace("\\u0000", "\\ud800")
    answer = await shop.http.post(shop.path, content=body, headers={"content-type": "application/json"})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x01",
        "\x7f",
        "\u200b",
        "\ufeff",
        "\uffff",
        "🦊" * 3,
        "'; DROP TABLE product; --",
        "%s",
        "$1",
        "x" * 5_000,
    ],
)
async def test_odd_texts_find_nothing(shop: Caller, text: str) -> None:
    query = """query ($text: String!, $id: ID!) {
        product(slug: $text) { id } productVariant(sku: $text) { id } byId: product(id: $id) { id }
        products(filter: {tags: {anyOf: [$text]}, attributes: [{code: $text, in: [$text]}]}) {
            totalCount facets { code }
        }
    }"""
    assert await shop(query, {"text": text, "id": text}) == {
        "product": None,
        "productVariant": None,
        "byId": None,
        "products": {"totalCount": 0, "facets": []},
    }


@pytest.mark.parametrize(
    "filter",
    [
        {"ids": {"in": ["01a202af-d49a-7e0c-a640-96ed25bcf65d"] * 10_000}},
        {"tags": {"allOf": ["x"] * 101}},
        {"attributes": [{"code": str(number)} for number in range(101)]},
        {"attributes": [{"code": "material", "in": ["x"] * 101}]},
    ],
)
async def test_long_lists_are_refused(shop: Caller, filter: dict[str, Any]) -> None:
    assert (await refusal(shop, LISTING, {"filter": filter}))[1:] == (
        "BAD_USER_INPUT",
        "A list may have 100 items at most.",
    )


async def test_lists_may_be_long(shop: Caller) -> None:
    filter = {
        "ids": {"in": ["01a202af-d49a-7e0c-a640-96ed25bcf65d"] * 100},
        "attributes": [{"code": str(number), "in": ["x"] * 100, "eq": True, "gte": "1"} for number in range(20)],
    }
    assert await shop(LISTING, {"filter": filter}) == {"products": {"totalCount": 0}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("{ channel { " + "code " * 200_000 + "} }", "BODY_TOO_LARGE", id="a megabyte"),
        pytest.param("{ channel { " + "code " * 30_000 + "} }", "DOCUMENT_TOO_LONG", id="a long document"),
        pytest.param(
            "{" + " ".join(f"a{n}: channel {{ code }}" for n in range(3_000)) + "}", "TOO_MANY_TOKENS", id="many"
        ),
        pytest.param("{" + " ".join(f"a{n}:__typename" for n in range(1_000)) + "}", "TOO_MANY_ALIASES", id="aliases"),
        pytest.param('{ category(slug: "mugs") ' + "{ parent " * 50 + "{ id }" + "}" * 51, "TOO_DEEP", id="depth 50"),
        pytest.param("{ products(first: 1000000) { nodes { id } } }", "TOO_EXPENSIVE", id="a million"),
        pytest.param(
            "{ categories(first: 100) { nodes { products(first: 100) { nodes { id name slug } } } } }",
            "TOO_EXPENSIVE",
            id="lists in lists",
        ),
    ],
)
async def test_what_is_too_much_is_refused(shop: Caller, query: str, code: str) -> None:
    assert (await refusal(shop, query))[1] == code


async def test_the_deepest_allowed_is_answered(shop: Caller) -> None:
    query = '{ category(slug: "travel-mugs") ' + "{ parent " * 13 + "{ slug }" + "}" * 14
    assert await shop(query) == {"category": {"parent": {"parent": {"parent": None}}}}
    query = '{ category(slug: "travel-mugs") ' + "{ parent { children " * 3 + "{ slug }" + "} }" * 3 + "}"
    deepest: Any = [{"slug": "travel-mugs"}]
    for _ in range(2):
        deepest = [{"parent": {"children": deepest}}]
    assert await shop(query) == {"category": {"parent": {"children": deepest}}}
