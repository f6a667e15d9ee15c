"""The catalogue's mutations as staff send them: their results, their errors, who may, and what shoppers see at once."""

import inspect
from collections.abc import AsyncIterator
from types import NoneType
from typing import Any, get_args

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLNonNull, get_named_type, is_list_type
from tests.callers import Caller
from tests.contents import stamps
from tests.fixtures import Known, writing
from tests.people import authorization
from tests.selling import Selling, a_selling_shop

from mercer.app import ADMIN
from mercer.catalog import module as catalog
from mercer.modules import MODULES
from mercer.platform.graphql.mutations.assembly import mutations_in
from mercer.platform.observability.statements import counting_statements
from mercer.platform.settings import Settings

ERROR = "__typename ... on Error { code message path } ... on InvalidInput { fields { path message } }"
PUBLISH = "mutation ($id: ID!, $in: [ID!]!) { productPublish(id: $id, channelIds: $in) { __typename } }"
UPDATE = f"""mutation ($id: ID!, $input: ProductUpdateInput!) {{ productUpdate(id: $id, input: $input) {{
    {ERROR} ... on Product {{ name slug version nameTranslations category {{ slug }} tags attributes {{ code value }} }}
    ... on VersionConflict {{ current }} ... on SlugTaken {{ slug }}
}} }}"""
OURS = [
    f"{head}{''.join(word.title() for word in rest)}"
    for head, *rest in (each.name.split("_") for each in mutations_in(catalog.module.admin.mutations))
]


@pytest.fixture
async def selling(fresh: Settings) -> AsyncIterator[Selling]:
    async with a_selling_shop(fresh) as shop:
        yield shop


def test_what_may_be_left_out_has_a_default() -> None:
    missing = [
        f"{each.name}({argument.name})"
        for module in MODULES
        for api in (module.shop, module.admin)
        for each in mutations_in(api.mutations)
        for argument in inspect.signature(each.resolver, eval_str=True).parameters.values()
        if NoneType in get_args(argument.annotation) and argument.default is argument.empty
    ]
    assert missing == []


async def test_null_for_what_a_product_must_have_is_refused_in_words_of_the_api(selling: Selling) -> None:
    [id, *_] = selling.products.values()
    literal = f'mutation {{ productUpdate(id: "{id}", input: {{name: null}}) {{ __typename }} }}'
    for query, variables in ((UPDATE, {"id": id, "input": {"name": None}}), (literal, {})):
        [error] = (await selling.admin.send(query, variables)).json()["errors"]
        assert error["message"].startswith("A value that has to be there is null.")


async def test_a_product_from_nothing_is_seen_at_once(selling: Selling) -> None:
    change = selling.change
    size = await change(
        """mutation { attributeCreate(input: {code: "fit", kind: CHOICE, name: "Fit", nameTranslations: {de: "Sitz"},
            choices: [{name: "Slim"}, {name: "Wide", code: "w"}]}) { ... on Attribute { id choices { code } } } }"""
    )
    assert size["choices"] == [{"code": "slim"}, {"code": "w"}]
    kind = await change(
        """mutation ($ids: [ID!]) { productTypeCreate(input: {code: "shirts", name: "Shirts", attributeIds: $ids}) {
            ... on ProductType { id attributes { code } version } } }""",
        {"ids": [size["id"]]},
    )
    assert (kind["attributes"], kind["version"]) == ([{"code": "fit"}], 1)
    category = await change('mutation { categoryCreate(input: {name: "Wear"}) { ... on Category { id slug } } }')
    product = await change(
        f"""mutation ($type: ID!, $category: ID!) {{ productCreate(input: {{
            productTypeId: $type, categoryId: $category, name: "Shirt", nameTranslations: {{de: "Hemd"}}, tags: ["new"],
            attributes: [{{code: "fit", choices: ["w"]}}],
            options: [{{name: "Colour", values: [{{name: "Red"}}, {{name: "Blue"}}]}}],
            variants: [
                {{sku: "S-R", weightGrams: 200, optionValues: [{{option: "Colour", value: "Red"}}]}},
                {{sku: "S-B", optionValues: [{{option: "Colour", value: "Blue"}}]}}
            ]
        }}) {{ {ERROR} ... on Product {{
            id slug version archivedAt publications {{ status }} attributes {{ code value }}
            options {{ name values {{ name }} }} variants {{ id sku version weightGrams options {{ name value }} }}
        }} }} }}""",
        {"type": kind["id"], "category": category["id"]},
    )
    assert product.pop("__typename") == "Product"
    id, variants = product.pop("id"), product.pop("variants")
    assert product == {
        "slug": "shirt",
        "version": 1,
        "archivedAt": None,
        "publications": [],
        "attributes": [{"code": "fit", "value": "Wide"}],
        "options": [{"name": "Colour", "values": [{"name": "Red"}, {"name": "Blue"}]}],
    }
    assert [(each["sku"], each["weightGrams"], each["options"]) for each in variants] == [
        ("S-R", 200, [{"name": "Colour", "value": "Red"}]),
        ("S-B", None, [{"name": "Colour", "value": "Blue"}]),
    ]
    seen = '{ product(slug: "shirt") { name attributes { name value } variants { sku } breadcrumbs { slug } } }'
    assert await selling.shop(seen) == {"product": None}
    await change(PUBLISH, {"id": id, "in": list(selling.channels.values())})
    assert (await selling.shop(seen, x_mercer_channel="eu"))["product"] == {
        "name": "Hemd",
        "attributes": [{"name": "Sitz", "value": "Wide"}],
        "variants": [{"sku": "S-R"}, {"sku": "S-B"}],
        "breadcrumbs": [{"slug": "wear"}],
    }
    listed = '{ products(search: "shirt", sort: {field: NAME}) { nodes { slug } totalCount } }'
    assert (await selling.shop(listed))["products"] == {"nodes": [{"slug": "shirt"}], "totalCount": 1}
    await change("mutation ($id: ID!) { productArchive(id: $id) { ... on Product { archivedAt } } }", {"id": id})
    assert await selling.shop(seen) == {"product": None}
    await change("mutation ($id: ID!) { productRestore(id: $id) { __typename } }", {"id": id})
    assert (await selling.shop(seen))["product"]["name"] == "Shirt"


async def test_an_update_says_what_became_of_it(selling: Selling) -> None:
    id = selling.products["steel-mug"]
    changes = {"name": "Iron", "categoryId": None, "nameTranslations": {"de": None, "fr": "Fer"}, "version": 1}
    result = await selling.change(UPDATE, {"id": id, "input": changes | {"attributes": [{"code": "care"}]}})
    codes = ["material", "uses", "volume", "dishwasher", "since", "maker"]
    assert [each["code"] for each in result.pop("attributes")] == codes
    assert result == {
        "__typename": "Product",
        "name": "Iron",
        "slug": "steel-mug",
        "version": 2,
        "nameTranslations": {"fr": "Fer"},
        "category": None,
        "tags": ["new", "bestseller"],
    }
    assert (await selling.shop('{ product(slug: "steel-mug") { name } }'))["product"] == {"name": "Iron"}
    assert await selling.change(UPDATE, {"id": id, "input": changes}) == {
        "__typename": "VersionConflict",
        "code": "VERSION_CONFLICT",
        "message": "Somebody else changed this in the meantime. Read it again.",
        "path": ["input", "version"],
        "current": 2,
    }
    assert await selling.change(UPDATE, {"id": id, "input": {"slug": "clay-cup", "version": 2}}) == {
        "__typename": "SlugTaken",
        "code": "SLUG_TAKEN",
        "message": "Another one of its kind has this slug, or had it before.",
        "path": ["input", "slug"],
        "slug": "clay-cup",
    }
    wrong = {"name": "", "nameTranslations": {"deutsch": "x"}, "attributes": [{"code": "volume", "text": "x"}]}
    result = await selling.change(UPDATE, {"id": id, "input": wrong})
    assert (result["code"], result["fields"]) == (
        "INVALID_INPUT",
        [
            {"path": ["input", "name"], "message": "This text may not be empty."},
            {"path": ["input", "nameTranslations"], "message": "This is not a language tag such as `de` or `de-AT`."},
            {"path": ["input", "attributes", "0"], "message": "The value does not suit the attribute's kind."},
        ],
    )
    result = await selling.change(UPDATE, {"id": "nonsense", "input": {"name": "x"}})
    assert (result["code"], result["path"]) == ("PRODUCT_NOT_FOUND", [])
    result = await selling.change(UPDATE, {"id": id, "input": {"name": "x", "categoryId": "nonsense"}})
    assert (result["code"], result["path"]) == ("CATEGORY_NOT_FOUND", ["input", "categoryId"])
    assert [name for name, _ in await selling.events()] == ["catalog.ProductUpdated"]


@pytest.mark.parametrize(
    "input",
    [
        {"name": None},
        {"name": 5},
        {"tags": {}},
        {"tags": [None]},
        {"nameTranslations": "x"},
        {"nameTranslations": [["de", "x"]]},
        {"nameTranslations": {"de": 5}},
        {"attributes": [{"code": "volume", "number": 1.5}]},
        {"attributes": [{"code": "since", "date": "yesterday"}]},
        {"version": 2**31},
        {"unheard": 1},
    ],
)
async def test_wrong_types_are_refused_before_anything_is_done(
    admin: Caller, known: Known, input: dict[str, Any]
) -> None:
    answer = await admin.send(UPDATE, {"id": known.products["Steel Mug"], "input": input})
    assert answer.status_code in {294, 422}
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert (await admin('{ product(slug: "steel-mug") { name version } }'))["product"] == {
        "name": "Steel Mug",
        "version": 1,
    }


async def test_many_products_at_once_each_with_its_outcome(selling: Selling) -> None:
    ids = [selling.products["clay-cup"], "nonsense", selling.products["draft-mug"]]
    await selling.change("mutation ($id: ID!) { productArchive(id: $id) { __typename } }", {"id": ids[0]})
    query = """mutation ($ids: [ID!]!, $in: [ID!]!) { productsPublish(ids: $ids, channelIds: $in) {
        ... on ProductsChanged { products { slug } refused { id code message } }
        ... on InvalidInput { fields { path message } } ... on ChannelNotFound { path id } } }"""
    us = selling.channels["us"]
    result = await selling.change(query, {"ids": ids, "in": [us]})
    assert result["products"] == [{"slug": "draft-mug"}]
    assert [each["code"] for each in result["refused"]] == ["PRODUCT_IS_ARCHIVED", "PRODUCT_NOT_FOUND"]
    many = [f"00000000-0000-0000-0000-{each:012}" for each in range(251)]
    result = await selling.change(query, {"ids": many, "in": [us]})
    assert result == {"fields": [{"path": ["ids"], "message": "These are more than there may be."}]}
    result = await selling.change(query, {"ids": ids[:1], "in": [us, "nonsense"]})
    assert result["path"] == ["channelIds", "1"]


@pytest.mark.parametrize(
    ("mutation", "expected"),
    [
        ('productUpdate(id: $id, input: {description: "x"}) { __typename }', 4),
        ('productUpdate(id: $id, input: {name: "x"}) { __typename }', 7),
        ('productUpdate(id: $id, input: {attributes: [{code: "volume", number: "1"}]}) { __typename }', 8),
        ("productPublish(id: $id, channelIds: [$us]) { __typename }", 7),
        ('variantCreate(input: {productId: $id, sku: "N"}) { __typename }', 12),
    ],
)
async def test_statements(selling: Selling, mutation: str, expected: int) -> None:
    await selling.admin("{ __typename }")
    id = selling.products["draft-mug"]
    query = f"mutation ($id: ID!{', $us: ID!' if '$us' in mutation else ''}) {{ {mutation} }}"
    with counting_statements() as statements:
        await selling.admin(query, {"id": id, "us": selling.channels["us"]})
    assert statements.total == expected


def _literal(type_: Any) -> str:
    """A value of this type, as documents write it: as little as there must be."""
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    named = get_named_type(inner)
    if is_list_type(inner):
        return "[]"
    if isinstance(named, GraphQLInputObjectType):
        needed = {name: each.type for name, each in named.fields.items() if isinstance(each.type, GraphQLNonNull)}
        return "{" + ", ".join(f"{name}: {_literal(each)}" for name, each in needed.items()) + "}"
    if isinstance(named, GraphQLEnumType):
        return str(next(iter(named.values)))
    return '"x"'


def _document(name: str) -> str:
    """A mutation with as few arguments as there must be."""
    assert ADMIN.schema.mutation_type is not None
    arguments = ADMIN.schema.mutation_type.fields[name].args.items()
    needed = [f"{key}: {_literal(each.type)}" for key, each in arguments if isinstance(each.type, GraphQLNonNull)]
    return f"mutation {{ {name}({', '.join(needed)}) {{ __typename }} }}"


async def test_only_staff_with_the_permission_are_let_in(seeded: Settings, http: Any) -> None:
    async with writing(seeded) as context:
        before = await stamps(context.db)
    for name in OURS:
        for headers, status, code in (
            ({}, 401, "UNAUTHENTICATED"),
            (authorization("customer"), 401, "UNAUTHENTICATED"),
            (authorization("analyst"), 403, "FORBIDDEN"),
            (authorization("fulfilment"), 403, "FORBIDDEN"),
        ):
            answer = await Caller(http, "/admin/graphql", headers).send(_document(name))
            assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code), name
        assert (await Caller(http, "/shop/graphql", {}).send(_document(name))).status_code == 422, name
    async with writing(seeded) as context:
        assert await stamps(context.db) == before
