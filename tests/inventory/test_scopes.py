"""Stock of some warehouses: staff whose permissions go no further see and move nothing elsewhere."""

from typing import Any

import pytest
from tests.bounded_staff import codes, in_warehouses, somebody
from tests.callers import Caller
from tests.selling import Selling

LEVELS = """SELECT v.sku, w.code, s.on_hand, s.backorder_limit FROM inventory.stock s
    JOIN catalog.variant v ON v.id = s.variant_id JOIN inventory.warehouse w ON w.id = s.warehouse_id ORDER BY 1, 2"""
ADJUST = """mutation ($adjustments: [StockAdjustmentInput!]!) {
    stockAdjustMany(adjustments: $adjustments, reason: "x") { __typename } }"""
TRANSFER = "mutation ($input: StockTransferInput!) { stockTransfer(input: $input) { __typename } }"
SET = 'mutation ($counts: [StockCountInput!]!) { stockSet(counts: $counts, reason: "x") { __typename } }'
UPDATE = 'mutation ($id: ID!) { warehouseUpdate(id: $id, input: {name: "Mine"}) { __typename } }'
CREATE = 'mutation { warehouseCreate(input: {code: "n", name: "N", country: "US"}) { __typename } }'
READ = """{ warehouses { totalCount nodes { code } } stockMovements { nodes { warehouse { code } level { onHand } } }
    stockAllocations { totalCount } stockHolds { totalCount }
    productVariant(sku: "MUG-1-R") { stock { onHand warehouse { code } } } }"""
BEYOND = ("FORBIDDEN", "This needs the permission stock.manage; yours is limited by warehouse.")


def clerk(selling: Selling, *warehouses: str) -> Caller:
    """Somebody who keeps the stock of these."""
    bound = in_warehouses(*(selling.warehouses[each] for each in warehouses))
    permissions = ("stock.read", "stock.manage", "products.read")
    return somebody(selling.settings, selling.http, *permissions, bounds={"stock.read": bound, "stock.manage": bound})


def level(selling: Selling, warehouse: str, **others: Any) -> dict[str, Any]:
    return {"variantId": selling.variants["MUG-1-R"], "warehouseId": selling.warehouses[warehouse], **others}


def transfer(selling: Selling, from_: str, to: str) -> dict[str, Any]:
    line = {"variantId": selling.variants["MUG-1-R"], "quantity": 1}
    ends = {"fromWarehouseId": selling.warehouses[from_], "toWarehouseId": selling.warehouses[to]}
    return {"input": {**ends, "lines": [line], "reason": "x"}}


async def test_nothing_is_moved_elsewhere(selling: Selling) -> None:
    """Of several, one that lies elsewhere refuses all; of a transfer, either end."""
    caller, before = clerk(selling, "us-east"), await selling.rows(LEVELS)
    own, other = level(selling, "us-east", delta=1), level(selling, "both", delta=1)
    for place, (document, given) in enumerate(
        (
            (ADJUST, {"adjustments": [other]}),
            (ADJUST, {"adjustments": [own, other]}),
            (SET, {"counts": [level(selling, "us-east", onHand=9), level(selling, "both", onHand=9)]}),
            (TRANSFER, transfer(selling, "us-east", "both")),
            (TRANSFER, transfer(selling, "both", "us-east")),
            (UPDATE, {"id": selling.warehouses["us-east"]}),
            (CREATE, {}),
        )
    ):
        assert codes(await caller.send(document, given, idempotency_key=str(place))) == [BEYOND], document
    assert await selling.rows(LEVELS) == before
    assert await selling.audit() == []


async def test_what_is_ones_own_is_moved(selling: Selling) -> None:
    caller = clerk(selling, "us-east", "both")
    own = [level(selling, "us-east", delta=1), level(selling, "both", delta=1)]
    assert (await caller(ADJUST, {"adjustments": own}, idempotency_key="a"))["stockAdjustMany"]
    moved = await caller(TRANSFER, transfer(selling, "both", "us-east"), idempotency_key="b")
    assert moved["stockTransfer"] == {"__typename": "StockTransferred"}
    found = [row[1:3] for row in await selling.rows(LEVELS) if row[0] == "MUG-1-R"]
    assert found == [("both", 2), ("us-east", 7)]


async def test_nothing_elsewhere_is_seen(selling: Selling) -> None:
    for warehouse in ("us-east", "both"):
        given = {"adjustments": [level(selling, warehouse, delta=1)]}
        await selling.change(ADJUST, given)
    found = await clerk(selling, "both")(READ)
    assert found["warehouses"] == {"totalCount": 1, "nodes": [{"code": "both"}]}
    assert found["productVariant"]["stock"] == [{"onHand": 3, "warehouse": {"code": "both"}}]
    assert {each["warehouse"]["code"] for each in found["stockMovements"]["nodes"]} == {"both"}


@pytest.mark.parametrize("query", ["warehouse(id: $id) { code }", "warehouse(code: $code) { code }"])
async def test_another_warehouse_is_not_there(selling: Selling, query: str) -> None:
    caller = clerk(selling, "both")
    document = f"query ($id: ID, $code: String) {{ {query} }}".replace(
        "($id: ID, $code: String)", "($id: ID)" if "$id" in query else "($code: String)"
    )
    for code, expected in (("both", {"code": "both"}), ("us-east", None)):
        given = {"id": selling.warehouses[code]} if "$id" in query else {"code": code}
        assert (await caller(document, given))["warehouse"] == expected
