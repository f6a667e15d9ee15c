"""A cart becomes a paid order: the ways that go well, a decline, and 3-D Secure."""

from dataclasses import replace
from typing import Any

from tests.checkout.purchases import READ, Store


async def test_a_cart_becomes_a_paid_order(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 2))
    assert await store.stock("MUG-1-R") == (7, 2, 0)
    order = await buyer.complete()
    assert order == {
        "__typename": "Order",
        "id": order["id"],
        "number": "US-1001",
        "token": order["token"],
        "status": "OPEN",
        "paymentStatus": "PAID",
        "fulfilmentStatus": "UNFULFILLED",
        "total": {"gross": "32.66"},
    }
    assert await store.stock("MUG-1-R") == (7, 0, 2)
    assert await store.ledger() == {"capture": 3266, "sale": 3266}
    assert await store.rows("SELECT state, order_id::text FROM cart.cart") == [("converted", order["id"])]
    found = await buyer.shopper.caller(READ, {"number": "US-1001", "token": order["token"]})
    assert found["order"]["status"] == "OPEN"
    again = await buyer.complete()
    assert again == order


async def test_a_promise_by_hand_opens_the_order(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    order = await buyer.complete(None, provider="manual")
    assert (order["status"], order["paymentStatus"]) == ("OPEN", "AUTHORIZED")
    assert await store.ledger() == {"sale": 1905}


async def test_a_decline_and_another_attempt_on_the_same_order(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    declined = await buyer.complete("decline")
    assert declined["__typename"] == "PaymentDeclined"
    assert (declined["isRetryable"], declined["message"]) == (True, "The card has insufficient funds.")
    order = declined["order"]
    assert (order["status"], order["paymentStatus"]) == ("PENDING_PAYMENT", "FAILED")
    assert await store.stock("MUG-1-R") == (7, 0, 1)
    assert await store.ledger() == {}
    # The same again is the same; only another attempt is one.
    assert await buyer.complete("ok") == declined
    paid = await buyer.start(order["token"])
    assert (paid["id"], paid["status"], paid["paymentStatus"]) == (order["id"], "OPEN", "PAID")
    assert await store.ledger() == {"capture": 1905, "sale": 1905}
    assert await buyer.start(order["token"]) == paid
    attempts = "{ payments { provider state amount { amount } declineMessage } }"
    found = await buyer.shopper.caller(f'{{ order(token: "{order["token"]}") {attempts} }}')
    assert found["order"]["payments"] == [
        {
            "provider": "simulator",
            "state": "FAILED",
            "amount": {"amount": "19.05"},
            "declineMessage": "The card has insufficient funds.",
        },
        {"provider": "simulator", "state": "CAPTURED", "amount": {"amount": "19.05"}, "declineMessage": None},
    ]
    staff = await store.market.selling.admin("{ orders { nodes { payments { state } customer { id } } } }")
    assert staff["orders"]["nodes"] == [{"payments": [{"state": "FAILED"}, {"state": "CAPTURED"}], "customer": None}]
    assert await buyer.complete() == paid


async def test_what_has_to_be_confirmed(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    asked = await buyer.complete("3ds", returnUrl="http://test/back")
    assert asked["__typename"] == "PaymentActionRequired"
    order = asked["order"]
    assert (order["status"], order["paymentStatus"]) == ("PENDING_PAYMENT", "PENDING")
    assert await buyer.complete("3ds") == asked
    assert await buyer.start(order["token"], "ok") == asked
    # Back without having confirmed: nothing has changed.
    assert await buyer.go_on(order["token"], asked["attemptId"]) == asked
    await _decide(store, asked, "approve")
    paid = await buyer.go_on(order["token"], asked["attemptId"])
    assert (paid["__typename"], paid["status"], paid["paymentStatus"]) == ("Order", "OPEN", "PAID")
    assert await buyer.go_on(order["token"], asked["attemptId"]) == paid
    assert await store.ledger() == {"capture": 1905, "sale": 1905}


async def test_what_was_not_confirmed_is_declined(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    asked = await buyer.complete("3ds")
    await _decide(store, asked, "refuse")
    declined = await buyer.go_on(asked["order"]["token"], asked["attemptId"])
    assert (declined["__typename"], declined["isRetryable"]) == ("PaymentDeclined", True)
    paid = await buyer.start(asked["order"]["token"])
    assert paid["paymentStatus"] == "PAID"


async def test_a_key_leaves_no_secret_behind(store: Store) -> None:
    """Nor an answer that is outdated: a cart becomes one order, and repeating that tells how it stands by now."""
    buyer = await store.buyer(("MUG-1-R", 1))
    caller = buyer.shopper.caller
    caller = replace(caller, headers=caller.headers | {"idempotency-key": "k"})
    keyed = replace(buyer, shopper=replace(buyer.shopper, caller=caller))
    asked = await keyed.complete("3ds", returnUrl="http://test/back")
    assert asked["clientSecret"]
    assert await store.rows("SELECT outcome FROM platform.idempotency WHERE key = 'k'") == []
    await _decide(store, asked, "approve")
    await keyed.go_on(asked["order"]["token"], asked["attemptId"])
    assert (await keyed.complete("3ds", returnUrl="http://test/back"))["paymentStatus"] == "PAID"


async def _decide(store: Store, asked: Any, decision: str) -> None:
    answer = await store.market.selling.http.post(asked["redirectUrl"], data={"decision": decision})
    assert answer.status_code in {200, 302, 303}, answer.text
