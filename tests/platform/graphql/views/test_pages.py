"""Paging: each node once, in order; cursors that fit, and those that do not."""

import base64
import json
from typing import Any

import pytest
from tests.callers import Caller

PAGE = """query ($first: Int, $after: String, $sort: ProductSort, $search: String, $filter: ProductFilter) {
    products(first: $first, after: $after, sort: $sort, search: $search, filter: $filter) {
        edges { cursor node { name } } nodes { name }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
    }
}"""
ORDERS = [
    (field, direction) for field in ("PUBLISHED_AT", "NAME", "PRICE", "RELEVANCE") for direction in ("ASC", "DESC")
]
FOREIGN = "This cursor does not belong to this list in this order."
SOMEWHERE = "01a202af-d49a-7e0c-a640-96ed25bcf65d"


async def walk(caller: Caller, **variables: Any) -> list[str]:
    """The names on all pages, one after another. Each page says what is before and behind it."""
    names: list[str] = []
    after: str | None = None
    while True:
        page = (await caller(PAGE, {**variables, "after": after}))["products"]
        here = [edge["node"]["name"] for edge in page["edges"]]
        cursors = [edge["cursor"] for edge in page["edges"]]
        names += here
        assert here == [node["name"] for node in page["nodes"]]
        assert page["pageInfo"] == {
            "hasNextPage": len(names) < page["totalCount"],
            "hasPreviousPage": after is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        }
        if not page["pageInfo"]["hasNextPage"]:
            return names
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize(("field", "direction"), ORDERS)
async def test_walking_the_pages_meets_each_once_and_in_order(
    shop: Caller, field: str, direction: str, size: int
) -> None:
    variables: dict[str, Any] = {"sort": {"field": field, "direction": direction}}
    if field == "RELEVANCE":
        variables["search"] = "drinkware"  # found in all alike: a tie
    at_once = await walk(shop, first=100, **variables)
    assert len(at_once) == len(set(at_once)) == (5 if field == "RELEVANCE" else 7)
    assert await walk(shop, first=size, **variables) == at_once


async def test_walking_what_is_filtered(shop: Caller) -> None:
    variables = {"filter": {"category": {"slug": "mugs"}}, "search": "mug"}
    assert await walk(shop, first=1, **variables) == ["Steel Mug", "American Mug", "Travel Mug"]


async def test_walking_a_categorys_products(shop: Caller) -> None:
    query = """query ($after: String) { category(slug: "outdoor") { products(first: 1, after: $after) {
        nodes { name } pageInfo { hasNextPage endCursor }
    } } }"""
    first = (await shop(query))["category"]["products"]
    last = (await shop(query, {"after": first["pageInfo"]["endCursor"]}))["category"]["products"]
    assert [page["nodes"] for page in (first, last)] == [[{"name": "Rucksack"}], [{"name": "Unpriced Bag"}]]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, last)] == [True, False]


async def test_a_cursor_may_be_taken_to_another_filter(shop: Caller) -> None:
    page = (await shop(PAGE, {"first": 2}))["products"]
    after = page["pageInfo"]["endCursor"]
    later = (await shop(PAGE, {"after": after, "filter": {"tags": {"anyOf": ["new"]}}}))["products"]
    assert [node["name"] for node in later["nodes"]] == ["Äpfel Glass", "Steel Mug"]


async def test_after_the_last_there_is_nothing(shop: Caller) -> None:
    after = (await shop(PAGE))["products"]["pageInfo"]["endCursor"]
    assert await shop(PAGE, {"after": after}) == {
        "products": {
            "edges": [],
            "nodes": [],
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": True, "startCursor": None, "endCursor": None},
            "totalCount": 7,
        }
    }


@pytest.mark.parametrize(("size", "expected", "has_more"), [(0, 0, True), (1, 1, True), (7, 7, False), (100, 7, False)])
async def test_sizes(shop: Caller, size: int, expected: int, has_more: object) -> None:
    page = (await shop(PAGE, {"first": size}))["products"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (expected, has_more)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("first: 101", "BAD_USER_INPUT", "first must be between 0 and 100."),
        ("first: -1", "BAD_USER_INPUT", "first must be between 0 and 100."),
        ("first: 1000000", "TOO_EXPENSIVE", None),
        ("first: 2147483648", "TOO_EXPENSIVE", None),
        ("first: 1.0", "GRAPHQL_VALIDATION_FAILED", "Int cannot represent non-integer value: 1.0"),
        ("last: 5", "BAD_USER_INPUT", "Paging backward (last, before) is not supported yet. Use first and after."),
        ('before: "x"', "BAD_USER_INPUT", "Paging backward (last, before) is not supported yet. Use first and after."),
        ('first: 5, before: "x"', "BAD_USER_INPUT", None),
    ],
)
async def test_sizes_that_are_refused(shop: Caller, arguments: str, code: str, message: str | None) -> None:
    answer = (await shop.send(f"{{ products({arguments}) {{ nodes {{ name }} }} }}")).json()
    [error] = answer["errors"]
    assert error["extensions"]["code"] == code
    assert message in (None, error["message"])
    assert answer.get("data") is None


async def test_a_huge_page_by_a_variable_is_refused(shop: Caller) -> None:
    query = "query ($n: Int) { products(first: $n) { totalCount } }"
    for size in (101, 1_000_000):
        answer = (await shop.send(query, {"n": size})).json()
        assert [error["extensions"]["code"] for error in answer["errors"]] in (["BAD_USER_INPUT"], ["TOO_EXPENSIVE"])


@pytest.mark.parametrize("field", ["variants", "media", "breadcrumbs"])
async def test_lists_have_a_limit_too(shop: Caller, field: str) -> None:
    query = f'query ($n: Int! = 100) {{ product(slug: "clay-cup") {{ {field}(first: $n) {{ id }} }} }}'
    assert len((await shop(query, {"n": 0}))["product"][field]) == 0
    for size in (-1, 101):
        [error] = (await shop.send(query, {"n": size})).json()["errors"]
        assert error["message"] == "first must be between 0 and 100."


def cursor(*values: Any) -> str:
    return base64.b64encode(json.dumps(values).encode()).decode()


NEWEST = "PUBLISHED_AT.desc"


@pytest.mark.parametrize(
    "after",
    [
        pytest.param("", id="empty"),
        pytest.param("x", id="too short"),
        pytest.param("%%%%", id="no base64"),
        pytest.param("ÄÖÜ", id="no ASCII"),
        pytest.param("é" * 4, id="letters that are none of base64"),
        pytest.param(base64.b64encode(b"\xff\xfe").decode(), id="no UTF-8"),
        pytest.param(base64.b64encode(b"{").decode(), id="no JSON"),
        pytest.param(base64.b64encode(b"[" * 10_000).decode(), id="nested"),
        pytest.param(base64.b64encode(b'["PUBLISHED_AT.desc", NaN, "x"]').decode(), id="not a number"),
        pytest.param(base64.b64encode(b'["NAME.asc", "\\ud800", "x"]').decode(), id="a lone surrogate"),
        pytest.param(cursor(), id="nothing"),
        pytest.param(cursor(1, 2), id="two values"),
        pytest.param(cursor(NEWEST, "2026-11-21T12:00:00Z", SOMEWHERE, 1), id="four values"),
        pytest.param(cursor(NEWEST, "2026-11-21T12:00:00Z", "nonsense"), id="no id"),
        pytest.param(cursor(NEWEST, "2026-11-21T12:00:00Z", 7), id="a number as id"),
        pytest.param(cursor(NEWEST, "yesterday", SOMEWHERE), id="no time"),
        pytest.param(cursor(NEWEST, 5, SOMEWHERE), id="a number as time"),
        pytest.param(cursor(NEWEST, None, SOMEWHERE), id="null as time"),
        pytest.param(cursor(NEWEST, "0001-01-01T00:00:00+14:00", SOMEWHERE), id="before the year 1"),
        pytest.param(cursor(NEWEST, "9999-12-31T23:59:59-14:00", SOMEWHERE), id="after the year 9999"),
        pytest.param(cursor("PUBLISHED_AT.asc", "2026-11-21T12:00:00Z", SOMEWHERE), id="another direction"),
        pytest.param(cursor("NAME.desc", "x", SOMEWHERE), id="another order"),
        pytest.param(cursor([NEWEST], "2026-11-21T12:00:00Z", SOMEWHERE), id="a list as order"),
    ],
)
async def test_cursors_that_are_refused(shop: Caller, after: str) -> None:
    answer = (await shop.send(PAGE, {"after": after})).json()
    [error] = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (FOREIGN, "BAD_USER_INPUT")
    assert answer["data"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("NAME", 1),
        ("NAME", "a\0b"),
        ("PRICE", "1"),
        ("PRICE", True),
        ("PRICE", 1.5),
        ("PRICE", 2**63),
        ("PRICE", 10**30),
    ],
)
async def test_cursors_of_values_of_another_kind_are_refused(shop: Caller, field: str, value: Any) -> None:
    after = cursor(f"{field}.asc", value, SOMEWHERE)
    [error] = (await shop.send(PAGE, {"after": after, "sort": {"field": field}})).json()["errors"]
    assert error["message"] == FOREIGN


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [("NAME", "m", 4), ("NAME", "'; --", 7), ("PRICE", -(2**63 - 1), 7), ("PRICE", 2**63 - 1, 1), ("PRICE", 1250, 6)],
)
async def test_a_forged_cursor_of_the_right_kind_is_but_a_place(
    shop: Caller, field: str, value: Any, expected: int
) -> None:
    after = cursor(f"{field}.asc", value, "00000000-0000-0000-0000-000000000000")
    page = (await shop(PAGE, {"after": after, "sort": {"field": field}}))["products"]
    assert len(page["nodes"]) == expected


async def test_a_truncated_cursor_is_refused(shop: Caller) -> None:
    whole = (await shop(PAGE, {"first": 1}))["products"]["pageInfo"]["endCursor"]
    for length in range(0, len(whole), 9):
        [error] = (await shop.send(PAGE, {"after": whole[:length]})).json()["errors"]
        assert error["message"] == FOREIGN


async def test_a_cursor_of_a_search_fits_no_other_order(shop: Caller) -> None:
    after = (await shop(PAGE, {"first": 1, "search": "mug"}))["products"]["pageInfo"]["endCursor"]
    assert len((await shop(PAGE, {"after": after, "search": "mug"}))["products"]["nodes"]) == 2
    [error] = (await shop.send(PAGE, {"after": after})).json()["errors"]
    assert error["message"] == FOREIGN
