"""How the shop's products and categories are searched, filtered, sorted and counted."""

from datetime import date
from decimal import Decimal
from operator import ge, le
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY
from strawberry import UNSET

from mercer.catalog import tables
from mercer.catalog.graphql.binds import SEARCH_CONFIGURATION
from mercer.catalog.graphql.facets import BOOLEANS_FACET, CATEGORIES_FACET, CHOICES_FACET, TAGS_FACET
from mercer.catalog.graphql.shop import category_of, is_in_category
from mercer.catalog.rules.searching import search_words
from mercer.channels.graphql.binds import CHANNEL
from mercer.platform.graphql.views import LANGUAGE, AskedOrder, Filter, Given, Listing, Row, Search, Sort, SortDirection
from mercer.platform.graphql.views.operators import BooleanOperators, IdOperators, StringOperators, TagOperators


@strawberry.input(description="A category with all below it, by id or by slug.")
class CategoryOperators:
    eq: strawberry.ID | None = UNSET
    in_: list[strawberry.ID] | None = strawberry.field(name="in", default=UNSET)
    slug: str | None = UNSET


@strawberry.input(
    description="Products whose attribute of this code has such a value; any value when nothing is asked."
)
class AttributeOperators:
    code: str
    in_: list[str] | None = strawberry.field(name="in", default=UNSET, description="Any of these choices, by code.")
    eq: bool | None = strawberry.field(default=UNSET, description="For attributes that are yes or no.")
    gte: Decimal | None = strawberry.field(default=UNSET, description="For numbers, in the attribute's unit.")
    lte: Decimal | None = UNSET
    from_: date | None = strawberry.field(name="from", default=UNSET, description="For dates.")
    until: date | None = UNSET


def _in_category(product: Row, given: Given) -> sa.ColumnElement[bool]:
    asked: list[sa.ColumnElement[bool]] = []
    if "eq" in given:
        asked.append(is_in_category(product, given["eq"].value))
    if "in" in given:
        asked.append(is_in_category(product, sa.any_(given["in"].value)))
    if "slug" in given:
        asked.append(is_in_category(product, sa.any_(category_of(given["slug"]).scalar_subquery())))
    return sa.and_(sa.true(), *asked)


def _is_tagged(product: Row, given: Given) -> sa.ColumnElement[bool]:
    asked = []
    if "anyOf" in given:
        asked.append(product.c.tags.overlap(given["anyOf"].value))
    if "allOf" in given:
        asked.append(product.c.tags.contains(given["allOf"].value))
    return sa.and_(sa.true(), *asked)


def _has_attribute(product: Row, given: Given) -> sa.ColumnElement[bool]:
    value, attribute = tables.product_attribute.alias(), tables.attribute.alias()
    found = sa.select(attribute.c.id).where(attribute.c.code == given["code"].value).scalar_subquery()
    asked = [value.c.product_id == product.c.id, value.c.attribute_id == found]
    if "in" in given:
        chosen, choice = tables.product_attribute_choice.alias(), tables.attribute_choice.alias()
        wanted = sa.select(choice.c.id).where(
            choice.c.attribute_id == found, choice.c.code == sa.any_(given["in"].value)
        )
        is_chosen = (chosen.c.product_id == product.c.id, chosen.c.choice_id.in_(wanted))
        asked.append(sa.exists().select_from(chosen).where(*is_chosen))
    if "eq" in given:
        asked.append(value.c.boolean == given["eq"].value)
    comparisons = {
        "gte": (ge, value.c.number),
        "lte": (le, value.c.number),
        "from": (ge, value.c.date),
        "until": (le, value.c.date),
    }
    asked += [is_met(column, given[name].value) for name, (is_met, column) in comparisons.items() if name in given]
    return sa.exists().select_from(value).where(*asked)


def _is_of_type(product: Row, given: Given) -> sa.ColumnElement[bool]:
    kind = tables.product_type.alias()
    return product.c.product_type_id.in_(sa.select(kind.c.id).where(given.compared(kind.c.code)))


def _query(given: Given) -> sa.ColumnElement[Any]:
    """Words in any form, and SKUs as they begin."""
    words = given.value
    stemmed = sa.func.to_tsquery(sa.cast(SEARCH_CONFIGURATION, REGCONFIG), words)
    return stemmed.op("||")(sa.cast(words, TSQUERY))


def _is_found(product: Row, given: Given) -> sa.ColumnElement[bool]:
    search = tables.product_search.alias()
    return product.c.id.in_(
        sa.select(search.c.product_id).where(search.c.language == LANGUAGE, search.c.words.op("@@")(_query(given)))
    )


def _rank(product: Row, given: Given) -> sa.ColumnElement[int]:
    search = tables.product_search.alias()
    rank = sa.func.ts_rank(search.c.words, _query(given))
    found = sa.select(sa.cast(rank * sa.literal_column("1000000"), sa.Integer))
    found = found.where(search.c.product_id == product.c.id, search.c.language == LANGUAGE)
    return sa.func.coalesce(found.scalar_subquery(), sa.literal_column("0"), type_=sa.Integer())


PRODUCTS = Listing(
    filters={
        "ids": Filter(IdOperators, lambda product, given: given.compared(product.c.id)),
        "category": Filter(CategoryOperators, _in_category),
        "productType": Filter(StringOperators, _is_of_type),
        "tags": Filter(TagOperators, _is_tagged),
        "attributes": Filter(list[AttributeOperators], _has_attribute, unique="code"),
    },
    sorts={
        "PUBLISHED_AT": Sort(
            value=lambda publication: publication.c.publish_at,
            table=tables.publication,
            on=lambda product, publication: sa.and_(
                publication.c.product_id == product.c.id,
                publication.c.channel_id == CHANNEL,
                publication.c.status == sa.literal_column("'published'"),
            ),
            key="product_id",
        ),
        "NAME": Sort(
            value=lambda search: search.c.name_key,
            table=tables.product_search,
            on=lambda product, search: sa.and_(search.c.product_id == product.c.id, search.c.language == LANGUAGE),
            key="product_id",
        ),
    },
    facets=(CATEGORIES_FACET, TAGS_FACET, CHOICES_FACET, BOOLEANS_FACET),
    search=Search(words=search_words, condition=_is_found, rank=_rank),
    default_order=AskedOrder("PUBLISHED_AT", SortDirection.DESC),
)


CATEGORIES = Listing(
    filters={
        "parent": Filter(IdOperators, lambda category, given: given.compared(category.c.parent_id)),
        "isRoot": Filter(BooleanOperators, lambda category, given: given.compared(category.c.parent_id.is_(None))),
    },
    sorts={
        "SLUG": Sort(value=lambda category: category.c.slug),
        "POSITION": Sort(value=lambda category: category.c.position),
    },
    default_order=AskedOrder("POSITION", SortDirection.ASC),
)
