"""Payments of some channels, and up to some amount: staff whose permissions go no further move no more."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from tests.bounded_staff import in_channels, somebody
from tests.payments.till import Till

from mercer.payments import service
from mercer.payments.models import CaptureMode, Offer
from mercer.platform.actors import Actor, ActorKind, Scope
from mercer.platform.context import Context
from mercer.platform.permissions import Dimension, ScopeExceeded
from mercer.platform.scopes import check_scope
from mercer.platform.transactions import transaction

PAYMENT = "query ($id: ID!) { payment(orderId: $id) { amount { amount } exceptions { kind } } }"
EXCEPTIONS = "{ paymentExceptions { totalCount nodes { orderId attempt { id } } } }"
OFFERS = "{ paymentOffers { nodes { channel { code } } } }"
MOVED = """SELECT (SELECT count(*) FROM payments.event), (SELECT count(*) FROM payments.refund),
    (SELECT count(*) FROM payments.exception WHERE resolved_at IS NOT NULL), (SELECT count(*) FROM ledger.entry),
    (SELECT count(*) FROM platform.audit), (SELECT count(*) FROM payments.offer WHERE NOT is_active)"""
SURPLUS = "SELECT id FROM payments.exception WHERE kind = 'surplus_capture' AND order_id = :order"


def limited(till: Till, *channels: str, amounts: dict[str, int] | None = None) -> Context:
    """The context of somebody whose permission goes as far as this."""
    ids = frozenset(till.channels[each] for each in channels) if channels else None
    scope = Scope(channels=ids, amounts=amounts)
    bounds = {"payments.manage": (scope,)}
    actor = Actor(kind=ActorKind.STAFF, id=UUID(int=1), permissions=frozenset(bounds), bounds=bounds)
    return till.context.with_actor(actor)


async def do(context: Context, verb: Any, **given: Any) -> Any:
    """Call a verb in a transaction of its own."""
    async with transaction(context) as inner:
        return await verb(inner, **given)


async def receive(context: Context, order_id: UUID, amount: str) -> Any:
    return await do(context, service.receive_manual, order_id=order_id, amount=Decimal(amount), reference="T")


@pytest.mark.parametrize(
    ("channels", "amounts", "beyond"),
    [
        (("us",), {"USD": 5_000}, None),
        ((), {"USD": 5_000}, None),
        (("us",), None, None),
        (("us", "eu"), {"USD": 9_000, "EUR": 1}, None),
        (("us",), {"USD": 4_999}, Dimension.AMOUNT),
        (("us",), {"EUR": 5_000}, Dimension.AMOUNT),
        (("us",), {}, Dimension.AMOUNT),
        (("eu",), {"USD": 5_000}, Dimension.CHANNEL),
        (("eu",), None, Dimension.CHANNEL),
    ],
)
async def test_money_by_hand(
    till: Till, channels: tuple[str, ...], amounts: dict[str, int] | None, beyond: Dimension | None
) -> None:
    order = await till.order()
    caller = limited(till, *channels, amounts=amounts)
    before = await till.rows(MOVED)
    if beyond is None:
        assert await receive(caller, order, "50.00")
        return
    with pytest.raises(ScopeExceeded, match=f"limited by {beyond}"):
        await receive(caller, order, "50.00")
    assert await till.rows(MOVED) == before


async def test_captures(capturing: Till) -> None:
    """As much as the permission goes; all of it is more, and is refused before the provider is asked."""
    attempt, _ = await capturing.pay(await capturing.order())
    caller = limited(capturing, "us", amounts={"USD": 4_000})
    before = await capturing.rows(MOVED)
    for amount in (None, Decimal("40.01")):
        with pytest.raises(ScopeExceeded, match="limited by amount"):
            await service.capture_attempt(caller, attempt_id=attempt, amount=amount)
    with pytest.raises(ScopeExceeded, match="limited by channel"):
        await service.capture_attempt(limited(capturing, "eu"), attempt_id=attempt)
    assert await capturing.rows(MOVED) == before
    await service.capture_attempt(caller, attempt_id=attempt, amount=Decimal("40.00"))
    assert await capturing.rows("SELECT captured::int FROM payments.attempt") == [(4_000,)]


async def test_money_by_hand_in_parts(till: Till) -> None:
    """All that came in counts: in parts he takes no more than at once."""
    order, other = await till.order(), await till.order()
    caller = limited(till, "us", amounts={"USD": 5_000})
    await receive(caller, order, "30.00")
    before = await till.rows(MOVED)
    for beyond in ("20.01", "50.00"):
        with pytest.raises(ScopeExceeded, match="limited by amount"):
            await receive(caller, order, beyond)
    assert await till.rows(MOVED) == before
    await receive(caller, order, "20.00")
    await receive(caller, other, "50.00")
    assert [(await till.standing(each)).captured for each in (order, other)] == [5_000, 5_000]


async def test_captures_in_parts(capturing: Till) -> None:
    attempt, _ = await capturing.pay(await capturing.order())
    caller = limited(capturing, "us", amounts={"USD": 4_000})
    await service.capture_attempt(caller, attempt_id=attempt, amount=Decimal("25.00"))
    before = await capturing.rows(MOVED)
    for beyond in (None, Decimal("15.01"), Decimal("40.00")):
        with pytest.raises(ScopeExceeded, match="limited by amount"):
            await service.capture_attempt(caller, attempt_id=attempt, amount=beyond)
    assert await capturing.rows(MOVED) == before
    await service.capture_attempt(caller, attempt_id=attempt, amount=Decimal("15.00"))
    assert await capturing.rows("SELECT captured::int FROM payments.attempt") == [(4_000,)]


async def test_promises_taken_at_once_are_no_more_than_the_limit(till: Till) -> None:
    """Who keeps count of a promise by hand is Mercer: two who take of it at the same time are asked one by one."""
    order = await till.order()
    attempt, _ = await till.pay(order, provider="manual")
    caller = limited(till, "us", amounts={"USD": 5_000})
    parts = [service.capture_attempt(caller, attempt_id=attempt, amount=Decimal("30.00")) for _ in range(4)]
    outcomes = await asyncio.gather(*parts, return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", *["ScopeExceeded"] * 3]
    assert (await till.standing(order)).captured == 3_000


async def test_what_is_not_the_callers_tells_nothing(till: Till) -> None:
    """Another channel's attempt is refused before it is said how it stands."""
    attempt, _ = await till.pay(await till.order())
    with pytest.raises(ScopeExceeded, match="limited by channel"):
        await service.capture_attempt(limited(till, "eu"), attempt_id=attempt)


async def surplus(till: Till) -> UUID:
    """An exception of 12.50 that came in too much."""
    order = await till.order()
    await receive(till.context, order, "112.50")
    [(found,)] = await till.rows(SURPLUS, order=order)
    exception: UUID = found
    return exception


async def test_exceptions(till: Till) -> None:
    exception = await surplus(till)
    before = await till.rows(MOVED)
    for caller in (limited(till, "us", amounts={"USD": 1_249}), limited(till, "eu")):
        with pytest.raises(ScopeExceeded):
            await service.refund_exception(caller, exception_id=exception)
        with pytest.raises(ScopeExceeded):
            await do(caller, service.resolve_exception, exception_id=exception, note="Settled")
    assert await till.rows(MOVED) == before
    within = limited(till, "us", amounts={"USD": 1_250})
    await service.refund_exception(within, exception_id=exception)
    other = await surplus(till)
    await do(within, service.resolve_exception, exception_id=other, note="Settled")
    resolutions = await till.rows("SELECT resolution FROM payments.exception ORDER BY id")
    assert resolutions == [("refunded",), ("noted",)]


async def test_an_exception_of_no_order_is_for_those_without_limits(till: Till) -> None:
    """It has no channel: by amount alone it may be settled, by channels it may not, and is not seen."""
    async with transaction(till.context) as context:
        made = """INSERT INTO payments.exception (kind, subject, provider, amount, currency, opened_at)
            VALUES ('unknown_reference', 'x', 'simulator', 500, 'USD', now()) RETURNING id"""
        exception = await context.db.scalar(sa.text(made))
    with pytest.raises(ScopeExceeded, match="limited by channel"):
        await do(limited(till, "us"), service.resolve_exception, exception_id=exception, note="x")
    caller = somebody(
        till.settings, till.http, "payments.read", bounds={"payments.read": in_channels(till.channels["us"])}
    )
    assert (await caller(EXCEPTIONS))["paymentExceptions"]["totalCount"] == 0
    assert (await till.admin(EXCEPTIONS))["paymentExceptions"]["totalCount"] == 1
    await do(limited(till, amounts={"USD": 500}), service.resolve_exception, exception_id=exception, note="x")


async def test_offers(till: Till) -> None:
    """No money moves: only the channel counts."""
    offer = Offer(
        channel_id=till.channels["us"], provider="manual", capture=CaptureMode.MANUAL, is_active=False, position=0
    )
    with pytest.raises(ScopeExceeded, match="limited by channel"):
        await do(limited(till, "eu"), service.set_offer, offer=offer)
    assert await do(limited(till, "us", amounts={}), service.set_offer, offer=offer)
    assert await till.rows("SELECT count(*)::int FROM payments.offer WHERE NOT is_active") == [(1,)]


async def test_payments_of_other_channels_are_not_there(till: Till) -> None:
    american, german = await till.order(), await till.order(channel="eu", currency="EUR")
    for order in (american, german):
        await receive(till.context, order, "112.50")
    bounds = {"payments.read": in_channels(till.channels["eu"])}
    caller = somebody(till.settings, till.http, "payments.read", bounds=bounds)
    assert (await caller(PAYMENT, {"id": str(american)}))["payment"] is None
    assert (await caller(PAYMENT, {"id": str(german)}))["payment"] == {
        "amount": {"amount": "100.00"},
        "exceptions": [{"kind": "SURPLUS_CAPTURE"}],
    }
    [found] = (await caller(EXCEPTIONS))["paymentExceptions"]["nodes"]
    assert found["orderId"] == str(german)
    assert found["attempt"] is not None
    offers = (await caller(OFFERS))["paymentOffers"]["nodes"]
    assert {each["channel"]["code"] for each in offers} == {"eu"}
    assert (await caller(PAYMENT, {"id": str(uuid4())}))["payment"] is None


async def test_what_an_amount_covers(till: Till) -> None:
    """What is less than nothing is not within any limit: no verb moves it."""
    caller = limited(till, amounts={"USD": 100})
    for amount, currency in ((0, None), (0, "EUR"), (1, "USD"), (100, "USD")):
        check_scope(caller, "payments.manage", amount=amount, currency=currency)
    for beyond, currency in ((101, "USD"), (-1, "USD"), (-1, "EUR"), (-1, None), (1, "EUR"), (1, None), (None, "USD")):
        with pytest.raises(ScopeExceeded, match="limited by amount"):
            check_scope(caller, "payments.manage", amount=beyond, currency=currency)


async def test_what_staff_wrote_of_money_by_hand_is_personal(till: Till) -> None:
    order = await till.order()
    await receive(till.context, order, "50.00")
    query = "query ($id: ID!) { payment(orderId: $id) { attempts { events { details } } } }"
    for permissions, expected in (((), False), (("personal_data.read",), True)):
        caller = somebody(till.settings, till.http, "payments.read", *permissions)
        [attempt] = (await caller(query, {"id": str(order)}))["payment"]["attempts"]
        [received] = attempt["events"]
        assert ("note" in received["details"]) is expected
        assert "method" in received["details"]
