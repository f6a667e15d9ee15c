"""Staff and roles: who may govern whom, and the administrator who always remains."""

import asyncio
from typing import Any

import httpx2
import pytest
from tests.callers import Caller, admin_caller
from tests.identity.people import (
    a_staff_member,
    acting,
    another_session,
    as_staff,
    code_of,
    rows,
)
from tests.people import person_id

from mercer.identity import service
from mercer.identity.errors import LastAdministrator, PermissionsLacking
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

CREATE = """mutation ($input: StaffCreateInput!) { staffCreate(input: $input) {
    ... on StaffMember { email name isActive version roles { code } }
    ... on Error { code path } ... on PermissionsLacking { permissions } ... on InvalidInput { fields { path } } } }"""
UPDATE = """mutation ($id: ID!, $input: StaffUpdateInput!) { staffUpdate(id: $id, input: $input) {
    ... on StaffMember { email name version } ... on Error { code path } ... on VersionConflict { current } } }"""
SET_ROLES = """mutation ($id: ID!, $roles: [String!]!) { staffRolesSet(id: $id, roles: $roles) {
    ... on StaffMember { roles { code } } ... on RoleUnknown { code role } ... on Error { code }
    ... on PermissionsLacking { permissions } } }"""
DEACTIVATE = (
    "mutation ($id: ID!) { staffDeactivate(id: $id) { ... on StaffMember { isActive } ... on Error { code } } }"
)
ACTIVATE = "mutation ($id: ID!) { staffActivate(id: $id) { ... on StaffMember { isActive } ... on Error { code } } }"
CREATE_ROLE = """mutation ($input: RoleCreateInput!) { roleCreate(input: $input) {
    ... on Role { id roleCode: code name permissions isBuiltin version } ... on Error { code path }
    ... on InvalidInput { fields { path message } } ... on PermissionsLacking { permissions } } }"""
UPDATE_ROLE = """mutation ($id: ID!, $input: RoleUpdateInput!) { roleUpdate(id: $id, input: $input) {
    ... on Role { name permissions version } ... on Error { code } ... on VersionConflict { current }
    ... on PermissionsLacking { permissions } } }"""
DELETE_ROLE = """mutation ($id: ID!) { roleDelete(id: $id) {
    ... on RoleDeleted { id } ... on Error { code } ... on RoleInUse { staffCount } } }"""


@pytest.fixture
def boss(own_http: httpx2.AsyncClient) -> Caller:
    """An administrator."""
    return admin_caller(own_http)


async def _role(boss: Caller, code: str, *permissions: str) -> str:
    made = await boss(CREATE_ROLE, {"input": {"code": code, "name": code, "permissions": list(permissions)}})
    return str(made["roleCreate"]["id"])


async def test_staff_are_made_found_and_changed(boss: Caller, context: Context) -> None:
    given = {"email": "Grace@Example.com", "name": "Grace", "roles": ["analyst", "finance"]}
    made = {"email": "Grace@example.com", "name": "Grace", "isActive": True, "version": 1}
    roles = {"roles": [{"code": "analyst"}, {"code": "finance"}]}
    assert await boss(CREATE, {"input": given}) == {"staffCreate": made | roles}
    found = await boss('{ staffMembers(filter: {email: {eq: "GRACE@example.com"}}) { nodes { id isActive } } }')
    [member] = found["staffMembers"]["nodes"]
    again = {"input": given | {"email": "grace@EXAMPLE.com"}}
    assert await boss(CREATE, again) == {"staffCreate": {"code": "EMAIL_TAKEN", "path": ["input", "email"]}}
    changed = await boss(UPDATE, {"id": member["id"], "input": {"name": "Grace Hopper", "version": 1}})
    assert changed == {"staffUpdate": {"email": "Grace@example.com", "name": "Grace Hopper", "version": 2}}
    late = await boss(UPDATE, {"id": member["id"], "input": {"name": "Eve", "version": 1}})
    assert late == {"staffUpdate": {"code": "VERSION_CONFLICT", "path": ["input", "version"], "current": 2}}
    taken = await boss(UPDATE, {"id": member["id"], "input": {"email": "analyst@example.com"}})
    assert taken == {"staffUpdate": {"code": "EMAIL_TAKEN", "path": ["input", "email"]}}
    audited = "SELECT changes, actor_id FROM platform.audit WHERE entity = 'Staff' AND entity_id = :id ORDER BY id"
    boss_id = person_id("administrator")
    assert await rows(context, audited, id=member["id"]) == [
        (
            {
                "email": [None, "Grace@example.com"],
                "name": [None, "Grace"],
                "roles": [None, ["analyst", "finance"]],
            },
            boss_id,
        ),
        ({"name": ["Grace", "Grace Hopper"]}, boss_id),
    ]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"email": "grace"}, {"code": "INVALID_INPUT", "path": [], "fields": [{"path": ["input", "email"]}]}),
        ({"name": ""}, {"code": "INVALID_INPUT", "path": [], "fields": [{"path": ["input", "name"]}]}),
        ({"roles": ["emperor"]}, {"code": "ROLE_UNKNOWN", "path": []}),
        ({"email": "analyst@example.com"}, {"code": "EMAIL_TAKEN", "path": ["input", "email"]}),
    ],
)
async def test_faulty_staff(boss: Caller, context: Context, changes: dict[str, Any], outcome: dict[str, Any]) -> None:
    given = {"email": "grace@example.com", "name": "Grace", "roles": []}
    assert await boss(CREATE, {"input": given | changes}) == {"staffCreate": outcome}
    assert await rows(context, "SELECT count(*) FROM identity.staff WHERE email_key = 'grace@example.com'") == [(0,)]


@pytest.mark.parametrize("id", ["nonsense", "", "00000000-0000-7000-8000-000000000000"])
async def test_unknown_ids(boss: Caller, id: str) -> None:
    staff = {"code": "STAFF_UNKNOWN"}
    assert (await boss(UPDATE, {"id": id, "input": {"name": "Eve"}}))["staffUpdate"]["code"] == "STAFF_UNKNOWN"
    assert await boss(DEACTIVATE, {"id": id}) == {"staffDeactivate": staff}
    assert await boss(ACTIVATE, {"id": id}) == {"staffActivate": staff}
    assert await boss(SET_ROLES, {"id": id, "roles": []}) == {"staffRolesSet": staff}
    assert await boss(UPDATE_ROLE, {"id": id, "input": {}}) == {"roleUpdate": {"code": "ROLE_UNKNOWN"}}
    assert await boss(DELETE_ROLE, {"id": id}) == {"roleDelete": {"code": "ROLE_UNKNOWN"}}
    assert await boss(f'{{ staffMember(id: "{id}") {{ id }} role(id: "{id}") {{ id }} }}') == {
        "staffMember": None,
        "role": None,
    }


async def _permissions(caller: Caller) -> list[str]:
    found: list[str] = (await caller("{ me { permissions } }"))["me"]["permissions"]
    return found


async def test_what_somebody_may_do_changes_at_once(
    boss: Caller, context: Context, own_http: httpx2.AsyncClient
) -> None:
    role = await _role(boss, "clerk", "roles.read")
    person = await a_staff_member(context, "clerk")
    caller = person.at(own_http)
    assert await _permissions(caller) == ["roles.read"]
    changed = await boss(UPDATE_ROLE, {"id": role, "input": {"permissions": ["staff.read", "roles.read"]}})
    assert changed == {"roleUpdate": {"name": "clerk", "permissions": ["roles.read", "staff.read"], "version": 2}}
    later = [await _permissions(caller)]
    await boss(SET_ROLES, {"id": str(person.id), "roles": []})
    later.append(await _permissions(caller))
    await boss(SET_ROLES, {"id": str(person.id), "roles": ["clerk"]})
    later.append(await _permissions(caller))
    assert later == [["roles.read", "staff.read"], [], ["roles.read", "staff.read"]]
    assert code_of(await caller.send("{ customers { totalCount } }")) == (403, "FORBIDDEN")


async def test_whoever_is_deactivated_is_out(boss: Caller, context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_staff_member(context, "analyst")
    assert await boss(DEACTIVATE, {"id": str(person.id)}) == {"staffDeactivate": {"isActive": False}}
    assert await boss(DEACTIVATE, {"id": str(person.id)}) == {"staffDeactivate": {"isActive": False}}
    assert code_of(await person.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")
    assert await boss(ACTIVATE, {"id": str(person.id)}) == {"staffActivate": {"isActive": True}}
    assert code_of(await person.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")
    assert await (await another_session(context, person)).at(own_http)("{ __typename }") == {"__typename": "Query"}


async def test_another_address_ends_the_sessions(boss: Caller, context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_staff_member(context, "analyst")
    await boss(UPDATE, {"id": str(person.id), "input": {"email": "new@example.com"}})
    assert code_of(await person.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")


async def test_nobody_gives_what_he_lacks(boss: Caller, context: Context, own_http: httpx2.AsyncClient) -> None:
    held = ("roles.manage", "staff.manage", "staff.read", "roles.read")
    await _role(boss, "hr", *held)
    await _role(boss, "clerk", "staff.read")
    hr, other = await a_staff_member(context, "hr"), await a_staff_member(context, "clerk")
    caller = hr.at(own_http)
    assert await caller(SET_ROLES, {"id": str(other.id), "roles": ["hr"]}) == {
        "staffRolesSet": {"roles": [{"code": "hr"}]}
    }
    lacking = {"code": "PERMISSIONS_LACKING", "permissions": ["audit.read", "categories.read"]}
    before = await rows(context, "SELECT * FROM identity.staff_role ORDER BY 1, 2")
    refused = await caller(SET_ROLES, {"id": str(hr.id), "roles": ["hr", "finance"]})
    assert refused["staffRolesSet"]["permissions"][:2] == lacking["permissions"]
    for code, roles in (("emperor", ["administrator"]), ("viewer", ["analyst"])):
        given = {"email": f"{code}@example.com", "name": "Eve", "roles": roles}
        answer = (await caller(CREATE, {"input": given}))["staffCreate"]
        assert (answer["code"], "products.read" in answer["permissions"]) == ("PERMISSIONS_LACKING", True)
    made = await caller(CREATE_ROLE, {"input": {"code": "sly", "name": "Sly", "permissions": ["audit.read"]}})
    assert made["roleCreate"] == {"code": "PERMISSIONS_LACKING", "path": [], "permissions": ["audit.read"]}
    assert await rows(context, "SELECT * FROM identity.staff_role ORDER BY 1, 2") == before


async def test_nobody_governs_whoever_has_more(boss: Caller, context: Context, own_http: httpx2.AsyncClient) -> None:
    """Another address of an administrator's would be the way to all that he may."""
    await _role(boss, "hr", "roles.manage", "staff.manage")
    hr, administrator = await a_staff_member(context, "hr"), await a_staff_member(context, "administrator")
    caller, id = hr.at(own_http), str(administrator.id)
    for query, more in (
        (UPDATE, {"input": {"email": "mine@example.com"}}),
        (DEACTIVATE, {}),
        (ACTIVATE, {}),
        (SET_ROLES, {"roles": []}),
    ):
        [answer] = (await caller(query, {"id": id, **more})).values()
        assert answer["code"] == "PERMISSIONS_LACKING"
    assert await administrator.at(own_http)("{ __typename }") == {"__typename": "Query"}


async def test_the_last_administrator_remains(boss: Caller, context: Context) -> None:
    id = str(person_id("administrator"))
    last = {"code": "LAST_ADMINISTRATOR"}
    assert await boss(DEACTIVATE, {"id": id}) == {"staffDeactivate": last}
    assert await boss(SET_ROLES, {"id": id, "roles": ["analyst"]}) == {"staffRolesSet": last}
    second = await a_staff_member(context, "administrator")
    await boss(DEACTIVATE, {"id": str(second.id)})
    assert await boss(DEACTIVATE, {"id": id}) == {"staffDeactivate": last}  # one who is not active does not count
    nobody = await a_staff_member(context)
    assert await boss(DEACTIVATE, {"id": str(nobody.id)}) == {"staffDeactivate": {"isActive": False}}
    await boss(ACTIVATE, {"id": str(second.id)})
    assert await boss(SET_ROLES, {"id": id, "roles": ["analyst"]}) == {
        "staffRolesSet": {"roles": [{"code": "analyst"}]}
    }


async def test_of_two_administrators_who_remove_each_other_one_remains(shop_settings: Settings) -> None:
    async with acting(shop_settings.model_copy(update={"write_connections": 4})) as context:
        boss_id = person_id("administrator")
        for round_ in range(6):
            other = await a_staff_member(context, "administrator")

            async def remove(staff_id: Any, *, is_demoted: bool) -> str:
                try:
                    async with transaction(context) as inner:
                        if is_demoted:
                            await service.set_staff_roles(inner, staff_id=staff_id, roles=["analyst"])
                        else:
                            await service.set_staff_active(inner, staff_id=staff_id, is_active=False)
                except LastAdministrator:
                    return "last"
                return "removed"

            outcomes = await asyncio.gather(
                remove(boss_id, is_demoted=round_ % 2 == 0), remove(other.id, is_demoted=round_ % 3 == 0)
            )
            assert sorted(outcomes) == ["last", "removed"]
            async with transaction(context) as inner:
                for id in (boss_id, other.id):
                    await service.set_staff_active(inner, staff_id=id, is_active=True)
                await service.set_staff_roles(inner, staff_id=boss_id, roles=["administrator"])
                await service.set_staff_roles(inner, staff_id=other.id, roles=[])


async def test_roles_are_made_changed_and_deleted(boss: Caller, context: Context) -> None:
    given = {"code": "clerk", "name": "Clerk", "permissions": ["staff.read", "roles.read", "staff.read"]}
    made = (await boss(CREATE_ROLE, {"input": given}))["roleCreate"]
    id = made.pop("id")
    held = {"permissions": ["roles.read", "staff.read"], "isBuiltin": False, "version": 1}
    assert made == {"roleCode": "clerk", "name": "Clerk"} | held
    taken = {"code": "ROLE_CODE_TAKEN", "path": ["input", "code"]}
    assert await boss(CREATE_ROLE, {"input": given}) == {"roleCreate": taken}
    late = await boss(UPDATE_ROLE, {"id": id, "input": {"name": "Eve", "version": 7}})
    assert late == {"roleUpdate": {"code": "VERSION_CONFLICT", "current": 1}}
    person = await a_staff_member(context, "clerk")
    assert await boss(DELETE_ROLE, {"id": id}) == {"roleDelete": {"code": "ROLE_IN_USE", "staffCount": 1}}
    await boss(SET_ROLES, {"id": str(person.id), "roles": []})
    assert await boss(DELETE_ROLE, {"id": id}) == {"roleDelete": {"id": id}}
    assert await boss(DELETE_ROLE, {"id": id}) == {"roleDelete": {"code": "ROLE_UNKNOWN"}}
    unknown = await boss(SET_ROLES, {"id": str(person.id), "roles": ["clerk"]})
    assert unknown == {"staffRolesSet": {"code": "ROLE_UNKNOWN", "role": "clerk"}}


async def test_ready_roles_do_not_change(boss: Caller) -> None:
    for code in ("administrator", "analyst"):
        id = (await boss(f'{{ role(code: "{code}") {{ id }} }}'))["role"]["id"]
        builtin = {"code": "ROLE_BUILTIN"}
        assert await boss(UPDATE_ROLE, {"id": id, "input": {"permissions": []}}) == {"roleUpdate": builtin}
        assert await boss(DELETE_ROLE, {"id": id}) == {"roleDelete": builtin}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"code": "Clerk"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "x" * 51}, "code"),
        ({"name": " "}, "name"),
        ({"permissions": ["everything"]}, "permissions"),
        ({"permissions": ["*"]}, "permissions"),
        ({"permissions": ["staff.read"] * 501}, "permissions"),
    ],
)
async def test_faulty_roles(boss: Caller, changes: dict[str, Any], path: str) -> None:
    given = {"code": "clerk", "name": "Clerk", "permissions": []}
    answer = (await boss(CREATE_ROLE, {"input": given | changes}))["roleCreate"]
    assert [field["path"] for field in answer["fields"]] == [["input", path]]


async def test_a_session_opened_while_a_role_changes_sees_the_change(shop_settings: Settings, boss: Caller) -> None:
    """Roles lock those who have them: a session is opened before the change, and told of it, or after it."""
    role = await _role(boss, "clerk", "roles.read")
    async with acting(shop_settings.model_copy(update={"write_connections": 4})) as context:
        person = await a_staff_member(context, "clerk")
        for permissions in (["staff.read"], ["roles.read"], ["staff.read"], ["roles.read"]):
            asked = boss(UPDATE_ROLE, {"id": role, "input": {"permissions": permissions}})
            fresh, _ = await asyncio.gather(another_session(context, person), asked)
            assert await _permissions(fresh.at(boss.http)) == permissions


async def test_what_one_lacks_is_refused_by_the_verb_too(boss: Caller, context: Context) -> None:
    await _role(boss, "hr", "staff.manage")
    person = await a_staff_member(context, "hr")
    own = as_staff(context, person, "staff.manage")
    with pytest.raises(PermissionsLacking) as caught:
        await service.create_staff(own, email="x@example.com", name="X", roles=["administrator"])
    assert "products.manage" in caught.value.permissions
