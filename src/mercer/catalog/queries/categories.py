"""The category tree, taken from staged rows to its tables."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog.models import Category
from mercer.catalog.queries.products import to_json
from mercer.platform.staging import stage

_PARENTS = sa.text("""
    SELECT c.slug, p.slug AS parent FROM catalog.category c LEFT JOIN catalog.category p ON p.id = c.parent_id
""")
_CATEGORIES = sa.text("""
    MERGE INTO catalog.category c USING staged_category s ON c.slug = s.slug
    WHEN NOT MATCHED THEN INSERT (slug, name, name_translations, description, description_translations, position)
        VALUES (s.slug, s.name, s.name_translations, s.description, s.description_translations, s.position)
    WHEN MATCHED AND (c.name, c.name_translations, c.description, c.description_translations, c.position)
        IS DISTINCT FROM (s.name, s.name_translations, s.description, s.description_translations, s.position)
    THEN UPDATE SET name = s.name, name_translations = s.name_translations, description = s.description,
        description_translations = s.description_translations, position = s.position, version = c.version + 1
    RETURNING merge_action() AS action, c.slug, c.id
""")
_MOVED = sa.text("""
    UPDATE catalog.category c SET parent_id = p.id, version = c.version + CAST(c.id <> ALL(:created) AS integer)
    FROM staged_category s LEFT JOIN catalog.category p ON p.slug = s.parent
    WHERE c.slug = s.slug AND c.parent_id IS DISTINCT FROM p.id
    RETURNING c.slug, c.id
""")
_FORMER_SLUGS = sa.text("""
    SELECT f.slug, c.slug AS current FROM catalog.former_category_slug f JOIN catalog.category c ON c.id = f.category_id
    WHERE f.slug = ANY(:slugs)
""")
_IS_WITHIN = sa.text("""
    SELECT EXISTS (
        SELECT FROM catalog.category_ancestor WHERE category_id = :id AND ancestor_id = :ancestor_id
    )
""")
_NEXT_POSITION = sa.text("""
    SELECT coalesce(max(position) + 1, 0) FROM catalog.category
    WHERE parent_id IS NOT DISTINCT FROM CAST(:parent_id AS uuid)
""")
_GREATEST_DEPTH = sa.text("SELECT coalesce(max(depth), 0) FROM catalog.category_ancestor")
_MOVED_PRODUCTS = sa.text("""
    UPDATE catalog.product SET category_id = :to, updated_at = :now, version = version + 1
    WHERE category_id = :id RETURNING id
""")
_ANCESTORS = sa.text("""
    MERGE INTO catalog.category_ancestor t
    USING (
        WITH RECURSIVE above AS (
            SELECT id AS category_id, id AS ancestor_id, parent_id FROM catalog.category
            UNION ALL
            SELECT a.category_id, c.id, c.parent_id FROM above a JOIN catalog.category c ON c.id = a.parent_id
        ),
        depths AS (SELECT category_id, count(*) - 1 AS depth FROM above GROUP BY category_id)
        SELECT a.category_id, a.ancestor_id, d.depth FROM above a JOIN depths d ON d.category_id = a.ancestor_id
    ) s
    ON t.category_id = s.category_id AND t.ancestor_id = s.ancestor_id
    WHEN NOT MATCHED BY TARGET THEN INSERT (category_id, ancestor_id, depth)
        VALUES (s.category_id, s.ancestor_id, s.depth)
    WHEN NOT MATCHED BY SOURCE THEN DELETE
    WHEN MATCHED AND t.depth <> s.depth THEN UPDATE SET depth = s.depth
""")


async def load_parents(connection: AsyncConnection) -> dict[str, str | None]:
    """The slug of each category's parent, by its own slug."""
    return {row.slug: row.parent for row in await connection.execute(_PARENTS)}


async def load_current_slugs(connection: AsyncConnection, slugs: Collection[str]) -> dict[str, str]:
    """What the categories are called now that had one of these slugs before."""
    rows = await connection.execute(_FORMER_SLUGS, {"slugs": list(slugs)})
    return {row.slug: row.current for row in rows}


async def is_within(connection: AsyncConnection, id: UUID, ancestor_id: UUID) -> bool:
    """Whether a category is another one, or stands below it."""
    return bool(await connection.scalar(_IS_WITHIN, {"id": id, "ancestor_id": ancestor_id}))


async def next_position(connection: AsyncConnection, parent_id: UUID | None) -> int:
    """The place after those in a category, or at the root."""
    position: int = (await connection.execute(_NEXT_POSITION, {"parent_id": parent_id})).scalar_one()
    return position


async def find_greatest_depth(connection: AsyncConnection) -> int:
    """How deep the deepest category stands, from 0."""
    depth: int = (await connection.execute(_GREATEST_DEPTH)).scalar_one()
    return depth


async def move_products(connection: AsyncConnection, id: UUID, to: UUID | None, *, now: datetime) -> Sequence[UUID]:
    """Put the products of a category into another one, or none. Returns their ids."""
    return (await connection.scalars(_MOVED_PRODUCTS, {"id": id, "to": to, "now": now})).all()


async def write_ancestors(connection: AsyncConnection) -> None:
    """Write anew who stands above whom, where it differs."""
    await connection.execute(_ANCESTORS)


class CategoriesWritten(NamedTuple):
    """How many categories were created, how many changed, and the ids of both."""

    created: int
    updated: int
    ids: tuple[UUID, ...]


async def write_categories(connection: AsyncConnection, categories: Sequence[Category]) -> CategoriesWritten:
    """Write categories and who stands above whom."""
    columns = {
        "slug": "text",
        "parent": "text",
        "name": "text",
        "name_translations": "jsonb",
        "description": "text",
        "description_translations": "jsonb",
        "position": "integer",
    }
    rows = (
        (
            each.slug,
            each.parent,
            each.name,
            to_json(each.name_translations),
            each.description,
            to_json(each.description_translations),
            position,
        )
        for position, each in enumerate(categories)
    )
    await stage(connection, "staged_category", columns, rows)
    merged = (await connection.execute(_CATEGORIES)).all()
    new = [row.id for row in merged if row.action == "INSERT"]
    moved = (await connection.execute(_MOVED, {"created": new})).all()
    if moved or new:
        await write_ancestors(connection)
    ids = tuple(dict.fromkeys(row.id for row in (*merged, *moved)))
    return CategoriesWritten(len(new), len(ids) - len(new), ids)
