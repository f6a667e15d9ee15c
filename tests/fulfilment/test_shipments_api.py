"""Shipments, by the APIs: what leaves, what follows, and what is refused."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.callers import Caller, admin_caller, shop_caller
from tests.factories.shop import NOW
from tests.fulfilment.buying import SHIP, Bought, asked, at_noon, buy, standing
from tests.inventory.test_stock_changes import DIFFERING
from tests.selling import Selling

from mercer.orders.service import cancel, order_token
from mercer.payments.models import PaymentStatus
from mercer.platform.transactions import transaction

UNKNOWN = "019a0000-0000-7000-8000-000000000000"
LEVELS = """SELECT v.sku, w.code, s.on_hand, s.allocated FROM inventory.stock s
    JOIN catalog.variant v ON v.id = s.variant_id JOIN inventory.warehouse w ON w.id = s.warehouse_id
    WHERE v.sku IN ('MUG-1-R', 'GLASS-1') ORDER BY 1, 2"""
UNTOUCHED = [("GLASS-1", "both", 1, 1), ("MUG-1-R", "both", 2, 0), ("MUG-1-R", "us-east", 5, 3)]
NAMES = "SELECT name FROM platform.outbox WHERE name LIKE 'fulfilment.%'"


async def ship(selling: Selling, bought: Bought, items: dict[str, int] | None = None, **others: Any) -> Any:
    return await selling.change(SHIP, {"input": asked(bought, items, **others)})


async def write(selling: Selling, statement: str, **values: Any) -> None:
    async with selling.context.database.transaction() as connection:
        await connection.execute(sa.text(statement), values)


async def test_an_order_is_shipped_whole(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})
    shipment = await ship(selling, bought, carrier="UPS", trackingNumber="1Z 999")
    assert shipment == {
        "__typename": "Shipment",
        "id": shipment["id"],
        "carrier": "UPS",
        "trackingNumber": "1Z 999",
        "trackingUrl": "https://www.ups.com/track?tracknum=1Z999",
        "createdAt": at_noon(NOW),
        "actorKind": "staff",
        "warehouse": {"code": "us-east"},
        "order": {"number": bought.number, "status": "COMPLETED", "fulfilmentStatus": "FULFILLED"},
        "lines": [{"quantity": 3, "orderLine": {"sku": "MUG-1-R", "shippedQuantity": 3}}],
    }
    assert await selling.rows(LEVELS) == [
        ("GLASS-1", "both", 1, 0),
        ("MUG-1-R", "both", 2, 0),
        ("MUG-1-R", "us-east", 2, 0),
    ]
    assert await selling.rows(DIFFERING) == [(0,)]
    told = [(name, payload) for name, payload in await selling.events() if "hipment" in name]
    assert [payload for _, payload in told] == [{"shipment_id": shipment["id"], "order_id": str(bought.id)}]
    line = str(bought.lines["MUG-1-R"])
    noted = [(entity, id_, changes) for entity, id_, changes, _ in await selling.audit() if entity == "Shipment"]
    assert noted == [
        (
            "Shipment",
            shipment["id"],
            {
                "order_id": [None, str(bought.id)],
                "warehouse_id": [None, selling.warehouses["us-east"]],
                "lines": [None, {line: 3}],
                "carrier": [None, "UPS"],
                "tracking_number": [None, "1Z 999"],
            },
        )
    ]
    timeline = """SELECT kind, actor_kind, data FROM orders.timeline
        WHERE order_id = :id AND kind IN ('shipped', 'completed') ORDER BY at, id"""
    assert await selling.rows(timeline, id=bought.id) == [
        ("shipped", "staff", {"shipment_id": shipment["id"], "lines": {line: 3}}),
        ("completed", "staff", {}),
    ]


async def test_an_order_is_shipped_in_parts(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 3, "GLASS-1": 1})
    first = await ship(selling, bought, {"MUG-1-R": 2})
    assert (first["order"]["status"], first["order"]["fulfilmentStatus"]) == ("OPEN", "PARTIAL")
    assert await standing(selling, bought) == ("open", "partial", {"MUG-1-R": 2, "GLASS-1": 0}, 1)
    too_many = await ship(selling, bought, {"MUG-1-R": 2})
    assert too_many == {
        "__typename": "LineShippedAlready",
        "code": "LINE_SHIPPED_ALREADY",
        "path": ["input", "lines", "0", "quantity"],
        "remaining": 1,
    }
    second = await ship(selling, bought, {"MUG-1-R": 1})
    assert second["order"]["fulfilmentStatus"] == "PARTIAL"
    last = await ship(selling, bought)
    assert last["lines"] == [{"quantity": 1, "orderLine": {"sku": "GLASS-1", "shippedQuantity": 1}}]
    assert last["warehouse"] == {"code": "both"}
    assert await standing(selling, bought) == ("completed", "fulfilled", {"MUG-1-R": 3, "GLASS-1": 1}, 3)
    assert await ship(selling, bought) == {
        "__typename": "OrderStatusConflict",
        "code": "ORDER_STATUS_CONFLICT",
        "path": ["input"],
        "status": "COMPLETED",
    }


async def test_a_parcel_leaves_one_warehouse(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 3, "GLASS-1": 1})
    places = sorted([selling.warehouses["us-east"], selling.warehouses["both"]])
    refused = await ship(selling, bought)
    assert refused == {
        "__typename": "LinesInSeveralWarehouses",
        "code": "LINES_IN_SEVERAL_WAREHOUSES",
        "path": ["input"],
        "warehouseIds": places,
    }
    assert await selling.rows(LEVELS) == UNTOUCHED
    glass = await ship(selling, bought, warehouseId=selling.warehouses["both"])
    assert [line["orderLine"]["sku"] for line in glass["lines"]] == ["GLASS-1"]
    again = await ship(selling, bought, warehouseId=selling.warehouses["both"])
    assert again["__typename"] == "NothingToShip"
    elsewhere = await ship(selling, bought, {"MUG-1-R": 1}, warehouseId=selling.warehouses["both"])
    assert (elsewhere["__typename"], elsewhere["allocated"]) == ("NotAllocated", 0)
    mugs = await ship(selling, bought)
    assert (mugs["warehouse"], mugs["order"]["status"]) == ({"code": "us-east"}, "COMPLETED")
    assert await selling.rows(DIFFERING) == [(0,)]


REFUSED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"orderId": UNKNOWN}, {"__typename": "OrderNotFound"}),
    ({"orderId": "nonsense"}, {"__typename": "OrderNotFound"}),
    ({"lines": []}, {"__typename": "InvalidInput", "fields": [{"path": ["input", "lines"]}]}),
    (
        {"lines": [{"orderLineId": UNKNOWN, "quantity": 1}]},
        {"__typename": "OrderLineNotFound", "id": UNKNOWN, "path": ["input", "lines", "0", "orderLineId"]},
    ),
    ({"lines": [{"orderLineId": "nonsense", "quantity": 1}]}, {"__typename": "OrderLineNotFound"}),
    ({"carrier": "a\u0007b"}, {"__typename": "InvalidInput", "fields": [{"path": ["input", "carrier"]}]}),
    (
        {"trackingNumber": "<script>"},
        {"__typename": "InvalidInput", "fields": [{"path": ["input", "trackingNumber"]}]},
    ),
    ({"warehouseId": "nonsense"}, {"__typename": "NothingToShip"}),
]


@pytest.mark.parametrize(("given", "expected"), REFUSED, ids=lambda value: str(value)[:40])
async def test_what_cannot_be_shipped(selling: Selling, given: dict[str, Any], expected: dict[str, Any]) -> None:
    bought = await buy(selling, {"MUG-1-R": 3, "GLASS-1": 1})
    answer = await selling.change(SHIP, {"input": {**asked(bought), **given}})
    assert {key: answer.get(key) for key in expected} == expected
    assert await standing(selling, bought) == ("open", "unfulfilled", {"MUG-1-R": 0, "GLASS-1": 0}, 0)
    assert await selling.rows(LEVELS) == UNTOUCHED


@pytest.mark.parametrize(
    ("quantity", "path"), [(0, "quantity"), (-1, "quantity"), (-(2**31), "quantity"), (2**31 - 1, None), (4, None)]
)
async def test_quantities_that_cannot_be_shipped(selling: Selling, quantity: int, path: str | None) -> None:
    bought = await buy(selling, {"MUG-1-R": 3, "GLASS-1": 1})
    answer = await ship(selling, bought, {"MUG-1-R": quantity})
    if path is None:
        assert (answer["__typename"], answer["remaining"]) == ("LineShippedAlready", 3)
    else:
        assert answer["fields"] == [{"path": ["input", "lines", "0", path]}]
    assert await selling.rows(LEVELS) == UNTOUCHED


@pytest.mark.parametrize("quantity", [1.5, "1", 2**31, None])
async def test_quantities_that_are_no_numbers(selling: Selling, quantity: Any) -> None:
    bought = await buy(selling, {"MUG-1-R": 3, "GLASS-1": 1})
    answer = await selling.admin.send(
        SHIP, {"input": asked(bought, {"MUG-1-R": quantity})}, idempotency_key="no number"
    )
    assert "errors" in answer.json()
    assert await selling.rows(LEVELS) == UNTOUCHED


async def test_another_orders_lines_cannot_be_shipped(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 2})
    other = await buy(selling, {"MUG-1-R": 1, "GLASS-1": 1})
    before = await selling.rows(LEVELS)
    given = asked(bought) | {"lines": asked(other, {"GLASS-1": 1})["lines"]}
    answer = await selling.change(SHIP, {"input": given})
    assert answer["__typename"] == "OrderLineNotFound"
    assert await selling.rows(LEVELS) == before


async def test_a_line_cannot_be_given_twice(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 3, "GLASS-1": 1})
    line = {"orderLineId": str(bought.lines["MUG-1-R"]), "quantity": 1}
    answer = await selling.change(SHIP, {"input": {**asked(bought), "lines": [line, line]}})
    assert answer["fields"] == [{"path": ["input", "lines", "1", "orderLineId"]}]
    assert await selling.rows(LEVELS) == UNTOUCHED


@pytest.mark.parametrize("status", ["pending_payment", "on_hold", "cancelled", "draft"])
async def test_only_an_open_order_is_shipped(selling: Selling, status: str) -> None:
    paid = PaymentStatus.PAID if status != "pending_payment" else None
    bought = await buy(selling, {"MUG-1-R": 3, "GLASS-1": 1}, paid=paid)
    if status == "cancelled":
        async with transaction(selling.context) as context:
            await cancel(context, order_id=bought.id, reason="changed my mind")
    elif status != "pending_payment":
        await write(selling, 'UPDATE orders."order" SET status = :status WHERE id = :id', status=status, id=bought.id)
    answer = await ship(selling, bought)
    assert (answer["__typename"], answer["status"]) == ("OrderStatusConflict", status.upper())
    assert await selling.rows(LEVELS) == UNTOUCHED
    assert (await standing(selling, bought))[3] == 0


@pytest.mark.parametrize("status", ["voided", "refunded", "failed"])
async def test_what_was_not_paid_is_not_shipped(selling: Selling, status: str) -> None:
    bought = await buy(selling, {"MUG-1-R": 3, "GLASS-1": 1})
    await write(
        selling, 'UPDATE orders."order" SET payment_status = :status WHERE id = :id', status=status, id=bought.id
    )
    given = {"input": asked(bought)}
    answers = [(await selling.admin(SHIP, given, idempotency_key="one"))["shipmentCreate"] for _ in range(2)]
    assert [(each["__typename"], each["paymentStatus"]) for each in answers] == [("OrderNotPaid", status.upper())] * 2
    assert await selling.rows(LEVELS) == UNTOUCHED


async def test_a_repeated_request_ships_once(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})
    given = {"input": asked(bought, {"MUG-1-R": 1})}
    answers = [await selling.admin(SHIP, given, idempotency_key="one parcel") for _ in range(3)]
    assert {answer["shipmentCreate"]["id"] for answer in answers} == {answers[0]["shipmentCreate"]["id"]}
    assert (await standing(selling, bought))[2:] == ({"MUG-1-R": 1}, 1)
    without = (await selling.admin.send(SHIP, given)).json()
    assert without["data"]["shipmentCreate"]["code"] == "IDEMPOTENCY_KEY_MISSING"
    assert (await standing(selling, bought))[2:] == ({"MUG-1-R": 1}, 1)


async def test_who_may_not_ship_ships_nothing(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 3, "GLASS-1": 1})
    given = {"input": asked(bought)}
    callers = {
        401: Caller(selling.http, "/admin/graphql", {}),
        403: admin_caller(selling.http, role="marketer"),
    }
    for status, caller in callers.items():
        assert (await caller.send(SHIP, given, idempotency_key="x")).status_code == status
    for query in ("{ shipments { totalCount } }", '{ shipment(id: "x") { id } }'):
        assert (await callers[401].send(query)).status_code == 401
        assert (await callers[403].send(query)).status_code == 403
    assert await selling.rows(LEVELS) == UNTOUCHED
    assert (await standing(selling, bought))[3] == 0


async def test_staff_find_shipments(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})
    other = await buy(selling, {"GLASS-1": 1})
    one = (await ship(selling, bought, {"MUG-1-R": 1}, carrier="DHL", trackingNumber="A1"))["id"]
    two = (await ship(selling, bought, carrier="DHL", trackingNumber="A2"))["id"]
    three = (await ship(selling, other))["id"]
    found = await selling.admin(
        """query ($order: ID!, $warehouse: ID!, $id: ID!) {
            all: shipments { totalCount nodes { id state } }
            of: shipments(filter: {order: {eq: $order}}) { nodes { id } }
            from: shipments(filter: {warehouse: {eq: $warehouse}}) { nodes { id trackingUrl } }
            numbered: shipments(filter: {trackingNumber: {eq: "A2"}}) { nodes { id order { number } } }
            later: shipments(filter: {createdAt: {gte: "2026-11-23T00:00:00Z"}}) { nodes { id } }
            shipment(id: $id) { id trackingNumber actorId }
            order(id: $order) { shipments { id trackingNumber lines { quantity orderLine { sku } } } }
        }""",
        {"order": str(bought.id), "warehouse": selling.warehouses["both"], "id": one},
    )
    assert found["all"]["totalCount"] == 3
    assert {node["id"] for node in found["all"]["nodes"]} == {one, two, three}
    assert {node["id"] for node in found["of"]["nodes"]} == {one, two}
    assert found["from"]["nodes"] == [{"id": three, "trackingUrl": None}]
    assert found["numbered"]["nodes"] == [{"id": two, "order": {"number": bought.number}}]
    assert found["later"]["nodes"] == []
    assert (found["shipment"]["id"], found["shipment"]["trackingNumber"]) == (one, "A1")
    shipments = sorted(found["order"]["shipments"], key=lambda each: each["trackingNumber"])
    assert shipments == [
        {"id": one, "trackingNumber": "A1", "lines": [{"quantity": 1, "orderLine": {"sku": "MUG-1-R"}}]},
        {"id": two, "trackingNumber": "A2", "lines": [{"quantity": 2, "orderLine": {"sku": "MUG-1-R"}}]},
    ]


async def test_a_buyer_sees_his_parcels_and_nobody_elses(selling: Selling) -> None:
    bought = await buy(selling, {"MUG-1-R": 1})
    other = await buy(selling, {"GLASS-1": 1})
    await ship(selling, bought, carrier="DHL", trackingNumber="A1")
    await ship(selling, other, carrier="DHL", trackingNumber="B1")
    async with transaction(selling.context) as context:
        token = await order_token(context, order_id=bought.id)
    query = """query ($number: String!, $token: String) { order(number: $number, token: $token) {
        fulfilmentStatus
        shipments { state carrier trackingNumber trackingUrl lines { quantity orderLine { sku } } } } }"""
    shop = shop_caller(selling.http)
    seen = (await shop(query, {"number": bought.number, "token": token}))["order"]
    assert seen["fulfilmentStatus"] == "FULFILLED"
    [parcel] = seen["shipments"]
    assert parcel["trackingUrl"].endswith("A1")
    assert {**parcel, "trackingUrl": None} == {
        "state": "HANDED_OVER",
        "carrier": "DHL",
        "trackingNumber": "A1",
        "trackingUrl": None,
        "lines": [{"quantity": 1, "orderLine": {"sku": "MUG-1-R"}}],
    }
    for number, shown in ((other.number, token), (bought.number, None), (bought.number, "x")):
        assert await shop(query, {"number": number, "token": shown}) == {"order": None}
