"""What is stored of all that a batch of products names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog.models import AttributeKind, Product, VariantKey
from mercer.catalog.rules.placing import Known, StoredVariant, TypeAttribute
from mercer.catalog.rules.slugs import candidates

_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('mercer.catalog', 0))")
_IDS = sa.text("SELECT uuidv7() FROM generate_series(1, :count)")
_ATTRIBUTES = sa.text("""
    SELECT t.code AS product_type, t.id AS product_type_id, a.id, a.code, a.kind
    FROM catalog.product_type t
    LEFT JOIN catalog.product_type_attribute ta ON ta.product_type_id = t.id
    LEFT JOIN catalog.attribute a ON a.id = ta.attribute_id
    WHERE t.code = ANY(:codes)
""")
_CHOICES = sa.text("SELECT attribute_id, code, id FROM catalog.attribute_choice WHERE attribute_id = ANY(:ids)")
_CATEGORIES = sa.text("""
    SELECT slug, id FROM catalog.category WHERE slug = ANY(:slugs)
    UNION ALL
    SELECT slug, category_id FROM catalog.former_category_slug WHERE slug = ANY(:slugs)
""")
_LOCKED_PRODUCTS = sa.text("""
    SELECT id, slug FROM catalog.product
    WHERE id IN (SELECT product_id FROM catalog.variant WHERE sku = ANY(:skus))
    ORDER BY id FOR UPDATE
""")
_VARIANTS = sa.text("""
    SELECT v.sku, v.id, v.product_id, NOT EXISTS (
        SELECT FROM catalog.variant earlier
        WHERE earlier.product_id = v.product_id AND (earlier.position, earlier.id) < (v.position, v.id)
    ) AS is_first
    FROM catalog.variant v WHERE v.sku = ANY(:skus)
""")
_SLUGS = sa.text("""
    SELECT slug, product_id FROM catalog.former_product_slug WHERE slug = ANY(:slugs)
    UNION ALL
    SELECT slug, id FROM catalog.product WHERE slug = ANY(:slugs)
""")
_KEYS = sa.text("SELECT sku, id, product_id FROM catalog.variant WHERE sku = ANY(:skus)")
_SOLD = sa.text("""
    SELECT id, product_id FROM catalog.variant WHERE product_id = ANY(:product_ids) AND archived_at IS NULL
""")
_PRODUCT_IDS = sa.text("SELECT id FROM catalog.product WHERE id > :after ORDER BY id LIMIT :limit")


async def lock_catalogue(connection: AsyncConnection) -> None:
    """Let nobody else store products until the transaction ends: slugs and choices are given one after another."""
    await connection.execute(_LOCK)


async def load_known(connection: AsyncConnection, products: Sequence[Product], *, channels: dict[str, UUID]) -> Known:
    """All that these products name, their stored rows locked."""
    types, attributes = await _load_types(connection, {product.product_type for product in products})
    skus = [variant.sku for product in products for variant in product.variants]
    slugs = {row.id: row.slug for row in await connection.execute(_LOCKED_PRODUCTS, {"skus": skus})}
    variants = {
        row.sku: StoredVariant(row.id, row.product_id, row.is_first)
        for row in await connection.execute(_VARIANTS, {"skus": skus})
    }
    new = [product for product in products if product.variants[0].sku not in variants]
    ids = await connection.scalars(_IDS, {"count": len(products) + len(skus) - len(variants)})
    return Known(
        ids=iter(ids.all()),
        product_types=types,
        attributes=attributes,
        categories=await _load_categories(connection, {product.category for product in products}),
        channels=channels,
        variants=variants,
        slugs=slugs,
        slug_owners=await _load_slug_owners(connection, products, new),
    )


async def find_variants(connection: AsyncConnection, skus: Sequence[str]) -> dict[str, VariantKey]:
    rows = await connection.execute(_KEYS, {"skus": list(skus)})
    return {row.sku: VariantKey(id=row.id, product_id=row.product_id) for row in rows}


async def list_sold_variants(connection: AsyncConnection, product_ids: Sequence[UUID]) -> list[VariantKey]:
    rows = await connection.execute(_SOLD, {"product_ids": list(product_ids)})
    return [VariantKey(id=row.id, product_id=row.product_id) for row in rows]


async def list_product_ids(connection: AsyncConnection, *, after: UUID, limit: int) -> Sequence[UUID]:
    return (await connection.scalars(_PRODUCT_IDS, {"after": after, "limit": limit})).all()


async def _load_types(
    connection: AsyncConnection, codes: Collection[str]
) -> tuple[dict[str, UUID], dict[UUID, dict[str, TypeAttribute]]]:
    types: dict[str, UUID] = {}
    attributes: dict[UUID, dict[str, TypeAttribute]] = defaultdict(dict)
    rows = (await connection.execute(_ATTRIBUTES, {"codes": list(codes)})).all()
    choices = await _load_choices(connection, {row.id for row in rows if row.id is not None})
    for row in rows:
        types[row.product_type] = row.product_type_id
        if row.id is not None:
            attribute = TypeAttribute(row.id, AttributeKind(row.kind), choices[row.id])
            attributes[row.product_type_id][row.code] = attribute
    return types, attributes


async def _load_choices(connection: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, dict[str, UUID]]:
    choices: dict[UUID, dict[str, UUID]] = defaultdict(dict)
    for row in await connection.execute(_CHOICES, {"ids": list(ids)}):
        choices[row.attribute_id][row.code] = row.id
    return choices


async def _load_categories(connection: AsyncConnection, slugs: Iterable[str | None]) -> dict[str, UUID]:
    rows = await connection.execute(_CATEGORIES, {"slugs": [slug for slug in slugs if slug is not None]})
    return {row.slug: row.id for row in rows}


async def _load_slug_owners(
    connection: AsyncConnection, products: Sequence[Product], new: Sequence[Product]
) -> dict[str, UUID]:
    wanted = {product.slug for product in products if product.slug is not None}
    for product in new:
        if product.slug is None:
            wanted.update(candidates(product.name, key=product.variants[0].sku))
    rows: Iterable[Any] = await connection.execute(_SLUGS, {"slugs": list(wanted)})
    return {row.slug: row.product_id for row in rows}
