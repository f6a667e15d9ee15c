"""What matters most asks who one is once more: which mutations do, when, and what is shown (OWASP ASVS 5.0, 7.5.1)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.callers import Caller, calling
from tests.factories.shop import NOW
from tests.identity import matrix
from tests.identity.apps import as_person, code_of, later, with_app
from tests.identity.matrix import calls
from tests.identity.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Person,
    a_customer,
    a_staff_member,
    acting,
    another_session,
    rows,
)
from tests.identity.people import code_of as refusal_of

from mercer.app import ADMIN, SHOP
from mercer.identity import service
from mercer.identity.errors import (
    FactorWrong,
    PasswordNotEnough,
    PasswordWrong,
    ProofUnclear,
    SessionUnknown,
    TooManyAttempts,
)
from mercer.identity.models import Audience, OpenedSession, Proof
from mercer.platform.context import Context
from mercer.platform.graphql.needs import metadata_of
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

OWN_FACTORS = {"factorConfirm", "factorCreate", "factorDelete", "recoveryCodesMake"}
MONEY_BACK = {"orderCancel", "paymentExceptionRefund"}
ROLES_AND_KEYS = {
    "roleCreate",
    "roleDelete",
    "roleUpdate",
    "staffRolesSet",
    "apiKeyCreate",
    "apiKeyRevoke",
    "apiKeyRotate",
    "apiKeyUpdate",
}
COLLEAGUES = {
    "staffActivate",
    "staffCreate",
    "staffDeactivate",
    "staffInvite",
    "staffRecover",
    "staffSessionRevoke",
    "staffSessionsRevoke",
    "staffUpdate",
}
FRESH = {
    "shop": OWN_FACTORS | {"emailChangeRequest"},
    "admin": OWN_FACTORS | MONEY_BACK | ROLES_AND_KEYS | COLLEAGUES | {"customerFactorsRemove"},
}
"""What asks for it. `passwordChange` asks for the present password itself, and only who has a factor for this too."""

SCHEMAS = {"shop": SHOP.schema, "admin": ADMIN.schema}
REQUIRED = (403, "FRESH_FACTOR_REQUIRED")
CONFIRM = """mutation ($password: String, $code: String, $recovery: String) {
    sessionConfirm(password: $password, code: $code, recoveryCode: $recovery) { __typename
        ... on Session { token expiresAt refreshToken } ... on Error { code } ... on InvalidInput { fields { message } }
    }
}"""


@pytest.mark.parametrize("api", SCHEMAS)
def test_these_ask_for_it(api: str) -> None:
    fields: Any = SCHEMAS[api].type_map["Mutation"]
    declared: dict[str, Any] = {name: metadata_of(field)["mutation"] for name, field in fields.fields.items()}
    assert {name for name, mutation in declared.items() if mutation.fresh_factor} == FRESH[api]


@asynccontextmanager
async def passing(settings: Settings) -> AsyncIterator[tuple[httpx2.AsyncClient, Callable[[float], None]]]:
    """A client of an application, and what sets its clock to so many minutes after now."""
    now = NOW

    def at(minutes: float) -> None:
        nonlocal now
        now = NOW + timedelta(minutes=minutes)

    def clock() -> datetime:
        return now

    async with calling(settings, now=clock) as http:
        yield http, at


@pytest.mark.parametrize("api", SCHEMAS)
async def test_after_a_quarter_of_an_hour_they_are_refused_until_it_is_shown(
    context: Context, shop_settings: Settings, api: str
) -> None:
    person = await (a_customer(context) if api == "shop" else a_staff_member(context, "administrator"))
    asking = [call for call in calls(SCHEMAS[api]) if call.name in FRESH[api]]
    async with passing(shop_settings) as (http, at):
        at(16)
        caller = person.at(http)
        await caller("{ me { id } }")
        before = await matrix.snapshot(shop_settings)
        for call in asking:
            assert refusal_of(await caller.send(call.query, call.variables)) == REQUIRED, call.name
        assert await matrix.snapshot(shop_settings) == before
        made = (await caller(CONFIRM, {"password": PASSWORD}))["sessionConfirm"]
        confirmed = Caller(http, caller.path, {"Authorization": f"Bearer {made['token']}"})
        for call in asking:
            assert matrix.refusal(await confirmed.send(call.query, call.variables)) is None, call.name


async def test_it_is_fresh_for_a_quarter_of_an_hour(context: Context, shop_settings: Settings) -> None:
    person = await a_customer(context)
    create = 'mutation { factorCreate(name: "Phone") { __typename } }'
    async with passing(shop_settings) as (http, at):
        at(14.99)
        assert (await person.at(http)(create))["factorCreate"] == {"__typename": "FactorSetUp"}
        at(15)
        answered = await person.at(http).send(create)
        assert refusal_of(answered) == REQUIRED
        assert answered.json()["errors"][0]["message"] == "Confirm who you are first: sessionConfirm."


async def test_one_such_mutation_refuses_the_whole_operation(context: Context, shop_settings: Settings) -> None:
    person = await a_customer(context)
    async with passing(shop_settings) as (http, at):
        at(15)
        both = 'mutation { customerUpdate(input: { name: "X" }) { __typename } recoveryCodesMake { __typename } }'
        assert refusal_of(await person.at(http).send(both)) == REQUIRED
    assert await rows(context, "SELECT name FROM identity.customer WHERE id = :id", id=person.id) == [("Ada",)]


CHANGE = """mutation ($current: String!, $password: String!) {
    passwordChange(current: $current, password: $password) {
        ... on SessionsEnded { count } ... on Error { code } } }"""
CHANGED = {"current": PASSWORD, "password": OTHER_PASSWORD}


@pytest.mark.parametrize("api", SCHEMAS)
async def test_who_has_a_factor_changes_his_password_in_a_fresh_session_only(
    context: Context, shop_settings: Settings, api: str
) -> None:
    """Whoever finds a session open may know the password, too: that alone is no second factor."""
    person, app = await with_app(context, await (a_customer(context) if api == "shop" else a_staff_member(context)))
    async with passing(shop_settings) as (http, at):
        at(15)
        caller = person.at(http)
        await caller("{ me { id } }")
        before = await matrix.snapshot(shop_settings)
        for current in (PASSWORD, "a wrong one"):  # nothing is told of the password either
            assert refusal_of(await caller.send(CHANGE, CHANGED | {"current": current})) == (294, REQUIRED[1])
        assert await matrix.snapshot(shop_settings) == before
        shown = {"code": app.code(NOW + timedelta(minutes=15))}
        token = (await caller(CONFIRM, shown))["sessionConfirm"]["token"]
        assert await replace(person, token=token).at(http)(CHANGE, CHANGED) == {"passwordChange": {"count": 0}}


async def test_who_has_none_changes_his_password_whenever_he_shows_it(
    context: Context, shop_settings: Settings
) -> None:
    """A factor that he has begun to set up is none yet."""
    person = await a_customer(context)
    async with transaction(as_person(context, person)) as inner:
        await service.create_factor(inner, name="Phone")
    async with passing(shop_settings) as (http, at):
        at(60)
        assert await person.at(http)(CHANGE, CHANGED) == {"passwordChange": {"count": 0}}


async def test_confirming_gives_the_session_a_new_token(context: Context, own_http: httpx2.AsyncClient) -> None:
    """The old one ends at once (OWASP ASVS 5.0, 7.2.4); other sessions go on."""
    person = await a_customer(context)
    other = await another_session(context, person)
    made = (await person.at(own_http)(CONFIRM, {"password": PASSWORD}))["sessionConfirm"]
    assert (made["expiresAt"], made["refreshToken"]) == ("2026-12-22T12:00:00.000000Z", None)
    assert (await person.at(own_http).send("{ __typename }")).status_code == 401
    assert await replace(person, token=made["token"]).at(own_http)("{ me { id } }") == {"me": {"id": str(person.id)}}
    assert await other.at(own_http)("{ me { id } }") == {"me": {"id": str(person.id)}}
    found = "SELECT surface, outcome, account_id FROM identity.attempt WHERE surface ~ 'factor'"
    assert await rows(context, found) == [("shop_factor", "succeeded", person.id)]


@pytest.mark.parametrize("api", SCHEMAS)
async def test_a_cookie_is_replaced_by_a_cookie(context: Context, own_http: httpx2.AsyncClient, api: str) -> None:
    """Nobody has to say so: no token of a session in a cookie stands where scripts can read it."""
    person = await (a_customer(context) if api == "shop" else a_staff_member(context))
    cookies = [f"mercer_{api}={person.token}"]

    async def told(query: str, variables: dict[str, str]) -> Any:
        caller = Caller(own_http, f"/{api}/graphql", {"Cookie": cookies[-1], "Origin": "http://test"})
        answered = await caller.send(query, variables)
        own_http.cookies.clear()
        cookies.extend(each.partition(";")[0] for each in answered.headers.get_list("set-cookie"))
        return answered.json()["data"]

    assert (await told(CONFIRM, {"password": PASSWORD}))["sessionConfirm"]["token"] is None
    create = 'mutation { factorCreate(name: "Desk") { ... on FactorSetUp { secret factor { id } } } }'
    made = (await told(create, {}))["factorCreate"]
    confirm = """mutation ($id: ID!, $code: String!) { factorConfirm(id: $id, code: $code) {
        ... on FactorConfirmed { session { token } } } }"""
    shown = {"id": made["factor"]["id"], "code": code_of(made["secret"], NOW)}
    assert await told(confirm, shown) == {"factorConfirm": {"session": {"token": None}}}
    assert await told("{ me { id } }", {}) == {"me": {"id": str(person.id)}}
    assert len(set(cookies)) == 3
    assert all(each.startswith(f"mercer_{api}=mercer_{api}_") for each in cookies)


async def _confirm(context: Context, person: Person, **proof: str) -> OpenedSession:
    return await service.confirm_session(as_person(context, person), proof=Proof(**proof))


async def test_who_has_a_factor_shows_it(context: Context) -> None:
    person, app = await with_app(context, await a_staff_member(context, "analyst"))
    with pytest.raises(PasswordNotEnough):
        await _confirm(context, person, password=PASSWORD)
    with pytest.raises(FactorWrong):
        await _confirm(context, person, code=app.code(NOW, steps=-1))
    assert await _confirm(context, person, code=app.code(NOW))
    with pytest.raises(FactorWrong):
        await _confirm(context, person, code=app.code(NOW))
    assert await _confirm(context, person, recovery_code=app.recovery_codes[0])
    with pytest.raises(FactorWrong):
        await _confirm(context, person, recovery_code=app.recovery_codes[0])


async def test_a_session_of_a_password_is_raised_by_a_factor(context: Context) -> None:
    person, app = await with_app(context, await a_customer(context))
    other = await another_session(context, person)
    level = "SELECT factor_level FROM identity.session WHERE id = :id"
    assert await rows(context, level, id=other.session_id) == [("password",)]
    await _confirm(context, other, code=app.code(NOW))
    assert await rows(context, level, id=other.session_id) == [("two_factors",)]


async def test_who_has_no_factor_shows_his_password(context: Context) -> None:
    person = await a_customer(context)
    before = await rows(context, "SELECT token_hash, confirmed_at FROM identity.session ORDER BY id")
    for proof in ({"password": OTHER_PASSWORD}, {"password": ""}, {"password": "x" * 100_000}):
        with pytest.raises(PasswordWrong):
            await _confirm(context, person, **proof)
    with pytest.raises(FactorWrong):
        await _confirm(context, person, code="123456")
    with pytest.raises(FactorWrong):
        await _confirm(context, person, recovery_code="AAAAA-AAAAA-AAAAA-AAAAA-AAAAA")
    with pytest.raises(TooManyAttempts):
        await _confirm(context, person, password=PASSWORD)
    assert await rows(context, "SELECT token_hash, confirmed_at FROM identity.session ORDER BY id") == before
    soon = later(context, seconds=31)
    assert await _confirm(soon, person, password=PASSWORD)


@pytest.mark.parametrize(
    "proof", [{}, {"password": PASSWORD, "code": "1"}, {"code": "1", "recovery_code": "1", "password": "1"}]
)
async def test_exactly_one_thing_is_shown(
    context: Context, own_http: httpx2.AsyncClient, proof: dict[str, str]
) -> None:
    person = await a_customer(context)
    with pytest.raises(ProofUnclear):
        await _confirm(context, person, **proof)
    given = {name.removesuffix("_code"): value for name, value in proof.items() if name != "code"}
    given |= {"code": proof["code"]} if "code" in proof else {}
    told = (await person.at(own_http)(CONFIRM, given))["sessionConfirm"]
    assert told["fields"] == [{"message": "Show exactly one thing of who you are."}]


async def test_a_refreshable_session_has_both_tokens_anew(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await a_customer(context)
    async with transaction(context) as inner:
        opened = await service.open_session(inner, audience=Audience.SHOP, owner_id=person.id, is_refreshable=True)
    mine = Person(person.id, person.email, opened.token, opened.id)
    made = (await mine.at(own_http)(CONFIRM, {"password": PASSWORD}))["sessionConfirm"]
    assert made["expiresAt"] == "2026-11-22T12:15:00.000000Z"
    refresh = """mutation ($token: String!) { sessionRefresh(refreshToken: $token) {
        ... on Session { token } ... on Error { code } } }"""
    guest = Caller(own_http, "/shop/graphql", {})
    assert "token" in (await guest(refresh, {"token": made["refreshToken"]}))["sessionRefresh"]


async def test_guests_have_nothing_to_confirm(own_http: httpx2.AsyncClient) -> None:
    for api in SCHEMAS:
        answered = await Caller(own_http, f"/{api}/graphql", {}).send(CONFIRM, {"password": PASSWORD})
        assert refusal_of(answered) == (401, "UNAUTHENTICATED")


async def test_a_session_that_ended_meanwhile_stays_over(context: Context) -> None:
    person = await a_customer(context)
    async with transaction(as_person(context, person)) as inner:
        await service.end_session(inner)
    with pytest.raises(SessionUnknown):
        await _confirm(context, person, password=PASSWORD)


async def test_parallel_confirmations_use_a_code_once(shop_settings: Settings) -> None:
    async with acting(shop_settings.model_copy(update={"write_connections": 8})) as context:
        person, app = await with_app(context, await a_customer(context))
        others = [await another_session(context, person) for _ in range(4)]
        outcomes = await asyncio.gather(
            *(_confirm(context, each, code=app.code(NOW)) for each in others), return_exceptions=True
        )
        assert sorted(type(each).__name__ for each in outcomes) == [*["FactorWrong"] * 3, "OpenedSession"]


ROLE = """mutation ($id: ID!, $needed: Boolean!) { roleUpdate(id: $id, input: { needsFactor: $needed }) {
    ... on Role { needsFactor } ... on Error { code } } }"""
SEES = "{ products { totalCount } }"
SIGN_IN = """mutation ($email: String!, $password: String!) { sessionCreate(email: $email, password: $password) {
    __typename ... on FactorRequired { challenge } ... on Session { token } } }"""


async def test_a_role_that_needs_a_factor(context: Context, own_http: httpx2.AsyncClient) -> None:
    """Its permissions are withheld until its holder has set one up, and then from all sessions opened without."""
    boss = (await a_staff_member(context, "administrator")).at(own_http)
    clerk = await a_staff_member(context, "analyst")
    caller = clerk.at(own_http)
    assert await caller(SEES) == {"products": {"totalCount": 0}}
    analyst = (await boss('{ role(code: "analyst") { id } }'))["role"]["id"]
    assert await boss(ROLE, {"id": analyst, "needed": True}) == {"roleUpdate": {"needsFactor": True}}
    refused = await caller.send(SEES)
    assert refusal_of(refused) == (403, "SECOND_FACTOR_REQUIRED")
    message = "The permission products.read needs a second factor. Set one up, or sign in with it."
    assert refused.json()["errors"][0]["message"] == message
    assert await caller("{ me { permissions } }") == {"me": {"permissions": []}}

    made = await caller('mutation { factorCreate(name: "Desk") { ... on FactorSetUp { secret factor { id } } } }')
    secret, id = made["factorCreate"]["secret"], made["factorCreate"]["factor"]["id"]
    confirm = """mutation ($id: ID!, $code: String!) { factorConfirm(id: $id, code: $code) {
        ... on FactorConfirmed { session { token } } } }"""
    told = await caller(confirm, {"id": id, "code": code_of(secret, NOW)})
    raised = replace(clerk, token=told["factorConfirm"]["session"]["token"]).at(own_http)
    assert await raised(SEES) == {"products": {"totalCount": 0}}
    delete = "mutation ($id: ID!) { factorDelete(id: $id) { ... on Error { code } } }"
    assert await raised(delete, {"id": id}) == {"factorDelete": {"code": "FACTOR_NEEDED"}}

    lower = (await another_session(context, clerk)).at(own_http)
    assert refusal_of(await lower.send(SEES)) == (403, "SECOND_FACTOR_REQUIRED")
    nobody = Caller(own_http, "/admin/graphql", {})
    asked = (await nobody(SIGN_IN, {"email": clerk.email, "password": PASSWORD}))["sessionCreate"]
    go_on = """mutation ($challenge: String!, $code: String!) {
        sessionCreateWithFactor(challenge: $challenge, code: $code) { ... on Session { token } } }"""
    opened = await nobody(go_on, {"challenge": asked["challenge"], "code": code_of(secret, NOW, steps=1)})
    signed_in = replace(clerk, token=opened["sessionCreateWithFactor"]["token"]).at(own_http)
    assert await signed_in(SEES) == {"products": {"totalCount": 0}}

    await boss(ROLE, {"id": analyst, "needed": False})
    assert await lower(SEES) == {"products": {"totalCount": 0}}
    assert await raised(delete, {"id": id}) == {"factorDelete": {}}


async def test_another_role_gives_without_a_factor_what_it_gives(
    context: Context, own_http: httpx2.AsyncClient
) -> None:
    """Several roles add up: only what the withheld one would add is withheld."""
    clerk = (await a_staff_member(context, "analyst", "customer_support")).at(own_http)
    async with context.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE identity.role SET needs_factor = true WHERE code = 'customer_support'")
    assert await clerk(SEES) == {"products": {"totalCount": 0}}
    assert refusal_of(await clerk.send("{ customers { totalCount } }")) == (403, "SECOND_FACTOR_REQUIRED")
    assert refusal_of(await clerk.send("{ roles { totalCount } }")) == (403, "FORBIDDEN")
