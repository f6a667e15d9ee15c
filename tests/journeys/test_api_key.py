"""A program keeps the stock of one warehouse by itself, through the API alone: let in, watched, renewed, shut out."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.callers import Caller, admin_caller, calling
from tests.factories.shop import NOW, a_shop
from tests.fixtures import writing
from tests.trading import CANCEL, SHIP, a_trade

from mercer.platform.settings import Settings

IN_90_DAYS = NOW + timedelta(days=90)
CREATE = """mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) {
    ... on ApiKeyIssued { key apiKey { id prefix grants { permission warehouseIds } } } ... on Error { message } } }"""
ADJUST = """mutation ($input: StockAdjustInput!) { stockAdjust(input: $input) {
    ... on StockMovement { id onHand actorKind actorId } ... on Error { code } } }"""
ROTATE = "mutation ($id: ID!) { apiKeyRotate(id: $id) { ... on ApiKeyIssued { key } } }"
REVOKE = "mutation ($id: ID!) { apiKeyRevoke(id: $id) { ... on ApiKey { isActive } } }"
DONE = """{
    orders { nodes { timeline { kind actorKind actorId } } }
    shipments { nodes { kind: __typename actorKind actorId } }
    stockMovements(first: 100) { nodes { kind actorKind actorId } }
    ledgerTransactions(first: 100) { nodes { kind actorKind actorId } }
}"""
KEYS = "{ apiKeys { nodes { name isActive createdBy { name } expiresAt lastUsedAt lastUsedIp } } }"


@pytest.fixture
async def http(fresh: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with writing(fresh) as context:
        await a_shop(context)
    async with calling(fresh) as http:
        yield http


async def test_a_program_keeps_the_stock_of_one_warehouse(http: httpx2.AsyncClient) -> None:
    staff = admin_caller(http)
    variant, warehouses = await what_there_is(staff)
    made = (await staff(CREATE, {"input": wanted(warehouses["us-east"])}))["apiKeyCreate"]
    id, program = made["apiKey"]["id"], holding(http, made["key"])
    assert made["apiKey"]["grants"] == [
        {"permission": "stock.manage", "warehouseIds": [warehouses["us-east"]]},
        {"permission": "stock.read", "warehouseIds": None},
    ]
    assert made["key"].startswith(made["apiKey"]["prefix"])
    delivery = {"variantId": variant, "warehouseId": warehouses["us-east"], "delta": 7, "reason": "delivery 4711"}
    moved = await program(ADJUST, {"input": delivery}, idempotency_key="4711")
    assert moved == await program(ADJUST, {"input": delivery}, idempotency_key="4711")
    assert (moved["stockAdjust"]["onHand"], moved["stockAdjust"]["actorId"]) == (7, id)
    elsewhere = delivery | {"warehouseId": warehouses["eu-central"]}
    refused = await program.send(ADJUST, {"input": elsewhere}, idempotency_key="4712")
    assert why(refused) == (294, "FORBIDDEN", "This needs the permission stock.manage; yours is limited by warehouse.")
    refused = await program.send("{ apiKeys { totalCount } }")
    assert why(refused) == (403, "FORBIDDEN", "This needs the permission api_keys.read.")
    await staff_see_what_it_did(staff, id)
    renewed = holding(http, (await staff(ROTATE, {"id": id}))["apiKeyRotate"]["key"])
    over = 401, "UNAUTHENTICATED", "This API key is unknown, was revoked or has ended."
    assert why(await program.send("{ __typename }")) == over
    assert await renewed("{ __typename }") == {"__typename": "Query"}
    assert await staff(REVOKE, {"id": id}) == {"apiKeyRevoke": {"isActive": False}}
    assert why(await renewed.send("{ __typename }")) == over
    assert (await staff(KEYS))["apiKeys"]["nodes"][0]["isActive"] is False


async def test_what_a_program_does_with_orders_says_so_everywhere(fresh: Settings) -> None:
    """It ships one order and cancels another, which returns money: order, shipment, stock and ledger name the key."""
    async with a_trade(fresh) as trade:
        shipped, cancelled = [await (await trade.ready({"MUG-1-R": 1})).complete() for _ in range(2)]
        input = {"name": "Warehouse", "permissions": ["orders.manage", "orders.read", "shipments.manage"]}
        made = (await trade.admin(CREATE, {"input": input}))["apiKeyCreate"]
        program = holding(trade.http, made["key"])
        note = 'mutation ($id: ID!) { orderNoteAdd(id: $id, text: "packed") { __typename } }'
        assert (await program(note, {"id": shipped["id"]}))["orderNoteAdd"]["__typename"] == "TimelineEntry"
        sent = await program(SHIP, {"input": {"orderId": shipped["id"]}}, idempotency_key="ship")
        assert sent["shipmentCreate"]["order"] == {"status": "COMPLETED", "fulfilmentStatus": "FULFILLED"}
        void = await program(CANCEL, {"id": cancelled["id"], "reason": "sold out"}, idempotency_key="cancel")
        assert void["orderCancel"]["status"] == "CANCELLED"
        seen = await trade.admin(DONE)
    id = made["apiKey"]["id"]
    told = {
        "orders": [entry for order in seen["orders"]["nodes"] for entry in order["timeline"]],
        **{name: seen[name]["nodes"] for name in ("shipments", "stockMovements", "ledgerTransactions")},
    }
    assert {name: sorted(by_key(entries, id)) for name, entries in told.items()} == {
        "orders": ["CANCELLED", "COMPLETED", "NOTE", "PAYMENT_CHANGED", "SHIPPED"],
        "shipments": ["Shipment"],
        "stockMovements": ["ALLOCATION_RELEASED", "SHIPPED"],
        "ledgerTransactions": ["CANCELLATION", "REFUND"],
    }


def by_key(entries: list[dict[str, Any]], id: str) -> list[str]:
    """What was done by this key."""
    return [each["kind"] for each in entries if (each["actorKind"], each["actorId"]) == ("api_key", id)]


async def what_there_is(staff: Caller) -> tuple[str, dict[str, str]]:
    """A variant's id, and the warehouses' by code."""
    found = await staff("""{
        products(first: 100) { nodes { variants { id sku } } } warehouses(first: 100) { nodes { id code } }
    }""")
    [variant] = [
        variant["id"]
        for product in found["products"]["nodes"]
        for variant in product["variants"]
        if variant["sku"] == "MUG-1-R"
    ]
    return variant, {each["code"]: each["id"] for each in found["warehouses"]["nodes"]}


def wanted(warehouse: str) -> dict[str, Any]:
    """A key that reads all stock, and changes that of one warehouse."""
    return {
        "name": "Warehouse system",
        "permissions": ["stock.read", "stock.manage"],
        "bounds": [{"permission": "stock.manage", "warehouseIds": [warehouse]}],
        "expiresAt": IN_90_DAYS.isoformat(),
    }


async def staff_see_what_it_did(staff: Caller, id: str) -> None:
    """The list says when and from where the key was used; ledger and audit name it."""
    assert (await staff(KEYS))["apiKeys"]["nodes"] == [
        {
            "name": "Warehouse system",
            "isActive": True,
            "createdBy": {"name": "administrator"},
            "expiresAt": "2027-02-20T12:00:00.000000Z",
            "lastUsedAt": "2026-11-22T12:00:00.000000Z",
            "lastUsedIp": "127.0.0.1",
        }
    ]
    found = await staff(
        """query ($id: ID!) {
            auditEntries(filter: {actorId: {eq: $id}}) { nodes { actorKind sessionId operation changes } }
        }""",
        {"id": id},
    )
    changes = {"stock.us-east.onHand": [5, 12]}
    entry = {"actorKind": "API_KEY", "sessionId": None, "operation": "stockAdjust", "changes": changes}
    assert found["auditEntries"]["nodes"] == [entry]


def holding(http: httpx2.AsyncClient, key: str) -> Caller:
    """The program with this key."""
    return Caller(http, "/admin/graphql", {"Authorization": f"Bearer {key}"})


def why(answer: httpx2.Response) -> tuple[int, str, str]:
    """How a request was refused."""
    [error] = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"], error["message"]
