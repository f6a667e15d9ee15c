"""The products' verbs."""

from collections.abc import Sequence
from uuid import UUID

from mercer.catalog.models import Product, StoredProducts, VariantKey
from mercer.catalog.queries import details, lookups
from mercer.catalog.queries import products as queries
from mercer.catalog.rules.checks import checked_product
from mercer.catalog.rules.placing import Placed, place
from mercer.catalog.service.outdating import announce_stored
from mercer.catalog.service.search import refresh_search
from mercer.channels.service import list_channels, spoken_languages
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.values.stored import Rejection


async def store_products(context: Context, *, products: Sequence[Product]) -> StoredProducts:
    """Create or update products, some thousands at a time. A faulty one is rejected; the others are stored.

    Hand `touched` to `pricing.service.store_prices` or `refresh_listed` afterwards, in the same transaction.
    """
    rejected: list[Rejection] = []
    checked: list[tuple[int, Product]] = []
    for index, product in enumerate(products):
        try:
            checked.append((index, checked_product(product)))
        except DomainError as error:
            rejected.append(Rejection(index=index, error=error.with_traceback(None)))
    await lookups.lock_catalogue(context.db)
    channels = await list_channels(context)
    known = await lookups.load_known(
        context.db, [product for _, product in checked], channels={channel.code: channel.id for channel in channels}
    )
    placed: list[Placed] = []
    for index, product in checked:
        try:
            placed.append(place(product, known))
        except DomainError as error:
            rejected.append(Rejection(index=index, error=error.with_traceback(None)))
    touched = await write_placed(context, placed=placed)
    announce_stored(context, product_ids=touched)
    await refresh_search(context, product_ids=touched, languages=spoken_languages(channels))
    created = sum(each.is_new for each in placed)
    return StoredProducts(
        created=created,
        updated=len(touched) - created,
        unchanged=len(placed) - len(touched),
        rejected=tuple(sorted(rejected, key=lambda rejection: rejection.index)),
        touched=tuple(touched),
    )


async def find_variants(context: Context, *, skus: Sequence[str]) -> dict[str, VariantKey]:
    """The variants with these SKUs, by SKU."""
    return await lookups.find_variants(context.db, skus)


async def list_sold_variants(context: Context, *, product_ids: Sequence[UUID]) -> list[VariantKey]:
    """The variants of these products that are not archived."""
    return await lookups.list_sold_variants(context.db, product_ids)


async def list_product_ids(context: Context, *, after: UUID, limit: int) -> Sequence[UUID]:
    """The ids of all products, in order, a page at a time."""
    return await lookups.list_product_ids(context.db, after=after, limit=limit)


async def write_placed(context: Context, *, placed: Sequence[Placed]) -> list[UUID]:
    """Write the products and all that is theirs. Returns the ids of those created or changed, in order."""
    written = await queries.write_products(context.db, placed, now=context.now)
    touched = await queries.write_variants(context.db, placed, now=context.now)
    touched |= await details.write_attributes(context.db, placed)
    touched |= await details.write_options(context.db, placed)
    touched |= await details.write_media(context.db, placed)
    touched |= await queries.write_publications(context.db, placed, now=context.now)
    updated = [each.id for each in placed if each.id in written and not each.is_new]
    await details.drop_foreign_attributes(context.db, updated)
    await queries.touch_products(context.db, touched - written, now=context.now)
    return [each.id for each in placed if each.id in written or each.id in touched]
