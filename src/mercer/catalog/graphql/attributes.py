"""A product's attribute values as SQL, for both APIs."""

from typing import Any

import sqlalchemy as sa

from mercer.catalog import tables
from mercer.platform.graphql.views import Row, translation


def attribute_name(row: Row, name: str) -> sa.ColumnElement[Any]:
    """A column of the attribute that a value belongs to, translated where it is a name."""
    attribute = tables.attribute.alias()
    value = translation(attribute, name) if name == "name" else attribute.c[name]
    return sa.select(value).where(attribute.c.id == row.c.attribute_id).scalar_subquery()


def attribute_place(row: Row) -> sa.ColumnElement[int]:
    """Where the attribute stands among those of the product's type."""
    product, has = tables.product.alias(), tables.product_type_attribute.alias()
    return (
        sa.select(has.c.position)
        .select_from(sa.join(product, has, has.c.product_type_id == product.c.product_type_id))
        .where(product.c.id == row.c.product_id, has.c.attribute_id == row.c.attribute_id)
        .scalar_subquery()
    )


def attribute_kind(row: Row) -> sa.ColumnElement[str]:
    """The attribute's kind."""
    kind: sa.ColumnElement[str] = attribute_name(row, "kind")
    return kind


def attribute_value(row: Row) -> sa.ColumnElement[str]:
    """The value as text, of whatever kind it is."""
    chosen, choice = tables.product_attribute_choice.alias(), tables.attribute_choice.alias()
    names = sa.func.string_agg(
        translation(choice, "name"),
        sa.dialects.postgresql.aggregate_order_by(sa.literal_column("', '"), choice.c.position, choice.c.id),
    )
    choices = (
        sa.select(names)
        .select_from(sa.join(chosen, choice, choice.c.id == chosen.c.choice_id))
        .where(chosen.c.product_id == row.c.product_id, chosen.c.attribute_id == row.c.attribute_id)
    )
    return sa.func.coalesce(
        sa.cast(sa.func.trim_scale(row.c.number), sa.Text),
        sa.cast(row.c.boolean, sa.Text),
        sa.cast(row.c.date, sa.Text),
        translation(row, "text"),
        choices.scalar_subquery(),
        sa.literal_column("''"),
    )
