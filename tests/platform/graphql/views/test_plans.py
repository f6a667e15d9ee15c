"""Plans: one for each document and shape, remembered, forgotten, and never mistaken for another."""

from typing import Any

import pytest
from graphql import parse
from graphql.execution.values import VariableValues, get_variable_values
from tests.callers import Caller

from mercer.app import ADMIN, SHOP
from mercer.platform.graphql.schema import Api
from mercer.platform.graphql.views.plans import Plan, Plans


class Document:
    """A parsed document, and the plans that its one root field gets."""

    def __init__(self, plans: Plans, text: str) -> None:
        self.plans = plans
        self.operation: Any = parse(text).definitions[0]

    def plan(self, **variables: Any) -> tuple[Plan, list[Any]]:
        schema = self.plans.types.schema
        values = get_variable_values(schema, self.operation.variable_definitions or (), variables)
        assert isinstance(values, VariableValues), values
        nodes = list(self.operation.selection_set.selections)
        return self.plans.find(self.plans.types["Query"], nodes, {}, values)


def plans_of(api: Api, *, most: int = 100) -> Plans:
    return Plans(api.plans.types, most=most)


PRODUCTS = """query ($first: Int, $filter: ProductFilter, $with: Boolean = true) {
    products(first: $first, filter: $filter) { nodes { name @include(if: $with) } totalCount }
}"""


def test_values_are_bound_to_one_plan() -> None:
    document = Document(plans_of(SHOP), PRODUCTS)
    plan, values = document.plan(filter={"tags": {"anyOf": ["new"]}})
    again, others = document.plan(filter={"tags": {"anyOf": ["old", "older"]}})
    assert again is plan
    assert (values, others) == ([["new"]], [["old", "older"]])
    assert plan.values(values, {"now": 1, "channel": 2, "language": 3, "language_parent": 4}).count(["new"]) > 0


def test_literals_are_bound_like_variables() -> None:
    document = Document(plans_of(SHOP), '{ products(filter: {tags: {anyOf: ["un\'heard"]}}) { totalCount } }')
    plan, values = document.plan()
    assert values == [["un'heard"]]
    assert "un'heard" not in plan.sql


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"first": 3},
        {"with": False},
        {"filter": {"price": {"gte": "1"}}},
        {"filter": {"price": {"lte": "1"}}},
        {"filter": {"price": {"gte": "1", "lte": "1"}}},
        {"filter": {"attributes": [{"code": "a"}]}},
        {"filter": {"attributes": [{"code": "a"}, {"code": "b"}]}},
        {"filter": {"attributes": [{"code": "a", "eq": True}]}},
    ],
)
def test_each_shape_has_a_plan_of_its_own(variables: dict[str, Any]) -> None:
    document = Document(plans_of(SHOP), PRODUCTS)
    usual, _ = document.plan(filter={"tags": {"allOf": []}})
    plan, _ = document.plan(**variables)
    assert plan is not usual
    assert plan.sql != usual.sql
    assert document.plan(**variables)[0] is plan


def test_what_is_null_is_as_if_left_out() -> None:
    document = Document(plans_of(SHOP), PRODUCTS)
    assert document.plan(filter=None, first=None)[0] is document.plan()[0]
    assert document.plan(filter={"price": {"gte": None}, "tags": None})[0] is document.plan(filter={"price": {}})[0]


def test_the_least_recently_used_is_forgotten() -> None:
    plans = plans_of(SHOP, most=2)
    first, second, third = (Document(plans, f"{{ channel {{ a{number}: code }} }}") for number in range(3))
    kept, forgotten = first.plan()[0], second.plan()[0]
    assert first.plan()[0] is kept
    third.plan()
    assert first.plan()[0] is kept
    assert second.plan()[0] is not forgotten
    assert second.plan()[0].sql == forgotten.sql


def test_documents_that_are_gone_lend_their_plans_to_no_others() -> None:
    plans = plans_of(SHOP, most=3)
    for number in range(50):
        plan, _ = Document(plans, f"{{ channel {{ a{number}: code }} }}").plan()
        assert f"'a{number}'" in plan.sql


def test_two_schemas_have_plans_of_their_own() -> None:
    text = '{ category(slug: "mugs") { name } }'
    shop, admin = Document(plans_of(SHOP), text), Document(plans_of(ADMIN), text)
    admin.operation = shop.operation  # the very same nodes
    assert [("request", "language") in document.plan()[0].parameters for document in (shop, admin)] == [True, False]


async def test_many_documents_beyond_what_is_remembered(shop: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SHOP.plans, "most", 5)
    for _ in range(2):
        for number in range(12):
            query = f"query ($slug: String) {{ product(slug: $slug) {{ n{number}: name }} }}"
            for slug, name in (("clay-cup", "Clay Cup"), ("rucksack", "Rucksack")):
                assert await shop(query, {"slug": slug}) == {"product": {f"n{number}": name}}


async def test_a_root_field_with_more_nodes_has_another_plan(shop: Caller) -> None:
    query = """query ($more: Boolean!) {
        product(slug: "clay-cup") { name }
        product(slug: "clay-cup") @include(if: $more) { slug }
        ... @skip(if: $more) { product(slug: "clay-cup") { tags } }
    }"""
    for more, further in ((False, {"tags": []}), (True, {"slug": "clay-cup"}), (False, {"tags": []})):
        assert await shop(query, {"more": more}) == {"product": {"name": "Clay Cup", **further}}
