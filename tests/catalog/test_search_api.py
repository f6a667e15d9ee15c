"""Search: words in any form, the last one unfinished, SKUs as they begin, and whatever people type."""

import pytest
from tests.callers import Caller

SEARCH = "query ($search: String) { products(search: $search) { nodes { name } totalCount } }"


async def found(caller: Caller, search: str | None, **headers: str) -> list[str]:
    """The names of what is found, the best first; as many as are counted."""
    products = (await caller(SEARCH, {"search": search}, **headers))["products"]
    assert products["totalCount"] == len(products["nodes"])
    return [product["name"] for product in products["nodes"]]


MUGS = ["Steel Mug", "American Mug", "Travel Mug"]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("clay", ["Clay Cup"]),
        ("CLAY cup", ["Clay Cup"]),
        ("cup clay", ["Clay Cup"]),
        ("clay mug", []),
        ("cla", ["Clay Cup"]),
        ("clay c", ["Clay Cup"]),
        ("cla cup", []),
        ("mug", MUGS),
        ("mugs", MUGS),
        ("the mug", MUGS),
        ("the", []),
        ("travelling", ["Travel Mug"]),
        ("apfel", ["Äpfel Glass"]),
        ("ÄPFEL", ["Äpfel Glass"]),
        ("A\u0308pfel", ["Äpfel Glass"]),
        ("MUG-1-R", ["Steel Mug"]),
        ("mug-1", ["Steel Mug"]),
        ("travel-1", ["Travel Mug"]),
        ("UG-1-R", []),
        ("bestseller", ["Steel Mug"]),
        ("new glass", ["Äpfel Glass"]),
        ("bag", ["Unpriced Bag", "Rucksack"]),
        ('"steel mug"', ["Steel Mug"]),
        ("steel' mug", ["Steel Mug"]),
        ("steel\\ mug", ["Steel Mug"]),
        ("(steel & mug)", ["Steel Mug"]),
        ("steel | clay", []),
        ("!clay", ["Clay Cup"]),
        ("clay:*", ["Clay Cup"]),
        ("clay <-> cup", ["Clay Cup"]),
        ("clay\tcup\n", ["Clay Cup"]),
        ("clay 🍵", ["Clay Cup"]),
        ("cl\u200bay", ["Clay Cup"]),
        ("'", []),
        ("\\", []),
        ("''''\\\\'':*", []),
        ("& | ! :* <->", []),
        ("🍵", []),
        ("日本", []),
        ("x" * 200, []),
        ("㌖" * 200, []),
        ("a " * 100, []),
        ("%", []),
        ("_", []),
    ],
)
async def test_search(shop: Caller, search: str, expected: list[str]) -> None:
    assert await found(shop, search) == expected


@pytest.mark.parametrize("search", [None, "", " ", "\t\n"])
async def test_a_blank_search_is_none(shop: Caller, search: str | None) -> None:
    assert len(await found(shop, search)) == 7
    query = "query ($search: String) { products(search: $search, first: 1) { nodes { name } } }"
    assert await shop(query, {"search": search}) == {"products": {"nodes": [{"name": "Rucksack"}]}}


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("Stahlbecher", ["Stahlbecher"]),
        ("stahlbechern", ["Stahlbecher"]),
        ("reise", ["Reisebecher"]),
        ("taschen", ["Rucksack"]),
        ("tasche", ["Rucksack"]),
        ("Trinkgefäß", ["Europabecher", "Reisebecher", "Clay Cup", "Äpfel Glass", "Stahlbecher"]),
        ("steel", []),
        ("EU-1", ["Europabecher"]),
    ],
)
async def test_search_in_german(shop_eu: Caller, search: str, expected: list[str]) -> None:
    assert await found(shop_eu, search) == expected


async def test_search_is_in_the_language_asked_for(shop_eu: Caller) -> None:
    assert await found(shop_eu, "steel", accept_language="en") == ["Steel Mug"]
    assert await found(shop_eu, "stahlbecher", accept_language="en") == []


async def test_a_long_search_is_refused(shop: Caller) -> None:
    [error] = (await shop.send(SEARCH, {"search": "x" * 201})).json()["errors"]
    assert error["message"] == "A search may have 200 characters at most."


async def test_hits_in_the_name_come_first(shop: Caller) -> None:
    query = """{
        best: products(search: "bag") { nodes { name } }
        worst: products(search: "bag", sort: {field: RELEVANCE}) { nodes { name } }
    }"""
    names = [{"name": "Unpriced Bag"}, {"name": "Rucksack"}]
    assert await shop(query) == {"best": {"nodes": names}, "worst": {"nodes": names[::-1]}}


async def test_staff_search_everything(admin: Caller) -> None:
    assert await found(admin, "draft") == ["Draft Mug"]
    assert len(await found(admin, "mug")) == 8
