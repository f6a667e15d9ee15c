"""Prices that hold from a moment on, until another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.callers import calling, shop_caller
from tests.factories.shop import NOW
from tests.pricing.test_price_changes import REMOVE, SET, key, price, set_prices
from tests.selling import Selling

from mercer.platform.context import Context
from mercer.platform.transactions import transaction
from mercer.pricing.jobs import follow_windows
from mercer.pricing.service import follow_windows as follow

ASK = """{ products(sort: {field: PRICE}, first: 3) { nodes { slug } }
    product(slug: "steel-mug") { priceRange { start { amount } stop { amount } } variants { price { amount before } } }
    cheap: products(filter: {price: {lte: "5.00"}}) { totalCount } }"""
DAY = timedelta(days=1)


def at(moment: datetime) -> str:
    return moment.isoformat()


async def seen_at(selling: Selling, moment: datetime) -> Any:
    """What a shopper sees of the mug: its range, its first variant's price, and whether it is the cheapest."""
    async with calling(selling.settings, now=moment) as http:
        found = await shop_caller(http)(ASK)
    mug = found["product"]
    first = mug["variants"][0]["price"]
    return (
        mug["priceRange"]["start"]["amount"],
        mug["priceRange"]["stop"]["amount"],
        first and first["amount"],
        found["products"]["nodes"][0]["slug"] == "steel-mug",
        found["cheap"]["totalCount"],
    )


async def test_a_scheduled_price_is_seen_from_its_beginning_until_its_end(selling: Selling) -> None:
    """Exactly, by filter and sort too, and before any job ran."""
    window = {"beginsAt": at(NOW + DAY), "endsAt": at(NOW + 2 * DAY), "beforeAmount": "12.50"}
    result = await set_prices(selling, price(selling, "4.00", **window))
    [variant] = result["variants"]
    assert variant["scheduledPrices"] == [
        {
            "channel": {"code": "us"},
            "amount": "4.00",
            "before": "12.50",
            "beginsAt": "2026-11-23T12:00:00.000000Z",
            "endsAt": "2026-11-24T12:00:00.000000Z",
            "version": 1,
        }
    ]
    usual, reduced = ("12.50", "15.00", "12.50", False, 0), ("4.00", "15.00", "4.00", True, 1)
    tick = timedelta(microseconds=1)
    for moment, expected in (
        (NOW, usual),
        (NOW + DAY - tick, usual),
        (NOW + DAY, reduced),
        (NOW + 2 * DAY - tick, reduced),
        (NOW + 2 * DAY, usual),
    ):
        assert await seen_at(selling, moment) == expected, moment


async def test_without_a_usual_price_there_is_one_in_the_window_alone(selling: Selling) -> None:
    await selling.change(REMOVE, {"prices": [key(selling)]})
    await set_prices(selling, price(selling, "4.00", endsAt=at(NOW + DAY)))
    assert await seen_at(selling, NOW) == ("4.00", "15.00", "4.00", True, 1)
    assert await seen_at(selling, NOW + DAY) == ("15.00", "15.00", None, False, 0)


@pytest.mark.parametrize(
    ("begins", "ends", "is_free"),
    [
        (0, 10, True),
        (0, 11, False),
        (20, None, True),
        (19, None, False),
        (12, 15, False),
        (5, 25, False),
        (10, 12, True),
    ],
)
async def test_windows_may_not_overlap(selling: Selling, begins: int, ends: int | None, *, is_free: bool) -> None:
    """They may touch. One that begins with another replaces it."""

    def window(begins: int, ends: int | None) -> dict[str, Any]:
        until = {} if ends is None else {"endsAt": at(NOW + ends * DAY)}
        return {"beginsAt": at(NOW + begins * DAY), **until}

    await set_prices(selling, price(selling, "4.00", **window(10, 20)))
    before = await selling.rows("SELECT * FROM pricing.scheduled_price")
    others = [
        price(selling, "3.00", **window(begins, ends), **other) for other in ({"sku": "CLAY-1"}, {"channel": "eu"})
    ]
    result = await set_prices(selling, *others, price(selling, "3.00", **window(begins, ends)))
    if is_free:
        assert result["__typename"] == "PricesSet"
        return
    assert result == {
        "__typename": "PriceWindowsOverlap",
        "message": "Another price is scheduled for some of this time.",
        "path": ["prices", "2"],
        "variantId": selling.variants["MUG-1-R"],
        "beginsAt": "2026-12-02T12:00:00.000000Z",
        "endsAt": "2026-12-12T12:00:00.000000Z",
    }
    assert await selling.rows("SELECT * FROM pricing.scheduled_price") == before


async def test_windows_of_one_call_may_not_overlap(selling: Selling) -> None:
    first = price(selling, "1", beginsAt=at(NOW + DAY))
    result = await set_prices(selling, first, price(selling, "2", beginsAt=at(NOW + 2 * DAY)))
    assert (result["__typename"], result["path"]) == ("PriceWindowsOverlap", ["prices", "1"])


async def test_a_hundred_windows_are_enough(selling: Selling) -> None:
    windows = [
        price(selling, "1", beginsAt=at(NOW + day * DAY), endsAt=at(NOW + (day + 1) * DAY)) for day in range(101)
    ]
    result = await set_prices(selling, *windows)
    assert result["fields"] == [
        {"path": ["prices", "100"], "message": "A variant has at most 100 scheduled prices in a channel."}
    ]
    assert (await set_prices(selling, *windows[:100]))["__typename"] == "PricesSet"
    assert (
        len(
            await selling.rows(
                "SELECT FROM pricing.listed_range WHERE product_id = :id", id=selling.products["steel-mug"]
            )
        )
        == 103
    )


async def test_beginnings_and_ends_are_told_once_and_noted(selling: Selling) -> None:
    window = {"beginsAt": at(NOW + DAY), "endsAt": at(NOW + 2 * DAY)}
    await set_prices(selling, price(selling, "4.00", **window), price(selling, "5.00", sku="CLAY-1", **window))
    events = len(await selling.events())

    async def told(moment: datetime) -> list[Any]:
        nonlocal events
        await follow_windows.run(replace(selling.context, now=moment))
        new = (await selling.events())[events:]
        events += len(new)
        return [set(payload["product_ids"]) for name, payload in new if name == "pricing.PricesChanged"]

    both = {selling.products["steel-mug"], selling.products["clay-cup"]}
    assert await told(NOW + DAY - timedelta(seconds=1)) == []
    assert await told(NOW + DAY) == [both]
    assert await told(NOW + DAY) == []
    assert await told(NOW + DAY + timedelta(minutes=1)) == []
    assert await told(NOW + 30 * DAY) == [both]
    assert await told(NOW + 2 * DAY) == []
    history = """SELECT c.at, c.amount FROM pricing.price_change c JOIN catalog.variant v ON v.id = c.variant_id
        JOIN channels.channel h ON h.id = c.channel_id WHERE v.sku = 'MUG-1-R' AND h.code = 'us' ORDER BY c.at, c.id"""
    assert await selling.rows(history) == [(NOW, 1250), (NOW + DAY, 400), (NOW + 2 * DAY, 1250)]


async def test_what_passed_unnoticed_is_noted_before_the_next_change(selling: Selling) -> None:
    window = {"beginsAt": at(NOW + DAY), "endsAt": at(NOW + 2 * DAY)}
    await set_prices(selling, price(selling, "4.00", **window))
    async with calling(selling.settings, now=NOW + 3 * DAY) as http:
        later = replace(selling, http=http)
        await later.change(SET, {"prices": [price(selling, "9.00")]})
    history = """SELECT c.at, c.amount FROM pricing.price_change c JOIN catalog.variant v ON v.id = c.variant_id
        JOIN channels.channel h ON h.id = c.channel_id WHERE v.sku = 'MUG-1-R' AND h.code = 'us' ORDER BY c.at, c.id"""
    assert await selling.rows(history) == [
        (NOW, 1250),
        (NOW + DAY, 400),
        (NOW + 2 * DAY, 1250),
        (NOW + 3 * DAY, 900),
    ]
    past = "SELECT count(*) FROM pricing.listed WHERE valid_until < :at"
    assert await selling.rows(past, at=NOW + 3 * DAY) == [(0,)]


async def test_many_are_followed_some_at_a_time(selling: Selling) -> None:
    window = {"beginsAt": at(NOW + DAY)}
    skus = ["MUG-1-R", "MUG-1-B", "CLAY-1", "GLASS-1", "BAG-2"]
    await set_prices(selling, *(price(selling, "1", sku=sku, **window) for sku in skus))
    later: Context = replace(selling.context, now=NOW + DAY)
    more = []
    for _ in range(4):
        async with transaction(later) as within:
            more.append(await follow(within, limit=2))
    assert more == [True, True, False, False]
    events = [payload for name, payload in await selling.events() if name == "pricing.PricesChanged"]
    assert len(events) == 4
    told = [id_ for payload in events[1:] for id_ in payload["product_ids"]]
    assert set(told) == {selling.products[slug] for slug in ("steel-mug", "clay-cup", "aepfel-glass", "unpriced-bag")}


async def test_far_away_times(selling: Selling) -> None:
    first, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
    result = await set_prices(selling, price(selling, "4.00", beginsAt=first, endsAt=last))
    assert result["__typename"] == "PricesSet"
    assert await seen_at(selling, NOW) == ("4.00", "15.00", "4.00", True, 1)
    assert await seen_at(selling, datetime(9998, 1, 1, tzinfo=UTC)) == ("4.00", "15.00", "4.00", True, 1)
