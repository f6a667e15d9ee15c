"""Which taxes hold: what prices are reckoned from."""

from collections.abc import Sequence
from uuid import UUID

from mercer.platform.context import Context
from mercer.tax.models import Taxes
from mercer.tax.queries import finding as queries
from mercer.tax.queries import settings
from mercer.values.basket import TaxRate
from mercer.values.places import postal_key, region_key


async def find_rates(
    context: Context, *, country: str, region: str | None, postal_code: str | None, class_ids: Sequence[UUID]
) -> dict[UUID, tuple[TaxRate, ...]]:
    """The rates that hold now, at this place, for goods of these classes: each class has an entry, by name.

    The most specific area that the place is in decides the zone: the longest beginning of its postal code, then its
    region, then its country. No zone, or no rate: not taxed. A class that is not there counts as the default one.
    """
    return await queries.list_rates(
        context.db,
        country=country,
        region=region_key(region, country=country),
        postal=postal_key(postal_code),
        class_ids=class_ids,
        now=context.now,
    )


async def find_classes(context: Context, *, product_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The class of each product: the default one, if it was given none."""
    return await queries.find_classes(context.db, product_ids)


async def find_taxes(
    context: Context,
    *,
    product_ids: Sequence[UUID],
    country: str,
    region: str | None,
    postal_code: str | None,
    class_ids: Sequence[UUID] = (),
) -> Taxes:
    """The classes of products, and the rates of these and of further classes: `find_classes` and `find_rates` at once.

    One statement.
    """
    classes, rates = await queries.find_taxes(
        context.db,
        product_ids=product_ids,
        class_ids=class_ids,
        country=country,
        region=region_key(region, country=country),
        postal=postal_key(postal_code),
        now=context.now,
    )
    return Taxes(classes=classes, rates=rates)


async def default_class(context: Context) -> UUID:
    """The class of all that was given none. There always is one."""
    return await queries.default_class(context.db)


async def find_class_ids(context: Context) -> dict[str, UUID]:
    """The classes that there are, by code."""
    return {known.code: known.id for known in await settings.load_classes(context.db)}
