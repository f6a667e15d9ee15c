"""Giving back: of a cancelled order all that was promised or came in; once, whatever happens in between."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from tests.payments.till import NOW, Till

from mercer.payments import service
from mercer.payments.errors import PaymentNotFound
from mercer.payments.models import EventKind, PaymentStatus, ProviderEvent
from mercer.payments.service import refunding

REFUNDS = "SELECT kind, amount, state FROM payments.refund ORDER BY id"
OF_REFUND = "SELECT state FROM payments.refund WHERE id ="
POSTED = "SELECT kind FROM ledger.transaction WHERE order_id = :order ORDER BY kind"
GIVEN_BACK = "SELECT sum(amount)::bigint FROM simulator.fact WHERE kind = 'refunded'"


async def carry_out(till: Till, refunds: tuple[UUID, ...]) -> None:
    for refund in refunds:
        await service.carry_out_refund(till.context, refund_id=refund)


async def test_of_a_paid_order(till: Till) -> None:
    order = await till.order()
    await till.pay(order)
    refunds = await till.close(order)
    assert await till.close(order) == refunds
    standing = await till.standing(order)
    assert (standing.status, standing.is_closed, standing.is_covered) == (PaymentStatus.PAID, True, False)
    await carry_out(till, refunds)
    await carry_out(till, refunds)
    standing = await till.standing(order)
    assert (standing.status, standing.captured, standing.refunded) == (PaymentStatus.REFUNDED, 10_000, 10_000)
    assert await till.ledger(order) == {}
    assert await till.rows(REFUNDS) == [("refund", 10_000, "succeeded")]
    assert await till.rows(GIVEN_BACK) == [(10_000,)]
    assert [name for name, _ in await till.events()] == ["payments.PaymentChanged"]
    assert await till.close(order) == ()


async def test_of_an_authorised_order(till: Till) -> None:
    for provider, token in (("simulator", "authorize_only"), ("manual", "ok")):
        order = await till.order()
        await till.pay(order, token, provider=provider)
        await carry_out(till, await till.close(order))
        standing = await till.standing(order)
        assert (standing.status, standing.authorized) == (PaymentStatus.VOIDED, 0)
        assert await till.ledger(order) == {}
        assert await till.exceptions(order) == []


async def test_of_an_unpaid_order(till: Till) -> None:
    order, refused = await till.order(), await till.order()
    await till.pay(refused, "decline")
    assert (await till.close(order), await till.close(refused)) == ((), ())
    with pytest.raises(PaymentNotFound):
        await till.close(uuid4())


async def test_of_an_order_that_the_buyer_is_about_to_pay(till: Till) -> None:
    """The payment is called off: he cannot approve it any more."""
    order = await till.order()
    _, standing = await till.pay(order, "3ds")
    await carry_out(till, await till.close(order))
    await till.decide(standing, "approve")
    await till.work_off()
    assert (await till.standing(order)).status is PaymentStatus.VOIDED
    assert await till.exceptions(order) == []


async def test_of_money_received_by_hand(till: Till) -> None:
    order = await till.order()
    await till.pay(order, provider="manual")
    receive = 'mutation($id: ID!) { paymentReceive(orderId: $id, amount: "40.00", reference: "T1") { __typename } }'
    await till.change(receive, {"id": str(order)})
    await carry_out(till, await till.close(order))
    standing = await till.standing(order)
    assert (standing.status, standing.captured, standing.refunded) == (PaymentStatus.REFUNDED, 4_000, 4_000)
    assert sorted(await till.rows(REFUNDS)) == [("refund", 4_000, "succeeded"), ("void", 6_000, "succeeded")]


async def test_one_that_takes_time(till: Till) -> None:
    order = await till.order()
    await till.pay(order, "refund_pending")
    await carry_out(till, await till.close(order))
    assert await till.rows(REFUNDS) == [("refund", 10_000, "submitted")]
    assert (await till.standing(order)).refunded == 0
    till.later(minutes=5)
    await till.poll()
    assert (await till.standing(order)).status is PaymentStatus.REFUNDED
    assert await till.rows(REFUNDS) == [("refund", 10_000, "succeeded")]


async def test_one_whose_outcome_is_not_known(till: Till) -> None:
    """It was done, and nobody was told: asked again under the same key, the provider says so."""
    order = await till.order()
    await till.pay(order, "refund_timeout+webhook_dropped")
    await carry_out(till, await till.close(order))
    assert await till.rows(REFUNDS) == [("refund", 10_000, "submitted")]
    till.later(minutes=5)
    await till.poll()
    assert (await till.standing(order)).status is PaymentStatus.REFUNDED
    assert await till.rows(GIVEN_BACK) == [(10_000,)]


async def test_one_that_nobody_carried_out(till: Till) -> None:
    """The process died after the order was cancelled."""
    order = await till.order()
    await till.pay(order)
    await till.close(order)
    await till.poll()
    assert await till.rows(REFUNDS) == [("refund", 10_000, "requested")]
    till.later(minutes=2)
    await till.poll()
    assert (await till.standing(order)).status is PaymentStatus.REFUNDED


async def test_one_whose_process_died_before_it_was_noted(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    order = await till.order()
    await till.pay(order, "webhook_dropped")
    [refund] = await till.close(order)
    with monkeypatch.context() as dying:
        dying.setattr(refunding, "apply_events", _die)
        with pytest.raises(RuntimeError, match="died"):
            await service.carry_out_refund(till.context, refund_id=refund)
    assert await till.rows(GIVEN_BACK) == [(10_000,)]
    assert await till.rows(REFUNDS) == [("refund", 10_000, "submitted")]
    till.later(minutes=5)
    await till.poll()
    assert (await till.standing(order)).status is PaymentStatus.REFUNDED
    assert await till.rows(GIVEN_BACK) == [(10_000,)]
    assert await till.ledger(order) == {}


async def test_one_while_the_provider_is_away(till: Till) -> None:
    order = await till.order()
    await till.pay(order)
    http, till.http = till.http, httpx2.AsyncClient(transport=httpx2.MockTransport(_broken), base_url="http://test")
    await carry_out(till, await till.close(order))
    till.http = http
    till.later(minutes=5)
    await till.poll()
    assert (await till.standing(order)).status is PaymentStatus.REFUNDED


async def test_one_that_the_provider_refuses(till: Till) -> None:
    """The money stays the order's, and somebody has to look; trying again is another refund."""
    order = await till.order()
    await till.pay(order, "refund_fails")
    await carry_out(till, await till.close(order))
    standing = await till.standing(order)
    assert (standing.captured, standing.refunded) == (10_000, 0)
    assert await till.ledger(order) == {"provider_clearing": 10_000, "receivable": -10_000}
    assert await till.exceptions(order) == [("refund_failed", 0, "USD", None)]
    async with till.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE simulator.payment SET behaviours = '{}'")
    [(exception,)] = await till.rows("SELECT id FROM payments.exception")
    await service.refund_exception(till.context, exception_id=exception)
    assert (await till.standing(order)).status is PaymentStatus.REFUNDED
    assert await till.exceptions(order) == [("refund_failed", 0, "USD", "refunded")]
    assert await till.ledger(order) == {}


async def test_one_of_an_exception_that_the_provider_refuses(till: Till) -> None:
    """It is tried again from that exception alone, which no second one stands beside: it is nobody's else money."""
    order = await till.order()
    begun = await till.begin(order)
    await till.close(order)
    await till.apply(begun.attempt.id, await till.charge(begun.attempt.id, "refund_fails"))
    [(exception,)] = await till.rows("SELECT id FROM payments.exception")
    for _ in range(2):
        await service.refund_exception(till.context, exception_id=exception)
        assert await till.exceptions(order) == [("late_capture", 10_000, "USD", None)]
        assert await till.ledger(order) == {"provider_clearing": 10_000, "suspense": -10_000}
    async with till.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE simulator.payment SET behaviours = '{}'")
    await service.refund_exception(till.context, exception_id=exception)
    assert await till.exceptions(order) == [("late_capture", 10_000, "USD", "refunded")]
    assert await till.ledger(order) == {}
    assert await till.rows(GIVEN_BACK) == [(10_000,)]
    assert (await till.standing(order)).refunded == 0


async def test_one_that_the_provider_refuses_again(till: Till) -> None:
    """Of an order's money: one exception stands for it, however often it is tried."""
    order = await till.order()
    await till.pay(order, "refund_fails")
    await carry_out(till, await till.close(order))
    [(exception,)] = await till.rows("SELECT id FROM payments.exception")
    await service.refund_exception(till.context, exception_id=exception)
    assert await till.exceptions(order) == [("refund_failed", 0, "USD", None)]
    assert [state for _, _, state in await till.rows(REFUNDS)] == ["failed", "failed"]


def _told_of(attempt: UUID, refund: UUID) -> list[ProviderEvent]:
    """That it is pending, that it was done, and that it failed."""
    known: dict[str, Any] = {"amount": 10_000, "currency": "USD", "attempt_id": attempt, "refund_id": refund}
    return [
        ProviderEvent(id=f"{refund}:{kind}", kind=kind, at=NOW + timedelta(minutes=minute), **known)
        for minute, kind in enumerate((EventKind.REFUND_PENDING, EventKind.REFUNDED, EventKind.REFUND_FAILED))
    ]


async def test_one_that_was_done_and_failed_after_all(till: Till) -> None:
    """Whichever is heard first, and again: the money is with us, and somebody has to look."""
    found = set()
    for heard in permutations(range(3)):
        order = await till.order()
        attempt, _ = await till.pay(order, "webhook_dropped")
        [refund] = await till.close(order)
        told = _told_of(attempt, refund)
        for each in (*heard, heard[0]):
            standing = await till.apply(attempt, [told[each]])
        assert (standing.status, standing.captured, standing.refunded) == (PaymentStatus.PAID, 10_000, 0)
        assert await till.ledger(order) == {"provider_clearing": 10_000, "receivable": -10_000}
        assert await till.exceptions(order) == [("refund_failed", 0, "USD", None)]
        posted = await till.rows(POSTED, order=order)
        found.add((standing.status, tuple(posted), tuple(await till.rows(f"{OF_REFUND} '{refund}'"))))
    assert len(found) == 1
    [(_, kinds, states)] = found
    assert kinds == (("capture",), ("refund",), ("refund_reversal",))
    assert states == (("failed",),)
    # Trying again, from the exception alone, is another refund.
    [(exception,)] = await till.rows("SELECT id FROM payments.exception WHERE order_id = :order", order=order)
    await service.refund_exception(till.context, exception_id=exception)
    assert (await till.standing(order)).status is PaymentStatus.REFUNDED
    assert await till.exceptions(order) == [("refund_failed", 0, "USD", "refunded")]
    assert await till.ledger(order) == {}


async def test_one_of_an_exception_that_was_done_and_failed_after_all(till: Till) -> None:
    """Its money stands in the exception again, which is open again: no second one stands beside it."""
    for heard in permutations(range(3)):
        order = await till.order()
        begun = await till.begin(order)
        await till.close(order)
        await till.apply(begun.attempt.id, await till.charge(begun.attempt.id, "refund_pending+webhook_dropped"))
        [(exception,)] = await till.rows("SELECT id FROM payments.exception WHERE order_id = :order", order=order)
        await service.refund_exception(till.context, exception_id=exception)
        [(refund,)] = await till.rows("SELECT id FROM payments.refund WHERE exception_id = :id", id=exception)
        told = _told_of(begun.attempt.id, refund)
        for each in (*heard, heard[0]):
            standing = await till.apply(begun.attempt.id, [told[each]])
        assert (standing.surplus, standing.refunded) == (10_000, 0)
        assert await till.ledger(order) == {"provider_clearing": 10_000, "suspense": -10_000}
        assert await till.exceptions(order) == [("late_capture", 10_000, "USD", None)]
        assert await till.rows(f"{OF_REFUND} '{refund}'") == [("failed",)]
        posted = await till.rows(POSTED, order=order)
        assert posted == [("refund_reversal",), ("suspense",), ("suspense_refund",)]
    # What settled it meanwhile is another refund: that the first one failed is told again, and changes nothing.
    async with till.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE simulator.payment SET behaviours = '{}'")
        await connection.exec_driver_sql("DELETE FROM simulator.fact WHERE kind = 'refund_pending'")
    await service.refund_exception(till.context, exception_id=exception)
    await till.apply(begun.attempt.id, [replace(told[2], id="told otherwise")])
    assert await till.exceptions(order) == [("late_capture", 10_000, "USD", "refunded")]
    assert await till.ledger(order) == {}


async def test_one_that_is_carried_out_by_many_at_once(busy: Till) -> None:
    order = await busy.order()
    await busy.pay(order)
    [refund] = await busy.close(order)
    await busy.at_once(service.carry_out_refund(busy.context, refund_id=refund) for _ in range(20))
    assert (await busy.standing(order)).refunded == 10_000
    assert await busy.rows(GIVEN_BACK) == [(10_000,)]
    assert await busy.ledger(order) == {}


async def test_one_that_was_made_at_the_provider(till: Till) -> None:
    """Nobody here asked for it: the order's money is less all the same."""
    order = await till.order()
    attempt, _ = await till.pay(order)
    headers = {"Simulator-Key": "simulator-key-of-nobody", "Idempotency-Key": str(uuid4())}
    path = f"/simulator/v1/payments/by-reference/{attempt}/refunds"
    await till.http.post(path, json={"amount": 2_500, "currency": "USD"}, headers=headers)
    await till.work_off()
    standing = await till.standing(order)
    assert (standing.status, standing.refunded) == (PaymentStatus.PARTIALLY_REFUNDED, 2_500)
    assert await till.ledger(order) == {"provider_clearing": 7_500, "receivable": -7_500}
    await carry_out(till, await till.close(order))
    assert await till.rows(REFUNDS) == [("refund", 7_500, "succeeded")]
    assert await till.ledger(order) == {}


def _broken(_request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(503)


async def _die(*_: object, **__: object) -> None:
    raise RuntimeError("died")
