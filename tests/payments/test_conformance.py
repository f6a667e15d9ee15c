"""What every provider must do, whichever it is. Whoever adds one adds a line here."""

from uuid import UUID, uuid4

import pytest
from tests.payments.till import Till

from mercer.payments.models import EventKind, ProviderEvent
from mercer.payments.providers.port import (
    MoveRequest,
    PaymentName,
    Provider,
    StartRequest,
    WebhookForged,
)
from mercer.payments.providers.registry import PROVIDERS, find_provider

K = EventKind
PROMISING = {"manual": None, "simulator": "authorize_only"}
"""A token by which each of them authorises, and does not capture."""


def start(attempt: UUID, till: Till, token: str | None) -> StartRequest:
    return StartRequest(
        attempt_id=attempt,
        amount=10_000,
        currency="USD",
        label="US-1001",
        is_captured_at_once=False,
        at=till.now,
        token=token,
        return_url=None,
    )


def move(attempt: UUID, till: Till, amount: int = 10_000, key: UUID | None = None) -> MoveRequest:
    return MoveRequest(
        attempt_id=attempt, provider_reference=None, at=till.now, key=key or uuid4(), amount=amount, currency="USD"
    )


def kinds(events: tuple[ProviderEvent, ...] | None) -> list[EventKind]:
    return [event.kind for event in events or ()]


def test_every_provider_is_looked_at() -> None:
    assert set(PROMISING) == set(PROVIDERS)


@pytest.mark.parametrize("code", sorted(PROVIDERS))
async def test_conformance(till: Till, code: str) -> None:
    provider: Provider = find_provider(till.context, code)
    attempt = uuid4()
    started = await provider.start(start(attempt, till, PROMISING[code]))
    assert kinds(started) == [K.AUTHORIZED]
    [promise] = started
    assert (promise.amount, promise.currency, promise.attempt_id) == (10_000, "USD", attempt)
    assert await provider.start(start(attempt, till, PROMISING[code])) == started, "begun twice is begun once"

    key = uuid4()
    captured = await provider.capture(move(attempt, till, 4_000, key))
    again = await provider.capture(move(attempt, till, 4_000, key))
    assert {event.id for event in again} == {event.id for event in captured}, "captured twice is captured once"
    assert kinds(captured)[-1] is K.CAPTURED
    assert captured[-1].amount == 4_000

    released = await provider.void(move(attempt, till, 6_000))
    assert kinds(released)[-1] is K.VOIDED

    key = uuid4()
    refunded = await provider.refund(move(attempt, till, 1_000, key))
    assert refunded == await provider.refund(move(attempt, till, 1_000, key)), "given back twice is given back once"
    assert (kinds(refunded)[-1], refunded[-1].refund_id, refunded[-1].amount) == (K.REFUNDED, key, 1_000)
    assert kinds(await provider.refund(move(attempt, till, 1_000)))[-1] is K.REFUNDED, "under another key it is another"

    fetched = await provider.fetch(PaymentName(attempt_id=attempt, provider_reference=None, at=till.now))
    if provider.is_asked:
        assert {event.id for event in refunded} < {event.id for event in fetched or ()}, "it tells the same facts"
        unknown = PaymentName(attempt_id=uuid4(), provider_reference=None, at=till.now)
        assert await provider.fetch(unknown) is None
    for headers in ({}, {"Simulator-Signature": "t=1,v1=0"}):
        with pytest.raises(WebhookForged):
            provider.read_webhook(b"{}", headers, now=till.now)


@pytest.mark.parametrize("code", sorted(PROVIDERS))
async def test_calling_off(till: Till, code: str) -> None:
    provider = find_provider(till.context, code)
    attempt = uuid4()
    await provider.start(start(attempt, till, PROMISING[code]))
    key = uuid4()
    first = await provider.void(move(attempt, till, key=key))
    assert {event.id for event in first} == {event.id for event in await provider.void(move(attempt, till, key=key))}
    assert kinds(first)[-1] is K.VOIDED
