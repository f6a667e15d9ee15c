"""What an answer shows, as its SQL tells: and that nothing is cached of which that is not known."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
import strawberry
from graphql import FieldNode, OperationDefinitionNode, parse
from graphql.execution.values import VariableValues
from tests.properties.asking import Questions

from mercer.app import ADMIN, SHOP
from mercer.platform.cache.provenance import Provenance
from mercer.platform.graphql.schema import Api, build_api
from mercer.platform.graphql.views import EVERYTHING, Cached, Entity, column, computed, many, one, request, view
from mercer.platform.graphql.views.caching import Tagging
from mercer.platform.graphql.views.plans import Plan
from mercer.platform.module import GraphQL

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def plans_of(api: Api, text: str) -> Iterator[Plan]:
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    for node in operation.selection_set.selections:
        assert isinstance(node, FieldNode)
        yield api.plans.find(api.plans.types["Query"], [node], {}, VariableValues({}, {}))[0]


def tagging_of(api: Api, text: str) -> Tagging | None:
    [plan] = plans_of(api, text)
    return plan.tagging


def tags_of(text: str) -> tuple[str | None, set[str], set[str]]:
    """What ids are returned of, and the tags besides, if it is found and if it is not. All answers have `catalog`."""
    tagging = tagging_of(SHOP, text)
    assert tagging is not None
    return tagging.entity, set(tagging.always - {EVERYTHING}), set(tagging.unfound - {EVERYTHING})


PRODUCT = """{ product(slug: "mug") {
    name description tags thumbnail { url } media { alt } productType { name } category { name parent { name } }
    breadcrumbs { name } attributes { code value choices { name } } options { name values }
    priceRange { start { amount } } variants { sku options { value } price { amount } available product { name } }
} }"""


def test_a_product_is_outdated_by_itself_alone() -> None:
    assert tags_of(PRODUCT) == ("product", set(), {"products", "stock"})


def test_so_is_a_variant_with_its_product() -> None:
    text = '{ productVariant(sku: "mug") { available price { amount } product { name variants { sku } } } }'
    assert tags_of(text) == ("product", set(), {"products", "stock"})


def test_a_list_is_outdated_by_what_it_is_chosen_and_counted_by() -> None:
    shown = "nodes { name variants { available price { amount } } }"
    assert tags_of(f"{{ products {{ {shown} }} }}")[:2] == ("product", {"products"})
    assert tags_of(f"{{ products {{ {shown} totalCount facets {{ code }} }} }}")[1] == {"products"}
    available = "products(filter: {isAvailable: {eq: true}})"
    for asked in ("nodes { name }", "totalCount", "facets { code }", "pageInfo { endCursor }"):
        assert tags_of(f"{{ {available} {{ {asked} }} }}")[1] == {"products", "stock"}


def test_a_product_that_shows_others_is_outdated_by_all() -> None:
    others = '{ product(slug: "mug") { category { products { nodes { %s } } } } }'
    assert tags_of(others % "name")[:2] == ("product", {"products"})
    assert tags_of(others % "variants { available }")[:2] == ("product", {"products", "stock"})
    assert tags_of(others.replace("category", "breadcrumbs") % "name")[1] == {"products"}
    back = '{ product(slug: "mug") { variants { product { category { products { totalCount } } } } } }'
    assert tags_of(back)[1] == {"products"}


def test_what_leads_to_products_is_outdated_by_all() -> None:
    assert tags_of("{ categories { nodes { name } } }") == (None, set(), set())
    assert tags_of('{ category(slug: "mugs") { products { nodes { name } } } }')[:2] == (None, {"products"})
    shown = '{ category(slug: "mugs") { products { nodes { variants { available } } } } }'
    assert tags_of(shown)[:2] == (None, {"products", "stock"})


def test_nothing_of_the_admin_api_is_cached() -> None:
    assert ADMIN.plans.cached is None
    assert tagging_of(ADMIN, "{ products { nodes { name } } }") is None


def test_the_catalogue_can_be_cached_whatever_is_asked_of_it() -> None:
    roots = ("product", "productVariant", "category")
    keys = {(name, argument): ["x"] for name in roots for argument in ("id", "slug", "sku")}
    questions = Questions(SHOP.schema, Random(0), keys)
    for _ in range(150):
        text = questions.draw()
        assert all(plan.tagging is not None for plan in plans_of(SHOP, text)), text


def test_the_ids_and_the_next_change_are_noted() -> None:
    tagging = Tagging("product", frozenset({"products"}), frozenset({"products", "stock"}), frozenset())
    found, unfound = Provenance(), Provenance()
    tagging.note(found, (b"{}", "1 2", NOW))
    tagging.note(unfound, (None, None, None))
    assert (found.tags, found.changes_at, found.is_told) == ({"products", "product:1", "product:2"}, NOW, True)
    assert (unfound.tags, unfound.changes_at, unfound.is_told) == ({"products", "stock"}, None, True)


# A schema of its own: a shelf of things, some of them somebody's own.

METADATA = sa.MetaData()
THING = sa.Table(
    "thing",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("box_id", sa.Uuid, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("owner", sa.Uuid, nullable=False),
)
PART = sa.Table("part", METADATA, sa.Column("thing_id", sa.Uuid, primary_key=True), sa.Column("name", sa.Text))
BOX = sa.Table("box", METADATA, sa.Column("id", sa.Uuid, primary_key=True))
SECRET = sa.Table("secret", METADATA, sa.Column("id", sa.Uuid, primary_key=True), sa.Column("name", sa.Text))

OF_THING = Entity("thing", lambda row: row.c.thing_id)
NOW_BIND = request("now", sa.DateTime(timezone=True))


@view(PART, entity=OF_THING)
class Part:
    name: str | None = column()


@view(BOX)
class Box:
    parts: list[Part] = many(
        on=lambda _box, part: part.c.thing_id.in_(sa.select(THING.alias().c.id)),
        order_by=lambda part: (part.c.thing_id,),
    )


@view(THING, entity=Entity("thing", lambda row: row.c.id))
class Thing:
    name: str = column()
    box: Box | None = one(on=lambda thing, box: box.c.id == thing.c.box_id)
    parts: list[Part] = many(on=lambda thing, part: part.c.thing_id == thing.c.id, order_by=lambda part: (part.c.name,))
    either_parts: list[Part] = many(
        on=lambda thing, part: sa.or_(part.c.thing_id == thing.c.id, part.c.name == "lid"),
        order_by=lambda part: (part.c.name,),
    )
    twin: "Thing | None" = one(on=lambda thing, other: other.c.name == thing.c.name)
    is_mine: bool = computed(lambda thing: thing.c.owner == request("customer", sa.Uuid), total=True)
    secret: str | None = computed(
        lambda thing: (
            sa.select(secret.c.name).where(secret.c.id == thing.c.id).scalar_subquery()
            if (secret := SECRET.alias()) is not None
            else thing.c.name
        )
    )
    is_new: bool = computed(lambda _: NOW_BIND.is_not(None), total=True)


@strawberry.type
class Query:
    thing: Thing | None = one(on=lambda _, thing: thing.c.name == "thing")


DECLARED = Cached(tables={THING: "things", PART: "things", BOX: EVERYTHING}, binds=frozenset({"language"}))
API = build_api([GraphQL(query=Query, cached=DECLARED)])


@pytest.mark.parametrize(
    "asked",
    ["name isMine", "name secret", "box { parts { name } } twin { isMine }", "isNew", "parts { name } twin { secret }"],
    ids=["somebody's own", "a table of nobody's", "somebody's own further away", "the time", "a table further away"],
)
def test_what_is_not_declared_is_not_cached(asked: str) -> None:
    assert tagging_of(API, f"{{ thing {{ {asked} }} }}") is None


@pytest.mark.parametrize(
    ("asked", "always"),
    [
        ("name parts { name }", set()),
        ("box { __typename }", set()),
        ("twin { name }", {"things"}),
        ("eitherParts { name }", {"things"}),
        ("box { parts { name } }", {"things"}),
    ],
)
def test_a_relation_stays_with_a_thing_only_where_its_condition_says_so(asked: str, always: set[str]) -> None:
    tagging = tagging_of(API, f"{{ thing {{ {asked} }} }}")
    assert tagging is not None
    assert (tagging.entity, set(tagging.always - {EVERYTHING})) == ("thing", always)


def test_without_a_declaration_a_statement_is_as_short_as_can_be() -> None:
    plain: Any = build_api([GraphQL(query=Query)])
    [plan] = plans_of(plain, "{ thing { name } }")
    assert plan.tagging is None
    assert "ids" not in plan.sql
