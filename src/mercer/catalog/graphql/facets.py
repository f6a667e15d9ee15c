"""What a listing of products could be narrowed to, counted."""

from typing import Any

import sqlalchemy as sa

from mercer.catalog import tables
from mercer.platform.graphql.views import LANGUAGE, Facet, facet_values, number, translation


def in_words(english: str, german: str) -> sa.ColumnElement[str]:
    """A word of Mercer's own, in the languages that it speaks itself."""
    is_german = LANGUAGE.like(sa.literal_column("'de%'"))
    return sa.case((is_german, sa.literal_column(f"'{german}'")), else_=sa.literal_column(f"'{english}'"))


def _categories(matched: sa.FromClause) -> sa.Select[Any]:
    """Each category with what stands in it or below it."""
    product, ancestor, category = tables.product.alias(), tables.category_ancestor.alias(), tables.category.alias()
    within = (
        sa.select(product.c.category_id, sa.func.count().label("count"))
        .select_from(matched)
        .join(product, product.c.id == matched.c.id)
        .group_by(product.c.category_id)
        .subquery()
    )
    counted = (
        sa.select(ancestor.c.ancestor_id, sa.func.sum(within.c.count).label("count"))
        .select_from(within)
        .join(ancestor, ancestor.c.category_id == within.c.category_id)
        .group_by(ancestor.c.ancestor_id)
        .subquery()
    )
    return facet_values(
        code=sa.literal_column("'category'"),
        name=in_words("Category", "Kategorie"),
        position=number(-3),
        value=category.c.id,
        label=translation(category, "name"),
        rank=category.c.position,
        count=counted.c.count,
    ).select_from(sa.join(counted, category, category.c.id == counted.c.ancestor_id))


def _tags(matched: sa.FromClause) -> sa.Select[Any]:
    product = tables.product.alias()
    tag = sa.func.unnest(product.c.tags).label("tag")
    tagged = sa.select(tag).select_from(matched).join(product, product.c.id == matched.c.id).subquery()
    return (
        facet_values(
            code=sa.literal_column("'tags'"),
            name=in_words("Tags", "Stichwörter"),
            position=number(-2),
            value=tagged.c.tag,
            label=tagged.c.tag,
            rank=number(0),
            count=sa.func.count(),
        )
        .select_from(tagged)
        .group_by(tagged.c.tag)
    )


def _choices(matched: sa.FromClause) -> sa.Select[Any]:
    chosen, choice = tables.product_attribute_choice.alias(), tables.attribute_choice.alias()
    attribute = tables.attribute.alias()
    counted = (
        sa.select(chosen.c.choice_id, sa.func.count().label("count"))
        .select_from(matched)
        .join(chosen, chosen.c.product_id == matched.c.id)
        .group_by(chosen.c.choice_id)
        .subquery()
    )
    return (
        facet_values(
            code=attribute.c.code,
            name=translation(attribute, "name"),
            position=attribute.c.position,
            value=choice.c.code,
            label=translation(choice, "name"),
            rank=choice.c.position,
            count=counted.c.count,
        )
        .select_from(counted)
        .join(choice, choice.c.id == counted.c.choice_id)
        .join(attribute, attribute.c.id == choice.c.attribute_id)
        .where(attribute.c.is_filterable)
    )


def _booleans(matched: sa.FromClause) -> sa.Select[Any]:
    value, attribute = tables.product_attribute.alias(), tables.attribute.alias()
    counted = (
        sa.select(value.c.attribute_id, value.c.boolean, sa.func.count().label("count"))
        .select_from(matched)
        .join(value, value.c.product_id == matched.c.id)
        .where(value.c.boolean.is_not(None))
        .group_by(value.c.attribute_id, value.c.boolean)
        .subquery()
    )
    return (
        facet_values(
            code=attribute.c.code,
            name=translation(attribute, "name"),
            position=attribute.c.position,
            value=counted.c.boolean,
            label=sa.case((counted.c.boolean, in_words("Yes", "Ja")), else_=in_words("No", "Nein")),
            rank=number(0),
            count=counted.c.count,
        )
        .select_from(sa.join(counted, attribute, attribute.c.id == counted.c.attribute_id))
        .where(attribute.c.is_filterable)
    )


CATEGORIES_FACET = Facet("category", _categories)
TAGS_FACET = Facet("tags", _tags)
CHOICES_FACET = Facet("attributes", _choices, item="code")
BOOLEANS_FACET = Facet("attributes", _booleans, item="code")
