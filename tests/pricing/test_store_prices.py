from collections.abc import AsyncIterator

import pytest
from tests.contents import fetch
from tests.factories.shop import a_shop, mug
from tests.fixtures import writing

from mercer.catalog.models import Variant
from mercer.catalog.service import store_products
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.pricing.models import Price
from mercer.pricing.service import store_prices

RANGES = """
    SELECT c.code, r.currency, r.start_amount, r.stop_amount FROM pricing.listed_range r
    JOIN catalog.product p ON p.id = r.product_id JOIN channels.channel c ON c.id = r.channel_id
    WHERE p.slug = '{slug}' ORDER BY c.code
"""


@pytest.fixture
async def context(fresh: Settings) -> AsyncIterator[Context]:
    async with writing(fresh) as context:
        await a_shop(context)
        yield context


async def test_every_product_that_may_be_seen_has_a_range(context: Context) -> None:
    assert await fetch(context.db, RANGES.format(slug="steel-mug")) == [
        ("eu", "EUR", 1399, 1599),
        ("us", "USD", 1250, 1500),
    ]
    assert await fetch(context.db, RANGES.format(slug="unpriced-bag")) == [("us", "USD", None, None)]


async def test_archived_variants_are_not_listed(context: Context) -> None:
    listed = (
        "SELECT DISTINCT v.sku FROM pricing.listed JOIN catalog.variant v ON v.id = variant_id "
        "WHERE sku ~ 'MUG-1' AND is_sold"
    )
    assert sorted(await fetch(context.db, listed)) == [("MUG-1-B",), ("MUG-1-R",)]
    archived = [Variant(sku="MUG-1-R"), Variant(sku="MUG-1-B", is_archived=True)]
    await store_products(context, products=[mug("Steel Mug", "MUG-1-R", variants=archived)])
    assert await fetch(context.db, listed) == [("MUG-1-R",)]
    assert await fetch(context.db, RANGES.format(slug="steel-mug")) == [
        ("eu", "EUR", 1399, 1399),
        ("us", "USD", 1250, 1250),
    ]


async def test_prices_are_created_changed_left_alone_and_removed(context: Context) -> None:
    prices = [
        Price(sku="BAG-2", channel="us", amount=500, before_amount=600),
        Price(sku="MUG-1-R", channel="us", amount=1000),
        Price(sku="CLAY-1", channel="us", amount=2000),
        Price(sku="GLASS-1", channel="us", amount=None),
        Price(sku="BAG-2", channel="eu", amount=None),
    ]
    stored = await store_prices(context, prices=prices)
    assert (stored.created, stored.updated, stored.unchanged, stored.rejected) == (1, 2, 2, ())
    ranges = [
        await fetch(context.db, RANGES.format(slug=slug)) for slug in ("unpriced-bag", "steel-mug", "apfel-glass")
    ]
    assert [each[-1:] for each in ranges[:2]] == [[("us", "USD", 500, 500)], [("us", "USD", 1000, 1500)]]
    listed = "SELECT amount, before_amount FROM pricing.listed JOIN catalog.variant v ON v.id = variant_id "
    assert await fetch(context.db, listed + "WHERE sku = 'BAG-2'") == [(500, 600)]
    glass = (
        "SELECT currency, amount FROM pricing.listed JOIN catalog.variant v ON v.id = variant_id WHERE sku = 'GLASS-1'"
    )
    assert await fetch(context.db, glass) == [("EUR", 899)]


async def test_faulty_prices_are_rejected_and_the_others_stored(context: Context) -> None:
    prices = [
        Price(sku="NOPE", channel="us", amount=1),
        Price(sku="BAG-2", channel="mars", amount=1),
        Price(sku="BAG-2", channel="us", amount=-1),
        Price(sku="BAG-2", channel="us", amount=10**15 + 1),
        Price(sku="BAG-2", channel="us", amount=5, before_amount=5),
        Price(sku="BAG-2", channel="us", amount=None, before_amount=5),
        Price(sku="BAG-2", channel="us", amount=7),
        Price(sku="BAG-2", channel="us", amount=8),
    ]
    stored = await store_prices(context, prices=prices)
    assert (stored.created, stored.updated, stored.unchanged) == (1, 0, 0)
    assert [(each.index, type(each.error).__name__) for each in stored.rejected] == [
        (0, "VariantUnknown"),
        (1, "ChannelUnknown"),
        (2, "AmountInvalid"),
        (3, "AmountInvalid"),
        (4, "BeforeAmountInvalid"),
        (5, "BeforeAmountInvalid"),
        (7, "PriceRepeated"),
    ]
    assert await fetch(context.db, RANGES.format(slug="unpriced-bag")) == [("us", "USD", 7, 7)]
