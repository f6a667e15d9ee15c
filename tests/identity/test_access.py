"""Who may do what: every root field says what it needs, and is answered as it says, for everybody."""

from collections import Counter

import httpx2
import pytest
from graphql import GraphQLSchema
from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.factories.shop import a_shop
from tests.fixtures import writing
from tests.identity import matrix
from tests.identity.matrix import Call, calls
from tests.identity.people import a_staff_member
from tests.people import ROLES

from mercer.app import ADMIN, PERMISSIONS, SHOP
from mercer.identity import service
from mercer.identity.graphql.catalogue import permissions_of
from mercer.identity.rules.bounds import resolved
from mercer.identity.rules.roles import READY_ROLES
from mercer.platform.context import Context
from mercer.platform.permissions import ENTRY, PUBLIC, SIGNED_IN
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

SCHEMAS = {"shop": SHOP.schema, "admin": ADMIN.schema}
OPEN_ADMIN_FIELDS = {"sessionCreate"}
"""What the admin API does for those who are not signed in."""


def _every(schema: GraphQLSchema) -> list[Call]:
    return [call for root in ("Query", "Mutation") for call in calls(schema, root)]


@pytest.mark.parametrize("api", SCHEMAS)
def test_every_root_field_says_what_it_needs(api: str) -> None:
    assert [call.name for call in _every(SCHEMAS[api]) if call.needs is None] == []


def test_the_admin_api_is_closed() -> None:
    assert {call.name for call in _every(SCHEMAS["admin"]) if call.needs in {PUBLIC, ENTRY}} == OPEN_ADMIN_FIELDS


def test_the_shop_needs_no_permissions() -> None:
    """Customers have none: what is theirs is theirs because they are signed in."""
    assert {call.needs for call in _every(SCHEMAS["shop"])} <= {PUBLIC, ENTRY, SIGNED_IN}


def test_permissions_are_named_alike() -> None:
    assert [name for name in PERMISSIONS if name.split(".")[1:] not in (["read"], ["manage"], ["publish"])] == []


async def test_the_catalogue_of_permissions(admin: Caller) -> None:
    found = (await admin("{ permissions { name fields } }"))["permissions"]
    assert {each["name"]: each["fields"] for each in found} == permissions_of(ADMIN.schema)
    assert {each["name"] for each in found} == PERMISSIONS
    named = Counter(field for each in found for field in each["fields"])
    for call in _every(ADMIN.schema):
        root = "Mutation" if call.query.startswith("mutation") else "Query"
        assert named[f"{root}.{call.name}"] == (0 if call.needs in {PUBLIC, ENTRY, SIGNED_IN} else 1), call.name
    assert (await admin("{ permissions(first: 2) { name } }"))["permissions"] == [
        {"name": each["name"]} for each in found[:2]
    ]


async def test_the_ready_roles(admin: Caller) -> None:
    found = (await admin("{ roles(first: 100) { nodes { code name permissions isBuiltin } } }"))["roles"]["nodes"]
    assert found == [
        {"code": code, "name": role.name, "permissions": sorted(role.permissions), "isBuiltin": True}
        for code, role in sorted(READY_ROLES.items())
    ]
    assert set(ROLES) == set(READY_ROLES)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_do_what_it_says(unverified_http: httpx2.AsyncClient, role: str) -> None:
    caller = admin_caller(unverified_http, role=role)
    expected = resolved(READY_ROLES[role].permissions, catalogue=PERMISSIONS)
    assert (await caller("{ me { permissions } }"))["me"]["permissions"] == sorted(expected)
    queries = list(calls(ADMIN.schema, "Query"))
    assert await matrix.mismatches(caller, queries, is_signed_in=True, permissions=expected) == []


async def test_no_mutation_is_carried_out_for_whoever_may_not(fresh: Settings) -> None:
    """Each mutation of the admin API as a guest, and as each role that lacks its permission: nothing changes."""
    async with writing(fresh) as context:
        await a_shop(context)
    every = list(calls(ADMIN.schema))
    async with calling(fresh) as http:
        guest = Caller(http, "/admin/graphql", {})
        customer = Caller(http, "/admin/graphql", shop_caller(http, customer="customer").headers)
        await guest.send("{ __typename }")
        before = await matrix.snapshot(fresh)
        refused = [call for call in every if call.needs not in {PUBLIC, ENTRY}]
        assert await matrix.mismatches(guest, refused, is_signed_in=False, permissions=()) == []
        for call in refused:
            assert (await customer.send(call.query, call.variables)).status_code == 401, call.name
        for role in ROLES:
            held = resolved(READY_ROLES[role].permissions, catalogue=PERMISSIONS)
            denied = [call for call in every if isinstance(call.needs, str) and call.needs not in held]
            found = await matrix.mismatches(admin_caller(http, role=role), denied, is_signed_in=True, permissions=held)
            assert found == [], role
        assert await matrix.snapshot(fresh) == before


async def test_every_mutation_is_carried_out_for_whoever_may(fresh: Settings) -> None:
    """Each role may call what its permissions name: the answer is a result, or an error that the schema knows."""
    async with writing(fresh) as context:
        await a_shop(context)
    ending = {"sessionEnd", "sessionRevokeOthers"}
    async with calling(fresh) as http:
        for role in ROLES:
            held = resolved(READY_ROLES[role].permissions, catalogue=PERMISSIONS)
            allowed = [call for call in calls(ADMIN.schema) if call.needs in held and call.name not in ending]
            found = await matrix.mismatches(admin_caller(http, role=role), allowed, is_signed_in=True, permissions=held)
            assert found == [], role


async def test_guests_may_do_nothing_with_an_account(fresh: Settings) -> None:
    async with writing(fresh) as context:
        await a_shop(context)
    async with calling(fresh) as http:
        refused = [call for call in _every(SHOP.schema) if call.needs is SIGNED_IN]
        await shop_caller(http).send("{ __typename }")
        before = await matrix.snapshot(fresh)
        assert await matrix.mismatches(shop_caller(http), refused, is_signed_in=False, permissions=()) == []
        assert await matrix.snapshot(fresh) == before


async def test_one_forbidden_field_refuses_the_whole_operation(http: httpx2.AsyncClient) -> None:
    analyst = admin_caller(http, role="analyst")
    refused = 403, "FORBIDDEN", "This needs the permission roles.read."
    for query in (
        "{ products { totalCount } roles { totalCount } }",
        "{ a: products { totalCount } ...F } fragment F on Query { roles { totalCount } }",
        "{ products { totalCount } ... { roles @include(if: false) { totalCount } } }",
    ):
        assert matrix.refusal(await analyst.send(query)) == refused


@pytest.mark.parametrize(
    ("field", "permission"),
    [
        ("stock { onHand }", "stock.read"),
        ("prices { amount }", "prices.read"),
        ("scheduledPrices { amount }", "prices.read"),
    ],
)
async def test_what_other_modules_add_to_a_variant_needs_their_permission(
    context: Context, own_http: httpx2.AsyncClient, field: str, permission: str
) -> None:
    async with transaction(context) as inner:
        await service.create_role(inner, code="reader", name="Reader", permissions=["products.read"])
    reader = (await a_staff_member(context, "reader")).at(own_http)
    query = "{ products { nodes { variants { sku %s } } } }"
    assert (await reader(query % ""))["products"]["nodes"] == []
    refused = 403, "FORBIDDEN", f"This needs the permission {permission}."
    assert matrix.refusal(await reader.send(query % field)) == refused
