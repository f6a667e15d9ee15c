"""Prices written by many at once."""

from datetime import timedelta

from tests.factories.shop import NOW
from tests.pricing.test_price_changes import SET, price
from tests.selling import Selling

DAY = timedelta(days=1)


async def test_overlapping_windows_at_once(racing: Selling) -> None:
    """One of them is set, whoever comes first."""
    results = await racing.at_once(
        racing.change(
            SET,
            {
                "prices": [
                    price(
                        racing,
                        "1",
                        beginsAt=(NOW + hour * timedelta(hours=1)).isoformat(),
                        endsAt=(NOW + 2 * DAY).isoformat(),
                    )
                ]
            },
        )
        for hour in range(1, 13)
    )
    kinds = [result["__typename"] for result in results]
    assert (kinds.count("PricesSet"), kinds.count("PriceWindowsOverlap")) == (1, 11)
    assert await racing.rows("SELECT count(*) FROM pricing.scheduled_price") == [(1,)]


async def test_opposite_orders_at_once(racing: Selling) -> None:
    """None waits for another in a circle, and what is listed is what is asked."""
    skus = ["MUG-1-R", "MUG-1-B", "CLAY-1", "GLASS-1", "BAG-1", "BAG-2", "US-1", "TRAVEL-1"]
    results = await racing.at_once(
        racing.change(
            SET,
            {"prices": [price(racing, str(number), sku=sku) for sku in (skus if number % 2 else reversed(skus))]},
        )
        for number in range(1, 13)
    )
    assert {result["__typename"] for result in results} == {"PricesSet"}
    differing = """
        SELECT count(*) FROM pricing.price p FULL JOIN pricing.listed l USING (variant_id, channel_id)
        WHERE p.amount IS DISTINCT FROM l.amount
    """
    assert await racing.rows(differing) == [(0,)]
    last = """
        SELECT count(*) FROM pricing.price p WHERE amount IS DISTINCT FROM (
            SELECT amount FROM pricing.price_change c
            WHERE c.variant_id = p.variant_id AND c.channel_id = p.channel_id ORDER BY at DESC, id DESC LIMIT 1
        )
    """
    assert await racing.rows(last) == [(0,)]
    deadlocks = await racing.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert deadlocks == [(0,)]


async def test_one_version_once(racing: Selling) -> None:
    results = await racing.at_once(
        racing.change(SET, {"prices": [price(racing, str(number), version=1)]}) for number in range(12)
    )
    kinds = [result["__typename"] for result in results]
    assert (kinds.count("PricesSet"), kinds.count("VersionConflict")) == (1, 11)


async def test_one_key_once(racing: Selling) -> None:
    """The fiftieth answer is the first one's, though the price has been changed since."""
    given = {"prices": [price(racing, "1.00")]}
    results = await racing.at_once(racing.change(SET, given, idempotency_key="once") for _ in range(50))
    assert all(result == results[0] for result in results)
    assert results[0]["__typename"] == "PricesSet"
    assert len(await racing.audit()) == 1
    assert await racing.rows("SELECT max(version) FROM pricing.price") == [(2,)]
