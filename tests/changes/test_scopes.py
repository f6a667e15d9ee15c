"""Everything whose permission can be limited, for somebody whom it is limited for to what there is not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests import callers, servers
from tests.bounded_staff import NOWHERE, codes, somebody
from tests.callers import Caller
from tests.identity import matrix
from tests.identity.matrix import Call, calls
from tests.trading import Trade, a_trade

from mercer.app import ADMIN, DIMENSIONS
from mercer.platform.graphql.mutations.declaration import Mutation
from mercer.platform.graphql.needs import metadata_of
from mercer.platform.jobs.declaration import Transaction
from mercer.platform.permissions import Dimension

MANUAL = Transaction.MANUAL

_NOTHING: dict[Dimension, tuple[str, Any]] = {
    Dimension.CHANNEL: ("channels", [str(NOWHERE)]),
    Dimension.WAREHOUSE: ("warehouses", [str(NOWHERE)]),
    Dimension.AMOUNT: ("amounts", {}),
    Dimension.OWN: ("is_own", True),
}
RECEIVE = """mutation ($order: ID!, $amount: Decimal!) { paymentReceive(
    orderId: $order, amount: $amount, reference: "T") { ... on PaymentAttempt { id } } }"""
REFUSED = ("NotFound", "InvalidInput", "Unavailable")
NONE_YET = {"events", "shipments", "stockHolds"}
"""Of what there is nothing in this shop."""
WRITTEN_ANYWAY = "platform.idempotency"
"""Which request had which outcome: errors are remembered too."""


@pytest.fixture(scope="module")
async def trade(database_url: str, valkey_url: str, worker_id: str) -> AsyncIterator[Trade]:
    url = servers.copy_database(database_url, f"scopes_{worker_id}")
    async with a_trade(callers.test_settings(url, valkey_url, mutations_per_minute=1_000_000)) as made:
        yield made


@pytest.fixture(scope="module")
async def given(trade: Trade) -> dict[str, dict[str, Any]]:
    """What each mutation is called with, so that it finds the row which it is about."""
    return await arguments(trade)


def limited(trade: Trade) -> Caller:
    """Somebody who has every permission that can be limited, and for nothing."""
    bounds = {name: dict(_NOTHING[each] for each in within) for name, within in DIMENSIONS.items()}
    return somebody(trade.settings, trade.http, *DIMENSIONS, bounds=bounds)


@dataclass(frozen=True)
class Rows:
    """Real ids, by what mutations call them."""

    paid: str
    promised: str
    attempt: str
    exception: str


async def rows_of(trade: Trade) -> Rows:
    """An order that is paid; one that is promised to be; one of which too much came in."""
    ids = []
    for token, provider in (("ok", "simulator"), (None, "manual"), (None, "manual")):
        shopper = await trade.ready({"MUG-1-R": 1})
        answer = await shopper.ask(
            BUY, id=shopper.cart_id, total=await shopper.total(), payment={"provider": provider, "token": token}
        )
        ids.append(answer["id"])
    paid, promised, overpaid = ids
    for amount in ("1.00", "1000.00"):
        assert await trade.change(RECEIVE, {"order": overpaid, "amount": amount})
    [(attempt,)] = await trade.rows(ATTEMPT, order=promised)
    [(exception,)] = await trade.rows(
        "SELECT id FROM payments.exception WHERE order_id = :order AND kind = 'surplus_capture'", order=overpaid
    )
    return Rows(paid=paid, promised=promised, attempt=str(attempt), exception=str(exception))


BUY = """mutation ($id: ID!, $total: Decimal!, $payment: PaymentInput) {
    cartComplete(cartId: $id, expectedTotal: $total, payment: $payment) { ... on Order { id } } }"""
SURPLUS = "SELECT id FROM payments.exception WHERE order_id = :order AND kind = 'surplus_capture'"
ATTEMPT = "SELECT a.id FROM payments.attempt a JOIN payments.intent i ON i.id = a.intent_id WHERE i.order_id = :order"


async def arguments(trade: Trade) -> dict[str, dict[str, Any]]:
    rows = await rows_of(trade)
    [(west,), (east,)] = await trade.rows("SELECT id FROM inventory.warehouse ORDER BY code LIMIT 2")
    [(product,)] = await trade.rows("SELECT product_id FROM catalog.variant WHERE sku = 'MUG-1-R'")
    variant, channel = trade.variants["MUG-1-R"], trade.channels["us"]
    level = {"variantId": variant, "warehouseId": str(east)}
    price = {"variantId": variant, "channelId": channel}
    published = {"channelIds": [channel]}
    line = {"variantId": variant, "quantity": 1}
    moved = {"fromWarehouseId": str(east), "toWarehouseId": str(west), "lines": [line], "reason": "x"}
    warehouse = {"id": str(east)}
    return {
        "orderCancel": {"id": rows.paid, "reason": "x"},
        "orderNoteAdd": {"id": rows.paid, "text": "x"},
        "paymentCapture": {"attemptId": rows.attempt},
        "paymentExceptionRefund": {"id": rows.exception},
        "paymentExceptionResolve": {"id": rows.exception, "note": "x"},
        "paymentOfferSet": {"input": {"channelId": channel, "provider": "manual", "isActive": False}},
        "paymentReceive": {"orderId": rows.promised, "amount": "1.00", "reference": "x"},
        "pricesRemove": {"prices": [price]},
        "pricesSet": {"prices": [price | {"amount": "1.00"}]},
        "productPublish": {"id": str(product), **published},
        "productUnpublish": {"id": str(product), **published},
        "productsPublish": {"ids": [str(product)], **published},
        "productsUnpublish": {"ids": [str(product)], **published},
        "shipmentCreate": {"input": {"orderId": rows.paid}},
        "stockAdjust": {"input": level | {"delta": 1, "reason": "x"}},
        "stockAdjustMany": {"adjustments": [level | {"delta": 1}], "reason": "x"},
        "stockBackorderSet": {"input": level | {"limit": 3}},
        "stockSet": {"counts": [level | {"onHand": 99}], "reason": "x"},
        "stockTransfer": {"input": moved},
        "warehouseArchive": warehouse,
        "warehouseCreate": {"input": {"code": "new", "name": "New", "country": "US"}},
        "warehouseRestore": warehouse,
        "warehouseUpdate": warehouse | {"input": {"name": "Other"}},
    }


async def written(trade: Trade) -> dict[str, tuple[int, str]]:
    found = await matrix.snapshot(trade.settings)
    del found[WRITTEN_ANYWAY]
    return found


def limited_calls(root: str) -> list[Call]:
    return [call for call in calls(ADMIN.schema, root) if call.needs in DIMENSIONS]


async def test_each_mutation_is_refused_beyond_its_limits(trade: Trade, given: dict[str, dict[str, Any]]) -> None:
    """With rows that there are it is refused; with others too, or it finds nothing. Nothing ever changes.

    The same calls by an administrator do something: it was the limit that refused them.
    """
    caller, every = limited(trade), limited_calls("Mutation")
    assert {call.name for call in every} == set(given)
    before = await written(trade)
    for call in every:
        [(code, message)] = codes(await caller.send(call.query, given[call.name], idempotency_key=call.name))
        assert code == "FORBIDDEN", call.name
        assert message.startswith(f"This needs the permission {call.needs}; yours is limited by "), call.name
        unknown = await caller.send(call.query, call.variables, idempotency_key=f"{call.name} of nothing")
        if found := codes(unknown):
            assert [code for code, _ in found] == ["FORBIDDEN"], (call.name, found)
        else:
            assert unknown.json()["data"][call.name]["__typename"].endswith(REFUSED), call.name
    assert await written(trade) == before
    refused = {}
    for call in every:
        answer = await trade.admin.send(call.query, given[call.name], idempotency_key=f"by all {call.name}")
        if (kind := answer.json()["data"][call.name]["__typename"]).endswith((*REFUSED, "Conflict", "Resolved")):
            refused[call.name] = kind
    # It is refunded, and cancelled, by then.
    assert refused == {"paymentExceptionResolve": "PaymentExceptionResolved", "shipmentCreate": "OrderStatusConflict"}


async def test_what_cannot_be_rolled_back_is_checked_first(trade: Trade, given: dict[str, dict[str, Any]]) -> None:
    """The door's own refusal comes too late for verbs with transactions of their own.

    They are these, and no provider is asked, nor anything written, before they have checked.
    """
    manual = [call for call in limited_calls("Mutation") if call.name in _manual()]
    assert {call.name for call in manual} == {"orderCancel", "paymentCapture", "paymentExceptionRefund"}
    caller, before = limited(trade), await written(trade)
    for call in manual:
        answer = await caller.send(call.query, given[call.name], idempotency_key=f"first {call.name}")
        assert [code for code, _ in codes(answer)] == ["FORBIDDEN"], call.name
        assert await written(trade) == before, call.name


def _manual() -> set[str]:
    root = ADMIN.schema.mutation_type
    assert root is not None
    declared = {name: metadata_of(field).get("mutation") for name, field in root.fields.items()}
    return {name for name, each in declared.items() if isinstance(each, Mutation) and each.transaction is MANUAL}


async def test_each_list_is_empty_beyond_its_limits(trade: Trade, given: dict[str, dict[str, Any]]) -> None:
    caller = limited(trade)
    assert given
    for call in limited_calls("Query"):
        if "id" in call.variables:
            continue
        query = f"{{ {call.name} {{ totalCount nodes {{ __typename }} }} }}"
        assert (await caller(query))[call.name] == {"totalCount": 0, "nodes": []}, call.name
        if call.name not in NONE_YET:
            assert (await trade.admin(query))[call.name]["totalCount"] > 0, call.name
