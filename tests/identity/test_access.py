"""Who may do what: every root field says what it needs, and is answered as it says, for everybody."""

from collections import Counter

import httpx2
import pytest
from graphql import GraphQLSchema
from tests.callers import Caller, admin_caller
from tests.identity import matrix
from tests.identity.matrix import Call, Party, calls
from tests.identity.people import a_staff_member
from tests.people import ROLES

from mercer.app import ADMIN, PERMISSIONS, SHOP
from mercer.identity import service
from mercer.identity.graphql.catalogue import permissions_of
from mercer.identity.rules.bounds import EVERYTHING, resolved
from mercer.identity.rules.roles import READY_ROLES
from mercer.platform.context import Context
from mercer.platform.permissions import ENTRY, PUBLIC, SIGNED_IN
from mercer.platform.transactions import transaction

SCHEMAS = {"shop": SHOP.schema, "admin": ADMIN.schema}
OPEN_ADMIN_FIELDS = {"passwordSet", "sessionCreate", "sessionCreateWithFactor", "sessionRefresh", "signInUnlock"}
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
    assert {each for role in READY_ROLES.values() for each in role.permissions} <= PERMISSIONS | {EVERYTHING}


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_do_what_it_says(unverified_http: httpx2.AsyncClient, role: str) -> None:
    held = resolved(READY_ROLES[role].permissions, catalogue=PERMISSIONS)
    party = Party(role, admin_caller(unverified_http, role=role), held)
    assert (await party.caller("{ me { permissions } }"))["me"]["permissions"] == sorted(held)
    needed = {"mailPreview": "personal_data.read"}  # besides what it names: it depends on the mail
    queries = [call for call in calls(ADMIN.schema, "Query") if needed.get(call.name, "*") in {*held, "*"}]
    assert await matrix.mismatches(party, queries) == []


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
