"""Guests' orders, which become a customer's once he has shown that their address is his."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from tests.factories.shop import NOW
from tests.fulfilment.buying import Bought, buy
from tests.people import person_id
from tests.selling import Selling

from mercer.identity import service as identity
from mercer.identity.events import CustomerEmailChanged, CustomerEmailRestored, CustomerUnblocked, CustomerVerified
from mercer.identity.models import TokenPurpose
from mercer.orders import service
from mercer.orders.module import module
from mercer.platform.transactions import transaction

OWNERS = 'SELECT id, customer_id FROM orders."order" ORDER BY id'
MINE = "{ orders { nodes { number } } }"


async def _registered(selling: Selling, email: str) -> UUID:
    """A customer who has yet to show that the address is his."""
    await identity.register_customer(
        selling.context, email=email, password="mild otters swim at dawn", name="Ada", language="en"
    )
    [(id,)] = await selling.rows("SELECT id FROM identity.customer WHERE email_key = lower(:email)", email=email)
    assert isinstance(id, UUID)
    return id


async def _verify(selling: Selling, customer_id: UUID) -> None:
    async with transaction(selling.context) as inner:
        token = await identity.issue_token(inner, customer_id=customer_id, purpose=TokenPurpose.VERIFY_EMAIL)
        await identity.verify_customer(inner, token=token)


async def _claim(selling: Selling, customer_id: UUID) -> int:
    async with transaction(selling.context) as inner:
        return await service.claim_orders(inner, customer_id=customer_id)


async def _owners(selling: Selling) -> dict[UUID, Any]:
    return dict(await selling.rows(OWNERS))


async def test_guests_orders_are_claimed_once_the_address_is_verified(selling: Selling) -> None:
    """Whatever the case that the address was typed in; nobody else's; and it is in the audit."""
    own = [await buy(selling, {"MUG-1-R": 1}, email=email) for email in ("ada@example.org", "ADA@Example.org")]
    others = await buy(selling, {"MUG-1-R": 1}, email="grace@example.org")
    ada = await _registered(selling, "Ada@example.org")
    assert await _claim(selling, ada) == 0
    assert set((await _owners(selling)).values()) == {None}
    await _verify(selling, ada)
    assert await _claim(selling, ada) == 2
    assert await _owners(selling) == {own[0].id: ada, own[1].id: ada, others.id: None}
    noted = [(id, changes) for entity, id, changes, _ in await selling.audit() if entity == "Order"]
    claimed = [(id, changes) for id, changes in noted if "customerId" in changes]
    assert sorted(claimed) == sorted((str(each.id), {"customerId": [None, str(ada)]}) for each in own)
    versions = 'SELECT version FROM orders."order" WHERE id = :id'
    before = await selling.rows(versions, id=own[0].id)
    assert await _claim(selling, ada) == 0
    assert await selling.rows(versions, id=own[0].id) == before


async def test_what_is_somebodys_stays_his(selling: Selling) -> None:
    """An order that a customer made is his, whatever address he gave for it."""
    bought = await buy(selling, {"MUG-1-R": 1}, email="ada@example.org")
    async with transaction(selling.context) as inner:
        owned = sa.text('UPDATE orders."order" SET customer_id = :customer WHERE id = :id')
        await inner.db.execute(owned, {"customer": person_id("other_customer"), "id": bought.id})
    ada = await _registered(selling, "ada@example.org")
    await _verify(selling, ada)
    assert await _claim(selling, ada) == 0
    assert await _owners(selling) == {bought.id: person_id("other_customer")}


async def test_who_is_blocked_claims_nothing_before_he_is_unblocked(selling: Selling) -> None:
    await buy(selling, {"MUG-1-R": 1}, email="ada@example.org")
    ada = await _registered(selling, "ada@example.org")
    await _verify(selling, ada)
    async with transaction(selling.context) as inner:
        await identity.block_customer(inner, customer_id=ada)
    assert await _claim(selling, ada) == 0
    async with transaction(selling.context) as inner:
        await identity.unblock_customer(inner, customer_id=ada)
    assert await _claim(selling, ada) == 1


async def test_who_is_unknown_claims_nothing(selling: Selling) -> None:
    await buy(selling, {"MUG-1-R": 1})
    assert await _claim(selling, UUID("00000000-0000-7000-8000-000000000000")) == 0


async def test_many_are_claimed_some_at_a_time(selling: Selling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mercer.orders.service.claiming._AT_A_TIME", 2)
    bought = [await buy(selling, {"MUG-1-R": 1}, email="ada@example.org") for _ in range(5)]
    ada = await _registered(selling, "ada@example.org")
    await _verify(selling, ada)
    assert await _claim(selling, ada) == 5
    assert await _owners(selling) == dict.fromkeys((each.id for each in bought), ada)


async def test_two_at_once_claim_each_order_once(racing: Selling) -> None:
    bought: list[Bought] = [await buy(racing, {"MUG-1-R": 1}, email="ada@example.org") for _ in range(4)]
    ada = await _registered(racing, "ada@example.org")
    await _verify(racing, ada)
    counts = await asyncio.gather(*(_claim(racing, ada) for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, len(bought)]


@pytest.mark.parametrize(
    "event",
    [
        CustomerVerified(customer_id=person_id("customer")),
        CustomerUnblocked(customer_id=person_id("customer")),
        CustomerEmailChanged(customer_id=person_id("customer"), email_change_id=person_id("change")),
        CustomerEmailRestored(customer_id=person_id("customer"), email_change_id=person_id("change")),
    ],
)
async def test_what_shows_an_address_claims_its_orders(selling: Selling, event: Any) -> None:
    bought = await buy(selling, {"MUG-1-R": 1}, email="customer@example.com")
    for _ in range(2):
        async with transaction(replace(selling.context, now=NOW)) as inner:
            for handle in module.handlers[type(event)]:
                await handle(inner, event)
    assert await _owners(selling) == {bought.id: person_id("customer")}
