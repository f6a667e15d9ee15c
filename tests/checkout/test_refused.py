"""Completions that are refused, or that find another cart than was shown: nothing is ordered, nothing is charged."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.callers import shop_caller
from tests.checkout.purchases import COMPLETE, CONTINUE, READ, START, Buyer, Store, paid_with

from mercer.payments.models import ProviderEvent
from mercer.payments.providers.port import PaymentName
from mercer.payments.providers.simulator import SimulatorProvider
from mercer.payments.rules.asking import MOST_ATTEMPTS


async def untouched(store: Store) -> None:
    """Nothing was ordered or charged, and what was held still is."""
    assert await store.orders() == []
    assert await store.rows("SELECT 1 FROM payments.intent") == []
    assert await store.rows("SELECT 1 FROM simulator.payment") == []
    assert await store.ledger() == {}
    assert (await store.stock("MUG-1-R"))[2] == 0
    assert {state for (state,) in await store.rows("SELECT state FROM cart.cart")} == {"active"}


@pytest.mark.parametrize("total", ["19.04", "19.06", "0", "1905", "19050000000000000000000000000"])
async def test_another_total_than_was_shown(store: Store, total: str) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    changed = await buyer.complete(total=total)
    assert changed["code"] == "CART_CHANGED"
    assert changed["changes"][-1]["kind"] == "TOTAL"
    assert changed["changes"][-1]["after"] == "19.05"
    await untouched(store)


@pytest.mark.parametrize("total", ["19.050", "19.051", "-19.05", "-0.01"])
async def test_a_total_that_is_none(store: Store, total: str) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    refused = await buyer.complete(total=total)
    if total == "19.050":
        assert refused["__typename"] == "Order"
        return
    assert refused["__typename"] == "InvalidInput"
    assert [field["path"] for field in refused["fields"]] == [["expectedTotal"]]
    await untouched(store)


@pytest.mark.parametrize("total", ["", "abc", "NaN", "Infinity", "1e3", "19,05", "9" * 31, 19.05, None, True])
async def test_a_total_that_is_no_number(store: Store, total: object) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    given = {"id": buyer.shopper.cart_id, "total": total, "payment": paid_with()}
    answer = await buyer.shopper.caller.send(COMPLETE, given)
    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    await untouched(store)


async def test_a_price_that_rose(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    await store.change("UPDATE pricing.listed SET amount = 1300 WHERE variant_id = :id", id=store.variant("MUG-1-R"))
    changed = await buyer.complete()
    assert changed["code"] == "CART_CHANGED"
    kinds = [(each["kind"], each["sku"]) for each in changed["changes"]]
    assert ("UNIT_PRICE", "MUG-1-R") in kinds
    assert kinds[-1] == ("TOTAL", None)
    await untouched(store)
    # The new prices are stored: what is shown now can be bought.
    total = (await buyer.shopper.read())["total"]["gross"]
    assert changed["changes"][-1]["after"] == total
    assert (await buyer.complete(total=total))["paymentStatus"] == "PAID"


async def test_a_tax_that_rose(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    await store.change("UPDATE tax.rate SET rate = 0.1")
    changed = await buyer.complete()
    assert (changed["code"], changed["changes"][-1]["after"]) == ("CART_CHANGED", "19.25")
    await untouched(store)


async def test_goods_that_are_gone(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 3))
    await store.change("DELETE FROM inventory.hold")
    await store.change("UPDATE inventory.stock SET held = 0, on_hand = 1")
    refused = await buyer.complete()
    assert (refused["code"], refused["available"]) == ("INSUFFICIENT_STOCK", 2)
    await untouched(store)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalog.publication SET status = 'archived'",
        "UPDATE catalog.publication SET unpublish_at = publish_at + interval '1 s'",
        "UPDATE catalog.variant SET archived_at = now()",
        "DELETE FROM pricing.listed",
    ],
)
async def test_goods_that_are_not_sold_any_more(store: Store, change: str) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    await store.change(change)
    refused = await buyer.complete()
    assert refused["code"] == "LINES_UNAVAILABLE"
    assert [line["sku"] for line in refused["lines"]] == ["MUG-1-R"]
    await untouched(store)


async def test_a_delivery_that_is_not_offered_any_more(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    await store.change("UPDATE shipping.method SET archived_at = now()")
    assert (await buyer.complete())["code"] == "SHIPPING_METHOD_UNAVAILABLE"
    await untouched(store)


async def test_carts_that_are_not_ready(store: Store) -> None:
    market = store.market

    async def complete(shopper: Any) -> Any:
        return (await Buyer(shopper, "0").complete())["code"]

    guest = await market.guest_with(("MUG-1-R", 1))
    assert await complete(guest) == "EMAIL_MISSING"
    await guest.email("ada@example.com")
    assert await complete(guest) == "ADDRESS_MISSING"
    await guest.address()
    assert await complete(guest) == "SHIPPING_METHOD_MISSING"
    [line] = (await guest.read())["lines"]
    await guest.update((line["id"], 0))
    assert await complete(guest) == "CART_EMPTY"
    await untouched(store)


async def test_payments_that_cannot_be(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    for provider in ("paypal", "", "x" * 5000, "Simulator"):
        assert (await buyer.complete(provider=provider))["code"] == "PROVIDER_UNAVAILABLE"
    for token in ("", " ", "a b", "x" * 300, "é"):
        refused = await buyer.complete(token)
        assert [field["path"] for field in refused["fields"]] == [["payment", "token"]]
    refused = await buyer.complete(returnUrl="javascript:alert(1)")
    assert refused["__typename"] == "InvalidInput"
    given = {"id": buyer.shopper.cart_id, "total": buyer.total, "payment": None}
    assert (await buyer.shopper.caller(COMPLETE, given))["cartComplete"]["code"] == "PAYMENT_MISSING"
    await untouched(store)


async def test_the_cart_of_somebody_else(store: Store) -> None:
    """Without what opens it there is no such cart, before it was bought and after."""
    buyer = await store.buyer(("MUG-1-R", 1))
    strangers = [
        store.market.guest(buyer.shopper.cart_id),
        store.market.guest(buyer.shopper.cart_id, "mercer_cart_wrong"),
        store.market.customer(buyer.shopper.cart_id),
        store.market.guest(str(uuid4()), buyer.shopper.token),
        store.market.guest("nothing", buyer.shopper.token),
    ]
    for stranger in strangers:
        assert (await Buyer(stranger, buyer.total).complete())["code"] == "CART_NOT_FOUND"
    await untouched(store)
    await buyer.complete()
    for stranger in strangers:
        assert (await Buyer(stranger, buyer.total).complete())["code"] == "CART_NOT_FOUND"


async def test_the_order_of_somebody_else(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    asked = await buyer.complete("3ds")
    order, http = asked["order"], store.market.selling.http
    other = (await (await store.buyer(("GLASS-1", 1))).complete())["token"]
    wrong = ["", "x", "0" * 64, order["token"][:-1] + ("0" if order["token"][-1] != "0" else "1"), order["id"]]
    for caller in (shop_caller(http), shop_caller(http, customer="customer")):
        for token in wrong:
            started = (await caller(START, {"token": token, "payment": paid_with()}))["orderPaymentStart"]
            assert started["code"] == "ORDER_NOT_FOUND"
            gone_on = await caller(CONTINUE, {"token": token, "attempt": asked["attemptId"]})
            assert gone_on["orderPaymentContinue"]["code"] == "ORDER_NOT_FOUND"
            assert await caller(READ, {"number": order["number"], "token": token}) == {"order": None}
        assert await caller(READ, {"number": order["number"]}) == {"order": None}
        assert await caller(READ, {"number": "US-9", "token": order["token"]}) == {"order": None}
        assert (await caller(READ, {"token": order["token"]}))["order"]["number"] == order["number"]
        # Another order's token opens none of this one's attempts.
        gone_on = await caller(CONTINUE, {"token": other, "attempt": asked["attemptId"]})
        assert gone_on["orderPaymentContinue"]["code"] == "ATTEMPT_NOT_FOUND"
        gone_on = await caller(CONTINUE, {"token": other, "attempt": str(uuid4())})
        assert gone_on["orderPaymentContinue"]["code"] == "ATTEMPT_NOT_FOUND"
    assert {status for _, status, _ in await store.orders()} == {"pending_payment", "open"}


async def test_of_somebody_elses_attempt_no_provider_is_asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor of one that does not exist: that is found out before."""
    asked: list[UUID] = []

    async def spied(self: SimulatorProvider, payment: PaymentName) -> tuple[ProviderEvent, ...] | None:
        asked.append(payment.attempt_id)
        return await fetch(self, payment)

    fetch = SimulatorProvider.fetch
    waiting = await (await store.buyer(("MUG-1-R", 1))).complete("3ds")
    buyer = await store.buyer(("GLASS-1", 1))
    own = await buyer.complete("3ds")
    monkeypatch.setattr(SimulatorProvider, "fetch", spied)
    before = await store.orders()
    for attempt_id in (waiting["attemptId"], str(uuid4())):
        refused = await buyer.go_on(own["order"]["token"], attempt_id)
        assert (refused["code"], refused["path"]) == ("ATTEMPT_NOT_FOUND", ["attemptId"])
    assert asked == []
    assert await store.orders() == before
    assert await buyer.go_on(own["order"]["token"], own["attemptId"]) == own
    assert asked == [UUID(own["attemptId"])]


async def test_too_many_attempts(store: Store) -> None:
    """The answer is typed; nothing is begun, and the order stays as it is."""
    buyer = await store.buyer(("MUG-1-R", 1))
    order = (await buyer.complete("decline"))["order"]
    for _ in range(MOST_ATTEMPTS - 1):
        assert (await buyer.start(order["token"], "decline"))["__typename"] == "PaymentDeclined"
    before = await store.orders()
    for _ in range(2):
        refused = await buyer.start(order["token"])
        assert (refused["__typename"], refused["code"]) == ("AttemptsTooMany", "ATTEMPTS_TOO_MANY")
    assert await store.rows("SELECT count(*) FROM payments.attempt") == [(MOST_ATTEMPTS,)]
    assert await store.orders() == before
    # It is as it was for who asks what became of his cart.
    assert (await buyer.complete())["__typename"] == "PaymentDeclined"


async def test_what_is_free_is_not_paid(store: Store) -> None:
    await store.change("UPDATE pricing.listed SET amount = 0")
    await store.change("UPDATE shipping.method SET amount = 0")
    buyer = await store.buyer(("MUG-1-R", 1))
    assert buyer.total == "0.00"
    given = {"id": buyer.shopper.cart_id, "total": "0", "payment": None}
    order = (await buyer.shopper.caller(COMPLETE, given))["cartComplete"]
    assert (order["status"], order["paymentStatus"]) == ("OPEN", "NONE")
    assert await buyer.complete() == order
    assert await store.rows("SELECT 1 FROM payments.attempt") == []
