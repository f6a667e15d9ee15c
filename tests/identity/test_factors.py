"""Second factors: set up, confirmed, shown, taken away; and what others learn of them, which is nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from tests.factories.shop import NOW
from tests.identity.apps import App, as_person, code_of, later, with_app
from tests.identity.people import Person, a_customer, a_staff_member, acting, another_session, rows

from mercer.app import ADMIN, SHOP
from mercer.identity import service
from mercer.identity.errors import (
    FactorMissing,
    FactorNameInvalid,
    FactorNeeded,
    FactorUnknown,
    FactorWrong,
    TooManyFactors,
)
from mercer.identity.models import Audience
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

CREATE = """mutation ($name: String!) { factorCreate(name: $name) { __typename
    ... on FactorSetUp { factor { id kind name confirmedAt } secret uri }
    ... on Error { code } ... on InvalidInput { fields { path message } }
} }"""
CONFIRM = """mutation ($id: ID!, $code: String!) { factorConfirm(id: $id, code: $code) { __typename
    ... on FactorConfirmed { factor { id confirmedAt } recoveryCodes session { token expiresAt } }
    ... on Error { code }
} }"""
DELETE = "mutation ($id: ID!) { factorDelete(id: $id) { __typename ... on Error { code } } }"
MAKE = "mutation { recoveryCodesMake { __typename ... on RecoveryCodes { codes } ... on Error { code } } }"
MINE = "{ myFactors { nodes { id kind name createdAt confirmedAt lastUsedAt } } me { recoveryCodesLeft } }"

STATE = """SELECT (SELECT count(*) FROM identity.factor WHERE confirmed_at IS NOT NULL),
    (SELECT count(*) FROM identity.recovery_code WHERE used_at IS NULL),
    (SELECT string_agg(factor_level, ' ' ORDER BY id) FROM identity.session
        WHERE revoked_at IS NULL AND created_at > '2026-01-01'),
    (SELECT string_agg(split_part(name, '.', 2), ' ' ORDER BY name) FROM platform.outbox
        WHERE name ~ 'Factor|Recovery')"""
"""Factors that count, recovery codes left, the levels of open sessions, and what was announced."""


@pytest.fixture(params=Audience)
async def person(context: Context, request: pytest.FixtureRequest) -> Person:
    """A customer, and a member of staff."""
    return await (a_customer(context) if request.param is Audience.SHOP else a_staff_member(context, "analyst"))


@pytest.fixture
async def roomy(shop_settings: Settings) -> AsyncIterator[Context]:
    async with acting(shop_settings.model_copy(update={"write_connections": 8})) as context:
        yield context


async def _do(context: Context, person: Person, verb: Any, **given: Any) -> Any:
    async with transaction(as_person(context, person)) as inner:
        return await verb(inner, **given)


async def test_an_app_is_set_up(context: Context, own_http: httpx2.AsyncClient, person: Person) -> None:
    other, caller = await another_session(context, person), person.at(own_http)
    made = (await caller(CREATE, {"name": " Phone "}))["factorCreate"]
    id, secret = made["factor"]["id"], made["secret"]
    assert made["factor"] == {"id": id, "kind": "TOTP", "name": "Phone", "confirmedAt": None}
    assert made["uri"] == f"otpauth://totp/Mercer:{person.email.replace('@', '%40')}?secret={secret}&issuer=Mercer"
    nothing = {"myFactors": {"nodes": []}, "me": {"recoveryCodesLeft": 0}}
    assert await caller(MINE) == nothing
    wrong = (await caller(CONFIRM, {"id": id, "code": code_of(secret, NOW, steps=3)}))["factorConfirm"]
    assert wrong == {"__typename": "FactorWrong", "code": "FACTOR_WRONG"}
    assert await caller(MINE) == nothing
    told = (await caller(CONFIRM, {"id": id, "code": code_of(secret, NOW)}))["factorConfirm"]
    assert told["factor"] == {"id": id, "confirmedAt": "2026-11-22T12:00:00.000000Z"}
    assert len(set(told["recoveryCodes"])) == 10
    for ended in (person, other):
        assert (await ended.at(own_http).send("{ __typename }")).status_code == 401
    raised = Person(person.id, person.email, told["session"]["token"], person.session_id)
    at = "2026-11-22T12:00:00.000000Z"
    shown = {"id": id, "kind": "TOTP", "name": "Phone", "createdAt": at, "confirmedAt": at, "lastUsedAt": at}
    assert await raised.at(own_http)(MINE) == {"myFactors": {"nodes": [shown]}, "me": {"recoveryCodesLeft": 10}}
    assert await rows(context, STATE) == [(1, 10, "two_factors", "FactorAdded RecoveryCodesMade")]
    over = await rows(context, "SELECT id, revoked_reason FROM identity.session WHERE revoked_at IS NOT NULL")
    assert over == [(other.session_id, "factor_changed")]


async def test_nothing_of_a_secret_stands_anywhere(context: Context, person: Person) -> None:
    _, app = await with_app(context, person)
    for table in ("platform.audit", "platform.outbox", "identity.factor", "identity.recovery_code"):
        [(text,)] = await rows(context, f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
        told = [app.secret, *app.recovery_codes, *(code.replace("-", "") for code in app.recovery_codes)]
        assert not any(each in text or each.encode().hex() in text for each in told), table
    assert (await rows(context, "SELECT changes FROM platform.audit WHERE changes ? 'factor'")) == [
        ({"factor": [None, "totp"]},)
    ]


async def test_recovery_codes_come_with_the_first_factor(context: Context, person: Person) -> None:
    person, first = await with_app(context, person)
    _, second = await with_app(context, person, name="Tablet")
    assert (len(first.recovery_codes), second.recovery_codes) == (10, ())
    assert await rows(context, STATE) == [(2, 10, "two_factors", "FactorAdded FactorAdded RecoveryCodesMade")]


async def test_with_the_last_factor_all_is_gone(context: Context, own_http: httpx2.AsyncClient, person: Person) -> None:
    person, first = await with_app(context, person)
    person, second = await with_app(context, person, name="Tablet")
    caller = person.at(own_http)
    assert await caller(DELETE, {"id": str(first.id)}) == {"factorDelete": {"__typename": "FactorDeleted"}}
    assert (await rows(context, STATE))[0][:3] == (1, 10, "two_factors")
    other = await another_session(context, person)
    assert await caller(DELETE, {"id": str(second.id)}) == {"factorDelete": {"__typename": "FactorDeleted"}}
    assert (await other.at(own_http).send("{ __typename }")).status_code == 401
    events = "FactorAdded FactorAdded FactorRemoved FactorRemoved RecoveryCodesMade"
    assert await rows(context, STATE) == [(0, 0, "password", events)]
    assert await caller(MINE) == {"myFactors": {"nodes": []}, "me": {"recoveryCodesLeft": 0}}
    again = (await caller(DELETE, {"id": str(second.id)}))["factorDelete"]
    assert again == {"__typename": "FactorUnknown", "code": "FACTOR_UNKNOWN"}


async def test_new_recovery_codes_void_those_of_before(
    context: Context, own_http: httpx2.AsyncClient, person: Person
) -> None:
    none = (await person.at(own_http)(MAKE))["recoveryCodesMake"]
    assert none == {"__typename": "FactorMissing", "code": "FACTOR_MISSING"}
    person, app = await with_app(context, person)
    other = await another_session(context, person)
    made = (await person.at(own_http)(MAKE))["recoveryCodesMake"]["codes"]
    assert len({*made, *app.recovery_codes}) == 20
    assert (await other.at(own_http).send("{ __typename }")).status_code == 401
    assert (await rows(context, STATE))[0][1] == 10


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "a\x00b"])
async def test_a_factor_has_a_name(context: Context, name: str) -> None:
    with pytest.raises(FactorNameInvalid):
        await _do(context, await a_customer(context), service.create_factor, name=name)
    assert (await rows(context, "SELECT count(*) FROM identity.factor")) == [(0,)]


async def test_only_ones_own_pending_factor_is_confirmed(context: Context) -> None:
    person, other = await a_customer(context), await a_customer(context)
    made = await _do(context, person, service.create_factor, name="Phone")
    code = code_of(made.secret, NOW)
    with pytest.raises(FactorUnknown):
        await _do(context, other, service.confirm_factor, factor_id=made.id, code=code)
    with pytest.raises(FactorUnknown):
        await _do(context, person, service.confirm_factor, factor_id=person.id, code=code)
    hour = later(context, minutes=60)
    with pytest.raises(FactorUnknown):
        await _do(hour, person, service.confirm_factor, factor_id=made.id, code=code_of(made.secret, hour.now))
    newer = await _do(context, person, service.create_factor, name="Tablet")
    with pytest.raises(FactorUnknown):
        await _do(context, person, service.confirm_factor, factor_id=made.id, code=code)
    almost = later(context, minutes=59)
    told = await _do(almost, person, service.confirm_factor, factor_id=newer.id, code=code_of(newer.secret, almost.now))
    assert len(told.recovery_codes) == 10
    with pytest.raises(FactorUnknown):
        await _do(almost, person, service.confirm_factor, factor_id=newer.id, code=code_of(newer.secret, NOW, steps=1))


async def test_nobody_takes_away_what_is_anothers(context: Context) -> None:
    person, other = await a_customer(context), await a_customer(context)
    _, app = await with_app(context, person)
    before = await rows(context, STATE)
    with pytest.raises(FactorUnknown):
        await _do(context, other, service.delete_factor, factor_id=app.id)
    assert await rows(context, STATE) == before


async def test_what_is_pending_goes_without_a_word(context: Context) -> None:
    person = await a_customer(context)
    other = await another_session(context, person)
    made = await _do(context, person, service.create_factor, name="Phone")
    await _do(context, person, service.delete_factor, factor_id=made.id)
    assert await rows(context, "SELECT count(*) FROM identity.factor") == [(0,)]
    assert await rows(context, STATE) == [(0, 0, "password password", None)]
    assert other.session_id != person.session_id


async def test_nobody_has_more_than_ten(context: Context) -> None:
    person = await a_customer(context)
    for number in range(10):
        person, _ = await with_app(context, person, name=f"Phone {number}")
    with pytest.raises(TooManyFactors):
        await _do(context, person, service.create_factor, name="One more")
    assert await rows(context, "SELECT count(*) FROM identity.factor") == [(10,)]


async def test_a_role_may_need_one(context: Context) -> None:
    person = await a_staff_member(context, "analyst", "marketer")
    person, first = await with_app(context, person)
    async with context.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE identity.role SET needs_factor = true WHERE code = 'analyst'")
    before = await rows(context, STATE)
    with pytest.raises(FactorNeeded):
        await _do(context, person, service.delete_factor, factor_id=first.id)
    assert await rows(context, STATE) == before
    person, _ = await with_app(context, person, name="Tablet")
    await _do(context, person, service.delete_factor, factor_id=first.id)


async def test_one_code_confirms_once(roomy: Context) -> None:
    person = await a_customer(roomy)
    made = await _do(roomy, person, service.create_factor, name="Phone")
    code = code_of(made.secret, NOW)
    outcomes = await asyncio.gather(
        *(_do(roomy, person, service.confirm_factor, factor_id=made.id, code=code) for _ in range(5)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["ConfirmedFactor", *["FactorUnknown"] * 4]
    assert await rows(roomy, STATE) == [(1, 10, "two_factors", "FactorAdded RecoveryCodesMade")]


async def test_two_last_factors_are_not_both_taken_away_from_who_needs_one(roomy: Context) -> None:
    person = await a_staff_member(roomy, "analyst")
    person, first = await with_app(roomy, person)
    person, second = await with_app(roomy, person, name="Tablet")
    async with roomy.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE identity.role SET needs_factor = true WHERE code = 'analyst'")
    outcomes = await asyncio.gather(
        *(_do(roomy, person, service.delete_factor, factor_id=each.id) for each in (first, second)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["FactorNeeded", "NoneType"]
    assert (await rows(roomy, STATE))[0][:3] == (1, 10, "two_factors")


async def test_who_recovers_an_account_takes_its_factors_away(context: Context) -> None:
    staff = await a_staff_member(context, "analyst")
    staff, _ = await with_app(context, staff)
    await _do(context, staff, service.create_factor, name="Pending")
    async with transaction(context) as inner:
        assert await service.remove_factors(inner, audience=Audience.ADMIN, owner_id=staff.id) == 1
        assert await service.remove_factors(inner, audience=Audience.ADMIN, owner_id=staff.id) == 0
    assert (await rows(context, STATE))[0][:2] == (0, 0)
    assert await rows(context, "SELECT count(*) FROM identity.factor") == [(0,)]


async def test_factors_since_a_moment_are_taken_away(context: Context) -> None:
    person = await a_customer(context)
    person, old = await with_app(context, person)
    thief = later(context, hours=1)
    await with_app(thief, person, name="A thief's")
    async with transaction(context) as inner:
        gone = await service.remove_factors(inner, audience=Audience.SHOP, owner_id=person.id, since=thief.now)
    assert gone == 1
    assert await rows(context, "SELECT id FROM identity.factor") == [(old.id,)]
    assert (await rows(context, STATE))[0][1] == 10
    await _do(later(thief, minutes=1), person, service.make_recovery_codes)
    async with transaction(context) as inner:
        assert await service.remove_factors(inner, audience=Audience.SHOP, owner_id=person.id, since=thief.now) == 0
    assert (await rows(context, STATE))[0][:2] == (1, 0)


async def test_staff_see_that_somebody_has_one(context: Context, own_http: httpx2.AsyncClient) -> None:
    customer, staff = await a_customer(context), await a_staff_member(context, "administrator")
    _, his = await with_app(context, customer)
    staff, own = await with_app(context, staff, name="Desk")
    await _do(context, staff, service.create_factor, name="Pending")
    at = "2026-11-22T12:00:00.000000Z"

    def shown(app: App, name: str) -> list[dict[str, Any]]:
        return [{"id": str(app.id), "kind": "TOTP", "name": name, "confirmedAt": at, "lastUsedAt": at}]

    found = await staff.at(own_http)(
        """query ($customer: ID!, $staff: ID!) {
            customer(id: $customer) { factors { id kind name confirmedAt lastUsedAt } }
            staffMember(id: $staff) { factors { id kind name confirmedAt lastUsedAt } }
        }""",
        {"customer": str(customer.id), "staff": str(staff.id)},
    )
    assert found == {"customer": {"factors": shown(his, "Phone")}, "staffMember": {"factors": shown(own, "Desk")}}


def test_a_factor_shows_no_secret() -> None:
    """Neither API has a field of a factor that leads to what it is checked with."""
    for api in (SHOP, ADMIN):
        fields: Any = api.schema.type_map["Factor"]
        assert set(fields.fields) == {"id", "kind", "name", "createdAt", "confirmedAt", "lastUsedAt"}


async def test_expected_errors_are_raised_by_verbs_too(context: Context) -> None:
    person = await a_customer(context)
    with pytest.raises(FactorMissing):
        await _do(context, person, service.make_recovery_codes)
    made = await _do(context, person, service.create_factor, name="Phone")
    with pytest.raises(FactorMissing):
        await _do(context, person, service.make_recovery_codes)
    for code in ("", "1" * 5, "1" * 7, "x" * 100_000, code_of(made.secret, NOW, steps=2)):
        with pytest.raises(FactorWrong):
            await _do(context, person, service.confirm_factor, factor_id=made.id, code=code)
