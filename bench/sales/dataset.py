"""The shop in which is bought: a seeded catalogue with plenty of stock, taxed, delivered and paid."""

from collections.abc import Sequence
from functools import partial
from typing import LiteralString

import psycopg

from bench.datasets import Dataset, seeded
from bench.sales.operations import CHANNEL
from mercer.inventory import service as inventory
from mercer.inventory.models import StockLevel
from mercer.payments import service as payments
from mercer.payments.models import OfferTerms
from mercer.platform.context import Context
from mercer.platform.transactions import transaction
from mercer.shipping import service as shipping
from mercer.shipping.models import RateBasis, ShippingMethod, ShippingZone
from mercer.tax import service as tax
from mercer.values.places import Area

PLENTY = 1_000_000
PROVIDERS = ("manual", "simulator")


def market(products: int) -> Dataset:
    """So many generated products, which can be bought."""
    return Dataset(f"bench_market_{products}", f"{products:,} seeded, for sale", partial(_fill, products=products))


def variants(database_url: str, *, most: int) -> list[str]:
    """The ids of variants that can be bought, of as many products."""
    with psycopg.connect(database_url) as connection:
        return [str(id_) for (id_,) in connection.execute(_VARIANTS, [CHANNEL, most]).fetchall()]


async def _fill(context: Context, *, products: int) -> None:
    await seeded(products).fill(context)
    async with transaction(context) as inner:
        await tax.store_eu_vat(inner, countries=["DE"])
        zone = ShippingZone(code="bench", name="Germany", areas=[Area(country="DE")], channels=[CHANNEL])
        await shipping.store_zones(inner, zones=[zone])
        await shipping.store_methods(inner, methods=[_method("bench", 490), _method("bench-express", 1_490)])
        await payments.store_offers(
            inner, offers=[OfferTerms(channel=CHANNEL, provider=provider) for provider in PROVIDERS]
        )
        await inventory.store_levels(inner, levels=await _plenty(inner))


def _method(code: str, amount: int) -> ShippingMethod:
    return ShippingMethod(
        code=code, name=code.title(), zone="bench", channel=CHANNEL, basis=RateBasis.FLAT, amount=amount
    )


async def _plenty(context: Context) -> Sequence[StockLevel]:
    rows = await context.db.exec_driver_sql(_LEVELS)
    return [StockLevel(sku=row.sku, warehouse=row.code, on_hand=PLENTY) for row in rows]


_LEVELS: LiteralString = """
    SELECT variant.sku, warehouse.code FROM inventory.stock
    JOIN catalog.variant ON variant.id = stock.variant_id
    JOIN inventory.warehouse ON warehouse.id = stock.warehouse_id
"""
_VARIANTS: LiteralString = """
    SELECT DISTINCT ON (variant.product_id) variant.id FROM catalog.variant
    JOIN catalog.publication ON publication.product_id = variant.product_id AND publication.status = 'published'
        AND publication.publish_at <= now() AND publication.unpublish_at IS NULL
    JOIN channels.channel ON channel.id = publication.channel_id AND channel.code = %s
    JOIN inventory.stock ON stock.variant_id = variant.id
    JOIN inventory.warehouse_channel USING (warehouse_id)
    WHERE warehouse_channel.channel_id = channel.id
        AND variant.archived_at IS NULL AND EXISTS (
            SELECT FROM pricing.price WHERE price.variant_id = variant.id AND price.channel_id = channel.id
        )
    ORDER BY variant.product_id, variant.id LIMIT %s
"""
