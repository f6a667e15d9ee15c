"""Facets: each count is what its filter would leave, the filter's own choices set aside."""

from typing import Any

import pytest
from tests.callers import Caller
from tests.catalog.listing import listed

FACETS = """query ($filter: ProductFilter, $search: String) {
    products(filter: $filter, search: $search) { facets { code values { value count } } }
}"""


def choosing(filter: dict[str, Any], code: str, value: str) -> dict[str, Any]:
    """The filter with this value chosen, instead of what it chose of the same facet."""
    match code:
        case "category":
            return filter | {"category": {"eq": value}}
        case "tags":
            return filter | {"tags": {"anyOf": [value]}}
    others = [item for item in filter.get("attributes", []) if item["code"] != code]
    chosen = {"eq": value == "true"} if code == "dishwasher" else {"in": [value]}
    return filter | {"attributes": [*others, {"code": code, **chosen}]}


@pytest.mark.parametrize(
    ("filter", "search"),
    [
        ({}, None),
        ({"attributes": [{"code": "material", "in": ["steel"]}]}, None),
        ({"attributes": [{"code": "material", "in": ["steel", "glass"]}, {"code": "uses", "in": ["tea"]}]}, None),
        ({"attributes": [{"code": "dishwasher", "eq": True}, {"code": "volume", "gte": "1"}]}, None),
        ({"category": {"slug": "mugs"}, "tags": {"anyOf": ["new"]}}, None),
        ({"tags": {"anyOf": ["bestseller"]}}, "mug"),
        ({"category": {"slug": "nowhere"}}, None),
        ({"isAvailable": {"eq": True}, "price": {"gte": "8"}}, None),
    ],
)
async def test_each_count_is_what_its_filter_would_leave(
    shop: Caller, filter: dict[str, Any], search: str | None
) -> None:
    facets = (await shop(FACETS, {"filter": filter, "search": search}))["products"]["facets"]
    counted = {(facet["code"], value["value"]): value["count"] for facet in facets for value in facet["values"]}
    assert counted
    for (code, value), count in counted.items():
        assert len(await listed(shop, filter=choosing(filter, code, value), search=search)) == count, (code, value)


async def test_a_facet_leaves_out_its_own_filter_alone(shop: Caller) -> None:
    filter = {"attributes": [{"code": "material", "in": ["steel"]}, {"code": "uses", "in": ["tea"]}]}
    facets = (await shop(FACETS, {"filter": filter}))["products"]["facets"]
    counted = {facet["code"]: {value["value"]: value["count"] for value in facet["values"]} for facet in facets}
    assert (counted["material"], counted["uses"]) == ({"steel": 1, "glass": 1}, {"coffee": 1, "tea": 1})
    assert counted["tags"] == {"new": 1, "bestseller": 1}


async def test_nothing_found_has_no_facets(shop: Caller) -> None:
    assert await shop(FACETS, {"search": "unheard"}) == {"products": {"facets": []}}


async def test_facets_of_a_category(shop: Caller) -> None:
    query = (
        """{ category(slug: "travel-mugs") { products { facets { code name values(first: 1) { label count } } } } }"""
    )
    assert await shop(query) == {
        "category": {
            "products": {
                "facets": [
                    {"code": "category", "name": "Category", "values": [{"label": "Kitchen", "count": 1}]},
                    {"code": "material", "name": "Material", "values": [{"label": "Steel", "count": 1}]},
                ]
            }
        }
    }
