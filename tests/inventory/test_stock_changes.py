"""Stock as staff move and count it."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.callers import Caller, admin_caller, shop_caller
from tests.people import person_id
from tests.selling import Selling

ADJUST = """mutation ($input: StockAdjustInput!) { stockAdjust(input: $input) {
    __typename
    ... on StockMovement { kind onHand allocated held reason actorKind actorId movedAt
        variant { sku } warehouse { code } level { onHand available } }
    ... on Error { message path }
    ... on InvalidInput { fields { path } }
    ... on InsufficientStock { available }
} }"""
ADJUST_MANY = """mutation ($adjustments: [StockAdjustmentInput!]!, $reason: String!) {
    stockAdjustMany(adjustments: $adjustments, reason: $reason) {
        __typename
        ... on StockAdjusted { movements { variant { sku } onHand level { onHand } } }
        ... on Error { path }
        ... on InvalidInput { fields { path } }
        ... on InsufficientStock { available }
    } }"""
COUNT = """mutation ($counts: [StockCountInput!]!, $reason: String!) { stockSet(counts: $counts, reason: $reason) {
    __typename
    ... on StockCounted { movements { variant { sku } onHand } variants { sku stock { onHand } } }
    ... on Error { path }
    ... on InvalidInput { fields { path } }
    ... on InsufficientStock { available }
    ... on StockMoved { onHand }
} }"""
LEVELS = """SELECT v.sku, w.code, s.on_hand FROM inventory.stock s JOIN catalog.variant v ON v.id = s.variant_id
    JOIN inventory.warehouse w ON w.id = s.warehouse_id ORDER BY 1, 2"""
DIFFERING = """
    SELECT count(*) FROM inventory.stock s FULL JOIN (
        SELECT variant_id, warehouse_id, sum(on_hand) AS on_hand, sum(allocated) AS allocated, sum(held) AS held
        FROM inventory.movement GROUP BY variant_id, warehouse_id
    ) m USING (variant_id, warehouse_id)
    WHERE (s.on_hand, s.allocated, s.held)
        IS DISTINCT FROM (coalesce(m.on_hand, 0), coalesce(m.allocated, 0), coalesce(m.held, 0))
"""
"""How many levels are not the sum of their movements."""
UNKNOWN = "019a0000-0000-7000-8000-000000000000"


def at(selling: Selling, sku: str = "MUG-1-R", warehouse: str = "us-east", **others: Any) -> dict[str, Any]:
    return {"variantId": selling.variants[sku], "warehouseId": selling.warehouses[warehouse], **others}


async def adjust(selling: Selling, **given: Any) -> Any:
    return await selling.change(ADJUST, {"input": {"reason": "Broken", **at(selling), **given}})


async def adjust_many(selling: Selling, *adjustments: dict[str, Any]) -> Any:
    return await selling.change(ADJUST_MANY, {"adjustments": list(adjustments), "reason": "Delivery 7"})


async def count(selling: Selling, *counts: dict[str, Any]) -> Any:
    return await selling.change(COUNT, {"counts": list(counts), "reason": "Stocktaking"})


async def reserve(selling: Selling, **quantities: int) -> None:
    """No verb promises stock yet."""
    columns = ", ".join(f"{name} = {number}" for name, number in quantities.items())
    async with selling.context.database.transaction() as connection:
        await connection.execute(
            sa.text(f"UPDATE inventory.stock SET {columns} WHERE variant_id = :variant AND warehouse_id = :warehouse"),
            {"variant": selling.variants["MUG-1-R"], "warehouse": selling.warehouses["us-east"]},
        )


async def test_stock_is_moved_and_seen_at_once(selling: Selling) -> None:
    events = len(await selling.events())
    assert await adjust(selling, delta=-2, reason="  Broken ") == {
        "__typename": "StockMovement",
        "kind": "ADJUSTED",
        "onHand": -2,
        "allocated": 0,
        "held": 0,
        "reason": "Broken",
        "actorKind": "staff",
        "actorId": str(person_id("administrator")),
        "movedAt": "2026-11-22T12:00:00.000000Z",
        "variant": {"sku": "MUG-1-R"},
        "warehouse": {"code": "us-east"},
        "level": {"onHand": 3, "available": 3},
    }
    assert await selling.shop('{ productVariant(sku: "MUG-1-R") { available } }') == {
        "productVariant": {"available": 5}
    }
    variant, product = selling.variants["MUG-1-R"], selling.products["steel-mug"]
    assert await selling.audit() == [("ProductVariant", variant, {"stock.us-east.onHand": [5, 3]}, "Broken")]
    assert (await selling.events())[events:] == [("inventory.StockChanged", {"variant_ids": [variant]})]
    assert await selling.tags() >= {"stock", f"product:{product}"}
    assert await selling.rows(DIFFERING) == [(0,)]


async def test_what_is_added_begins_a_level(selling: Selling) -> None:
    moved = await adjust(selling, **at(selling, "TRAVEL-1", "both"), delta=7, kind="RECEIVED")
    assert (moved["kind"], moved["onHand"], moved["level"]["onHand"]) == ("RECEIVED", 7, 7)
    refused = await adjust(selling, **at(selling, "TRAVEL-1", "us-east"), delta=-1)
    assert (refused["__typename"], refused["available"]) == ("InsufficientStock", 0)
    assert ("TRAVEL-1", "us-east") not in [row[:2] for row in await selling.rows(LEVELS)]


@pytest.mark.parametrize(
    ("reserved", "delta", "available"),
    [
        ({}, -6, 5),
        ({"allocated": 2, "held": 1}, -3, 2),
        ({"allocated": 2, "held": 1}, -(10**9), 2),
        ({"allocated": 4, "backorder_limit": 2}, -4, 3),
        ({"backorder_limit": 9}, -6, 5),
    ],
)
async def test_never_below_what_is_promised(
    selling: Selling, reserved: dict[str, int], delta: int, available: int
) -> None:
    if reserved:
        await reserve(selling, **reserved)
    levels = await selling.rows(LEVELS)
    refused = await adjust(selling, delta=delta)
    assert refused == {
        "__typename": "InsufficientStock",
        "message": "There are not as many that nobody has a claim to.",
        "path": ["input", "delta"],
        "available": available,
    }
    assert (await selling.rows(LEVELS), await selling.audit()) == (levels, [])
    assert (await adjust(selling, delta=-available))["__typename"] == "StockMovement"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"delta": 0}, "delta"),
        ({"delta": 10**9}, "delta"),
        ({"delta": -(2**31)}, "delta"),
        ({"delta": -1, "kind": "RECEIVED"}, "delta"),
        ({"delta": -1, "kind": "RETURNED"}, "delta"),
        ({"delta": 1, "kind": "SCRAPPED"}, "delta"),
        ({"delta": 1, "reason": "  "}, "reason"),
        ({"delta": 1, "reason": "x" * 501}, "reason"),
        ({"delta": 1, "reason": "a\nb"}, "reason"),
    ],
)
async def test_values_that_cannot_be_used(selling: Selling, given: dict[str, Any], path: str) -> None:
    levels = await selling.rows(LEVELS)
    refused = await adjust(selling, **given)
    assert (refused["__typename"], refused["fields"]) == ("InvalidInput", [{"path": ["input", path]}])
    assert await selling.rows(LEVELS) == levels


@pytest.mark.parametrize("id_", [UNKNOWN, "nonsense"])
async def test_unknown_variants_and_warehouses(selling: Selling, id_: str) -> None:
    for name, error in (("variantId", "VariantNotFound"), ("warehouseId", "WarehouseNotFound")):
        refused = await adjust(selling, **{"delta": 1, name: id_})
        assert (refused["__typename"], refused["path"]) == (error, ["input", name])
        many = await adjust_many(selling, at(selling, delta=1), at(selling, "CLAY-1", delta=1) | {name: id_})
        assert (many["__typename"], many["path"]) == (error, ["adjustments", "1", name])
    assert await selling.rows(DIFFERING) == [(0,)]


async def test_several_at_once_or_none(selling: Selling) -> None:
    moved = await adjust_many(
        selling, at(selling, "TRAVEL-1", delta=3), at(selling, delta=-5), at(selling, warehouse="both", delta=1)
    )
    assert moved == {
        "__typename": "StockAdjusted",
        "movements": [
            {"variant": {"sku": "TRAVEL-1"}, "onHand": 3, "level": {"onHand": 3}},
            {"variant": {"sku": "MUG-1-R"}, "onHand": -5, "level": {"onHand": 0}},
            {"variant": {"sku": "MUG-1-R"}, "onHand": 1, "level": {"onHand": 3}},
        ],
    }
    levels = await selling.rows(LEVELS)
    refused = await adjust_many(selling, at(selling, "TRAVEL-1", delta=3), at(selling, delta=-1))
    assert refused == {"__typename": "InsufficientStock", "path": ["adjustments", "1", "delta"], "available": 0}
    twice = await adjust_many(selling, at(selling, delta=1), at(selling, delta=1))
    assert twice["fields"] == [{"path": ["adjustments", "1"]}]
    assert await selling.rows(LEVELS) == levels
    for many in ([], [at(selling, delta=1)] * 251):
        assert (await adjust_many(selling, *many))["fields"] == [{"path": ["adjustments"]}]


async def test_counting(selling: Selling) -> None:
    counted = await count(selling, at(selling, onHand=4, expected=5), at(selling, "CLAY-1", onHand=0))
    assert counted == {
        "__typename": "StockCounted",
        "movements": [{"variant": {"sku": "MUG-1-R"}, "onHand": -1}],
        "variants": [
            {"sku": "MUG-1-R", "stock": counted["variants"][0]["stock"]},
            {"sku": "CLAY-1", "stock": [{"onHand": 0}]},
        ],
    }
    assert sorted(level["onHand"] for level in counted["variants"][0]["stock"]) == [2, 4]
    assert await count(selling, at(selling, onHand=9), at(selling, "GLASS-1", "both", onHand=2, expected=9)) == {
        "__typename": "StockMoved",
        "path": ["counts", "1", "onHand"],
        "onHand": 1,
    }
    await reserve(selling, allocated=3)
    assert await count(selling, at(selling, onHand=2)) == {
        "__typename": "InsufficientStock",
        "path": ["counts", "0", "onHand"],
        "available": 1,
    }
    for wrong in (-1, 1_000_000_001):
        assert (await count(selling, at(selling, onHand=wrong)))["fields"] == [{"path": ["counts", "0", "onHand"]}]
    assert (await selling.rows(LEVELS))[-1] == ("MUG-1-R", "us-east", 4)


async def test_the_ledger_is_read(selling: Selling) -> None:
    await adjust(selling, delta=-1)
    await adjust(selling, delta=4, kind="RECEIVED", reason="Delivery 7")
    query = """query ($filter: StockMovementFilter) { stockMovements(filter: $filter) {
        totalCount nodes { kind onHand reason warehouse { code } } } }"""
    variant, warehouse = selling.variants["MUG-1-R"], selling.warehouses["us-east"]
    found = await selling.admin(query, {"filter": {"variant": {"eq": variant}, "warehouse": {"eq": warehouse}}})
    nodes = found["stockMovements"]["nodes"]
    assert sorted((node["kind"], node["onHand"], node["reason"] or "") for node in nodes) == [
        ("ADJUSTED", -1, "Broken"),
        ("ADJUSTED", 5, ""),
        ("RECEIVED", 4, "Delivery 7"),
    ]
    received = await selling.admin(query, {"filter": {"kind": {"in": ["RECEIVED", "SHIPPED"]}}})
    assert received["stockMovements"]["totalCount"] == 1


async def test_a_key_is_needed(selling: Selling) -> None:
    given = {"input": at(selling, delta=1, reason="Found")}
    answer = await selling.admin(ADJUST, given)
    assert answer["stockAdjust"]["__typename"] == "IdempotencyKeyMissing"
    assert ("MUG-1-R", "us-east", 5) in await selling.rows(LEVELS)


@pytest.mark.parametrize(
    ("role", "status", "code"),
    [(None, 401, "UNAUTHENTICATED"), ("merchandiser", 403, "FORBIDDEN"), ("analyst", 403, "FORBIDDEN")],
)
async def test_who_may_not(selling: Selling, role: str | None, status: int, code: str) -> None:
    caller = Caller(selling.http, "/admin/graphql", {}) if role is None else admin_caller(selling.http, role=role)
    levels = await selling.rows(LEVELS)
    for mutation, given in (
        (ADJUST, {"input": at(selling, delta=1, reason="Found")}),
        (ADJUST_MANY, {"adjustments": [at(selling, delta=1)], "reason": "Found"}),
        (COUNT, {"counts": [at(selling, onHand=1)], "reason": "Found"}),
    ):
        answer = await caller.send(mutation, given, idempotency_key="a key")
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (status, code)
    assert (await selling.rows(LEVELS), await selling.audit()) == (levels, [])
    answer = await shop_caller(selling.http).send(ADJUST, {"input": at(selling, delta=1, reason="Found")})
    assert answer.status_code == 422


async def test_fulfilment_may(selling: Selling) -> None:
    given = {"input": at(selling, delta=1, reason="Found")}
    moved = await admin_caller(selling.http, role="fulfilment")(ADJUST, given, idempotency_key="a key")
    assert moved["stockAdjust"]["actorId"] == str(person_id("fulfilment"))
