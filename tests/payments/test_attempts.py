"""Attempts: begun once, joined by whoever comes second, and begun again after a refusal."""

from uuid import uuid4

import pytest
from tests.payments.till import Till

from mercer.payments import service
from mercer.payments.errors import (
    AlreadyPaid,
    AttemptNotFound,
    AttemptsTooMany,
    PaymentClosed,
    PaymentNotFound,
    PaymentTokenInvalid,
    ProviderUnavailable,
    ReturnAddressInvalid,
)
from mercer.payments.models import AttemptState, CaptureMode, Offer, PaymentRequest, PaymentStatus
from mercer.payments.rules.asking import MOST_ATTEMPTS
from mercer.platform.settings import Environment
from mercer.platform.transactions import transaction

ATTEMPTS = "SELECT provider, state, amount FROM payments.attempt ORDER BY id"


async def test_a_payment_that_succeeds(till: Till) -> None:
    order = await till.order(10_000)
    before = await till.standing(order)
    assert (before.status, before.is_covered, before.latest) == (PaymentStatus.NONE, False, None)
    begun = await till.begin(order)
    assert begun.is_ours
    assert (begun.attempt.state, begun.attempt.amount) == (AttemptState.CREATED, 10_000)
    pending = await till.standing(order)
    assert (pending.status, pending.pending, pending.is_covered) == (PaymentStatus.PENDING, 10_000, False)
    standing = await till.apply(begun.attempt.id, await till.charge(begun.attempt.id))
    assert (standing.status, standing.captured, standing.is_covered) == (PaymentStatus.PAID, 10_000, True)
    assert standing == await till.standing(order)
    assert standing.latest is not None
    assert standing.latest.method is not None
    assert standing.latest.method.last_digits == "4242"
    assert await till.ledger(order) == {"provider_clearing": 10_000, "receivable": -10_000}
    assert await till.exceptions(order) == []


async def test_saying_again_what_is_due_changes_nothing(till: Till) -> None:
    order = await till.order(10_000)
    async with transaction(till.context) as context:
        await service.open_intent(
            context, order_id=order, channel_id=till.channels["us"], amount=5, currency="USD", label="again"
        )
    assert (await till.standing(order)).amount == 10_000


async def test_whoever_comes_second_joins(till: Till) -> None:
    order = await till.order()
    first, second = await till.begin(order), await till.begin(order, "manual")
    assert (first.is_ours, second.is_ours, second.attempt.id) == (True, False, first.attempt.id)
    await till.apply(first.attempt.id, await till.charge(first.attempt.id))
    third = await till.begin(order)
    assert (third.is_ours, third.attempt.id, third.attempt.state) == (False, first.attempt.id, AttemptState.CAPTURED)


async def test_what_somebody_left_is_taken_over_by_the_same_provider_alone(till: Till) -> None:
    """What is for one provider's eyes is not shown to another."""
    order = await till.order()
    left = await till.begin(order)
    till.later(minutes=2)
    other = await till.begin(order, "manual")
    assert (other.is_ours, other.attempt.id) == (False, left.attempt.id)
    same = await till.begin(order)
    assert (same.is_ours, same.attempt.id) == (True, left.attempt.id)


async def test_an_attempt_that_nobody_brought_to_the_provider_is_taken_over(till: Till) -> None:
    """The process died between the attempt and its charge."""
    order = await till.order()
    first = await till.begin(order)
    till.later(seconds=59)
    assert not (await till.begin(order)).is_ours
    till.later(seconds=1)
    second = await till.begin(order)
    assert (second.is_ours, second.attempt.id) == (True, first.attempt.id)
    assert not (await till.begin(order)).is_ours
    standing = await till.apply(first.attempt.id, await till.charge(first.attempt.id))
    assert standing.status is PaymentStatus.PAID


async def test_one_that_died_after_the_charge_charges_once(till: Till) -> None:
    order = await till.order()
    first = await till.begin(order)
    told = await till.charge(first.attempt.id)
    till.later(seconds=60)
    second = await till.begin(order)
    assert second.is_ours
    again = await till.charge(second.attempt.id)
    assert again == told
    # Another token, from another device: the first outcome stands.
    assert await till.charge(second.attempt.id, "decline") == told
    assert (await till.apply(first.attempt.id, again)).captured == 10_000
    assert await till.rows("SELECT count(*) FROM simulator.payment") == [(1,)]


async def test_another_attempt_after_a_refusal(till: Till) -> None:
    order = await till.order()
    first, standing = await till.pay(order, "decline")
    assert (standing.status, standing.is_covered) == (PaymentStatus.FAILED, False)
    assert standing.latest is not None
    assert standing.latest.decline is not None
    assert standing.latest.decline.is_retryable
    assert standing.latest.decline.message == "The card has insufficient funds."
    second, standing = await till.pay(order)
    assert (first != second, standing.status) == (True, PaymentStatus.PAID)
    assert await till.rows(ATTEMPTS) == [("simulator", "failed", 10_000), ("simulator", "captured", 10_000)]


async def test_attempts_without_end(till: Till) -> None:
    """Who tries out cards comes to an end of it, as does who pays by other means; other orders are paid."""
    order = await till.order()
    for _ in range(MOST_ATTEMPTS - 1):
        await till.pay(order, "decline")
    last, standing = await till.pay(order, "3ds")
    joined = await till.begin(order)
    assert (joined.is_ours, joined.attempt.id) == (False, last)
    await till.decide(standing, "refuse")
    standing = await till.proceed(last)
    for provider in ("simulator", "manual"):
        with pytest.raises(AttemptsTooMany):
            await till.begin(order, provider)
    assert await till.standing(order) == standing
    assert await till.rows(ATTEMPTS) == [("simulator", "failed", 10_000)] * MOST_ATTEMPTS
    assert (await till.pay(await till.order()))[1].status is PaymentStatus.PAID


async def test_a_round_of_3d_secure(till: Till) -> None:
    order = await till.order()
    attempt, standing = await till.pay(order, "3ds")
    assert (standing.status, standing.pending) == (PaymentStatus.PENDING, 10_000)
    assert standing.latest is not None
    assert standing.latest.state is AttemptState.REQUIRES_ACTION
    assert standing.latest.client_secret
    assert (await till.proceed(attempt)).latest == standing.latest
    answer = await till.decide(standing, "approve")
    assert (answer.status_code, answer.headers["location"]) == (303, "http://shop.test/back")
    standing = await till.proceed(attempt)
    assert standing.status is PaymentStatus.PAID
    assert standing.latest is not None
    assert (standing.latest.redirect_url, standing.latest.client_secret) == (None, None)


async def test_a_3d_secure_that_is_refused(till: Till) -> None:
    order = await till.order()
    attempt, standing = await till.pay(order, "3ds")
    await till.decide(standing, "refuse")
    standing = await till.proceed(attempt)
    assert standing.status is PaymentStatus.FAILED
    assert (await till.pay(order))[1].status is PaymentStatus.PAID


async def test_a_promise_opens_an_order(till: Till) -> None:
    order = await till.order()
    _, standing = await till.pay(order, provider="manual")
    assert (standing.status, standing.is_covered, standing.authorized) == (PaymentStatus.AUTHORIZED, True, 10_000)
    assert await till.ledger(order) == {}


async def test_an_order_of_nothing_needs_no_payment(till: Till) -> None:
    order = await till.order(0)
    assert (await till.standing(order)).is_covered
    with pytest.raises(AlreadyPaid):
        await till.begin(order)


async def test_what_cannot_be_begun(till: Till) -> None:
    with pytest.raises(PaymentNotFound):
        await till.begin(uuid4())
    order = await till.order()
    for provider in ("stripe", "", "Simulator", "x" * 10_000):
        with pytest.raises(ProviderUnavailable):
            await till.begin(order, provider)
    offer = Offer(
        channel_id=till.channels["us"], provider="manual", capture=CaptureMode.MANUAL, is_active=False, position=1
    )
    async with transaction(till.context) as context:
        await service.set_offer(context, offer=offer)
    with pytest.raises(ProviderUnavailable):
        await till.begin(order, "manual")
    await till.close(order)
    with pytest.raises(PaymentClosed):
        await till.begin(order)
    with pytest.raises(AttemptNotFound):
        await till.charge(uuid4())
    with pytest.raises(AttemptNotFound):
        await till.apply(uuid4(), [])
    assert await till.rows(ATTEMPTS) == []


async def test_what_can_be_paid_with(till: Till) -> None:
    request = PaymentRequest(
        provider="simulator", token="ok+webhook_twice", return_url="https://shop.test:8443/back?a=1"
    )
    await check(till, request)
    await check(till, PaymentRequest(provider="manual"))
    with pytest.raises(ProviderUnavailable) as refused:
        await check(till, PaymentRequest(provider="paypal"))
    assert refused.value.path == ("payment", "provider")
    with pytest.raises(PaymentTokenInvalid) as invalid:
        await check(till, PaymentRequest(provider="simulator", token="a b"))
    assert invalid.value.path == ("payment", "token")
    with pytest.raises(ReturnAddressInvalid) as no_address:
        await check(till, PaymentRequest(provider="simulator", return_url="/back"))
    assert no_address.value.path == ("payment", "returnUrl")


async def test_there_is_no_simulator_in_production(till: Till) -> None:
    order = await till.order()
    till.settings = till.settings.model_copy(update={"environment": Environment.PRODUCTION})
    with pytest.raises(ProviderUnavailable):
        await till.begin(order)
    async with transaction(till.context) as context:
        assert await service.list_providers(context, channel_id=till.channels["us"]) == ("manual",)


async def test_fifty_begin_at_once(busy: Till) -> None:
    order = await busy.order()
    begun = await busy.at_once(busy.begin(order) for _ in range(50))
    assert sum(each.is_ours for each in begun) == 1
    assert len({each.attempt.id for each in begun}) == 1
    assert await busy.rows(ATTEMPTS) == [("simulator", "created", 10_000)]


async def test_fifty_pay_at_once(busy: Till) -> None:
    """Each charges what it was given, its own or not: the provider took the money once."""
    order = await busy.order()
    paid = await busy.at_once(busy.pay(order) for _ in range(50))
    assert {standing.captured for _, standing in paid} == {10_000}
    assert await busy.rows("SELECT count(*) FROM simulator.payment") == [(1,)]
    assert await busy.rows("SELECT count(*) FROM payments.event") == [(2,)]
    assert await busy.ledger(order) == {"provider_clearing": 10_000, "receivable": -10_000}


async def test_take_overs_at_once(busy: Till) -> None:
    order = await busy.order()
    await busy.begin(order)
    busy.later(minutes=2)
    begun = await busy.at_once(busy.begin(order) for _ in range(30))
    assert sum(each.is_ours for each in begun) == 1


async def check(till: Till, payment: PaymentRequest) -> None:
    async with transaction(till.context) as context:
        await service.check_payment(context, payment=payment, channel_id=till.channels["us"])
