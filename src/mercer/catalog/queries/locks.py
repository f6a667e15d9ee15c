"""Locks for the modules above, which build on products and variants."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog.models.locked import LockedVariant

_PRODUCTS = sa.text("""
    SELECT FROM catalog.product WHERE id IN (SELECT product_id FROM catalog.variant WHERE id = ANY(:ids))
    ORDER BY id FOR NO KEY UPDATE
""")
_PRODUCTS_THEMSELVES = sa.text("""
    SELECT id FROM catalog.product WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE
""")
_VARIANTS = sa.text("""
    SELECT id, product_id, sku, archived_at IS NOT NULL AS is_archived FROM catalog.variant WHERE id = ANY(:ids)
""")
_KEPT = sa.text("""
    SELECT id, product_id, sku, archived_at IS NOT NULL AS is_archived FROM catalog.variant
    WHERE id = ANY(:ids) ORDER BY id FOR KEY SHARE
""")


async def lock_products(connection: AsyncConnection, product_ids: Sequence[UUID]) -> set[UUID]:
    return set((await connection.scalars(_PRODUCTS_THEMSELVES, {"ids": list(product_ids)})).all())


async def lock_variants(connection: AsyncConnection, variant_ids: Sequence[UUID]) -> dict[UUID, LockedVariant]:
    await connection.execute(_PRODUCTS, {"ids": list(variant_ids)})
    return _by_id(await connection.execute(_VARIANTS, {"ids": list(variant_ids)}))


async def keep_variants(connection: AsyncConnection, variant_ids: Sequence[UUID]) -> dict[UUID, LockedVariant]:
    return _by_id(await connection.execute(_KEPT, {"ids": list(variant_ids)}))


def _by_id(rows: sa.CursorResult[tuple[UUID, UUID, str, bool]]) -> dict[UUID, LockedVariant]:
    return {
        row.id: LockedVariant(id=row.id, product_id=row.product_id, sku=row.sku, is_archived=row.is_archived)
        for row in rows
    }
