"""The process dies while it takes a webhook, works one off, cancels an order, or gives money back."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.callers import admin_caller
from tests.recovery.conftest import Frail, through
from tests.recovery.dying import Life, lived
from tests.recovery.test_completion import PAID, is_sound, outcomes
from tests.trading import CANCEL, SELLING, Shopper

from mercer.changes.service import cancel_unpaid
from mercer.payments.service import carry_out_refund, poll

pytestmark = pytest.mark.timeout(600)
"""A busy machine is no fault: they die at every step there is."""
TOTAL = "38.10"
REFUNDED, UNPAID = ("cancelled", "refunded", 1, 1, 3810), ("cancelled", "failed", 0, 0, 0)
REFUNDS = "SELECT count(*), sum(amount)::int FROM simulator.fact WHERE kind = 'refunded'"


class Recorded(httpx2.AsyncBaseTransport):
    """Takes webhooks and tells nobody."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(200)


async def approved(frail: Frail) -> Shopper:
    """Somebody who approved his payment and has not come back: only the provider can tell."""
    shopper = await frail.trade.ready({"TRAVEL-1": 1})
    action = await shopper.complete("3ds", total=TOTAL)
    await frail.trade.decide(action["redirectUrl"], "approve")
    return shopper


async def bought(frail: Frail, token: str = "ok") -> tuple[Shopper, str]:
    """Somebody who has paid, and his order."""
    shopper = await frail.trade.ready({"TRAVEL-1": 1})
    paid = await shopper.complete(token, total=TOTAL)
    assert paid["paymentStatus"] == "PAID"
    return shopper, paid["id"]


async def posted(http: httpx2.AsyncClient, webhook: httpx2.Request) -> httpx2.Response:
    return await http.post(webhook.url.path, content=await webhook.aread(), headers=webhook.headers)


async def test_taking_a_webhook_dies_anywhere(frail: Frail) -> None:
    """The provider sends it again, as it does when nobody answers; or never again: then it is asked."""
    recorded, buyers = Recorded(), []
    steps, is_alive = 0, False
    async with frail.trade.worker(modules=SELLING, transport=recorded) as messenger:
        while not is_alive:
            for is_repeated in (True, False):
                buyers.append(await approved(frail))
                recorded.requests.clear()
                await messenger.work_off()
                assert len(recorded.requests) >= 2
                for webhook in recorded.requests:
                    is_alive, _ = await lived(Life(lasts=steps), partial(posted, frail.mortal, webhook))
                    if is_repeated:
                        assert (await posted(frail.trade.http, webhook)).status_code == httpx2.codes.OK
            steps += 1
    assert steps > 3
    await is_sound(frail)
    found = await outcomes(frail)
    assert [found[each.cart_id] for each in buyers] == [PAID] * len(buyers)


async def test_working_off_a_webhook_dies_anywhere(frail: Frail) -> None:
    """Workers die while they hand on the event, claim the job, and do it; another one takes over."""
    buyers, steps, is_alive = [], 0, False
    async with (
        frail.trade.worker(modules=SELLING) as mortal,
        frail.trade.worker(modules=SELLING) as another,
    ):
        while not is_alive:
            buyers.append(await approved(frail))
            is_alive, _ = await lived(Life(lasts=steps), mortal.work_off)
            mortal.number = None
            await frail.trade.work(another, ticking=False)
            steps += 1
    assert steps > 30
    found = await outcomes(frail)
    assert [found[each.cart_id] for each in buyers] == [PAID] * len(buyers)
    await is_sound(frail)


async def test_a_cancellation_that_dies_anywhere(frail: Frail) -> None:
    """Staff ask again under the same key once the lease is over; or they do not, and think no more of it."""
    asked: list[tuple[Shopper, dict[str, str], dict[str, str]]] = []
    steps, is_alive = 0, False
    while not is_alive:
        for token in ("ok+webhook_dropped+refund_timeout", "ok"):
            shopper, order_id = await bought(frail, token)
            given = {"id": order_id, "reason": "The warehouse was flooded"}
            key = {"idempotency_key": f"cancel {order_id}"}
            staff = admin_caller(frail.mortal)
            is_alive, answer = await lived(Life(lasts=steps), partial(staff.ask, CANCEL, given, **key))
            asked.append((shopper, given, key))
        steps += 1
    assert answer["orderCancel"]["status"] == "CANCELLED"
    assert steps > 25
    frail.trade.clock.later(seconds=61)
    for _, given, key in asked[::2]:
        assert (await frail.trade.admin(CANCEL, given, **key))["orderCancel"]["status"] == "CANCELLED"
    await is_sound(frail)
    found = await outcomes(frail)
    assert {found[each.cart_id] for each, *_ in asked[::2]} == {REFUNDED}
    left = [found[each.cart_id] for each, *_ in asked[1::2]]
    assert left == sorted(left, key=[PAID, REFUNDED].index)
    assert set(left) == {PAID, REFUNDED}
    refunded = sum(each == REFUNDED for each in found.values())
    assert await frail.trade.rows(REFUNDS) == [(refunded, refunded * 3810)]


async def test_giving_back_by_the_poller_dies_anywhere(frail: Frail) -> None:
    """Nobody could be reached when the orders were cancelled. Money goes back once, whoever dies of it."""
    orders, steps, is_alive = [], 0, False
    mortal = replace(frail.trade.now_context, http=httpx2.AsyncClient(transport=frail.wire))
    while not is_alive:
        shopper, order_id = await bought(frail)
        frail.wire.is_cut = True
        given = {"id": order_id, "reason": "The warehouse was flooded"}
        cancelled = await through(frail).change(CANCEL, given)
        assert cancelled == {"__typename": "Order", "status": "CANCELLED", "paymentStatus": "PAID"}
        frail.wire.is_cut = False
        [(refund_id,)] = await frail.trade.rows(
            "SELECT id FROM payments.refund WHERE state = 'submitted' AND tries = 1"
        )
        is_alive, _ = await lived(Life(lasts=steps), partial(carry_out_refund, mortal, refund_id=UUID(str(refund_id))))
        # Whoever died has noted a second try, or nothing: either way it is due again.
        await frail.trade.execute("UPDATE payments.refund SET tries = tries + 1 WHERE id = :id", id=refund_id)
        orders.append(shopper)
        steps += 1
    assert steps > 8
    await mortal.http.aclose() if mortal.http else None
    await is_sound(frail)
    found = await outcomes(frail)
    assert [found[each.cart_id] for each in orders] == [REFUNDED] * len(orders)
    assert await frail.trade.rows(REFUNDS) == [(len(orders), len(orders) * 3810)]


async def test_asking_providers_dies_anywhere(frail: Frail) -> None:
    """The poller finds out what was never told, dies of it, and the next one finds it out again."""
    buyers: list[Any] = []
    steps, is_alive = 0, False
    async with httpx2.AsyncClient(transport=frail.wire) as http:
        while not is_alive:
            shopper = await frail.trade.ready({"TRAVEL-1": 1})
            action = await shopper.complete("3ds+webhook_dropped", total=TOTAL)
            await frail.trade.decide(action["redirectUrl"], "approve")
            frail.trade.clock.later(minutes=3)
            context = replace(frail.trade.now_context, http=http)
            is_alive, _ = await lived(Life(lasts=steps), partial(poll, context))
            # What is left of this one is not the next one's: it is asked for again, but later.
            await frail.trade.execute(
                "UPDATE payments.attempt SET next_poll_at = :at WHERE next_poll_at <= :at",
                at=frail.trade.clock.now.replace(day=23),
            )
            buyers.append(shopper)
            steps += 1
    assert steps > 12
    frail.trade.clock.now = frail.trade.clock.now.replace(day=23)
    await is_sound(frail)
    found = await outcomes(frail)
    assert [found[each.cart_id] for each in buyers] == [PAID] * len(buyers)


async def test_the_end_of_an_order_that_nobody_paid_dies_anywhere(frail: Frail) -> None:
    """Half of them were paid after all, which only asking tells: these are kept."""
    unpaid: list[Shopper] = []
    paid: list[Shopper] = []
    steps, is_alive = 0, False
    async with httpx2.AsyncClient(transport=frail.wire) as http:
        while not is_alive:
            for of_kind in (unpaid, paid):
                shopper = await frail.trade.ready({"TRAVEL-1": 1})
                action = await shopper.complete("3ds+webhook_dropped", total=TOTAL)
                if of_kind is paid:
                    await frail.trade.decide(action["redirectUrl"], "approve")
                of_kind.append(shopper)
                order_id = UUID(action["order"]["id"])
                later = frail.trade.clock.now.replace(hour=14)
                context = replace(frail.trade.now_context, http=http, now=later)
                is_alive, _ = await lived(Life(lasts=steps), partial(cancel_unpaid, context, order_id=order_id))
            steps += 1
    assert steps > 20
    await is_sound(frail)
    found = await outcomes(frail)
    assert [found[each.cart_id] for each in paid] == [PAID] * len(paid)
    assert {found[each.cart_id][:1] for each in unpaid} == {("cancelled",)}
