"""The simulator's HTTP side: keys, refusals, the page, and that there is none of it in production."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest
from starlette.routing import Route
from tests.payments.till import Till

from mercer.platform.settings import Environment
from mercer.simulator.models import KEY
from mercer.simulator.routes import simulator_routes

PAYMENTS = "/simulator/v1/payments"


async def post(
    till: Till, path: str, body: object = None, *, key: str | None = None, secret: str = KEY
) -> httpx2.Response:
    headers = {"Simulator-Key": secret, "Idempotency-Key": key or str(uuid4())}
    return await till.http.post(path, json=body, headers=headers)


def asked(**changes: Any) -> dict[str, Any]:
    asked = {"reference": "r", "amount": 100, "currency": "USD", "label": "US-1001", "is_captured_at_once": True}
    return {**asked, "token": "ok", "return_url": "http://shop.test/back?a=1", **changes}


def kinds(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [fact["kind"] for fact in answer.json()["facts"]]


async def test_payments(till: Till) -> None:
    begun = await post(till, PAYMENTS, asked(), key="once")
    assert kinds(begun) == ["authorized", "captured"]
    assert (await post(till, PAYMENTS, asked(), key="once")).json() == begun.json()
    reused = await post(till, PAYMENTS, asked(amount=99), key="once")
    assert (reused.status_code, reused.json()["code"]) == (409, "key_reused")
    headers = {"Simulator-Key": KEY}
    by_id = await till.http.get(f"{PAYMENTS}/{begun.json()['id']}", headers=headers)
    by_reference = await till.http.get(f"{PAYMENTS}/by-reference/r", headers=headers)
    assert by_id.json() == by_reference.json() == begun.json()
    for path in (f"{PAYMENTS}/{uuid4()}", f"{PAYMENTS}/by-reference/nobody"):
        assert (await till.http.get(path, headers=headers)).status_code == 404
    refunds = f"{PAYMENTS}/by-reference/r/refunds"
    assert kinds(await post(till, refunds, {"amount": 60, "currency": "USD"}, key="back"))[-1] == "refunded"
    assert kinds(await post(till, refunds, {"amount": 60, "currency": "USD"}, key="back")).count("refunded") == 1
    for amount, key, status in ((41, None, 422), (0, None, 422), (-1, None, 422), (50, "back", 409)):
        refused = await post(till, refunds, {"amount": amount, "currency": "USD"}, key=key)
        assert refused.status_code == status
    for verb in ("capture", "void"):
        refused = await post(till, f"{PAYMENTS}/by-reference/r/{verb}", {"amount": 1, "currency": "USD"})
        assert refused.json()["code"] == "state_invalid"


async def test_what_is_refused(till: Till) -> None:
    wrong: list[object] = [
        None,
        [],
        "x",
        {},
        asked(amount=0),
        asked(amount=-1),
        asked(amount=10**16),
        asked(amount="5"),
        asked(currency="DOLLAR"),
        asked(reference=""),
        asked(label="a\0b"),
        asked(token=""),
        asked(token="x" * 2_001),
        asked(return_url="javascript:alert(1)"),
        asked(extra=1),
    ]
    for body in wrong:
        refused = await post(till, PAYMENTS, body)
        assert (refused.status_code, refused.json()["code"]) == (400, "request_invalid"), body
    large = await post(till, PAYMENTS, asked(label="x" * 70_000))
    assert (large.status_code, large.json()["code"]) == (413, "BODY_TOO_LARGE")
    for secret in ("", "wrong", KEY + "x"):
        assert (await post(till, PAYMENTS, asked(), secret=secret)).status_code == 401
    keyless = await till.http.post(PAYMENTS, json=asked(), headers={"Simulator-Key": KEY})
    assert keyless.status_code == 400
    assert await till.rows("SELECT 1 FROM simulator.payment") == []


async def test_the_page(till: Till) -> None:
    begun = await post(till, PAYMENTS, asked(token="3ds", label="<script>alert(1)</script>"))
    page = begun.json()["redirect_url"]
    assert page.startswith("http://test/simulator/pay/")
    shown = await till.http.get(page)
    assert (shown.status_code, "1.00 USD" in shown.text, "<script>" in shown.text) == (200, True, False)
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    assert (await till.http.post(page, content="decision=maybe")).status_code == 422
    done = await till.http.post(page, content="decision=approve")
    assert (done.status_code, done.headers["location"]) == (303, "http://shop.test/back?a=1")
    await till.http.post(page, content="decision=refuse")
    assert "decided" in (await till.http.get(page)).text
    assert await till.rows("SELECT kind FROM simulator.fact ORDER BY number") == [
        ("requires_action",),
        ("authorized",),
        ("captured",),
    ]
    nowhere = f"/simulator/pay/{uuid4()}"
    assert (await till.http.get(nowhere)).status_code == 404
    assert (await till.http.post(nowhere, content="decision=approve")).status_code == 404
    unreturned = (await post(till, PAYMENTS, asked(token="3ds", return_url=None))).json()["redirect_url"]
    assert (await till.http.post(unreturned, content="decision=refuse")).status_code == 200


async def test_a_webhook_that_nobody_takes_is_sent_again(till: Till) -> None:
    """Until it is taken; the job is a dead letter after its attempts, and the poller has asked long before."""
    order = await till.order()
    await till.charge((await till.begin(order)).attempt.id)
    await till.work_off(httpx2.MockTransport(lambda _: httpx2.Response(500)))
    assert not (await till.standing(order)).is_covered
    till.later(minutes=5)
    await till.work_off()
    assert (await till.standing(order)).is_covered


@pytest.mark.parametrize("environment", Environment)
def test_there_is_none_in_production(environment: Environment) -> None:
    class Only:
        is_production = environment is Environment.PRODUCTION

    async def make_context(_: object) -> Any:
        raise AssertionError

    routes = simulator_routes(Only(), make_context)  # type: ignore[arg-type]
    paths = {route.path for route in routes if isinstance(route, Route)}
    assert bool(paths) is (environment is not Environment.PRODUCTION)
