"""What can be seeded. Each verb opens its own transactions; done again, it changes nothing."""

from collections.abc import Callable, Sequence
from uuid import UUID

from mercer.catalog import service as catalog
from mercer.channels import service as channels
from mercer.demo import catalogue, content, shop
from mercer.demo.errors import SeedRejected, ShopInUse
from mercer.identity import service as identity
from mercer.identity.models import DEMO_ACCOUNTS
from mercer.inventory import service as inventory
from mercer.media import service as media
from mercer.platform.context import Context
from mercer.platform.transactions import transaction
from mercer.pricing import service as pricing
from mercer.values.stored import Stored

Report = Callable[[int], None]
"""Told how many products are done."""

_BATCH = 2_000


async def is_empty(context: Context) -> bool:
    """Whether there is no product yet."""
    async with transaction(context) as within:
        return await _has_no_product(within)


async def seed_demo(context: Context) -> Stored:
    """Put the demonstration shop into the database and its pictures into the object store; counts are of products.

    What was changed of it is put back. Raises `ShopInUse`, `SeedRejected`.
    """
    async with transaction(context) as within:
        await _refuse_other_shop(within)
        await media.place_drawings(context, drawings=shop.pictures())
        await _store_frame(within)
        await catalog.store_categories(within, categories=shop.categories())
        return await _store_items(within, shop.items())


async def seed_accounts(context: Context) -> int:
    """Make a staff and a customer account whose passwords everybody knows. Never in production.

    Returns how many were made; those that are there are left as they are.
    """
    if context.settings.is_production:
        return 0
    return sum([await identity.store_demo_account(context, account=account) for account in DEMO_ACCOUNTS])


async def seed_catalogue(context: Context, *, products: int, report: Report) -> Stored:
    """Put this many generated products into the database, some thousands in each transaction; counts are of products.

    Interrupted and done again, or with a larger number, it goes on. Raises as `seed_demo`.
    """
    async with transaction(context) as within:
        await _refuse_other_shop(within)
        await _store_frame(within)
        await catalog.store_categories(within, categories=list(catalogue.categories()))
    await media.place_drawings(context, drawings=catalogue.pictures())
    total = Stored(created=0, updated=0, unchanged=0)
    for start in range(0, products, _BATCH):
        stop = min(start + _BATCH, products)
        async with transaction(context) as within:
            stored = await _store_items(within, [catalogue.item(number) for number in range(start, stop)])
        total = _sum(total, stored)
        report(stop)
    return total


async def _has_no_product(context: Context) -> bool:
    return not await catalog.list_product_ids(context, after=UUID(int=0), limit=1)


async def _refuse_other_shop(context: Context) -> None:
    """Let seeds only into a shop that is empty or was seeded before. Raises `ShopInUse`."""
    if await _has_no_product(context):
        return
    skus = [product.variants[0].sku for product in content.products()]
    skus.append(catalogue.sku(0, variant=0))
    if not await catalog.find_variants(context, skus=skus):
        raise ShopInUse


async def _store_frame(context: Context) -> None:
    """Store what both kinds of products stand in."""
    stored = await channels.store_channels(context, channels=shop.channels())
    if stored.created or stored.updated:
        await catalog.complete_search(context)
    await inventory.store_warehouses(context, warehouses=shop.warehouses())
    await catalog.store_product_types(context, product_types=shop.product_types())


async def _store_items(context: Context, items: Sequence[shop.Item]) -> Stored:
    stored = await catalog.store_products(context, products=[item.product for item in items])
    _refuse_rejections(stored)
    prices = [price for item in items for price in item.prices]
    _refuse_rejections(await pricing.store_prices(context, prices=prices))
    levels = [level for item in items for level in item.levels]
    _refuse_rejections(await inventory.store_levels(context, levels=levels))
    return Stored(created=stored.created, updated=stored.updated, unchanged=stored.unchanged)


def _refuse_rejections(stored: Stored) -> None:
    if stored.rejected:
        raise SeedRejected(stored.rejected[0].error)


def _sum(total: Stored, stored: Stored) -> Stored:
    return Stored(
        created=total.created + stored.created,
        updated=total.updated + stored.updated,
        unchanged=total.unchanged + stored.unchanged,
    )
