"""Completions at once: of one cart, of few goods, and of the same goods in opposite orders."""

import asyncio
from typing import Any

import pytest
from tests.checkout.purchases import OWED, Buyer, Store

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


async def at_once(store: Store, buyers: list[Buyer], token: str = "ok") -> list[Any]:
    """What comes of all of them, as many at a time as have a connection of their own."""
    return await store.market.selling.at_once(buyer.complete(token) for buyer in buyers)


@pytest.mark.parametrize(
    ("token", "kind", "posted"),
    [
        ("ok", "Order", {"sale": 1905, "capture": 1905}),
        ("decline", "PaymentDeclined", {}),
        ("3ds", "PaymentActionRequired", {}),
    ],
)
async def test_fifty_completions_of_one_cart(rush: Store, token: str, kind: str, posted: dict[str, int]) -> None:
    """One order, one attempt, fifty equal outcomes."""
    buyer = await rush.buyer(("MUG-1-R", 1))
    answers = await asyncio.gather(*(buyer.complete(token) for _ in range(50)))
    assert answers[0]["__typename"] == kind
    assert all(answer == answers[0] for answer in answers)
    assert len(await rush.orders()) == 1
    assert await rush.rows("SELECT count(*)::int FROM payments.attempt") == [(1,)]
    assert await rush.rows("SELECT count(*)::int FROM simulator.payment") == [(1,)]
    assert await rush.ledger() == posted
    assert await rush.stock("MUG-1-R") == (7, 0, 1)
    assert await rush.rows(DEADLOCKS) == [(0,)]


async def test_thirty_buyers_for_ten_units(rush: Store) -> None:
    """Ten orders, twenty `InsufficientStock`, nothing held, the ledger balanced."""
    await rush.change("UPDATE inventory.stock SET on_hand = 30 WHERE variant_id = :id", id=rush.variant("GLASS-1"))
    buyers = [await rush.buyer(("GLASS-1", 1)) for _ in range(30)]
    # What they held ran out, and others bought twenty of them meanwhile.
    await rush.change("DELETE FROM inventory.hold")
    await rush.change(
        "UPDATE inventory.stock SET on_hand = 10, held = 0 WHERE variant_id = :id", id=rush.variant("GLASS-1")
    )
    answers = await at_once(rush, buyers)
    kinds = [answer["__typename"] for answer in answers]
    assert (kinds.count("Order"), kinds.count("InsufficientStock")) == (10, 20)
    assert {answer["available"] for answer in answers if "available" in answer} == {0}
    assert await rush.stock("GLASS-1") == (10, 0, 10)
    assert await rush.orders() == [(f"US-{1001 + place}", "open", "paid") for place in range(10)]
    assert await rush.ledger() == {"sale": 10 * 1415, "capture": 10 * 1415}
    assert await rush.rows(OWED) == [(0,)]
    assert await rush.rows("SELECT count(*)::int FROM simulator.payment") == [(10,)]
    assert await rush.rows("SELECT state, count(*)::int FROM cart.cart GROUP BY 1 ORDER BY 1") == [
        ("active", 20),
        ("converted", 10),
    ]


async def test_opposite_orders_of_lines(rush: Store) -> None:
    """None waits for another in a circle."""
    skus = ("MUG-1-R", "GLASS-1")
    await rush.change("UPDATE inventory.stock SET on_hand = 100")
    buyers = [await rush.buyer(*((sku, 1) for sku in (skus if number % 2 else reversed(skus)))) for number in range(12)]
    answers = await at_once(rush, buyers)
    assert {answer["__typename"] for answer in answers} == {"Order"}
    assert {answer["paymentStatus"] for answer in answers} == {"PAID"}
    assert len({answer["number"] for answer in answers}) == len(answers)
    assert await rush.rows(DEADLOCKS) == [(0,)]
    assert await rush.rows(OWED) == [(0,)]
    await rush.ledger()


async def test_the_same_attempt_from_everywhere_at_once(rush: Store) -> None:
    """The buyer's way back, his other tab, the webhooks and the poller: the order is paid once."""
    buyer = await rush.buyer(("MUG-1-R", 1))
    asked = await buyer.complete("3ds")
    await rush.market.selling.http.post(asked["redirectUrl"], data={"decision": "approve"})
    token, attempt = asked["order"]["token"], asked["attemptId"]
    back = [buyer.go_on(token, attempt) for _ in range(10)]
    again = [buyer.complete("3ds") for _ in range(5)]
    *answers, _ = await asyncio.gather(*back, *again, rush.work_off())
    assert {answer["__typename"] for answer in answers} <= {"Order", "PaymentActionRequired"}
    assert (await buyer.go_on(token, attempt))["paymentStatus"] == "PAID"
    await rush.work_off()
    assert await rush.ledger() == {"sale": 1905, "capture": 1905}
    events = [name for name, _ in await rush.market.selling.events()]
    assert events.count("orders.OrderPlaced") == 1


async def test_two_attempts_at_once_are_one(rush: Store) -> None:
    buyer = await rush.buyer(("MUG-1-R", 1))
    declined = await buyer.complete("decline")
    answers = await asyncio.gather(*(buyer.start(declined["order"]["token"]) for _ in range(10)))
    assert {answer["paymentStatus"] for answer in answers} == {"PAID"}
    assert await rush.rows("SELECT count(*)::int FROM payments.attempt") == [(2,)]
    assert await rush.ledger() == {"sale": 1905, "capture": 1905}
