"""A customer who lost his second factor and his recovery codes: staff who made sure that it is he take them away."""

import httpx2
from tests.identity.apps import later, with_app
from tests.identity.people import PASSWORD, a_customer, a_staff_member, code_of, rows

from mercer.identity import service
from mercer.identity.models import Audience, Challenge, OpenedSession
from mercer.platform.context import Context

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
