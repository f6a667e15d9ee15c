"""Refunds up to 50 EUR in one channel: what is promised of bounded permissions, by GraphQL alone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.bounded_staff import codes, somebody
from tests.callers import Caller
from tests.trading import CANCEL, Trade, a_trade

from mercer.platform.settings import Settings

PRICE = """mutation ($prices: [PriceInput!]!) { pricesSet(prices: $prices) { __typename } }"""
ROLE = """mutation ($input: RoleCreateInput!) { roleCreate(input: $input) { __typename ... on Role { code } } }"""
GIVE = """mutation ($id: ID!) { staffRolesSet(id: $id, roles: ["refunds"]) {
    ... on StaffMember { roles { code } } ... on Error { code } } }"""
STATUS = "query ($id: ID!) { order(id: $id) { status paymentStatus } }"
BEYOND = "This needs the permission orders.manage; yours is limited by {}."


@pytest.fixture
async def trade(fresh: Settings) -> AsyncIterator[Trade]:
    async with a_trade(fresh) as made:
        yield made


async def refunder(trade: Trade) -> Caller:
    """Somebody who may cancel and refund up to 50 EUR in Europe."""
    caller = somebody(trade.settings, trade.http)
    bound = {
        "permission": "orders.manage",
        "channelIds": [trade.channels["eu"]],
        "amounts": [{"amount": "50.00", "currency": "EUR"}],
    }
    role = {"code": "refunds", "name": "Refunds", "permissions": ["orders.read", "orders.manage"], "bounds": [bound]}
    assert await trade.change(ROLE, {"input": role}) == {"__typename": "Role", "code": "refunds"}
    me = (await caller("{ me { id } }"))["me"]["id"]
    assert await trade.change(GIVE, {"id": me}) == {"roles": [{"code": "refunds"}]}
    return caller


async def bought(trade: Trade, amount: str, *, token: str = "ok", channel: str = "eu") -> str:
    """An order of one thing that costs so much, and 4.90 for delivery in Europe."""
    sku = "MUG-1-B" if channel == "eu" else "MUG-1-R"
    price = {"variantId": trade.variants[sku], "channelId": trade.channels[channel], "amount": amount}
    await trade.change(PRICE, {"prices": [price]})
    answer = await (await trade.ready({sku: 1}, channel=channel)).complete(token)
    order: str = answer["id"] if "id" in answer else answer["order"]["id"]
    return order


async def test_refunds_up_to_fifty_euros_in_europe(trade: Trade) -> None:
    caller = await refunder(trade)
    little, much = await bought(trade, "45.09"), await bought(trade, "45.11")
    unpaid = await bought(trade, "45.11", token="decline")
    american = await bought(trade, "10.00", channel="us")

    async def cancel(order: str, key: str) -> Any:
        return await caller.send(CANCEL, {"id": order, "reason": "Broken"}, idempotency_key=key)

    for order, dimension in ((much, "amount"), (american, "channel")):
        refused = await cancel(order, f"refused {dimension}")
        assert codes(refused) == [("FORBIDDEN", BEYOND.format(dimension))]
        found = (await trade.admin(STATUS, {"id": order}))["order"]
        assert found == {"status": "OPEN", "paymentStatus": "PAID"}
    done = {"__typename": "Order", "status": "CANCELLED", "paymentStatus": "REFUNDED"}
    for key in ("first", "first", "again"):
        assert (await cancel(little, key)).json()["data"]["orderCancel"] == done
    # Nothing goes back for what nobody paid, whatever it would have cost.
    assert (await cancel(unpaid, "unpaid")).json()["data"]["orderCancel"]["status"] == "CANCELLED"
    given_back = await trade.rows("SELECT amount::int, currency FROM payments.refund WHERE kind = 'refund'")
    assert given_back == [(4999, "EUR")]
