"""Stock that staff take to another warehouse, and more that may be sold than there is."""

from typing import Any

import pytest
from tests.callers import Caller, admin_caller
from tests.inventory.promising import Promising, named
from tests.selling import Selling

MUG = "MUG-1-R"
TRANSFER = """mutation ($input: StockTransferInput!) { stockTransfer(input: $input) {
    __typename
    ... on StockTransferred { movements {
        kind onHand reason subjectId variant { sku } warehouse { code } level { onHand }
    } }
    ... on Error { path }
    ... on InvalidInput { fields { path } }
    ... on InsufficientStock { available }
} }"""
BACKORDER = """mutation ($input: StockBackorderInput!) { stockBackorderSet(input: $input) {
    __typename
    ... on ProductVariant { stock { warehouse { code } backorderLimit } }
    ... on Error { path }
    ... on InvalidInput { fields { path } }
    ... on BackordersPromised { promised }
} }"""
UNKNOWN = "019a0000-0000-7000-8000-000000000000"
STATE = "SELECT * FROM inventory.stock ORDER BY variant_id, warehouse_id"


def transfer(selling: Selling, *lines: tuple[str, int], **others: Any) -> Any:
    given = {
        "fromWarehouseId": selling.warehouses["us-east"],
        "toWarehouseId": selling.warehouses["both"],
        "lines": [{"variantId": selling.variants.get(sku, sku), "quantity": number} for sku, number in lines],
        "reason": "Nearer",
        **others,
    }
    return selling.change(TRANSFER, {"input": given})


def backorder(selling: Selling, limit: int, **others: Any) -> Any:
    place = {"variantId": selling.variants[MUG], "warehouseId": selling.warehouses["us-east"]}
    return selling.change(BACKORDER, {"input": {**place, "limit": limit, **others}})


async def test_goods_are_taken_to_another_warehouse(promising: Promising) -> None:
    selling = promising.selling
    await promising.hold_all("anna", {MUG: 1})
    moved = (await transfer(selling, (MUG, 4)))["movements"]
    assert [(each["kind"], each["warehouse"]["code"], each["onHand"], each["level"]["onHand"]) for each in moved] == [
        ("TRANSFERRED", "us-east", -4, 1),
        ("TRANSFERRED", "both", 4, 6),
    ]
    assert moved[0]["subjectId"] == moved[1]["subjectId"]
    assert await promising.available(MUG) == [6]
    variant = selling.variants[MUG]
    assert [(entity, id_, fields, reason) for entity, id_, fields, reason in await selling.audit()] == [
        ("ProductVariant", variant, {"stock.us-east.onHand": [5, 1]}, "Nearer"),
        ("ProductVariant", variant, {"stock.both.onHand": [2, 6]}, "Nearer"),
    ]
    assert await promising.is_sound()


@pytest.mark.parametrize(
    ("lines", "others", "kind", "path"),
    [
        ([(MUG, 5)], {}, "InsufficientStock", ["input", "lines", "0", "quantity"]),
        ([("CLAY-1", 1)], {}, "InsufficientStock", ["input", "lines", "0", "quantity"]),
        ([(MUG, 0)], {}, "InvalidInput", ["input", "lines", "0", "quantity"]),
        ([(MUG, 1), ("CLAY-1", -1)], {}, "InvalidInput", ["input", "lines", "1", "quantity"]),
        ([(MUG, 1_000_000_001)], {}, "InvalidInput", ["input", "lines", "0", "quantity"]),
        ([(MUG, 1), (MUG, 1)], {}, "InvalidInput", ["input", "lines", "1"]),
        ([], {}, "InvalidInput", ["input", "lines"]),
        ([(MUG, 1)] * 126, {}, "InvalidInput", ["input", "lines"]),
        ([(MUG, 1)], {"reason": " "}, "InvalidInput", ["input", "reason"]),
        ([(UNKNOWN, 1)], {}, "VariantNotFound", ["input", "lines", "0", "variantId"]),
        ([(MUG, 1)], {"fromWarehouseId": UNKNOWN}, "WarehouseNotFound", ["input", "fromWarehouseId"]),
        ([(MUG, 1)], {"toWarehouseId": "nonsense"}, "WarehouseNotFound", ["input", "toWarehouseId"]),
    ],
)
async def test_what_cannot_be_taken(
    promising: Promising, lines: list[tuple[str, int]], others: dict[str, Any], kind: str, path: list[str]
) -> None:
    await promising.hold_all("anna", {MUG: 1})
    state = await promising.selling.rows(STATE)
    refused = await transfer(promising.selling, *lines, **others)
    at = [each["path"] for each in refused["fields"]] if kind == "InvalidInput" else [refused["path"]]
    assert (refused["__typename"], at) == (kind, [path])
    assert (await promising.selling.rows(STATE), await promising.selling.audit()) == (state, [])


async def test_nowhere(selling: Selling) -> None:
    state = await selling.rows(STATE)
    refused = await transfer(selling, (MUG, 1), toWarehouseId=selling.warehouses["us-east"])
    assert refused["fields"] == [{"path": ["input", "toWarehouseId"]}]
    assert await selling.rows(STATE) == state


async def test_to_and_fro_at_once(crowded: Promising) -> None:
    """Opposite transfers do not wait for each other in a circle, and nothing is lost on the way."""
    selling = crowded.selling
    east, both = selling.warehouses["us-east"], selling.warehouses["both"]
    ways = [
        transfer(selling, (MUG, 1), fromWarehouseId=one, toWarehouseId=other)
        for _ in range(10)
        for one, other in ((east, both), (both, east))
    ]
    kinds = {each["__typename"] for each in await selling.at_once(ways)}
    assert kinds <= {"StockTransferred", "InsufficientStock"}
    levels = await crowded.levels()
    assert levels["MUG-1-R us-east"][0] + levels["MUG-1-R both"][0] == 7
    assert await crowded.is_sound()
    assert await selling.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == [(0,)]


async def test_more_may_be_sold_than_there_is(promising: Promising) -> None:
    selling = promising.selling
    stock = (await backorder(selling, 3))["stock"]
    assert {each["warehouse"]["code"]: each["backorderLimit"] for each in stock} == {"us-east": 3, "both": 0}
    await promising.allocate("1001", {MUG: 9})
    refused = await backorder(selling, 1)
    assert (refused["__typename"], refused["promised"], refused["path"]) == (
        "BackordersPromised",
        3,
        ["input", "limit"],
    )
    assert (await backorder(selling, 3))["__typename"] == "ProductVariant"
    assert len(await selling.audit()) == 1
    await promising.release("1001")
    assert (await backorder(selling, 0))["__typename"] == "ProductVariant"
    assert await promising.available(MUG) == [7]


@pytest.mark.parametrize(
    ("given", "kind", "path"),
    [
        ({"limit": -1}, "InvalidInput", ["input", "limit"]),
        ({"limit": 1_000_000_001}, "InvalidInput", ["input", "limit"]),
        ({"limit": 1, "variantId": UNKNOWN}, "VariantNotFound", ["input", "variantId"]),
        ({"limit": 1, "warehouseId": "nonsense"}, "WarehouseNotFound", ["input", "warehouseId"]),
    ],
)
async def test_limits_that_cannot_be(selling: Selling, given: dict[str, Any], kind: str, path: list[str]) -> None:
    state = await selling.rows(STATE)
    refused = await backorder(selling, **given)
    at = refused["fields"][0]["path"] if kind == "InvalidInput" else refused["path"]
    assert (refused["__typename"], at) == (kind, path)
    assert await selling.rows(STATE) == state


async def test_staff_see_what_is_promised(promising: Promising) -> None:
    await promising.hold_all("anna", {MUG: 1})
    await promising.allocate("1001", {MUG: 2, "GLASS-1": 1})
    await promising.ship("1001", {MUG: 1})
    await promising.allocate("1002", {MUG: 1})
    await promising.release("1002")
    query = """query ($filter: StockAllocationFilter) {
        stockAllocations(filter: $filter) { totalCount nodes {
            orderId quantity shipped released variant { sku } warehouse { code } } }
        stockHolds { totalCount nodes { holderId quantity expiresAt variant { sku } warehouse { code } } }
        productVariant(sku: "MUG-1-R") { stock {
            warehouse { code } holds { quantity } allocations { quantity shipped } } }
    }"""
    order = str(named("1001"))
    found = await promising.selling.admin(query, {"filter": {"isOpen": {"eq": True}, "orderId": {"eq": order}}})
    allocations = sorted(found["stockAllocations"]["nodes"], key=lambda each: each["variant"]["sku"])
    assert allocations == [
        {
            "orderId": order,
            "quantity": 1,
            "shipped": 0,
            "released": 0,
            "variant": {"sku": "GLASS-1"},
            "warehouse": {"code": "both"},
        },
        {
            "orderId": order,
            "quantity": 2,
            "shipped": 1,
            "released": 0,
            "variant": {"sku": MUG},
            "warehouse": {"code": "both"},
        },
    ]
    assert found["stockHolds"] == {
        "totalCount": 1,
        "nodes": [
            {
                "holderId": str(named("anna")),
                "quantity": 1,
                "expiresAt": "2026-11-22T12:15:00.000000Z",
                "variant": {"sku": MUG},
                "warehouse": {"code": "us-east"},
            }
        ],
    }
    levels = {each["warehouse"]["code"]: each for each in found["productVariant"]["stock"]}
    assert levels["us-east"] == {"warehouse": {"code": "us-east"}, "holds": [{"quantity": 1}], "allocations": []}
    assert levels["both"]["allocations"] == [{"quantity": 2, "shipped": 1}]
    closed = await promising.selling.admin(query, {"filter": {"isOpen": {"eq": False}}})
    assert [each["released"] for each in closed["stockAllocations"]["nodes"]] == [1]
    moved = """query ($filter: StockMovementFilter) { stockMovements(filter: $filter) { nodes { kind allocated } } }"""
    found = await promising.selling.admin(moved, {"filter": {"subjectId": {"eq": str(named("1002"))}}})
    assert sorted((each["kind"], each["allocated"]) for each in found["stockMovements"]["nodes"]) == [
        ("ALLOCATED", 1),
        ("ALLOCATION_RELEASED", -1),
    ]


async def test_what_was_sold_is_not_deleted(promising: Promising) -> None:
    selling = promising.selling
    await promising.hold_all("anna", {"MUG-1-B": 1}, channel="eu")
    await promising.allocate("1001", {MUG: 1})
    await promising.release("1001")
    variant = "mutation ($id: ID!) { variantDelete(id: $id) { __typename } }"
    product = "mutation ($id: ID!) { productDelete(id: $id) { __typename } }"
    count = "SELECT count(*) FROM catalog.variant"
    before = await selling.rows(count)
    assert await selling.change(variant, {"id": selling.variants[MUG]}) == {"__typename": "VariantSold"}
    assert await selling.change(product, {"id": selling.products["steel-mug"]}) == {"__typename": "VariantSold"}
    assert (await selling.rows(count), await selling.audit()) == (before, [])
    # What only waits for a buyer is no reason to keep it.
    assert await selling.change(variant, {"id": selling.variants["MUG-1-B"]}) == {"__typename": "VariantDeleted"}
    assert await selling.rows("SELECT count(*) FROM inventory.hold") == [(0,)]
    assert await promising.is_sound()


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("merchandiser", 403)])
async def test_who_may_not(selling: Selling, role: str | None, status: int) -> None:
    caller = Caller(selling.http, "/admin/graphql", {}) if role is None else admin_caller(selling.http, role=role)
    state = await selling.rows(STATE)
    east, both, mug = selling.warehouses["us-east"], selling.warehouses["both"], selling.variants[MUG]
    line = {"variantId": mug, "quantity": 1}
    moving = {"fromWarehouseId": east, "toWarehouseId": both, "lines": [line], "reason": "x"}
    limit = {"variantId": mug, "warehouseId": east, "limit": 1}
    for mutation, given in ((TRANSFER, moving), (BACKORDER, limit)):
        assert (await caller.send(mutation, {"input": given}, idempotency_key="k")).status_code == status
    assert await selling.rows(STATE) == state
    if role is None:
        for query in ("{ stockHolds { totalCount } }", "{ stockAllocations { totalCount } }"):
            assert (await caller.send(query)).status_code == status
    keyless = await selling.admin(TRANSFER, {"input": moving})
    assert keyless["stockTransfer"]["__typename"] == "IdempotencyKeyMissing"
