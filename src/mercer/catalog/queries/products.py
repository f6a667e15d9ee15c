"""Products, their variants, slugs and publications, taken from staged rows to their tables."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog.models import Translations
from mercer.catalog.rules.placing import Placed
from mercer.platform.staging import stage

_FORMER_SLUGS = sa.text("""
    INSERT INTO catalog.former_product_slug (slug, product_id)
    SELECT p.slug, p.id FROM staged_product s JOIN catalog.product p ON p.id = s.id WHERE p.slug <> s.slug
""")
_SLUGS_IN_USE_AGAIN = sa.text("""
    DELETE FROM catalog.former_product_slug f USING staged_product s WHERE f.product_id = s.id AND f.slug = s.slug
""")
_PRODUCTS = sa.text("""
    MERGE INTO catalog.product p USING staged_product s ON p.id = s.id
    WHEN NOT MATCHED THEN INSERT (
        id, product_type_id, category_id, slug, name, name_translations, description, description_translations, tags,
        created_at, updated_at
    ) VALUES (
        s.id, s.product_type_id, s.category_id, s.slug, s.name, coalesce(s.name_translations, '{}'),
        coalesce(s.description, ''), coalesce(s.description_translations, '{}'), coalesce(s.tags, '{}'), :now, :now
    )
    WHEN MATCHED AND (
        p.product_type_id, p.category_id, p.slug, p.name, p.name_translations, p.description,
        p.description_translations, p.tags
    ) IS DISTINCT FROM (
        s.product_type_id, coalesce(s.category_id, p.category_id), s.slug, s.name,
        coalesce(s.name_translations, p.name_translations), coalesce(s.description, p.description),
        coalesce(s.description_translations, p.description_translations), coalesce(s.tags, p.tags)
    ) THEN UPDATE SET
        product_type_id = s.product_type_id,
        category_id = coalesce(s.category_id, p.category_id),
        slug = s.slug,
        name = s.name,
        name_translations = coalesce(s.name_translations, p.name_translations),
        description = coalesce(s.description, p.description),
        description_translations = coalesce(s.description_translations, p.description_translations),
        tags = coalesce(s.tags, p.tags),
        updated_at = :now,
        version = p.version + 1
    RETURNING p.id
""")
_VARIANTS = sa.text("""
    WITH merged AS (
        MERGE INTO catalog.variant v USING staged_variant s ON v.id = s.id
        WHEN NOT MATCHED THEN INSERT (
            id, product_id, sku, barcode, name, name_translations, weight_grams, cost_amount, cost_currency, position,
            archived_at
        ) VALUES (
            s.id, s.product_id, s.sku, s.barcode, coalesce(s.name, ''), coalesce(s.name_translations, '{}'),
            s.weight_grams, s.cost_amount, s.cost_currency, s.position,
            CASE WHEN s.is_archived THEN CAST(:now AS timestamptz) END
        )
        WHEN MATCHED AND (
            v.barcode, v.name, v.name_translations, v.weight_grams, v.cost_amount, v.cost_currency, v.position,
            v.archived_at IS NOT NULL
        ) IS DISTINCT FROM (
            coalesce(s.barcode, v.barcode), coalesce(s.name, v.name),
            coalesce(s.name_translations, v.name_translations), coalesce(s.weight_grams, v.weight_grams),
            coalesce(s.cost_amount, v.cost_amount), coalesce(s.cost_currency, v.cost_currency), s.position,
            s.is_archived
        ) THEN UPDATE SET
            barcode = coalesce(s.barcode, v.barcode),
            name = coalesce(s.name, v.name),
            name_translations = coalesce(s.name_translations, v.name_translations),
            weight_grams = coalesce(s.weight_grams, v.weight_grams),
            cost_amount = coalesce(s.cost_amount, v.cost_amount),
            cost_currency = coalesce(s.cost_currency, v.cost_currency),
            position = s.position,
            archived_at = CASE WHEN s.is_archived THEN coalesce(v.archived_at, :now) END,
            version = v.version + 1
        RETURNING v.product_id
    )
    SELECT DISTINCT product_id FROM merged
""")
_PUBLICATIONS = sa.text("""
    WITH merged AS (
        MERGE INTO catalog.publication p
        USING (
            SELECT s.product_id, s.channel_id, s.publish_at, s.unpublish_at,
                CASE WHEN d.archived_at IS NULL THEN s.status ELSE 'archived' END AS status,
                CASE WHEN d.archived_at IS NOT NULL THEN s.status END AS status_before,
                CASE
                    WHEN d.archived_at IS NOT NULL OR s.status <> 'published' THEN NULL
                    WHEN s.publish_at > :now THEN s.publish_at
                    WHEN s.unpublish_at > :now THEN s.unpublish_at
                END AS changes_at
            FROM (
                SELECT s.product_id, s.channel_id, s.status, s.unpublish_at, coalesce(
                    s.publish_at,
                    CASE
                        WHEN s.status <> 'published' OR coalesce(p.status_before, p.status) = 'published'
                        THEN p.publish_at
                    END,
                    :now
                ) AS publish_at
                FROM staged_publication s
                LEFT JOIN catalog.publication p ON p.product_id = s.product_id AND p.channel_id = s.channel_id
            ) s
            JOIN catalog.product d ON d.id = s.product_id
        ) s
        ON p.product_id = s.product_id AND p.channel_id = s.channel_id
        WHEN NOT MATCHED THEN INSERT (
            product_id, channel_id, status, status_before, publish_at, unpublish_at, changes_at
        ) VALUES (
            s.product_id, s.channel_id, s.status, s.status_before, s.publish_at, s.unpublish_at, s.changes_at
        )
        WHEN MATCHED AND (p.status, p.status_before, p.publish_at, p.unpublish_at) IS DISTINCT FROM
            (s.status, s.status_before, s.publish_at, s.unpublish_at)
        THEN UPDATE SET status = s.status, status_before = s.status_before, publish_at = s.publish_at,
            unpublish_at = s.unpublish_at, changes_at = s.changes_at
        RETURNING p.product_id
    )
    SELECT DISTINCT product_id FROM merged
""")
_TOUCH = sa.text("UPDATE catalog.product SET updated_at = :now, version = version + 1 WHERE id = ANY(:ids)")


async def write_products(connection: AsyncConnection, placed: Sequence[Placed], *, now: datetime) -> set[UUID]:
    """Write the products' own rows. Returns the ids of those created or changed."""
    columns = {
        "id": "uuid",
        "product_type_id": "uuid",
        "category_id": "uuid",
        "slug": "text",
        "name": "text",
        "name_translations": "jsonb",
        "description": "text",
        "description_translations": "jsonb",
        "tags": "text[]",
    }
    await stage(connection, "staged_product", columns, map(_product_row, placed))
    await connection.execute(_FORMER_SLUGS)
    await connection.execute(_SLUGS_IN_USE_AGAIN)
    return set((await connection.scalars(_PRODUCTS, {"now": now})).all())


async def write_variants(connection: AsyncConnection, placed: Sequence[Placed], *, now: datetime) -> set[UUID]:
    """Write their variants. Returns the ids of the products with one created or changed."""
    columns = {
        "id": "uuid",
        "product_id": "uuid",
        "sku": "text",
        "barcode": "text",
        "name": "text",
        "name_translations": "jsonb",
        "weight_grams": "integer",
        "cost_amount": "bigint",
        "cost_currency": "text",
        "position": "integer",
        "is_archived": "boolean",
    }
    await stage(connection, "staged_variant", columns, _variant_rows(placed))
    return set((await connection.scalars(_VARIANTS, {"now": now})).all())


async def write_publications(connection: AsyncConnection, placed: Sequence[Placed], *, now: datetime) -> set[UUID]:
    """Write where they are published. Returns the ids of the products with a change."""
    columns = {
        "product_id": "uuid",
        "channel_id": "uuid",
        "status": "text",
        "publish_at": "timestamptz",
        "unpublish_at": "timestamptz",
    }
    rows = (
        (each.id, channel_id, publication.status.value, publication.publish_at, publication.unpublish_at)
        for each in placed
        for channel_id, publication in each.publications
    )
    await stage(connection, "staged_publication", columns, rows)
    return set((await connection.scalars(_PUBLICATIONS, {"now": now})).all())


async def touch_products(connection: AsyncConnection, ids: Collection[UUID], *, now: datetime) -> None:
    """Note that something that belongs to these products changed."""
    await connection.execute(_TOUCH, {"ids": list(ids), "now": now})


def to_json(translations: Translations | None) -> str | None:
    """Translations as COPY takes them."""
    return None if translations is None else msgspec.json.encode(translations).decode()


def _product_row(placed: Placed) -> tuple[Any, ...]:
    product = placed.product
    return (
        placed.id,
        placed.product_type_id,
        placed.category_id,
        placed.slug,
        product.name,
        to_json(product.name_translations),
        product.description,
        to_json(product.description_translations),
        product.tags,
    )


def _variant_rows(placed: Sequence[Placed]) -> Iterator[tuple[Any, ...]]:
    for each in placed:
        for position, (variant_id, variant) in enumerate((placed.id, placed.variant) for placed in each.variants):
            yield (
                variant_id,
                each.id,
                variant.sku,
                variant.barcode,
                variant.name,
                to_json(variant.name_translations),
                variant.weight_grams,
                variant.cost and variant.cost.amount,
                variant.cost and variant.cost.currency,
                position,
                variant.is_archived,
            )
