"""A process dies between two phases: whoever comes next gets there, and the order is paid once."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.checkout.purchases import Buyer, Store

from mercer.checkout import service
from mercer.checkout.models import Outcome, OutcomeKind
from mercer.payments.errors import AttemptsTooMany, PaymentClosed
from mercer.payments.models import PaymentRequest
from mercer.platform.actors import GUEST
from mercer.platform.context import Context

PAID = {"sale": 1905, "capture": 1905}


def whoever(store: Store, buyer: Buyer, *, later: timedelta = timedelta()) -> Context:
    """The buyer's own context, some time later."""
    context = store.at(later)
    return replace(
        context,
        actor=GUEST,
        origin=replace(context.origin, cart_token=buyer.shopper.token),
        binds={"channel": UUID(store.market.selling.channels["us"])},
    )


async def complete(context: Context, buyer: Buyer) -> Outcome:
    return await service.complete_cart(
        context,
        cart_id=UUID(buyer.shopper.cart_id),
        expected_total=Decimal(buyer.total),
        payment=PaymentRequest(provider="simulator", token="ok"),
    )


async def die(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("dies_in", ["charge", "finalise"])
@pytest.mark.parametrize("comes", ["buyer", "poller"])
async def test_dead_after_a_phase(store: Store, dies_in: str, comes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    with monkeypatch.context() as patched:
        patched.setattr(f"mercer.checkout.service.paying.{dies_in}", die)
        with pytest.raises(ZeroDivisionError):
            await complete(whoever(store, buyer), buyer)
    assert await store.orders() == [("US-1001", "pending_payment", "pending")]
    assert await store.stock("MUG-1-R") == (7, 0, 1)
    if comes == "buyer":
        outcome = await complete(whoever(store, buyer, later=timedelta(minutes=2)), buyer)
        assert outcome.kind is OutcomeKind.ORDERED
    else:
        await store.change("DELETE FROM procrastinate.procrastinate_jobs")
        await store.poll(later=timedelta(minutes=3))
        await store.work_off(later=timedelta(minutes=3))
    [(_, status, payment)] = await store.orders()
    if (dies_in, comes) == ("charge", "poller"):
        # The provider never heard of it: the attempt is over, and another one can be begun.
        assert (status, payment) == ("pending_payment", "failed")
        assert await store.ledger() == {}
    else:
        assert (status, payment) == ("open", "paid")
        assert await store.ledger() == PAID
    assert len(await store.rows("SELECT 1 FROM simulator.payment")) <= 1


async def test_the_webhook_finishes_what_nobody_comes_back_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    with monkeypatch.context() as patched:
        patched.setattr("mercer.checkout.service.paying.finalise", die)
        with pytest.raises(ZeroDivisionError):
            await complete(whoever(store, buyer), buyer)
    await store.work_off(later=timedelta(minutes=1))
    assert await store.orders() == [("US-1001", "open", "paid")]
    assert await store.ledger() == PAID


async def test_a_provider_that_cannot_be_reached(store: Store) -> None:
    """The order waits; when the provider never heard of it, another attempt pays it."""

    class Nobody(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("nobody listens", request=request)

    buyer = await store.buyer(("MUG-1-R", 1))
    context = replace(whoever(store, buyer), http=httpx2.AsyncClient(transport=Nobody()))
    outcome = await complete(context, buyer)
    assert outcome.kind is OutcomeKind.ORDERED
    assert await store.orders() == [("US-1001", "pending_payment", "pending")]
    again = await complete(whoever(store, buyer, later=timedelta(minutes=2)), buyer)
    assert again.kind is OutcomeKind.ORDERED
    assert await store.orders() == [("US-1001", "open", "paid")]
    assert await store.ledger() == PAID


async def test_who_never_pays_does_not_keep_the_goods(store: Store) -> None:
    """However often he tries: each attempt gives the order more time, but there are twenty of them at most."""
    buyer = await store.buyer(("MUG-1-R", 1))
    token = (await buyer.complete("decline"))["order"]["token"]
    for minutes in range(50, 26 * 60, 50):
        later = timedelta(minutes=minutes)
        with suppress(PaymentClosed, AttemptsTooMany):
            declined = PaymentRequest(provider="simulator", token="decline")
            await service.start_payment(whoever(store, buyer, later=later), token=token, payment=declined)
        await store.sweep(later=later)
        # The last attempt is begun after 950 minutes, and gives an hour.
        assert (await store.stock("MUG-1-R") == (7, 0, 0)) is (minutes > 950 + 60)
    assert await store.orders() == [("US-1001", "cancelled", "failed")]


async def test_who_joins_an_attempt_again_and_again_does_not_keep_the_goods(store: Store) -> None:
    """Joining gives the order more time too, but a day at most."""
    buyer = await store.buyer(("MUG-1-R", 1))
    token = (await buyer.complete("3ds"))["order"]["token"]
    for minutes in range(50, 26 * 60, 50):
        later = timedelta(minutes=minutes)
        with suppress(PaymentClosed):
            waiting = PaymentRequest(provider="simulator", token="3ds")
            await service.start_payment(whoever(store, buyer, later=later), token=token, payment=waiting)
        await store.sweep(later=later)
        assert (await store.stock("MUG-1-R") == (7, 0, 0)) is (minutes > 24 * 60)
