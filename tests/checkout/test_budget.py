"""How many statements a completion sends. The provider's own are not the shop's: it is a program of its own."""

import asyncio
import contextvars

import httpx2
import pytest
from tests.callers import Loopback
from tests.checkout.purchases import Store

from mercer.platform.observability.statements import counting_statements

_carry = Loopback.handle_async_request


async def _carry_apart(self: Loopback, request: httpx2.Request) -> httpx2.Response:
    return await asyncio.create_task(_carry(self, request), context=contextvars.Context())


@pytest.mark.parametrize("provider", ["manual", "simulator"])
async def test_completing_sends_few_statements(store: Store, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loopback, "handle_async_request", _carry_apart)
    await (await store.buyer(("MUG-1-R", 1))).complete()  # the channel's numbers have begun
    buyer = await store.buyer(("MUG-1-R", 1), ("GLASS-1", 1))
    with counting_statements() as count:
        order = await buyer.complete("ok" if provider == "simulator" else None, provider=provider)
    assert order["status"] == "OPEN"
    assert 0 < count.total <= 25


async def test_answering_again_sends_fewer(store: Store) -> None:
    buyer = await store.buyer(("MUG-1-R", 1))
    order = await buyer.complete()
    with counting_statements() as count:
        assert await buyer.complete() == order
    assert count.total <= 8
