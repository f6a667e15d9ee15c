"""Variants and what tells them apart."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog import tables
from mercer.catalog.queries import rows
from mercer.catalog.queries.rows import Row

_STANDING = sa.text("""
    SELECT v.id, v.archived_at IS NOT NULL AS is_archived, ARRAY(
        SELECT c.option_value_id FROM catalog.variant_option_value c WHERE c.variant_id = v.id
    ) AS option_values
    FROM catalog.variant v WHERE v.product_id = ANY(:product_ids) ORDER BY v.position, v.id
""")
_OPTIONS = sa.text("""
    SELECT o.product_id, v.option_id, v.id FROM catalog.option o JOIN catalog.option_value v ON v.option_id = o.id
    WHERE o.product_id = ANY(:product_ids)
""")
_BARCODES = sa.text("SELECT DISTINCT barcode FROM catalog.variant WHERE barcode = ANY(:barcodes)")
_USES = sa.text("SELECT count(*) FROM catalog.variant_option_value WHERE option_value_id = ANY(:ids)")
_PRODUCTS = sa.text("SELECT id, product_id FROM catalog.variant WHERE id = ANY(:ids)")


class VariantStanding(NamedTuple):
    """Whether a variant is sold, and its values of the product's options."""

    is_archived: bool
    values: frozenset[UUID]


async def list_taken_barcodes(connection: AsyncConnection, barcodes: Collection[str]) -> set[str]:
    """Those of these barcodes that a variant has."""
    if not barcodes:
        return set()
    return set((await connection.scalars(_BARCODES, {"barcodes": list(barcodes)})).all())


async def find_owner(connection: AsyncConnection, *, sku: str | None = None, barcode: str | None = None) -> UUID | None:
    """The variant that has this SKU, or this barcode."""
    if sku is not None:
        return await rows.find(connection, tables.variant.c.sku, sku)
    return await rows.find(connection, tables.variant.c.barcode, barcode)


async def load_standing(connection: AsyncConnection, product_id: UUID) -> dict[UUID, VariantStanding]:
    """A product's variants in their order."""
    found = await connection.execute(_STANDING, {"product_ids": [product_id]})
    return {row.id: VariantStanding(row.is_archived, frozenset(row.option_values)) for row in found}


async def load_option_values(connection: AsyncConnection, product_id: UUID) -> dict[UUID, UUID]:
    """The values of a product's options, each with its option."""
    return {row.id: row.option_id for row in await connection.execute(_OPTIONS, {"product_ids": [product_id]})}


async def find_products(connection: AsyncConnection, variant_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The products of these variants."""
    return {row.id: row.product_id for row in await connection.execute(_PRODUCTS, {"ids": list(variant_ids)})}


async def write_values(connection: AsyncConnection, variant_id: UUID, values: Mapping[UUID, UUID]) -> None:
    """Give a variant these values, by option, and no others."""
    await rows.delete_in(connection, tables.variant_option_value.c.variant_id, variant_id)
    chosen = [
        {"variant_id": variant_id, "option_id": option, "option_value_id": value} for option, value in values.items()
    ]
    await rows.insert_many(connection, tables.variant_option_value, chosen)


async def count_uses(connection: AsyncConnection, option_value_ids: Sequence[UUID]) -> int:
    """How many variants have one of these values, archived ones included."""
    uses: int = (await connection.execute(_USES, {"ids": list(option_value_ids)})).scalar_one()
    return uses


async def list_rows(connection: AsyncConnection, product_id: UUID) -> Sequence[Row]:
    """A product's variants in their order."""
    return await rows.rows_in(connection, tables.variant.c.product_id, product_id)
