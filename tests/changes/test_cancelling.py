"""Orders cancelled: stock, money and states put right, whoever else acts at the same time."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.callers import admin_caller
from tests.checkout.purchases import OWED, Store
from tests.people import ROLES

from mercer.changes import service
from mercer.payments import service as payments
from mercer.platform.actors import Actor, ActorKind, Scope
from mercer.platform.context import Context
from mercer.platform.permissions import ScopeExceeded
from mercer.platform.transactions import transaction

CANCEL = """mutation ($id: ID!, $reason: String!) { orderCancel(id: $id, reason: $reason) {
    __typename
    ... on Order { status paymentStatus fulfilmentStatus cancelReason }
    ... on Error { code message path }
    ... on InvalidInput { fields { path message } }
    ... on OrderStatusConflict { status }
    ... on OrderCancelledBefore { reason }
} }"""
SHIP = """mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) {
    __typename ... on Error { code } } }"""
EXCEPTIONS = "SELECT kind, amount::int FROM payments.exception ORDER BY kind"


async def cancel(store: Store, order_id: str, reason: str = "Changed his mind", **headers: str) -> Any:
    return await store.market.selling.change(CANCEL, {"id": order_id, "reason": reason}, **headers)


async def test_a_paid_order(store: Store) -> None:
    """Its goods are free, its money is given back, its sale is taken back; again is the same."""
    order = await (await store.buyer(("MUG-1-R", 2))).complete()
    for key in ("one", "one", "two"):
        assert await cancel(store, order["id"], idempotency_key=key) == {
            "__typename": "Order",
            "status": "CANCELLED",
            "paymentStatus": "REFUNDED",
            "fulfilmentStatus": "CANCELLED",
            "cancelReason": "Changed his mind",
        }
    await store.work_off()
    assert await store.stock("MUG-1-R") == (7, 0, 0)
    assert await store.ledger() == {"sale": 3266, "capture": 3266, "cancellation": 3266, "refund": 3266}
    assert await store.rows(OWED) == [(0,)]
    assert await store.rows("SELECT count(*)::int FROM payments.refund") == [(1,)]
    events = [name for name, _ in await store.market.selling.events()]
    assert events.count("orders.OrderCancelled") == 1
    assert [entity for entity, *_ in await store.market.selling.audit()].count("Order") == 1


async def test_a_promise_is_given_back(store: Store) -> None:
    order = await (await store.buyer(("MUG-1-R", 1))).complete(None, provider="manual")
    cancelled = await cancel(store, order["id"])
    assert (cancelled["status"], cancelled["paymentStatus"]) == ("CANCELLED", "VOIDED")
    assert await store.ledger() == {"sale": 1905, "cancellation": 1905}
    assert await store.rows(OWED) == [(0,)]


async def test_an_order_that_nobody_paid(store: Store) -> None:
    declined = await (await store.buyer(("MUG-1-R", 1))).complete("decline")
    cancelled = await cancel(store, declined["order"]["id"])
    assert (cancelled["status"], cancelled["paymentStatus"]) == ("CANCELLED", "FAILED")
    assert await store.stock("MUG-1-R") == (7, 0, 0)
    assert await store.ledger() == {}
    refused = await (await store.buyer(("GLASS-1", 1))).start(declined["order"]["token"])
    assert refused["code"] == "PAYMENT_CLOSED"


async def test_while_the_buyer_confirms(store: Store) -> None:
    """Cancelling wins: what he confirms afterwards is called off, or stands among the exceptions."""
    buyer = await store.buyer(("MUG-1-R", 1))
    asked = await buyer.complete("3ds")
    cancelled = await cancel(store, asked["order"]["id"])
    assert cancelled["status"] == "CANCELLED"
    await store.market.selling.http.post(asked["redirectUrl"], data={"decision": "approve"})
    after = await buyer.go_on(asked["order"]["token"], asked["attemptId"])
    await store.work_off()
    await store.work_off(later=timedelta(minutes=5))
    assert after.get("status", after.get("order", {}).get("status")) == "CANCELLED"
    assert (await store.orders())[0][1] == "cancelled"
    assert await store.rows(OWED) == [(0,)]
    assert "sale" not in await store.ledger()


async def test_what_is_refused(store: Store) -> None:
    order = await (await store.buyer(("MUG-1-R", 2))).complete()
    assert (await cancel(store, str(uuid4())))["code"] == "ORDER_NOT_FOUND"
    assert (await cancel(store, "nothing"))["code"] == "ORDER_NOT_FOUND"
    for reason in ("", " ", "x" * 501, "a\nb"):
        assert (await cancel(store, order["id"], reason))["fields"][0]["path"] == ["reason"]
    [(line,)] = await store.rows("SELECT id::text FROM orders.line")
    lines = [{"orderLineId": line, "quantity": 1}]
    given = {"input": {"orderId": order["id"], "lines": lines, "carrier": None, "trackingNumber": None}}
    shipped = await store.market.selling.change(SHIP, given)
    assert shipped["__typename"] == "Shipment"
    assert (await cancel(store, order["id"]))["code"] == "ORDER_SHIPPED"
    assert await store.orders() == [("US-1001", "open", "paid")]
    assert await store.ledger() == {"sale": 3266, "capture": 3266}
    other = await (await store.buyer(("GLASS-1", 1))).complete()
    await cancel(store, other["id"], "One")
    again = await cancel(store, other["id"], "Another")
    assert (again["code"], again["reason"]) == ("ORDER_CANCELLED_BEFORE", "One")


@pytest.mark.parametrize(("token", "provider"), [("ok", "simulator"), (None, "manual"), ("3ds", "simulator")])
async def test_what_is_promised_counts_as_what_is_paid(store: Store, token: str | None, provider: str) -> None:
    """Whoever may cancel up to an amount cancels no larger order for its money not being there yet."""
    answer = await (await store.buyer(("MUG-1-R", 1))).complete(token, provider=provider)
    order_id = UUID(answer.get("order", answer)["id"])
    before = await store.orders()
    with pytest.raises(ScopeExceeded, match="limited by amount"):
        await service.cancel_order(up_to(store, 1_904), order_id=order_id, reason="Sold out")
    assert await store.orders() == before
    assert await store.stock("MUG-1-R") == (7, 0, 1)
    await service.cancel_order(up_to(store, 1_905), order_id=order_id, reason="Sold out")
    assert [status for _, status, _ in await store.orders()] == ["cancelled"]


async def test_what_nobody_paid_is_nothing(store: Store) -> None:
    declined = await (await store.buyer(("MUG-1-R", 1))).complete("decline")
    await service.cancel_order(up_to(store, 0), order_id=UUID(declined["order"]["id"]), reason="Sold out")
    assert [status for _, status, _ in await store.orders()] == ["cancelled"]


def up_to(store: Store, amount: int) -> Context:
    """The context of somebody who may cancel up to an amount of US dollars, in cents."""
    bounds = {"orders.manage": (Scope(amounts={"USD": amount}),)}
    actor = Actor(kind=ActorKind.STAFF, id=UUID(int=1), permissions=frozenset(bounds), bounds=bounds)
    return store.market.selling.context.with_actor(actor)


@pytest.mark.parametrize("role", ROLES)
async def test_who_may(store: Store, role: str) -> None:
    order = await (await store.buyer(("GLASS-1", 1))).complete()
    caller = admin_caller(store.market.selling.http, role=role)
    answer = await caller.send(CANCEL, {"id": order["id"], "reason": "x"}, idempotency_key="x")
    if role in {"administrator", "customer_support"}:
        assert answer.json()["data"]["orderCancel"]["status"] == "CANCELLED"
    else:
        assert answer.status_code == 403
        assert await store.orders() == [("US-1001", "open", "paid")]


async def test_without_a_key_nothing_is_done(store: Store) -> None:
    order = await (await store.buyer(("GLASS-1", 1))).complete()
    answer = await store.market.selling.admin(CANCEL, {"id": order["id"], "reason": "x"})
    assert answer["orderCancel"]["code"] == "IDEMPOTENCY_KEY_MISSING"
    nobody = await store.market.selling.shop.send(CANCEL, {"id": order["id"], "reason": "x"})
    assert nobody.status_code == 422  # the shop has no such mutation
    assert await store.orders() == [("US-1001", "open", "paid")]


async def test_a_process_that_dies_after_the_decision(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be given back is written down: the poller does it, and the order follows."""
    order = await (await store.buyer(("MUG-1-R", 1))).complete()

    async def die(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("mercer.changes.service.cancelling.give_back", die)
        with pytest.raises(ZeroDivisionError):
            await service.cancel_order(store.market.selling.context, order_id=UUID(order["id"]), reason="Sold out")
    assert await store.orders() == [("US-1001", "cancelled", "paid")]
    assert await store.stock("MUG-1-R") == (7, 0, 0)
    await store.work_off(later=timedelta(minutes=5))
    await store.poll(later=timedelta(minutes=5))
    await store.work_off(later=timedelta(minutes=6))
    assert await store.orders() == [("US-1001", "cancelled", "refunded")]
    assert await store.rows(OWED) == [(0,)]


async def test_two_cancel_at_once(rush: Store) -> None:
    order = await (await rush.buyer(("MUG-1-R", 1))).complete()
    answers = await asyncio.gather(*(cancel(rush, order["id"]) for _ in range(8)))
    assert {answer["status"] for answer in answers} == {"CANCELLED"}
    await rush.work_off()
    assert await rush.ledger() == {"sale": 1905, "capture": 1905, "cancellation": 1905, "refund": 1905}
    assert await rush.stock("MUG-1-R") == (7, 0, 0)


async def test_cancelled_or_shipped_never_both(rush: Store) -> None:
    orders = [await (await rush.buyer(("MUG-1-R", 1))).complete() for _ in range(6)]
    lines = dict(await rush.rows("SELECT order_id::text, id::text FROM orders.line"))

    async def ship(order_id: str) -> Any:
        lines_ = [{"orderLineId": lines[order_id], "quantity": 1}]
        given = {"orderId": order_id, "lines": lines_, "carrier": None, "trackingNumber": None}
        return await rush.market.selling.change(SHIP, {"input": given})

    both = [each(order["id"]) for order in orders for each in (ship, lambda id_: cancel(rush, id_))]
    answers = await asyncio.gather(*both)
    for shipped, cancelled in zip(answers[::2], answers[1::2], strict=True):
        assert {shipped["__typename"], cancelled["__typename"]} in (
            {"Shipment", "OrderShipped"},
            {"OrderStatusConflict", "Order"},
        )
    kept = sum(shipped["__typename"] == "Shipment" for shipped in answers[::2])
    assert await rush.stock("MUG-1-R") == (7 - kept, 0, 0)
    assert await rush.rows(OWED) == [(0,)]


async def test_cancelled_while_the_webhook_comes(rush: Store) -> None:
    """In either order: the order is cancelled, and each cent is given back or stands among the exceptions."""
    buyers = [await rush.buyer(("MUG-1-R", 1)) for _ in range(4)]
    asked = [await buyer.complete("3ds") for buyer in buyers]
    for each in asked:
        await rush.market.selling.http.post(each["redirectUrl"], data={"decision": "approve"})
    await asyncio.gather(*(cancel(rush, each["order"]["id"]) for each in asked), rush.work_off())
    await rush.work_off(later=timedelta(minutes=5))
    await rush.poll(later=timedelta(minutes=5))
    await rush.work_off(later=timedelta(minutes=6))
    assert {status for _, status, _ in await rush.orders()} == {"cancelled"}
    assert await rush.stock("MUG-1-R") == (7, 0, 0)
    assert await rush.rows(OWED) == [(0,)]
    posted = await rush.ledger()
    assert posted.get("sale", 0) == posted.get("cancellation", 0)
    late = sum(amount for _, amount in await rush.rows(EXCEPTIONS))
    assert posted.get("capture", 0) - posted.get("refund", 0) == 0
    assert posted.get("suspense", 0) == late


async def test_unpaid_orders_are_cancelled_in_time(store: Store) -> None:
    """The sweep of each minute; not before, and not what is paid."""
    declined = await (await store.buyer(("MUG-1-R", 1))).complete("decline")
    paid = await (await store.buyer(("MUG-1-R", 1))).complete()
    waiting = await (await store.buyer(("GLASS-1", 1))).complete("3ds")
    await store.sweep(later=timedelta(minutes=59))
    assert {status for _, status, _ in await store.orders()} == {"pending_payment", "open"}
    await store.sweep(later=timedelta(minutes=61))
    found = {number: (status, payment) for number, status, payment in await store.orders()}
    assert found[declined["order"]["number"]] == ("cancelled", "failed")
    assert found[paid["number"]] == ("open", "paid")
    assert found[waiting["order"]["number"]][0] == "cancelled"
    assert await store.stock("MUG-1-R") == (7, 0, 1)
    assert await store.stock("GLASS-1") == (1, 0, 0)
    kinds = await store.rows("SELECT DISTINCT kind FROM orders.timeline WHERE kind IN ('expired', 'cancelled')")
    assert kinds == [("expired",)]


async def test_what_was_paid_unheard_is_opened_by_the_sweep(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process died between the charge and its outcome, no webhook came: the provider is asked before expiry."""
    buyer = await store.buyer(("MUG-1-R", 1))

    async def die(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("mercer.checkout.service.paying.finalise", die)
        with pytest.raises(ZeroDivisionError):
            await buyer.complete()
    assert await store.orders() == [("US-1001", "pending_payment", "pending")]
    await store.change("DELETE FROM procrastinate.procrastinate_jobs")
    await store.sweep(later=timedelta(minutes=61))
    assert await store.orders() == [("US-1001", "open", "paid")]
    assert await store.ledger() == {"sale": 1905, "capture": 1905}
    async with transaction(store.market.selling.context) as context:
        [(order_id,)] = await store.rows('SELECT id FROM orders."order"')
        assert (await payments.standing(context, order_id=order_id)).is_covered
