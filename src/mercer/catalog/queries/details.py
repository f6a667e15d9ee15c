"""What describes products: attribute values, options and media, taken from staged rows to their tables."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog.queries.products import to_json
from mercer.catalog.rules.placing import Placed
from mercer.platform.staging import stage

_ATTRIBUTES_GONE = sa.text("""
    WITH gone AS (
        DELETE FROM catalog.product_attribute a USING staged_attribute s
        WHERE s.is_removed AND a.product_id = s.product_id AND a.attribute_id = s.attribute_id
        RETURNING a.product_id
    )
    SELECT DISTINCT product_id FROM gone
""")
_ATTRIBUTES = sa.text("""
    WITH merged AS (
        MERGE INTO catalog.product_attribute a USING (SELECT * FROM staged_attribute WHERE NOT is_removed) s
        ON a.product_id = s.product_id AND a.attribute_id = s.attribute_id
        WHEN NOT MATCHED THEN INSERT (product_id, attribute_id, number, boolean, date, text, text_translations)
            VALUES (s.product_id, s.attribute_id, s.number, s.boolean, s.date, s.text, s.text_translations)
        WHEN MATCHED AND (a.number, a.boolean, a.date, a.text, a.text_translations) IS DISTINCT FROM
            (s.number, s.boolean, s.date, s.text, s.text_translations)
        THEN UPDATE SET number = s.number, boolean = s.boolean, date = s.date, text = s.text,
            text_translations = s.text_translations
        RETURNING a.product_id
    )
    SELECT DISTINCT product_id FROM merged
""")
_CHOICES_GONE = sa.text("""
    WITH gone AS (
        DELETE FROM catalog.product_attribute_choice c USING staged_attribute s
        WHERE c.product_id = s.product_id AND c.attribute_id = s.attribute_id AND NOT EXISTS (
            SELECT FROM staged_choice k
            WHERE k.product_id = c.product_id AND k.attribute_id = c.attribute_id AND k.choice_id = c.choice_id
        )
        RETURNING c.product_id
    )
    SELECT DISTINCT product_id FROM gone
""")
_CHOICES = sa.text("""
    WITH added AS (
        INSERT INTO catalog.product_attribute_choice (product_id, attribute_id, choice_id)
        SELECT product_id, attribute_id, choice_id FROM staged_choice s
        WHERE NOT EXISTS (
            SELECT FROM catalog.product_attribute_choice c
            WHERE c.product_id = s.product_id AND c.attribute_id = s.attribute_id AND c.choice_id = s.choice_id
        )
        RETURNING product_id
    )
    SELECT DISTINCT product_id FROM added
""")
_FOREIGN_ATTRIBUTES_GONE = sa.text("""
    DELETE FROM catalog.product_attribute a USING catalog.product p
    WHERE p.id = ANY(:ids) AND a.product_id = p.id AND NOT EXISTS (
        SELECT FROM catalog.product_type_attribute t
        WHERE t.product_type_id = p.product_type_id AND t.attribute_id = a.attribute_id
    )
""")
_OPTIONS = sa.text("""
    MERGE INTO catalog.option o USING staged_option s ON o.product_id = s.product_id AND o.name = s.name
    WHEN NOT MATCHED THEN INSERT (product_id, name, name_translations, position)
        VALUES (s.product_id, s.name, s.name_translations, s.position)
    WHEN MATCHED AND (o.name_translations, o.position) IS DISTINCT FROM (s.name_translations, s.position)
    THEN UPDATE SET name_translations = s.name_translations, position = s.position
    RETURNING o.product_id
""")
_OPTION_VALUES = sa.text("""
    WITH merged AS (
        MERGE INTO catalog.option_value v
        USING (
            SELECT o.id AS option_id, s.product_id, s.name, s.name_translations, s.position
            FROM staged_option_value s
            JOIN catalog.option o ON o.product_id = s.product_id AND o.name = s.option
        ) s
        ON v.option_id = s.option_id AND v.name = s.name
        WHEN NOT MATCHED THEN INSERT (option_id, name, name_translations, position)
            VALUES (s.option_id, s.name, s.name_translations, s.position)
        WHEN MATCHED AND (v.name_translations, v.position) IS DISTINCT FROM (s.name_translations, s.position)
        THEN UPDATE SET name_translations = s.name_translations, position = s.position
        RETURNING s.product_id
    )
    SELECT DISTINCT product_id FROM merged
""")
_VARIANT_OPTIONS = sa.text("""
    WITH merged AS (
        MERGE INTO catalog.variant_option_value c
        USING (
            SELECT s.product_id, s.variant_id, o.id AS option_id, v.id AS option_value_id
            FROM staged_variant_option s
            JOIN catalog.option o ON o.product_id = s.product_id AND o.name = s.option
            JOIN catalog.option_value v ON v.option_id = o.id AND v.name = s.value
        ) s
        ON c.variant_id = s.variant_id AND c.option_id = s.option_id
        WHEN NOT MATCHED THEN INSERT (variant_id, option_id, option_value_id)
            VALUES (s.variant_id, s.option_id, s.option_value_id)
        WHEN MATCHED AND c.option_value_id <> s.option_value_id
        THEN UPDATE SET option_value_id = s.option_value_id
        RETURNING s.product_id
    )
    SELECT DISTINCT product_id FROM merged
""")
_MEDIA_GONE = sa.text("""
    DELETE FROM catalog.media m WHERE m.product_id = ANY(:ids) AND NOT EXISTS (
        SELECT FROM staged_media s WHERE s.product_id = m.product_id AND s.path = m.path
    )
    RETURNING m.product_id
""")
_MEDIA = sa.text("""
    MERGE INTO catalog.media m USING staged_media s ON m.product_id = s.product_id AND m.path = s.path
    WHEN NOT MATCHED THEN INSERT (product_id, path, alt, alt_translations, width, height, position)
        VALUES (s.product_id, s.path, s.alt, s.alt_translations, s.width, s.height, s.position)
    WHEN MATCHED AND (m.alt, m.alt_translations, m.width, m.height, m.position) IS DISTINCT FROM
        (s.alt, s.alt_translations, s.width, s.height, s.position)
    THEN UPDATE SET alt = s.alt, alt_translations = s.alt_translations, width = s.width, height = s.height,
        position = s.position
    RETURNING m.product_id
""")


async def write_attributes(connection: AsyncConnection, placed: Sequence[Placed]) -> set[UUID]:
    """Write the products' attribute values. Returns the ids of the products with a change."""
    columns = {
        "product_id": "uuid",
        "attribute_id": "uuid",
        "is_removed": "boolean",
        "number": "numeric",
        "boolean": "boolean",
        "date": "date",
        "text": "text",
        "text_translations": "jsonb",
    }
    rows = (
        (each.id, attribute_id, True, None, None, None, None, "{}")
        if cells is None
        else (each.id, attribute_id, False, *cells[:4], to_json(cells.text_translations))
        for each in placed
        for attribute_id, cells in each.attributes
    )
    choices = (
        (each.id, attribute_id, choice_id)
        for each in placed
        for attribute_id, cells in each.attributes
        for choice_id in (cells.choices if cells else ())
    )
    await stage(connection, "staged_attribute", columns, rows)
    await stage(
        connection, "staged_choice", {"product_id": "uuid", "attribute_id": "uuid", "choice_id": "uuid"}, choices
    )
    changed = set[UUID]()
    for statement in (_ATTRIBUTES_GONE, _ATTRIBUTES, _CHOICES_GONE, _CHOICES):
        changed.update((await connection.scalars(statement)).all())
    return changed


async def drop_foreign_attributes(connection: AsyncConnection, product_ids: Sequence[UUID]) -> None:
    """Remove values of attributes that the products' types do not have."""
    await connection.execute(_FOREIGN_ATTRIBUTES_GONE, {"ids": list(product_ids)})


async def write_options(connection: AsyncConnection, placed: Sequence[Placed]) -> set[UUID]:
    """Write the products' options and their variants' values. Returns the ids of the products with a change."""
    placed = [each for each in placed if each.product.options]
    if not placed:
        return set()
    options = (
        (each.id, option.name, to_json(option.name_translations), position)
        for each in placed
        for position, option in enumerate(each.product.options)
    )
    values = (
        (each.id, option.name, value.name, to_json(value.name_translations), position)
        for each in placed
        for option in each.product.options
        for position, value in enumerate(option.values)
    )
    variant_options = (
        (each.id, variant.id, option, value)
        for each in placed
        for variant in each.variants
        for option, value in (variant.variant.option_values or {}).items()
    )
    named = {"name": "text", "name_translations": "jsonb", "position": "integer"}
    await stage(connection, "staged_option", {"product_id": "uuid", **named}, options)
    await stage(connection, "staged_option_value", {"product_id": "uuid", "option": "text", **named}, values)
    columns = {"product_id": "uuid", "variant_id": "uuid", "option": "text", "value": "text"}
    await stage(connection, "staged_variant_option", columns, variant_options)
    changed = set[UUID]()
    for statement in (_OPTIONS, _OPTION_VALUES, _VARIANT_OPTIONS):
        changed.update((await connection.scalars(statement)).all())
    return changed


async def write_media(connection: AsyncConnection, placed: Sequence[Placed]) -> set[UUID]:
    """Write the products' pictures, where they say any. Returns the ids of the products with a change."""
    placed = [each for each in placed if each.product.media is not None]
    if not placed:
        return set()
    columns = {
        "product_id": "uuid",
        "path": "text",
        "alt": "text",
        "alt_translations": "jsonb",
        "width": "integer",
        "height": "integer",
        "position": "integer",
    }
    rows = (
        (each.id, media.path, media.alt, to_json(media.alt_translations), media.width, media.height, position)
        for each in placed
        for position, media in enumerate(each.product.media or ())
    )
    await stage(connection, "staged_media", columns, rows)
    gone = await connection.scalars(_MEDIA_GONE, {"ids": [each.id for each in placed]})
    written = await connection.scalars(_MEDIA)
    return {*gone.all(), *written.all()}
