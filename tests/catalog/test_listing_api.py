"""The products of the shop, filtered and sorted."""

from typing import Any

import pytest
from tests.callers import Caller
from tests.catalog.listing import LISTED, listed
from tests.fixtures import Known

EVERYTHING = ["Rucksack", "Travel Mug", "Clay Cup", "Äpfel Glass", "American Mug", "Steel Mug", "Unpriced Bag"]
"""What a shopper in the United States sees, the newest first; of those of one time, the last stored first."""


async def test_everything_is_listed_the_newest_first(shop: Caller) -> None:
    assert await listed(shop) == EVERYTHING


async def test_another_channel_lists_its_own(shop_eu: Caller) -> None:
    assert await listed(shop_eu) == [
        "Rucksack", "Reisebecher", "Clay Cup", "Äpfel Glass", "Europabecher", "Stahlbecher",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        pytest.param({}, EVERYTHING, id="nothing"),
        pytest.param({"tags": None, "price": {}, "ids": {"eq": None}, "attributes": []}, EVERYTHING, id="only nulls"),
        pytest.param({"category": {"slug": "kitchen"}}, [*EVERYTHING[1:6]], id="a category with all below it"),
        pytest.param({"category": {"slug": "mugs"}}, [*EVERYTHING[1:6]], id="a category in the middle"),
        pytest.param({"category": {"slug": "travel-mugs"}}, ["Travel Mug"], id="a leaf"),
        pytest.param({"category": {"slug": "outdoor"}}, ["Rucksack", "Unpriced Bag"], id="another root"),
        pytest.param({"category": {"slug": "nowhere"}}, [], id="an unknown category"),
        pytest.param({"category": {"eq": "nonsense"}}, [], id="an id that is none"),
        pytest.param({"category": {"in": []}}, [], id="none of the categories"),
        pytest.param({"productType": {"eq": "bags"}}, ["Rucksack", "Unpriced Bag"], id="a type"),
        pytest.param({"productType": {"in": ["bags", "drinkware"]}}, EVERYTHING, id="either type"),
        pytest.param({"productType": {"eq": "bags", "in": ["drinkware"]}}, [], id="operators are ANDed"),
        pytest.param({"productType": {"in": []}}, [], id="no type"),
        pytest.param({"tags": {"anyOf": ["new", "unheard"]}}, ["Äpfel Glass", "Steel Mug"], id="any tag"),
        pytest.param({"tags": {"allOf": ["new", "bestseller"]}}, ["Steel Mug"], id="all tags"),
        pytest.param({"tags": {"anyOf": ["bestseller"], "allOf": ["new"]}}, ["Steel Mug"], id="any and all"),
        pytest.param({"tags": {"anyOf": ["New"]}}, [], id="tags as they are"),
        pytest.param({"tags": {"anyOf": []}}, [], id="any of no tags"),
        pytest.param({"tags": {"allOf": []}}, EVERYTHING, id="all of no tags"),
        pytest.param({"isAvailable": {"eq": True}}, ["Äpfel Glass", "Steel Mug"], id="available"),
        pytest.param(
            {"isAvailable": {"eq": False}},
            ["Rucksack", "Travel Mug", "Clay Cup", "American Mug", "Unpriced Bag"],
            id="not available",
        ),
        pytest.param({"price": {"gte": "12.51"}}, ["Rucksack", "Travel Mug", "Clay Cup", "Steel Mug"], id="a price"),
        pytest.param({"price": {"gte": "12.5001"}}, ["Rucksack", "Travel Mug", "Clay Cup", "Steel Mug"], id="between"),
        pytest.param({"price": {"lte": "12.50"}}, ["Äpfel Glass", "American Mug", "Steel Mug"], id="at most"),
        pytest.param({"price": {"lte": "12.4999"}}, ["Äpfel Glass"], id="less than a cent below"),
        pytest.param({"price": {"lte": 8}}, ["Äpfel Glass"], id="a whole number"),
        pytest.param({"price": {"gte": "12.60", "lte": "14.99"}}, [], id="between two variants' prices"),
        pytest.param({"price": {"gte": "-5"}}, EVERYTHING[:6], id="any price at all"),
        pytest.param({"price": {"gte": "9" * 30 + ".9999999999"}}, [], id="a huge price"),
        pytest.param({"price": {"lte": "9" * 30}}, EVERYTHING[:6], id="below a huge price"),
        pytest.param({"price": {"lte": "-" + "9" * 30}}, [], id="below all prices"),
    ],
)
async def test_filters(shop: Caller, filter: dict[str, Any], expected: list[str]) -> None:
    assert await listed(shop, filter=filter) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param([{"code": "material", "in": ["steel"]}], ["Travel Mug", "Steel Mug"], id="a choice"),
        pytest.param([{"code": "material", "in": ["glass", "clay"]}], ["Clay Cup", "Äpfel Glass"], id="either choice"),
        pytest.param([{"code": "material", "in": []}], [], id="no choice"),
        pytest.param([{"code": "material", "in": ["tea"]}], [], id="another attribute's choice"),
        pytest.param([{"code": "uses", "in": ["tea"]}], ["Äpfel Glass", "Steel Mug"], id="one of several choices"),
        pytest.param([{"code": "volume", "gte": "200"}], ["Äpfel Glass", "Steel Mug"], id="a number at least"),
        pytest.param([{"code": "volume", "lte": 200}], ["Clay Cup", "Äpfel Glass"], id="a number at most"),
        pytest.param([{"code": "volume", "gte": "350.5", "lte": "350.50"}], ["Steel Mug"], id="exactly"),
        pytest.param([{"code": "volume", "gte": "350.5000000001"}], [], id="a hair more"),
        pytest.param([{"code": "dishwasher", "eq": True}], ["Steel Mug"], id="yes"),
        pytest.param([{"code": "dishwasher", "eq": False}], ["Clay Cup"], id="no"),
        pytest.param([{"code": "since", "from": "2019-04-01", "until": "2019-04-01"}], ["Steel Mug"], id="a day"),
        pytest.param([{"code": "since", "until": "2019-03-31"}], [], id="the day before"),
        pytest.param([{"code": "since", "from": "2019-04-02"}], [], id="the day after"),
        pytest.param([{"code": "maker"}], ["Steel Mug"], id="any value"),
        pytest.param([{"code": "maker", "in": None, "gte": None}], ["Steel Mug"], id="nulls ask nothing"),
        pytest.param([{"code": "unheard"}], [], id="an unknown attribute"),
        pytest.param([{"code": "volume", "eq": True}], [], id="an operator of another kind"),
        pytest.param(
            [{"code": "material", "in": ["steel", "glass"]}, {"code": "uses", "in": ["tea"]}],
            ["Äpfel Glass", "Steel Mug"],
            id="two attributes",
        ),
        pytest.param([{"code": "material", "in": ["steel"]}, {"code": "volume", "gte": "1"}], ["Steel Mug"], id="both"),
    ],
)
async def test_attribute_filters(shop: Caller, attributes: list[dict[str, Any]], expected: list[str]) -> None:
    assert await listed(shop, filter={"attributes": attributes}) == expected


async def test_filters_by_id(shop: Caller, known: Known) -> None:
    steel, clay, draft = (known.products[name] for name in ("Steel Mug", "Clay Cup", "Draft Mug"))
    assert await listed(shop, filter={"ids": {"eq": steel}}) == ["Steel Mug"]
    assert await listed(shop, filter={"ids": {"in": [steel, clay, steel, draft, "nonsense"]}}) == [
        "Clay Cup",
        "Steel Mug",
    ]
    assert await listed(shop, filter={"ids": {"in": []}}) == []
    assert await listed(shop, filter={"ids": {"eq": steel, "in": [clay]}}) == []
    assert await listed(shop, filter={"ids": {"eq": steel.upper().replace("-", "")}}) == ["Steel Mug"]


async def test_filters_by_category_id(shop: Caller, known: Known) -> None:
    mugs, travel, outdoor = (known.categories[slug] for slug in ("mugs", "travel-mugs", "outdoor"))
    assert await listed(shop, filter={"category": {"eq": mugs}}) == EVERYTHING[1:6]
    assert await listed(shop, filter={"category": {"in": [travel, outdoor]}}) == [
        "Rucksack",
        "Travel Mug",
        "Unpriced Bag",
    ]
    assert await listed(shop, filter={"category": {"eq": mugs, "slug": "travel-mugs"}}) == ["Travel Mug"]
    assert await listed(shop, filter={"category": {"in": ["x"]}}) == []


async def test_filters_are_anded_with_each_other_and_with_a_search(shop: Caller) -> None:
    filter = {"category": {"slug": "mugs"}, "tags": {"anyOf": ["new"]}, "price": {"lte": "10"}}
    assert await listed(shop, filter=filter) == ["Äpfel Glass"]
    assert await listed(shop, filter={"tags": {"anyOf": ["new"]}}, search="mug") == ["Steel Mug"]
    assert await listed(shop, filter={"isAvailable": {"eq": False}}, search="mug", sort={"field": "NAME"}) == [
        "American Mug",
        "Travel Mug",
    ]


async def test_what_can_be_bought_depends_on_the_channel(shop_eu: Caller) -> None:
    assert await listed(shop_eu, filter={"isAvailable": {"eq": True}}) == ["Äpfel Glass", "Stahlbecher"]
    assert await listed(shop_eu, filter={"price": {"lte": "13.99"}}) == ["Äpfel Glass", "Europabecher", "Stahlbecher"]


BY_PRICE = ["Äpfel Glass", "Steel Mug", "American Mug", "Clay Cup", "Travel Mug", "Rucksack"]
BY_NAME = ["American Mug", "Äpfel Glass", "Clay Cup", "Rucksack", "Steel Mug", "Travel Mug", "Unpriced Bag"]


@pytest.mark.parametrize(
    ("field", "direction", "expected"),
    [
        ("PUBLISHED_AT", "DESC", EVERYTHING),
        ("PUBLISHED_AT", "ASC", EVERYTHING[::-1]),
        ("NAME", "ASC", BY_NAME),
        ("NAME", "DESC", BY_NAME[::-1]),
        ("PRICE", "ASC", [*BY_PRICE, "Unpriced Bag"]),
        ("PRICE", "DESC", [*BY_PRICE[::-1], "Unpriced Bag"]),
    ],
)
async def test_sorts(shop: Caller, field: str, direction: str, expected: list[str]) -> None:
    assert await listed(shop, sort={"field": field, "direction": direction}) == expected


async def test_a_sort_ascends_unless_told(shop: Caller) -> None:
    assert await listed(shop, sort={"field": "NAME"}) == BY_NAME


async def test_names_sort_in_the_language_asked_for(shop_eu: Caller) -> None:
    german = ["Äpfel Glass", "Clay Cup", "Europabecher", "Reisebecher", "Rucksack", "Stahlbecher"]
    english = ["Äpfel Glass", "Clay Cup", "European Mug", "Rucksack", "Steel Mug", "Travel Mug"]
    assert await listed(shop_eu, sort={"field": "NAME"}) == german
    products = (await shop_eu(LISTED, {"sort": {"field": "NAME"}}, accept_language="en"))["products"]
    assert [product["name"] for product in products["nodes"]] == english


async def test_prices_sort_by_those_of_the_channel(shop_eu: Caller) -> None:
    assert await listed(shop_eu, sort={"field": "PRICE"}) == [
        "Äpfel Glass", "Stahlbecher", "Europabecher", "Clay Cup", "Reisebecher", "Rucksack",
    ]  # fmt: skip


async def test_sorting_by_relevance_needs_a_search(shop: Caller) -> None:
    answer = await shop.send("{ products(sort: {field: RELEVANCE}) { totalCount } }")
    [error] = answer.json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("Sorting by RELEVANCE needs a search.", "BAD_USER_INPUT")


async def test_an_attribute_is_asked_for_once(shop: Caller) -> None:
    attributes = [{"code": "volume", "gte": "1"}, {"code": "volume", "lte": "9"}]
    answer = await shop.send(LISTED, {"filter": {"attributes": attributes}})
    [error] = answer.json()["errors"]
    assert error["message"] == "filter.attributes: each code may be given once."
