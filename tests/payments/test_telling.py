"""What providers tell, in every order, twice and late: it ends in the same state, with every cent somewhere."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from tests.payments.till import NOW, Till

from mercer.payments import service
from mercer.payments.models import AttemptState, EventKind, PaymentStatus, ProviderEvent
from mercer.platform.transactions import transaction

K = EventKind


def event(kind: EventKind, amount: int = 100, *, id: str = "", minute: int = 0, **more: Any) -> ProviderEvent:
    return ProviderEvent(
        id=id or kind.value, kind=kind, amount=amount, at=NOW + timedelta(minutes=minute), **{"currency": "USD", **more}
    )


def of(attempt: UUID, told: ProviderEvent) -> ProviderEvent:
    """The same fact of this attempt: ids are the provider's, and each is known once."""
    return replace(told, id=f"{attempt}:{told.id}", attempt_id=attempt)


SETS = [
    [
        event(K.REQUIRES_ACTION),
        event(K.AUTHORIZED, minute=1),
        event(K.CAPTURED, 60, id="1", minute=2),
        event(K.CAPTURED, 70, id="2", minute=3),
        event(K.REFUNDED, 30, minute=4),
    ],
    [
        event(K.PROCESSING),
        event(K.DECLINED, minute=1),
        event(K.AUTHORIZED, minute=2),
        event(K.CAPTURED, minute=3),
        event(K.VOIDED, minute=4),
    ],
    [event(K.AUTHORIZED, 99), event(K.CAPTURED, 7, id="foreign", currency="EUR"), event(K.EXPIRED), event(K.CAPTURED)],
]


@pytest.mark.parametrize("facts", SETS)
async def test_every_order_ends_in_the_same_state(till: Till, facts: list[ProviderEvent]) -> None:
    """Each fact by itself, and the first one again at the end."""
    found = set()
    for told in permutations(facts):
        order = await till.order(100)
        attempt = (await till.begin(order)).attempt.id
        async with transaction(till.context) as context:
            for each in (*told, told[0]):
                standing = await service.apply_events(context, attempt_id=attempt, events=[of(attempt, each)])
        assert standing.latest is not None
        money = await till.ledger(order)
        assert money["provider_clearing"] == -(money.get("receivable", 0) + money.get("suspense", 0))
        held = sum(amount for _, amount, currency, _ in await till.exceptions(order) if currency == "USD")
        assert standing.captured + held == sum(
            each.amount or 0 for each in facts if each.kind is K.CAPTURED and each.currency == "USD"
        )
        found.add(
            (
                standing.status,
                standing.captured,
                standing.refunded,
                standing.surplus,
                standing.authorized,
                standing.latest.state,
                tuple(sorted(money.items())),
                tuple(sorted({(kind, currency) for kind, _, currency, _ in await till.exceptions(order)}, key=str)),
                held,
            )
        )
    assert len(found) == 1


async def test_the_same_again_changes_nothing(till: Till) -> None:
    order = await till.order()
    attempt, before = await till.pay(order)
    events = await service.fetch(till.context, attempt_id=attempt)
    announced = await till.events()
    assert await till.apply(attempt, [*events, *events]) == before
    assert await till.apply(attempt, []) == before
    assert await till.events() == announced
    assert len(await till.rows("SELECT 1 FROM payments.event")) == 2


async def test_an_event_never_changes(till: Till) -> None:
    await till.pay(await till.order())
    for change in ("UPDATE payments.event SET amount = 1", "DELETE FROM payments.event", "TRUNCATE payments.event"):
        with pytest.raises(Exception, match="append-only"):
            await till.rows(change)


async def test_another_amount_than_asked_for(till: Till) -> None:
    """Less is not enough; more is a surplus."""
    less, more, foreign = [await till.order() for _ in range(3)]
    _, standing = await till.pay(less, "amount_lie")
    assert (standing.status, standing.captured, standing.is_covered) == (PaymentStatus.PARTIALLY_PAID, 9_999, False)
    assert await till.exceptions(less) == [("amount_mismatch", 0, "USD", None)]
    _, standing = await till.pay(more, "amount_lie_more")
    assert (standing.status, standing.captured, standing.surplus) == (PaymentStatus.OVERPAID, 10_000, 1)
    assert standing.is_covered
    assert await till.exceptions(more) == [("amount_mismatch", 0, "USD", None), ("surplus_capture", 1, "USD", None)]
    assert await till.ledger(more) == {"provider_clearing": 10_001, "receivable": -10_000, "suspense": -1}
    _, standing = await till.pay(foreign, "currency_lie")
    assert (standing.captured, standing.is_covered) == (0, False)
    assert await till.exceptions(foreign) == [
        ("currency_mismatch", 0, "XTS", None),
        ("currency_mismatch", 10_000, "XTS", None),
    ]
    assert await till.ledger(foreign) == {"provider_clearing XTS": 10_000, "suspense XTS": -10_000}


async def test_money_after_the_order_was_cancelled(till: Till) -> None:
    order = await till.order()
    attempt, standing = await till.pay(order, "3ds")
    await till.decide(standing, "approve")
    [void] = await till.close(order)
    standing = await till.proceed(attempt)
    assert (standing.is_covered, standing.captured, standing.surplus) == (False, 0, 10_000)
    assert await till.exceptions(order) == [("late_capture", 10_000, "USD", None)]
    assert await till.ledger(order) == {"provider_clearing": 10_000, "suspense": -10_000}
    # What was to be called off was done already: it is refused, and the money stands there all the same.
    await service.carry_out_refund(till.context, refund_id=void)
    assert await till.rows("SELECT kind, state FROM payments.refund") == [("void", "failed")]
    assert await till.exceptions(order) == [("late_capture", 10_000, "USD", None)]


async def test_a_promise_after_the_order_was_cancelled_is_given_back(till: Till) -> None:
    order = await till.order()
    attempt, standing = await till.pay(order, "3ds+authorize_only")
    await till.decide(standing, "approve")
    async with transaction(till.context) as context:
        await service.close_intent(context, order_id=order)
    standing = await till.proceed(attempt)
    assert (standing.status, standing.is_covered) == (PaymentStatus.AUTHORIZED, False)
    till.later(minutes=3)
    await till.poll()
    standing = await till.standing(order)
    assert (standing.status, standing.authorized) == (PaymentStatus.VOIDED, 0)
    assert await till.exceptions(order) == []


async def test_a_second_payment_of_a_paid_order(till: Till) -> None:
    """The first attempt was taken for refused, and its money came after the second's."""
    order = await till.order()
    first, _ = await till.pay(order, "decline")
    await till.pay(order)
    standing = await till.apply(first, [of(first, event(K.CAPTURED, 10_000, minute=9))])
    assert (standing.status, standing.captured, standing.surplus) == (PaymentStatus.OVERPAID, 10_000, 10_000)
    assert await till.exceptions(order) == [
        ("contrary_events", 0, "USD", None),
        ("surplus_capture", 10_000, "USD", None),
    ]
    assert await till.ledger(order) == {"provider_clearing": 20_000, "receivable": -10_000, "suspense": -10_000}


async def test_a_second_promise_for_a_paid_order_is_given_back(till: Till) -> None:
    order = await till.order()
    first, _ = await till.pay(order, "decline")
    await till.pay(order)
    await till.apply(first, [of(first, event(K.AUTHORIZED, 10_000, minute=9))])
    assert await till.rows("SELECT kind, amount, state FROM payments.refund") == [("void", 10_000, "requested")]


async def test_money_of_a_failed_attempt_pays_an_order_that_waits(till: Till) -> None:
    """It is there, and the buyer wanted to pay: nobody asks him again. Staff are told that the provider said both."""
    order = await till.order()
    attempt, _ = await till.pay(order, "decline")
    standing = await till.apply(attempt, [of(attempt, event(K.CAPTURED, 10_000, minute=9))])
    assert (standing.status, standing.is_covered) == (PaymentStatus.PAID, True)
    assert standing.latest is not None
    assert standing.latest.state is AttemptState.CAPTURED
    assert await till.exceptions(order) == [("contrary_events", 0, "USD", None)]


async def test_another_attempts_event_is_not_taken_twice(till: Till) -> None:
    """A provider that tells the same fact of two payments is believed once."""
    first, second = await till.order(), await till.order()
    attempt, _ = await till.pay(first)
    stolen = await service.fetch(till.context, attempt_id=attempt)
    other = (await till.begin(second)).attempt.id
    standing = await till.apply(other, stolen)
    assert (standing.captured, await till.ledger(second), await till.exceptions(second)) == (0, {}, [])


async def test_fifty_tell_the_same_at_once(busy: Till) -> None:
    order = await busy.order()
    attempt = (await busy.begin(order)).attempt.id
    events = await busy.charge(attempt)
    told = await busy.at_once(busy.apply(attempt, events) for _ in range(50))
    assert {standing.captured for standing in told} == {10_000}
    assert await busy.ledger(order) == {"provider_clearing": 10_000, "receivable": -10_000}


async def test_closing_and_telling_at_once(busy: Till) -> None:
    """Whichever comes first: the money is given back, or an exception."""
    orders = [await busy.order() for _ in range(20)]
    begun = [(await busy.begin(order)).attempt.id for order in orders]
    events = [await busy.charge(attempt) for attempt in begun]
    calls = [busy.apply(attempt, told) for attempt, told in zip(begun, events, strict=True)]
    await busy.at_once(call for pair in zip(calls, map(busy.close, orders), strict=True) for call in pair)
    for order in orders:
        standing = await busy.standing(order)
        assert standing.captured + standing.surplus == 10_000
        given_back = await busy.rows(
            "SELECT r.amount FROM payments.refund r JOIN payments.attempt a ON a.id = r.attempt_id "
            "JOIN payments.intent i ON i.id = a.intent_id WHERE i.order_id = :order AND r.kind = 'refund'",
            order=order,
        )
        assert given_back == ([(10_000,)] if standing.captured else [])
        assert await busy.exceptions(order) == ([] if standing.captured else [("late_capture", 10_000, "USD", None)])
