"""The category tree, taken from staged rows to its tables."""

from collections.abc import Sequence

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
        description_translations = s.description_translations, position = s.position
    RETURNING merge_action() AS action, c.slug
""")
_MOVED = sa.text("""
    UPDATE catalog.category c SET parent_id = p.id
    FROM staged_category s LEFT JOIN catalog.category p ON p.slug = s.parent
    WHERE c.slug = s.slug AND c.parent_id IS DISTINCT FROM p.id
    RETURNING c.slug
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


async def write_categories(connection: AsyncConnection, categories: Sequence[Category]) -> tuple[set[str], set[str]]:
    """Write categories and who stands above whom. Returns the slugs of those created, and of those changed."""
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
    created = {row.slug for row in merged if row.action == "INSERT"}
    moved = (await connection.scalars(_MOVED)).all()
    if moved or created:
        await connection.execute(_ANCESTORS)
    return created, {*(row.slug for row in merged), *moved} - created
