"""Listing products by name."""

from typing import Any

from tests.callers import Caller

LISTED = """query ($filter: ProductFilter, $sort: ProductSort, $search: String) {
    products(filter: $filter, sort: $sort, search: $search) { nodes { name } totalCount }
}"""


async def listed(caller: Caller, **variables: Any) -> list[str]:
    """The names of what is listed, which are as many as are counted."""
    products = (await caller(LISTED, variables))["products"]
    assert products["totalCount"] == len(products["nodes"])
    return [product["name"] for product in products["nodes"]]
