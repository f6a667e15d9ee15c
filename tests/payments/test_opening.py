"""What a purchase does with payments, in as few statements as can be; and the standing that follows of it."""

from uuid import uuid4

import pytest
from tests.payments.till import Till

from mercer.payments import service
from mercer.payments.errors import ProviderUnavailable
from mercer.payments.models import AttemptState, PaymentRequest, PaymentStatus
from mercer.payments.rules.standing import Sums, status_of
from mercer.platform.observability.statements import counting_statements
from mercer.platform.transactions import transaction

S, P = AttemptState, PaymentStatus


@pytest.mark.parametrize(
    ("sums", "states", "status"),
    [
        ((100, 0, 0, 0, 0), [], P.NONE),
        ((100, 0, 0, 0, 0), [S.CREATED], P.PENDING),
        ((100, 0, 0, 0, 0), [S.FAILED, S.REQUIRES_ACTION], P.PENDING),
        ((100, 0, 0, 0, 0), [S.FAILED], P.FAILED),
        ((100, 0, 0, 0, 0), [S.EXPIRED, S.CANCELLED], P.FAILED),
        ((100, 0, 0, 0, 0), [S.FAILED, S.VOIDED], P.VOIDED),
        ((100, 100, 0, 0, 0), [S.AUTHORIZED], P.AUTHORIZED),
        ((100, 99, 0, 0, 0), [S.AUTHORIZED], P.PENDING),
        ((100, 60, 40, 0, 0), [S.PARTIALLY_CAPTURED], P.PARTIALLY_PAID),
        ((100, 0, 100, 0, 0), [S.FAILED, S.CAPTURED], P.PAID),
        ((100, 0, 100, 0, 1), [S.CAPTURED], P.OVERPAID),
        ((100, 0, 0, 0, 100), [S.CAPTURED], P.OVERPAID),
        ((100, 0, 100, 1, 0), [S.PARTIALLY_REFUNDED], P.PARTIALLY_REFUNDED),
        ((100, 0, 100, 100, 0), [S.REFUNDED], P.REFUNDED),
        ((100, 0, 40, 40, 0), [S.REFUNDED], P.REFUNDED),
    ],
)
def test_statuses(sums: tuple[int, ...], states: list[AttemptState], status: PaymentStatus) -> None:
    amount, authorized, captured, refunded, surplus = sums
    found = Sums(amount=amount, authorized=authorized, captured=captured, refunded=refunded, surplus=surplus)
    assert status_of(found, states) is status


async def test_a_payment_and_its_attempt_begin_together(till: Till) -> None:
    order = uuid4()
    payment = PaymentRequest(provider="simulator", token="ok")
    async with transaction(till.context) as context:
        attempt = await service.open_payment(
            context,
            order_id=order,
            channel_id=till.channels["us"],
            amount=10_000,
            currency="USD",
            label="US-1001",
            payment=payment,
        )
    begun = await till.begin(order)
    assert (begun.attempt.id, begun.is_ours, begun.attempt.amount) == (attempt, False, 10_000)
    assert (await till.apply(attempt, await till.charge(attempt))).status is PaymentStatus.PAID
    with pytest.raises(ProviderUnavailable):
        async with transaction(till.context) as context:
            await service.open_payment(
                context,
                order_id=uuid4(),
                channel_id=till.channels["us"],
                amount=10_000,
                currency="USD",
                label="US-1002",
                payment=PaymentRequest(provider="stripe"),
            )
    assert await till.rows("SELECT count(*) FROM payments.intent") == [(1,)]


async def test_how_many_statements_it_takes(till: Till) -> None:
    """Of a purchase's 25: a payment that is captured at once."""
    order = await till.order()
    with counting_statements() as sent:
        begun = await till.begin(order)
    assert sent.total == 4  # the lock, what is known, the offers, the attempt
    events = await till.charge(begun.attempt.id)
    with counting_statements() as sent:
        await till.apply(begun.attempt.id, events)
    assert sent.total == 5  # the lock, what is known, the events, the attempt, the ledger
    with counting_statements() as sent:
        await till.standing(order)
    assert sent.total == 1
