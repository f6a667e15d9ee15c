"""A customer who lost his second factor and his recovery codes: staff who made sure that it is he take them away."""

import httpx2
from tests.identity.apps import later, with_app
from tests.identity.mailed import mailed_of_change
from tests.identity.people import (
    PASSWORD,
    a_customer,
    a_staff_member,
    another_session,
    as_customer,
    code_of,
    rows,
)

from mercer.identity import service
from mercer.identity.models import Audience, Challenge, OpenedSession, TokenPurpose
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

REMOVE = """mutation ($id: ID!, $reason: String) { customerFactorsRemove(id: $id, reason: $reason) {
    ... on Customer { id } ... on Error { code } } }"""
LEFT = "SELECT (SELECT count(*) FROM identity.factor), (SELECT count(*) FROM identity.recovery_code)"
TOLD = "SELECT payload->>'customer_id' FROM platform.outbox WHERE name = 'identity.FactorRemoved'"
AUDITED = "SELECT changes, reason FROM platform.audit WHERE operation = 'customerFactorsRemove' AND changes ? 'factors'"


async def _sign_in(context: Context, email: str) -> type:
    return type(await service.sign_in(context, audience=Audience.SHOP, email=email, password=PASSWORD))


async def test_staff_take_lost_factors_away(context: Context, own_http: httpx2.AsyncClient) -> None:
    boss = (await a_staff_member(context, "administrator")).at(own_http)
    person, _ = await with_app(context, await a_customer(context))
    assert await _sign_in(context, person.email) is Challenge
    given = {"id": str(person.id), "reason": "Showed his passport"}
    for _ in range(2):
        assert await boss(REMOVE, given) == {"customerFactorsRemove": {"id": str(person.id)}}
    assert await rows(context, LEFT) == [(0, 0)]
    assert code_of(await person.at(own_http).send("{ __typename }")) == (401, "UNAUTHENTICATED")
    assert await rows(context, TOLD) == [(str(person.id),)]
    assert await rows(context, AUDITED) == [({"factors": [1, 0]}, "Showed his passport")]
    assert await _sign_in(context, person.email) is OpenedSession


async def test_who_takes_no_factors_away(context: Context, own_http: httpx2.AsyncClient) -> None:
    person, _ = await with_app(context, await a_customer(context))
    weak, stale = await a_staff_member(context), await a_staff_member(later(context, minutes=-16), "administrator")
    given = {"id": str(person.id)}
    assert code_of(await weak.at(own_http).send(REMOVE, given)) == (403, "FORBIDDEN")
    assert code_of(await stale.at(own_http).send(REMOVE, given)) == (403, "FRESH_FACTOR_REQUIRED")
    boss = await a_staff_member(context, "administrator")
    for id in ("nonsense", "01930000-0000-7000-8000-000000000000"):
        assert await boss.at(own_http)(REMOVE, {"id": id}) == {"customerFactorsRemove": {"code": "CUSTOMER_UNKNOWN"}}
    assert await rows(context, LEFT) == [(1, 10)]


async def test_a_thiefs_factor_goes_that_came_in_the_week_before(context: Context) -> None:
    """Whoever has an account sets up a second factor first, and takes the address later."""
    person, own = await with_app(later(context, days=-7, seconds=-1), await a_customer(context))
    await with_app(later(context, days=-7), await another_session(context, person), name="Thief's")
    asking = as_customer(context, await another_session(context, person))
    await service.request_email_change(asking, email="thief@example.org")
    for purpose, verb in (
        (TokenPurpose.CHANGE_EMAIL, service.confirm_email_change),
        (TokenPurpose.UNDO_EMAIL_CHANGE, service.undo_email_change),
    ):
        token = await mailed_of_change(context, person, purpose)
        async with transaction(context) as inner:
            await verb(inner, token=token)
    assert await rows(context, "SELECT id FROM identity.factor") == [(own.id,)]
