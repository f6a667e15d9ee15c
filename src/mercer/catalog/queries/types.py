"""Product types, attributes and choices, taken from staged rows to their tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog import tables
from mercer.catalog.models import Attribute, AttributeKind, Choice, ProductType
from mercer.catalog.queries.products import to_json
from mercer.catalog.queries.rows import insert_many
from mercer.platform.staging import stage

_KINDS = sa.text("SELECT code, kind FROM catalog.attribute WHERE code = ANY(:codes)")
_ATTRIBUTES = sa.text("""
    WITH last AS (SELECT coalesce(max(position), -1) AS position FROM catalog.attribute)
    MERGE INTO catalog.attribute a
    USING (SELECT s.*, last.position + 1 + s.ordinal AS position FROM staged_attribute s, last) s
    ON a.code = s.code
    WHEN NOT MATCHED THEN INSERT (code, kind, name, name_translations, unit, is_filterable, position)
        VALUES (s.code, s.kind, s.name, s.name_translations, s.unit, s.is_filterable, s.position)
    WHEN MATCHED AND (a.name, a.name_translations, a.unit, a.is_filterable) IS DISTINCT FROM
        (s.name, s.name_translations, s.unit, s.is_filterable)
    THEN UPDATE SET name = s.name, name_translations = s.name_translations, unit = s.unit,
        is_filterable = s.is_filterable, version = a.version + 1
    RETURNING a.code
""")
_CHOICES = sa.text("""
    WITH merged AS (
        MERGE INTO catalog.attribute_choice c
        USING (
            SELECT a.id AS attribute_id, a.code AS attribute, s.code, s.name, s.name_translations, s.position
            FROM staged_choice s JOIN catalog.attribute a ON a.code = s.attribute
        ) s
        ON c.attribute_id = s.attribute_id AND c.code = s.code
        WHEN NOT MATCHED THEN INSERT (attribute_id, code, name, name_translations, position)
            VALUES (s.attribute_id, s.code, s.name, s.name_translations, s.position)
        WHEN MATCHED AND (c.name, c.name_translations, c.position) IS DISTINCT FROM
            (s.name, s.name_translations, s.position)
        THEN UPDATE SET name = s.name, name_translations = s.name_translations, position = s.position
        RETURNING s.attribute
    )
    SELECT DISTINCT attribute FROM merged
""")
_TYPES = sa.text("""
    MERGE INTO catalog.product_type t USING staged_type s ON t.code = s.code
    WHEN NOT MATCHED THEN INSERT (code, name, name_translations) VALUES (s.code, s.name, s.name_translations)
    WHEN MATCHED AND (t.name, t.name_translations) IS DISTINCT FROM (s.name, s.name_translations)
    THEN UPDATE SET name = s.name, name_translations = s.name_translations, version = t.version + 1
    RETURNING merge_action() AS action, t.code
""")
_TYPE_ATTRIBUTES = sa.text("""
    WITH merged AS (
        MERGE INTO catalog.product_type_attribute ta
        USING (
            SELECT t.id AS product_type_id, t.code, a.id AS attribute_id, s.position
            FROM staged_type_attribute s
            JOIN catalog.product_type t ON t.code = s.product_type
            JOIN catalog.attribute a ON a.code = s.attribute
        ) s
        ON ta.product_type_id = s.product_type_id AND ta.attribute_id = s.attribute_id
        WHEN NOT MATCHED THEN INSERT (product_type_id, attribute_id, position)
            VALUES (s.product_type_id, s.attribute_id, s.position)
        WHEN MATCHED AND ta.position <> s.position THEN UPDATE SET position = s.position
        RETURNING s.code
    )
    SELECT DISTINCT code FROM merged
""")
_TYPE_IDS = sa.text("SELECT id FROM catalog.product_type WHERE code = ANY(:codes) ORDER BY id")
_ATTRIBUTES_OF_TYPE = sa.text("""
    SELECT attribute_id FROM catalog.product_type_attribute WHERE product_type_id = :id ORDER BY position, attribute_id
""")
_VALUES_OF_TYPE = sa.text("""
    SELECT count(*) FROM catalog.product_attribute v JOIN catalog.product p ON p.id = v.product_id
    WHERE v.attribute_id = :attribute_id AND p.product_type_id = :product_type_id
""")
_NEXT_ATTRIBUTE_POSITION = sa.text("SELECT coalesce(max(position) + 1, 0) FROM catalog.attribute")
_STORED_CHOICES = sa.text("""
    SELECT a.code AS attribute, c.code, c.name
    FROM catalog.attribute_choice c JOIN catalog.attribute a ON a.id = c.attribute_id
    WHERE a.code = ANY(:attributes)
    ORDER BY c.position, c.id
""")
_ADDED_CHOICES = sa.text("""
    INSERT INTO catalog.attribute_choice (attribute_id, code, name, position)
    SELECT a.id, s.code, s.name, s.ordinal + (
        SELECT coalesce(max(position) + 1, 0) FROM catalog.attribute_choice c WHERE c.attribute_id = a.id
    )
    FROM staged_choice s JOIN catalog.attribute a ON a.code = s.attribute
    ORDER BY s.ordinal
""")


async def load_kinds(connection: AsyncConnection, codes: Collection[str]) -> dict[str, AttributeKind]:
    """The kinds of the attributes stored, by code."""
    rows = await connection.execute(_KINDS, {"codes": list(codes)})
    return {row.code: AttributeKind(row.kind) for row in rows}


async def write_attributes(connection: AsyncConnection, attributes: Sequence[Attribute]) -> set[str]:
    """Write attributes and their choices. Returns the codes of those with a change."""
    columns = {
        "ordinal": "integer",
        "code": "text",
        "kind": "text",
        "name": "text",
        "name_translations": "jsonb",
        "unit": "text",
        "is_filterable": "boolean",
    }
    rows = (
        (ordinal, each.code, each.kind.value, each.name, to_json(each.name_translations), each.unit, each.is_filterable)
        for ordinal, each in enumerate(attributes)
    )
    await stage(connection, "staged_attribute", columns, rows)
    columns = {"attribute": "text", "code": "text", "name": "text", "name_translations": "jsonb", "position": "integer"}
    choices = (
        (each.code, choice.code, choice.name, to_json(choice.name_translations), position)
        for each in attributes
        for position, choice in enumerate(each.choices)
    )
    await stage(connection, "staged_choice", columns, choices)
    changed = await connection.scalars(_ATTRIBUTES)
    return {*changed.all(), *(await connection.scalars(_CHOICES)).all()}


class TypeChanges(NamedTuple):
    """The codes of the types created, of those with another name, and of those with other attributes."""

    created: set[str]
    renamed: set[str]
    linked: set[str]


async def write_types(connection: AsyncConnection, product_types: Sequence[ProductType]) -> TypeChanges:
    """Write product types and their lists of attributes."""
    rows: Iterable[tuple[Any, ...]] = (
        (each.code, each.name, to_json(each.name_translations)) for each in product_types
    )
    await stage(connection, "staged_type", {"code": "text", "name": "text", "name_translations": "jsonb"}, rows)
    rows = (
        (each.code, attribute.code, position)
        for each in product_types
        for position, attribute in enumerate(each.attributes)
    )
    columns = {"product_type": "text", "attribute": "text", "position": "integer"}
    await stage(connection, "staged_type_attribute", columns, rows)
    merged = (await connection.execute(_TYPES)).all()
    created = {row.code for row in merged if row.action == "INSERT"}
    linked = set((await connection.scalars(_TYPE_ATTRIBUTES)).all())
    return TypeChanges(created, {row.code for row in merged} - created, linked - created)


async def load_type_ids(connection: AsyncConnection, codes: Collection[str]) -> Sequence[UUID]:
    """The ids of the types with these codes."""
    return (await connection.scalars(_TYPE_IDS, {"codes": list(codes)})).all()


async def list_attributes(connection: AsyncConnection, product_type_id: UUID) -> Sequence[UUID]:
    """The attributes of a type, in their order."""
    return (await connection.scalars(_ATTRIBUTES_OF_TYPE, {"id": product_type_id})).all()


async def link_attributes(connection: AsyncConnection, product_type_id: UUID, attribute_ids: Sequence[UUID]) -> None:
    """Give a type that has none these attributes, in this order."""
    linked = [
        {"product_type_id": product_type_id, "attribute_id": id, "position": position}
        for position, id in enumerate(attribute_ids)
    ]
    await insert_many(connection, tables.product_type_attribute, linked)


async def count_values(connection: AsyncConnection, *, product_type_id: UUID, attribute_id: UUID) -> int:
    """How many products of a type have a value of an attribute."""
    named = {"product_type_id": product_type_id, "attribute_id": attribute_id}
    count: int = (await connection.execute(_VALUES_OF_TYPE, named)).scalar_one()
    return count


async def next_attribute_position(connection: AsyncConnection) -> int:
    """The place after all attributes."""
    position: int = (await connection.execute(_NEXT_ATTRIBUTE_POSITION)).scalar_one()
    return position


async def load_choices(connection: AsyncConnection, attributes: Collection[str]) -> dict[str, list[Choice]]:
    """The choices of attributes, by the attribute's code."""
    choices: dict[str, list[Choice]] = {}
    for row in await connection.execute(_STORED_CHOICES, {"attributes": list(attributes)}):
        choices.setdefault(row.attribute, []).append(Choice(code=row.code, name=row.name))
    return choices


async def add_choices(connection: AsyncConnection, choices: Mapping[str, Sequence[Choice]]) -> None:
    """Add choices, by attribute code, after those that are there."""
    rows = (
        (attribute, choice.code, choice.name, ordinal)
        for attribute, added in choices.items()
        for ordinal, choice in enumerate(added)
    )
    columns = {"attribute": "text", "code": "text", "name": "text", "ordinal": "integer"}
    await stage(connection, "staged_choice", columns, rows)
    await connection.execute(_ADDED_CHOICES)
