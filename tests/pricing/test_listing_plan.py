"""A list sorted by price is read from its index, whatever is scheduled."""

import json
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from tests.factories.shop import MUG_TYPE, NOW, US, mug, published
from tests.fixtures import writing

from mercer.catalog.service import store_product_types, store_products
from mercer.channels.service import store_channels
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.pricing.models import Price
from mercer.pricing.service import store_prices

COUNT = 4_000
PAGE = """
    SELECT p.id FROM catalog.product p
    JOIN pricing.listed_range r ON r.product_id = p.id AND r.channel_id = :channel
        AND r.valid_from <= :now AND (r.valid_until IS NULL OR r.valid_until > :now)
    WHERE EXISTS (
        SELECT FROM catalog.publication u WHERE u.product_id = p.id AND u.channel_id = :channel
            AND u.status = 'published' AND u.publish_at <= :now AND (u.unpublish_at IS NULL OR u.unpublish_at > :now)
    )
    ORDER BY {value}, r.product_id {direction} LIMIT 25
"""
"""What the listing asks, without what it shows."""
SCHEDULE = """
    INSERT INTO pricing.scheduled_price (variant_id, channel_id, valid_from, valid_until, currency, amount)
    SELECT variant_id, channel_id, cast(:at AS timestamptz) + (n || ' days')::interval,
        cast(:at AS timestamptz) + (n || ' days 12 hours')::interval, currency, amount / 2
    FROM pricing.price, generate_series(1, 3) n
"""


async def test_the_listing_by_price_reads_as_many_rows_as_it_shows(fresh: Settings) -> None:
    async with writing(fresh) as context:
        await _fill(context)
        await context.db.execute(sa.text("ANALYZE"))
        [channel] = (await context.db.scalars(sa.text("SELECT id FROM channels.channel"))).all()
        for value, direction, index in (
            ("coalesce(r.start_amount, 9223372036854775807)", "", "ix_listed_range_cheapest"),
            ("coalesce(r.start_amount, -1) DESC", "DESC", "ix_listed_range_dearest"),
        ):
            query = PAGE.format(value=value, direction=direction)
            explained = sa.text(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
            plan = (await context.db.scalars(explained, {"channel": channel, "now": NOW})).one()
            nodes = list(_nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
            scans = [node for node in nodes if node.get("Index Name") == index]
            assert len(scans) == 1, nodes
            read = scans[0]["Actual Rows"] + scans[0].get("Rows Removed by Filter", 0)
            assert read < 500, scans
            assert not [node for node in nodes if node["Node Type"] == "Sort"]


async def _fill(context: Context) -> None:
    """Products with prices of their own, each with three windows to come: seven spans a product."""
    await store_channels(context, channels=[US])
    await store_product_types(context, product_types=[MUG_TYPE])
    mugs = [mug(f"Mug {n}", f"M-{n}", category=None, publications={"us": published()}) for n in range(COUNT)]
    assert (await store_products(context, products=mugs)).rejected == ()
    first = [Price(sku=f"M-{n}", channel="us", amount=1) for n in range(COUNT)]
    await store_prices(context, prices=first)
    await context.db.execute(sa.text(SCHEDULE), {"at": NOW + timedelta(hours=1)})
    await store_prices(context, prices=[Price(sku=f"M-{n}", channel="us", amount=1000 + n) for n in range(COUNT)])
    spans = sa.text("SELECT count(*) FROM pricing.listed_range")
    assert (await context.db.scalars(spans)).one() == COUNT * 7


def _nodes(plan: dict[str, Any]) -> Any:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
