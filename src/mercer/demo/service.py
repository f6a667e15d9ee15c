"""What can be seeded. Each verb opens its own transactions; done again, it changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from mercer.catalog import service as catalog
from mercer.channels import service as channels
from mercer.demo import catalogue, content, history, shop, trade
from mercer.demo.buying import At, Buyer, Place, buy, follow_up
from mercer.demo.errors import SeedRejected, ShopInUse
from mercer.identity import service as identity
from mercer.identity.models import DEMO_ACCOUNTS, NewCustomer
from mercer.inventory import service as inventory
from mercer.media import service as media
from mercer.orders import service as orders_service
from mercer.orders.models import OrderHead
from mercer.payments import service as payments
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.platform.transactions import transaction
from mercer.pricing import service as pricing
from mercer.shipping import service as shipping
from mercer.tax import service as tax
from mercer.values.stored import Stored

Report = Callable[[int], None]
"""Told how many products are done."""

_BATCH = 2_000
_ORDERS = 5_000
_FIRST_NUMBER = 1001
"""Of each channel's orders."""


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
        stored = await _store_items(within, shop.items())
        await _classify(within)
        return stored


async def seed_accounts(context: Context) -> int:
    """Make a staff and a customer account whose passwords everybody knows. Never in production.

    Returns how many were made; those that are there are left as they are.
    """
    if context.settings.is_production:
        return 0
    return sum([await identity.store_demo_account(context, account=account) for account in DEMO_ACCOUNTS])


async def seed_purchases(context: Context, *, at: At) -> int:
    """Have people buy in the demonstration shop, which is there: an order in each state. Returns how many were placed.

    They are placed as everybody's are: stock, ledger, timelines and mails follow. `at` gives the contexts of the
    moments at which that happens. Done again, it goes on with those that are missing; in a channel in which others
    have bought before, nothing is. Never in production, which has no simulated provider. Raises `SeedRejected`.
    """
    if context.settings.is_production:
        return 0
    people = content.purchases().people
    accounts = [person for person in people.values() if person.is_customer]
    async with transaction(context) as within:
        places = await _find_places(within)
        ids = await identity.store_customers(
            within,
            customers=[NewCustomer(email=each.email, name=each.name, language=each.language) for each in accounts],
        )
    placed = 0
    for code, place in places.items():
        bought = [each for each in content.purchases().purchases if each.channel == code]
        for number, purchase in enumerate(bought, _FIRST_NUMBER):
            head = await _find_order(context, f"{code.upper()}-{number}")
            person = people[purchase.person]
            if head is not None and head.email != person.email:
                break
            if head is not None:
                continue
            when = context.now - timedelta(days=purchase.days_ago)
            buyer = Buyer(person=person, customer_id=ids.get(person.email))
            try:
                order_id = await buy(at(when), purchase, buyer, place)
                await follow_up(at, when, order_id, purchase, place)
            except DomainError as error:
                raise SeedRejected(error) from error
            placed += 1
    return placed


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


async def seed_orders(context: Context, *, orders: int, report: Report) -> Stored:
    """Put this many generated past orders into the database, some thousands in each transaction; counts are of orders.

    Neither stock nor ledger nor anybody's mailbox hears of them. Interrupted and done again, or with a larger number,
    it goes on. Raises `ShopInUse`, `SeedRejected`.
    """
    async with transaction(context) as within:
        await _refuse_other_shop(within)
        await _store_frame(within)
        ground = await _survey(within)
    total = Stored(created=0, updated=0, unchanged=0)
    for start in range(0, orders, _ORDERS):
        stop = min(start + _ORDERS, orders)
        bought = [history.bought(number, ground) for number in range(start, stop)]
        customers = {each.customer.email: each.customer for each in bought if each.customer}
        async with transaction(context) as within:
            ids = await identity.store_customers(within, customers=list(customers.values()))
            given = [
                replace(each.order, customer_id=ids[each.customer.email]) if each.customer else each.order
                for each in bought
            ]
            stored = await orders_service.store_past_orders(within, orders=given)
            _refuse_rejections(stored)
        total = _sum(total, stored)
        report(stop)
    return total


async def _survey(context: Context) -> history.Ground:
    """What past orders are generated from."""
    standard = await tax.default_class(context)
    skus = [variant.sku for product in content.products() for variant in product.variants]
    rates = {}
    for spot in (spot for spots in history.SPOTS.values() for spot in spots):
        found = await tax.find_rates(
            context, country=spot.country, region=spot.region, postal_code=spot.postal_code, class_ids=[standard]
        )
        rates[spot] = found[standard]
    return history.Ground(
        channels={channel.code: channel.id for channel in await channels.list_channels(context)},
        variants=await catalog.find_variants(context, skus=skus),
        rates=rates,
    )


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
    await tax.store_eu_vat(context)
    await tax.store_zones(context, zones=trade.tax_zones())
    await tax.store_rates(context, rates=trade.tax_rates())
    await shipping.store_zones(context, zones=trade.shipping_zones())
    await shipping.store_methods(context, methods=trade.shipping_methods())
    await payments.store_offers(context, offers=trade.offers())


async def _classify(context: Context) -> None:
    """Tax the shop's products as what they are."""
    classes = await tax.find_class_ids(context)
    first_skus = {product.slug: product.variants[0].sku for product in content.products()}
    known = await catalog.find_variants(context, skus=list(first_skus.values()))
    for code, slugs in trade.tax_classes().items():
        ids = [known[first_skus[slug]].product_id for slug in slugs]
        await tax.assign_class(context, product_ids=ids, tax_class_id=classes[code])


async def _find_places(context: Context) -> dict[str, Place]:
    """The channels that are bought in, by code."""
    skus = sorted({sku for purchase in content.purchases().purchases for sku in purchase.lines})
    variants = await catalog.find_variants(context, skus=skus)
    weights = {each.sku: each.weight for product in content.products() for each in product.variants}
    levels = [level for item in shop.items() for level in item.levels]
    served = {each.code: each.channel for each in content.shop().warehouses}
    return {
        channel.code: Place(
            channel_id=channel.id,
            variants=variants,
            weights=weights,
            levels=[level for level in levels if served[level.warehouse] == channel.code],
        )
        for channel in await channels.list_channels(context)
        if any(purchase.channel == channel.code for purchase in content.purchases().purchases)
    }


async def _find_order(context: Context, number: str) -> OrderHead | None:
    async with transaction(context) as within:
        return await orders_service.find_order_of_number(within, number=number)


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
