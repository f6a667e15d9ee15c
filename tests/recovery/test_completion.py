"""The process dies anywhere between a shopper's click and the answer: the order is paid once, or not at all."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from tests.books import booked_money, faults, provider_money
from tests.recovery.conftest import Frail, through
from tests.recovery.dying import Life, lived
from tests.trading import CONTINUE, SELLING, Shopper

pytestmark = pytest.mark.timeout(600)
"""A busy machine is no fault: they die at every step there is."""
ORDERS = """
    SELECT o.cart_id::text, o.status, o.payment_status,
        (SELECT count(*) FROM ledger.transaction t WHERE t.order_id = o.id AND t.kind = 'sale'),
        (SELECT count(*) FROM ledger.transaction t WHERE t.order_id = o.id AND t.kind = 'capture'),
        (SELECT coalesce(sum(f.amount), 0)::int FROM simulator.fact f JOIN simulator.payment p ON p.id = f.payment_id
            JOIN payments.attempt a ON a.id::text = p.reference JOIN payments.intent i ON i.id = a.intent_id
            WHERE i.order_id = o.id AND f.kind = 'captured')
    FROM orders."order" o
"""
PAID, NOT_PAID = ("open", "paid", 1, 1, 3810), ("cancelled", "failed", 0, 0, 0)


async def outcomes(frail: Frail) -> dict[str, Any]:
    """By cart: the states of its order, how often it was sold and paid, and what the provider took."""
    return {cart_id: tuple(found) for cart_id, *found in await frail.trade.rows(ORDERS)}


def reborn(frail: Frail, shopper: Shopper) -> Shopper:
    """The shopper, who reaches a process that lives."""
    return replace(shopper, caller=replace(shopper.caller, http=frail.trade.http))


async def is_sound(frail: Frail) -> None:
    """All leases have run out, and all books agree."""
    await frail.trade.settle(SELLING)
    context = frail.trade.now_context
    assert await faults(context, settled=True) == []
    assert await provider_money(context) == await booked_money(context)


@pytest.mark.parametrize("token", ["ok", "timeout_after_success"])
async def test_a_completion_that_dies_anywhere(frail: Frail, token: str) -> None:
    """Of each two buyers one asks again once the lease is over; the other has gone, and no webhook tells of him."""
    patient: list[Shopper] = []
    gone: list[Shopper] = []
    total, steps, is_alive = "38.10", 0, False
    while not is_alive:
        for waiting, told in ((patient, token), (gone, f"{token}+webhook_dropped")):
            shopper = await through(frail).ready({"TRAVEL-1": 1})
            life = Life(lasts=steps)
            is_alive, answer = await lived(life, partial(shopper.complete, told, total=total))
            waiting.append(shopper)
        steps += 1
    assert answer["paymentStatus"] == "PAID"
    assert steps > 25, life.made
    # Between them the process dies after the provider has taken the money, and before anybody has noted it.
    assert sum(step.startswith("ANSWER POST") for step in life.made) == 1
    assert await faults(frail.trade.now_context) == []
    frail.trade.clock.later(seconds=61)
    for shopper in patient:
        again = await reborn(frail, shopper).complete("ok", total=total)
        assert (again["__typename"], again["status"], again["paymentStatus"]) == ("Order", "OPEN", "PAID")
    await is_sound(frail)
    found = await outcomes(frail)
    assert {found[each.cart_id] for each in patient} == {PAID}
    of_gone = [found.get(each.cart_id) for each in gone]
    # Nothing, until the order is agreed on; not paid, until the provider is asked; then paid.
    assert of_gone == sorted(of_gone, key=[None, NOT_PAID, PAID].index)
    assert set(of_gone) == {None, NOT_PAID, PAID}
    sold = sum(each == PAID for each in found.values())
    [(allocated,)] = await frail.trade.rows("SELECT sum(allocated) FROM inventory.stock")
    assert allocated == sold


async def test_going_on_after_3d_secure_dies_anywhere(frail: Frail) -> None:
    """The buyer has approved it. Whoever does not come back is found by asking the provider, which tells nothing."""
    bought: list[Shopper] = []
    steps, is_alive = 0, False
    while not is_alive:
        for is_back in (True, False):
            shopper = await through(frail).ready({"TRAVEL-1": 1})
            action = await shopper.complete("3ds+webhook_dropped", total="38.10")
            await frail.trade.decide(action["redirectUrl"], "approve")
            proof = {"token": action["order"]["token"], "attempt": action["attemptId"]}
            is_alive, _ = await lived(Life(lasts=steps), partial(shopper.ask, CONTINUE, **proof))
            if is_back:
                again = await reborn(frail, shopper).ask(CONTINUE, **proof)
                assert (again["status"], again["paymentStatus"]) == ("OPEN", "PAID")
            bought.append(shopper)
        steps += 1
    assert steps > 10
    await is_sound(frail)
    found = await outcomes(frail)
    assert [found[each.cart_id] for each in bought] == [PAID] * len(bought)
