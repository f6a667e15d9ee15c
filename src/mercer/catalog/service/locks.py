"""What the modules above hold on to while they write what belongs to products and variants."""

from collections.abc import Sequence
from uuid import UUID

from mercer.catalog.models.locked import LockedVariant
from mercer.catalog.queries import locks as queries
from mercer.platform.context import Context


async def lock_products(context: Context, *, product_ids: Sequence[UUID]) -> set[UUID]:
    """Lock these products, in order of their ids, as every change of a product does. Returns those that there are."""
    return await queries.lock_products(context.db, product_ids)


async def lock_variants(context: Context, *, variant_ids: Sequence[UUID]) -> dict[UUID, LockedVariant]:
    """Lock the products of these variants, in order of their ids, as every change of a product does.

    Returns the variants that there are, by id.
    """
    return await queries.lock_variants(context.db, variant_ids)


async def keep_variants(context: Context, *, variant_ids: Sequence[UUID]) -> dict[UUID, LockedVariant]:
    """Let nobody delete these variants until the transaction ends. Returns those that there are, by id."""
    return await queries.keep_variants(context.db, variant_ids)
