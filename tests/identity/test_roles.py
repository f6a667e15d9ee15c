"""Roles: how far they go, a second factor that they need, who may give them, and what each gives."""

from typing import Any

import httpx2
import pytest
from tests.callers import Caller, admin_caller
from tests.identity.people import PASSWORD, Person, a_staff_member, code_of, rows
from tests.people import person_id

from mercer.app import ADMIN, DIMENSIONS, PERMISSIONS
from mercer.identity import service
from mercer.identity.graphql.catalogue import permissions_of
from mercer.identity.models import TokenPurpose
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

GIVEN = """fragment Given on Role { permissions needsFactor
    grants { permission channelIds warehouseIds amounts { amount currency } isOwnOnly } }"""
CREATE = """mutation ($input: RoleCreateInput!) { roleCreate(input: $input) {
    ... on Role { id ...Given } ... on Error { code } ... on PermissionsLacking { permissions }
    ... on InvalidInput { fields { path } } } } """
UPDATE = """mutation ($id: ID!, $input: RoleUpdateInput!) { roleUpdate(id: $id, input: $input) {
    ... on Role { version ...Given } ... on Error { code } ... on PermissionsLacking { permissions }
    ... on InvalidInput { fields { path } } } } """
CREATE, UPDATE = CREATE + GIVEN, UPDATE + GIVEN
DELETE = "mutation ($id: ID!) { roleDelete(id: $id) { ... on RoleDeleted { id } ... on Error { code } } }"
SET_ROLES = """mutation ($id: ID!, $roles: [String!]!) { staffRolesSet(id: $id, roles: $roles) {
    ... on StaffMember { roles { code } } ... on Error { code } ... on PermissionsLacking { permissions } } }"""
DEACTIVATE = """mutation ($id: ID!) { staffDeactivate(id: $id) {
    ... on StaffMember { isActive } ... on Error { code } ... on PermissionsLacking { permissions } } }"""
WAREHOUSE = """mutation ($code: String!) { warehouseCreate(input: {code: $code, name: "Yard", country: "DE"}) {
    ... on Warehouse { id } ... on Error { code } } }"""
NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def boss(own_http: httpx2.AsyncClient) -> Caller:
    """An administrator."""
    return admin_caller(own_http)


@pytest.fixture
async def channels(boss: Caller) -> list[str]:
    """The ids of the two channels."""
    return [each["id"] for each in (await boss("{ channels { nodes { id } } }"))["channels"]["nodes"]]


async def _role(boss: Caller, code: str, permissions: list[str], **more: Any) -> str:
    made = await boss(CREATE, {"input": {"code": code, "name": code, "permissions": permissions, **more}})
    return str(made["roleCreate"]["id"])


def _grant(permission: str, **limits: Any) -> dict[str, Any]:
    unlimited: dict[str, Any] = {"channelIds": None, "warehouseIds": None, "amounts": [], "isOwnOnly": False}
    return {"permission": permission, **unlimited, **limits}


async def test_a_role_goes_only_so_far(boss: Caller, context: Context, channels: list[str]) -> None:
    """Cancel orders for up to 50 euros in one channel: made, shown, changed, and audited."""
    bound = {"permission": "orders.manage", "channelIds": channels[:1]}
    limits = [{"amount": "50", "currency": "EUR"}, {"amount": "7000", "currency": "JPY"}]
    asked = {"code": "clerk", "name": "Clerk", "permissions": ["orders.read", "orders.manage", "audit.read"]}
    own = {"permission": "audit.read", "isOwnOnly": True}
    made = (await boss(CREATE, {"input": asked | {"bounds": [bound | {"amounts": limits}, own]}}))["roleCreate"]
    id = made.pop("id")
    amounts = [{"amount": "50.00", "currency": "EUR"}, {"amount": "7000", "currency": "JPY"}]
    assert made == {
        "permissions": ["audit.read", "orders.manage", "orders.read"],
        "needsFactor": False,
        "grants": [
            _grant("audit.read", isOwnOnly=True),
            _grant("orders.manage", channelIds=channels[:1], amounts=amounts),
            _grant("orders.read"),
        ],
    }
    fewer = (await boss(UPDATE, {"id": id, "input": {"permissions": ["orders.manage"]}}))["roleUpdate"]
    assert fewer["grants"] == [_grant("orders.manage", channelIds=channels[:1], amounts=amounts)]
    other = (await boss(UPDATE, {"id": id, "input": {"bounds": [bound]}}))["roleUpdate"]
    assert other["grants"] == [_grant("orders.manage", channelIds=channels[:1])]
    no_more = (await boss(UPDATE, {"id": id, "input": {"bounds": [], "needsFactor": True}}))["roleUpdate"]
    assert no_more == {
        "permissions": ["orders.manage"],
        "needsFactor": True,
        "version": 4,
        "grants": [_grant("orders.manage")],
    }
    assert await boss(DELETE, {"id": id}) == {"roleDelete": {"id": id}}
    audited = "SELECT changes->'bounds' FROM platform.audit WHERE entity = 'Role' AND entity_id = :id ORDER BY id"
    stored = {"channels": channels[:1], "amounts": {"EUR": 5000, "JPY": 7000}}
    assert await rows(context, audited, id=id) == [
        ([None, {"audit.read": {"is_own": True}, "orders.manage": stored}],),
        ([{"audit.read": {"is_own": True}, "orders.manage": stored}, {"orders.manage": stored}],),
        ([{"orders.manage": stored}, {"orders.manage": {"channels": channels[:1]}}],),
        ([{"orders.manage": {"channels": channels[:1]}}, None],),
        (None,),
    ]


async def test_faulty_bounds(boss: Caller, context: Context, channels: list[str]) -> None:
    """Each with the place where it is wrong; nothing is made."""
    for faulty, path in (
        ({"permission": "stock.read", "warehouseIds": [NOWHERE]}, ["0", "permission"]),
        ({"permission": "orders.manage"}, ["0", "permission"]),
        ({"permission": "orders.manage", "channelIds": []}, ["0", "channelIds"]),
        ({"permission": "orders.manage", "channelIds": [channels[0], NOWHERE]}, ["0", "channelIds", "1"]),
        ({"permission": "orders.manage", "channelIds": ["nonsense"]}, ["0", "channelIds", "0"]),
        ({"permission": "stock.manage", "warehouseIds": [channels[0]]}, ["0", "warehouseIds", "0"]),
        ({"permission": "stock.manage", "channelIds": channels}, ["0", "channelIds"]),
        ({"permission": "roles.read", "channelIds": channels}, ["0", "channelIds"]),
        ({"permission": "orders.manage", "amounts": [{"amount": "1.005", "currency": "EUR"}]}, ["0", "amounts", "0"]),
        ({"permission": "orders.manage", "amounts": [{"amount": "1", "currency": "XYZ"}]}, ["0", "amounts", "0"]),
    ):
        asked = {"code": "clerk", "name": "Clerk", "permissions": ["orders.manage", "stock.manage", "roles.read"]}
        answer = (await boss(CREATE, {"input": asked | {"bounds": [faulty]}}))["roleCreate"]
        assert answer == {"code": "INVALID_INPUT", "fields": [{"path": ["input", "bounds", *path]}]}, faulty
    twice: Any = {"permission": "orders.manage", "channelIds": channels}
    asked = {"code": "clerk", "name": "Clerk", "permissions": ["orders.manage"], "bounds": [twice, twice]}
    answer = (await boss(CREATE, {"input": asked}))["roleCreate"]
    assert answer["fields"] == [{"path": ["input", "bounds", "1", "permission"]}]
    assert await rows(context, "SELECT count(*) FROM identity.role WHERE code = 'clerk'") == [(0,)]


async def _limited(boss: Caller, context: Context, channels: list[str]) -> Person:
    """Somebody who governs roles and staff, and cancels orders for up to 50 euros in one channel."""
    bound = {
        "permission": "orders.manage",
        "channelIds": channels[:1],
        "amounts": [{"amount": "50", "currency": "EUR"}],
    }
    governs = ["roles.manage", "roles.read", "staff.manage", "staff.read", "orders.manage"]
    await _role(boss, "lead", governs, bounds=[bound])
    return await a_staff_member(context, "lead")


async def test_nobody_gives_further_than_he_may_go(
    boss: Caller, context: Context, own_http: httpx2.AsyncClient, channels: list[str]
) -> None:
    lead = (await _limited(boss, context, channels)).at(own_http)
    clerk = await a_staff_member(context)
    lacking = {"code": "PERMISSIONS_LACKING", "permissions": ["orders.manage"]}
    wider: list[list[dict[str, Any]]] = [
        [],
        [{"permission": "orders.manage", "channelIds": channels[:1]}],
        [{"permission": "orders.manage", "amounts": [{"amount": "50", "currency": "EUR"}]}],
        [{"permission": "orders.manage", "channelIds": channels, "amounts": [{"amount": "50", "currency": "EUR"}]}],
        [{"permission": "orders.manage", "channelIds": channels[:1], "amounts": [{"amount": "51", "currency": "EUR"}]}],
        [{"permission": "orders.manage", "channelIds": channels[:1], "amounts": [{"amount": "1", "currency": "USD"}]}],
    ]
    before = await rows(context, "SELECT * FROM identity.role ORDER BY id")
    for bounds in wider:
        asked = {"code": "sly", "name": "Sly", "permissions": ["orders.manage"], "bounds": bounds}
        assert await lead(CREATE, {"input": asked}) == {"roleCreate": lacking}
    assert await rows(context, "SELECT * FROM identity.role ORDER BY id") == before
    less = {"permission": "orders.manage", "channelIds": channels[:1], "amounts": [{"amount": "20", "currency": "EUR"}]}
    made = await _role(lead, "small", ["orders.manage"], bounds=[less])
    for bounds in wider:
        assert await lead(UPDATE, {"id": made, "input": {"bounds": bounds}}) == {"roleUpdate": lacking}
    assert await lead(SET_ROLES, {"id": str(clerk.id), "roles": ["small"]}) == {
        "staffRolesSet": {"roles": [{"code": "small"}]}
    }
    big = await _role(boss, "big", ["orders.manage"])
    assert await lead(SET_ROLES, {"id": str(clerk.id), "roles": ["big"]}) == {"staffRolesSet": lacking}
    assert await lead(UPDATE, {"id": big, "input": {"bounds": [less]}}) == {"roleUpdate": lacking}  # nor takes it
    assert await lead(UPDATE, {"id": big, "input": {"needsFactor": True}}) == {"roleUpdate": lacking}
    assert (await lead(DELETE, {"id": big}))["roleDelete"] == {"code": "PERMISSIONS_LACKING"}


async def test_nobody_governs_whoever_may_go_further(
    boss: Caller, context: Context, own_http: httpx2.AsyncClient, channels: list[str]
) -> None:
    lead = (await _limited(boss, context, channels)).at(own_http)
    await _role(boss, "big", ["orders.manage"], needsFactor=True)
    other = await a_staff_member(context, "big")
    lacking = {"code": "PERMISSIONS_LACKING", "permissions": ["orders.manage"]}
    assert await lead(DEACTIVATE, {"id": str(other.id)}) == {"staffDeactivate": lacking}
    assert await lead(SET_ROLES, {"id": str(other.id), "roles": []}) == {"staffRolesSet": lacking}
    active = "SELECT is_active FROM identity.staff WHERE id = :id"
    assert await rows(context, active, id=other.id) == [(True,)]


async def test_of_ready_roles_only_the_factor_changes(boss: Caller, own_http: httpx2.AsyncClient) -> None:
    analyst = admin_caller(own_http, role="analyst")
    id = (await boss('{ role(code: "analyst") { id } }'))["role"]["id"]
    more: list[dict[str, Any]] = [
        {"name": "X"},
        {"permissions": []},
        {"bounds": []},
        {"needsFactor": True, "name": "X"},
    ]
    for change in more:
        assert await boss(UPDATE, {"id": id, "input": change}) == {"roleUpdate": {"code": "ROLE_BUILTIN"}}
    assert (await analyst("{ products { totalCount } }"))["products"] == {"totalCount": 0}
    changed = (await boss(UPDATE, {"id": id, "input": {"needsFactor": True, "version": 1}}))["roleUpdate"]
    assert (changed["needsFactor"], changed["version"]) == (True, 2)
    assert code_of(await analyst.send("{ products { totalCount } }")) == (403, "SECOND_FACTOR_REQUIRED")
    assert await analyst("{ me { name permissions } }") == {"me": {"name": "analyst", "permissions": []}}
    await boss(UPDATE, {"id": id, "input": {"needsFactor": False}})
    assert (await analyst("{ products { totalCount } }"))["products"] == {"totalCount": 0}


async def test_limits_hold_at_once(boss: Caller, context: Context, own_http: httpx2.AsyncClient) -> None:
    """The next request of an open session keeps to what its owner's role has become."""
    id = await _role(boss, "keeper", ["stock.manage", "stock.read"])
    keeper = (await a_staff_member(context, "keeper")).at(own_http)
    first = (await keeper(WAREHOUSE, {"code": "first"}))["warehouseCreate"]["id"]
    bound = {"permission": "stock.manage", "warehouseIds": [first]}
    await boss(UPDATE, {"id": id, "input": {"bounds": [bound]}})
    refused = (await keeper.send(WAREHOUSE, {"code": "second"})).json()["errors"][0]
    assert refused["message"] == "This needs the permission stock.manage; yours is limited by warehouse."
    assert (await keeper("{ warehouses { totalCount } }"))["warehouses"] == {"totalCount": 1}
    await boss(UPDATE, {"id": id, "input": {"bounds": []}})
    assert "id" in (await keeper(WAREHOUSE, {"code": "second"}))["warehouseCreate"]


PERMISSIONS_OF = """query ($role: String!) { permissionsOf(role: $role) {
    name fields channelIds warehouseIds amounts { amount currency } isOwnOnly } }"""


async def test_what_a_role_gives_is_told(boss: Caller, channels: list[str]) -> None:
    fields = permissions_of(ADMIN.schema)
    every = (await boss(PERMISSIONS_OF, {"role": "administrator"}))["permissionsOf"]
    unlimited: dict[str, Any] = {"channelIds": None, "warehouseIds": None, "amounts": [], "isOwnOnly": False}
    assert every == [{"name": name, "fields": fields[name], **unlimited} for name in sorted(PERMISSIONS)]
    limits = [{"amount": "50.00", "currency": "EUR"}]
    bound = {"permission": "orders.manage", "channelIds": channels[1:], "amounts": limits}
    id = await _role(boss, "clerk", ["orders.manage", "orders.read"], bounds=[bound])
    told = (await boss(PERMISSIONS_OF, {"role": id}))["permissionsOf"]
    bounded = {"channelIds": channels[1:], "amounts": limits}
    assert told == [
        {"name": "orders.manage", "fields": fields["orders.manage"], **unlimited, **bounded},
        {"name": "orders.read", "fields": fields["orders.read"], **unlimited},
    ]
    for unknown in ("nobody", NOWHERE, "", "x" * 1000):
        assert await boss(PERMISSIONS_OF, {"role": unknown}) == {"permissionsOf": None}


async def test_the_catalogue_says_what_can_be_limited(boss: Caller) -> None:
    found = (await boss("{ permissions { name dimensions } }"))["permissions"]
    limited = {each["name"]: set(each["dimensions"]) for each in found if each["dimensions"]}
    assert limited == {name: {each.name for each in within} for name, within in DIMENSIONS.items()}


async def test_an_administrator_who_is_only_invited_does_not_count(boss: Caller, context: Context) -> None:
    """He might never come: whoever can sign in remains, until the other one can."""
    id, last = str(person_id("administrator")), {"code": "LAST_ADMINISTRATOR"}
    invited = await service.create_staff(context, email="new@example.com", name="New", roles=["administrator"])
    assert await boss(SET_ROLES, {"id": id, "roles": ["analyst"]}) == {"staffRolesSet": last}
    assert await boss(DEACTIVATE, {"id": id}) == {"staffDeactivate": last}
    async with transaction(context) as inner:
        token = await service.issue_token(inner, staff_id=invited, purpose=TokenPurpose.ACCEPT_INVITATION)
    await service.set_staff_password(context, token=token, password=PASSWORD)
    assert await boss(SET_ROLES, {"id": id, "roles": ["analyst"]}) == {
        "staffRolesSet": {"roles": [{"code": "analyst"}]}
    }


async def test_who_names_a_role_anew_has_all_of_it(
    boss: Caller, context: Context, own_http: httpx2.AsyncClient
) -> None:
    """Two names that were swapped would have others give what they never meant to."""
    await _role(boss, "lead", ["roles.manage", "products.read"])
    strong, weak = await _role(boss, "strong", ["orders.manage"]), await _role(boss, "weak", ["products.read"])
    lead = (await a_staff_member(context, "lead")).at(own_http)
    lacking = {"code": "PERMISSIONS_LACKING", "permissions": ["orders.manage"]}
    assert await lead(UPDATE, {"id": strong, "input": {"name": "weak"}}) == {"roleUpdate": lacking}
    assert (await lead(UPDATE, {"id": strong, "input": {"name": "strong"}}))["roleUpdate"]["version"] == 1
    assert (await lead(UPDATE, {"id": weak, "input": {"name": "Readers"}}))["roleUpdate"]["version"] == 2
    names = "SELECT name FROM identity.role WHERE code IN ('strong', 'weak') ORDER BY code"
    assert await rows(context, names) == [("strong",), ("Readers",)]
