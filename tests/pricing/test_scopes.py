"""Prices of some channels: staff whose permissions go no further see and set no others."""

from typing import Any

from tests.bounded_staff import codes, in_channels, somebody
from tests.callers import Caller
from tests.selling import Selling

SET = "mutation ($prices: [PriceInput!]!) { pricesSet(prices: $prices) { __typename } }"
REMOVE = "mutation ($prices: [PriceKeyInput!]!) { pricesRemove(prices: $prices) { __typename } }"
STORED = "SELECT variant_id, channel_id, amount::int, version FROM pricing.price ORDER BY 1, 2"
READ = """query ($filter: PriceChangeFilter) {
    productVariant(sku: "MUG-1-R") { prices { channel { code } } scheduledPrices { channel { code } } }
    priceChanges(filter: $filter) { totalCount nodes { channel { code } } } }"""
BEYOND = ("FORBIDDEN", "This needs the permission prices.manage; yours is limited by channel.")


def pricer(selling: Selling, channel: str) -> Caller:
    bound = in_channels(selling.channels[channel])
    permissions = ("prices.read", "prices.manage", "products.read")
    return somebody(selling.settings, selling.http, *permissions, bounds={"prices.read": bound, "prices.manage": bound})


def key(selling: Selling, channel: str, **others: Any) -> dict[str, Any]:
    return {"variantId": selling.variants["MUG-1-R"], "channelId": selling.channels[channel], **others}


async def test_one_price_of_another_channel_refuses_all(selling: Selling) -> None:
    caller, before = pricer(selling, "eu"), await selling.rows(STORED)
    both = [key(selling, "eu", amount="3.00"), key(selling, "us", amount="3.00")]
    for document, prices in ((SET, both), (SET, both[1:]), (REMOVE, [key(selling, "eu"), key(selling, "us")])):
        assert codes(await caller.send(document, {"prices": prices})) == [BEYOND]
    assert await selling.rows(STORED) == before
    assert await selling.audit() == []
    assert (await caller(SET, {"prices": both[:1]}))["pricesSet"] == {"__typename": "PricesSet"}


async def test_prices_of_other_channels_are_not_there(selling: Selling) -> None:
    begins = {"beginsAt": "2027-01-01T00:00:00Z", "amount": "3.00"}
    every = [key(selling, channel, **more) for channel in ("us", "eu") for more in ({"amount": "4.00"}, begins)]
    assert await selling.change(SET, {"prices": every}) == {"__typename": "PricesSet"}
    found = await pricer(selling, "eu")(READ)
    only = [{"channel": {"code": "eu"}}]
    assert found["productVariant"] == {"prices": only, "scheduledPrices": only}
    assert {each["channel"]["code"] for each in found["priceChanges"]["nodes"]} == {"eu"}
    american = {"filter": {"channel": {"eq": selling.channels["us"]}}}
    assert (await pricer(selling, "eu")(READ, american))["priceChanges"]["totalCount"] == 0
