"""Products' attribute values, of one product at a time."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.catalog import tables
from mercer.catalog.models import AttributeKind
from mercer.catalog.queries import rows
from mercer.catalog.rules.placing import TypeAttribute
from mercer.catalog.rules.values import AttributeCells

_ATTRIBUTES = sa.text("""
    SELECT a.id, a.code, a.kind
    FROM catalog.product_type_attribute t JOIN catalog.attribute a ON a.id = t.attribute_id
    WHERE t.product_type_id = :product_type_id AND a.code = ANY(:codes)
    ORDER BY a.id FOR KEY SHARE OF a
""")
_CHOICES = sa.text("""
    SELECT attribute_id, code, id FROM catalog.attribute_choice WHERE attribute_id = ANY(:ids) AND code = ANY(:codes)
""")
_VALUES = sa.text("""
    SELECT a.code, v.attribute_id, v.number, v.boolean, v.date, v.text, v.text_translations, ARRAY(
        SELECT c.choice_id FROM catalog.product_attribute_choice c
        WHERE c.product_id = v.product_id AND c.attribute_id = v.attribute_id ORDER BY c.choice_id
    ) AS choices
    FROM catalog.product_attribute v JOIN catalog.attribute a ON a.id = v.attribute_id
    WHERE v.product_id = :product_id
    ORDER BY a.position, a.id
""")
_CODES = sa.text("SELECT id, code FROM catalog.attribute_choice WHERE id = ANY(:ids)")
_GONE = sa.text("DELETE FROM catalog.product_attribute WHERE product_id = :product_id AND attribute_id = ANY(:ids)")


async def lock_attributes(
    connection: AsyncConnection, product_type_id: UUID, *, codes: Collection[str], choices: Collection[str]
) -> dict[str, TypeAttribute]:
    """Those of a type's attributes that have these codes, by code, with those of their choices that have these.

    Neither is deleted until the transaction ends.
    """
    found = (await connection.execute(_ATTRIBUTES, {"product_type_id": product_type_id, "codes": list(codes)})).all()
    known: dict[UUID, dict[str, UUID]] = defaultdict(dict)
    if choices:
        named = {"ids": [row.id for row in found], "codes": list(choices)}
        for row in await connection.execute(_CHOICES, named):
            known[row.attribute_id][row.code] = row.id
    return {row.code: TypeAttribute(row.id, AttributeKind(row.kind), known[row.id]) for row in found}


async def load_values(connection: AsyncConnection, product_id: UUID) -> dict[str, tuple[UUID, AttributeCells]]:
    """A product's attribute values by the attribute's code, each with its id."""
    found = await connection.execute(_VALUES, {"product_id": product_id})
    return {
        row.code: (
            row.attribute_id,
            AttributeCells(row.number, row.boolean, row.date, row.text, row.text_translations, tuple(row.choices)),
        )
        for row in found
    }


async def load_choice_codes(connection: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, str]:
    """The codes of these choices."""
    if not ids:
        return {}
    return {row.id: row.code for row in await connection.execute(_CODES, {"ids": list(ids)})}


async def write_values(
    connection: AsyncConnection, product_id: UUID, values: Mapping[UUID, AttributeCells | None]
) -> None:
    """Write a product's values by the attribute's id. None removes one."""
    await connection.execute(_GONE, {"product_id": product_id, "ids": list(values)})
    cells: Sequence[tuple[UUID, AttributeCells]] = [(id, value) for id, value in values.items() if value is not None]
    owned = [{"product_id": product_id, "attribute_id": id, **value._asdict()} for id, value in cells]
    for row in owned:
        del row["choices"]
    await rows.insert_many(connection, tables.product_attribute, owned)
    chosen = [
        {"product_id": product_id, "attribute_id": id, "choice_id": choice}
        for id, value in cells
        for choice in value.choices
    ]
    await rows.insert_many(connection, tables.product_attribute_choice, chosen)
