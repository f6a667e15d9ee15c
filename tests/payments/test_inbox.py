"""Webhooks: stored once if they are signed, answered at once, applied afterwards; and asked for if they never come."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import msgspec
import pytest
from tests.payments.till import NOW, Till

from mercer.payments import service
from mercer.payments.models import AttemptState, EventKind, PaymentStatus, ProviderEvent
from mercer.payments.providers.port import MoveRequest, PaymentName
from mercer.payments.providers.simulator import SimulatorProvider
from mercer.payments.rules.asking import PARKED_TRIES
from mercer.simulator.models import WEBHOOK_KEY

INBOX = "SELECT source, state FROM payments.inbox ORDER BY received_at, id"
PATH = "/payments/webhooks/simulator"


def fact(kind: str, amount: int = 10_000, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "kind": kind, "amount": amount, "currency": "USD", "at": NOW, **more}


def webhook(reference: object, *facts: dict[str, Any], id: str = "wh_1", payment: str = "sim_1") -> bytes:
    method = {"kind": "card", "brand": "simulated", "last_digits": "4242"}
    told = {"id": payment, "reference": str(reference), "facts": facts, "method": method}
    return msgspec.json.encode({"id": id, "payment": told})


def signed(body: bytes, *, at: datetime = NOW, key: str = WEBHOOK_KEY) -> dict[str, str]:
    seconds = str(int(at.timestamp()))
    mac = hmac.new(key.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"Simulator-Signature": f"t={seconds},v1={mac}"}


async def send(till: Till, body: bytes, headers: dict[str, str] | None = None, path: str = PATH) -> httpx2.Response:
    return await till.http.post(path, content=body, headers=signed(body) if headers is None else headers)


async def test_a_webhook_is_applied(till: Till) -> None:
    """Before the attempt knows what the provider calls it."""
    order = await till.order()
    attempt = (await till.begin(order)).attempt.id
    body = webhook(attempt, fact("authorized"), fact("captured"))
    answer = await send(till, body)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert (await till.standing(order)).captured == 0
    await till.work_off()
    assert (await till.standing(order)).status is PaymentStatus.PAID
    assert await till.rows(INBOX) == [("webhook", "applied")]
    assert await till.rows("SELECT body FROM payments.inbox") == [(body,)]
    assert await till.rows("SELECT provider_reference FROM payments.attempt") == [("sim_1",)]


async def test_a_webhook_that_comes_again(till: Till) -> None:
    order = await till.order()
    attempt = (await till.begin(order)).attempt.id
    body = webhook(attempt, fact("captured"))
    for _ in range(3):
        assert (await send(till, body)).status_code == 200
    await till.work_off()
    assert (await send(till, body)).status_code == 200
    assert await till.work_off() == 0
    assert await till.rows(INBOX) == [("webhook", "applied")]
    assert [name for name, _ in await till.events()] == ["payments.ProviderEventReceived"]


async def test_twenty_at_once(busy: Till) -> None:
    order = await busy.order()
    attempt = (await busy.begin(order)).attempt.id
    body = webhook(attempt, fact("captured"))
    answers = await busy.at_once(send(busy, body) for _ in range(20))
    assert {answer.status_code for answer in answers} == {200}
    assert await busy.rows(INBOX) == [("webhook", "waiting")]
    await busy.work_off()
    assert (await busy.standing(order)).captured == 10_000
    assert await busy.rows("SELECT count(*) FROM payments.event") == [(1,)]


async def test_what_is_refused(till: Till) -> None:
    """Forged, ancient, of the future, changed, truncated, unsigned, too large, of nobody: nothing is stored."""
    order = await till.order()
    attempt = (await till.begin(order)).attempt.id
    body = webhook(attempt, fact("captured"))
    good = signed(body)
    huge = b"x" * 256_001
    cases: list[tuple[bytes, dict[str, str] | None, str, int, str]] = [
        (body, signed(body, key="another"), PATH, 401, "SIGNATURE_INVALID"),
        (body, signed(body, at=NOW - timedelta(minutes=5, seconds=1)), PATH, 401, "SIGNATURE_INVALID"),
        (body, signed(body, at=NOW + timedelta(minutes=5, seconds=1)), PATH, 401, "SIGNATURE_INVALID"),
        (body.replace(b"10000", b"90000"), good, PATH, 401, "SIGNATURE_INVALID"),
        (body[:-1], good, PATH, 401, "SIGNATURE_INVALID"),
        (body + b" ", good, PATH, 401, "SIGNATURE_INVALID"),
        (body, {}, PATH, 401, "SIGNATURE_INVALID"),
        (body, {"Simulator-Signature": "t=1,v1="}, PATH, 401, "SIGNATURE_INVALID"),
        (body, {"Simulator-Signature": "v1=" + "0" * 64}, PATH, 401, "SIGNATURE_INVALID"),
        (body, {"Simulator-Signature": "t=" + "9" * 5_000 + ",v1=" + "0" * 64}, PATH, 401, "SIGNATURE_INVALID"),
        (body, good, "/payments/webhooks/stripe", 404, "PROVIDER_UNKNOWN"),
        (body, good, "/payments/webhooks/manual", 401, "SIGNATURE_INVALID"),
        (huge, signed(huge), PATH, 413, "BODY_TOO_LARGE"),
        (b"", None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (b"{}", None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (b"[" * 1_000, None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (body[:-20], None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (webhook("nobody", fact("captured")), None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (webhook(attempt, fact("stolen")), None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (webhook(attempt, fact("captured", amount=-5)), None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (webhook(attempt, fact("captured", amount=2**63)), None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (webhook(attempt, fact("captured", currency="")), None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (webhook(attempt, fact("captured", refund_key="x")), None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (webhook(attempt, fact("captured"), id=""), None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (webhook(attempt, fact("captured"), id="x" * 201), None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (webhook(attempt, fact("captured"), id="a\0b"), None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
        (webhook(attempt, fact("captured"), payment="a\0b"), None, PATH, 422, "WEBHOOK_NOT_UNDERSTOOD"),
    ]
    for sent, headers, path, status, code in cases:
        answer = await send(till, sent, headers, path)
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (status, code), (sent[:80], headers, path)
    assert (await till.http.get(PATH)).status_code == 405
    assert await till.rows(INBOX) == []
    assert await till.events() == []
    assert (await till.standing(order)).captured == 0


async def test_a_clock_that_is_a_little_off(till: Till) -> None:
    attempt = (await till.begin(await till.order())).attempt.id
    for number, minutes in enumerate((-5, 5)):
        body = webhook(attempt, fact("processing"), id=f"wh_{number}")
        assert (await send(till, body, signed(body, at=NOW + timedelta(minutes=minutes)))).status_code == 200


async def test_one_that_tells_nothing(till: Till) -> None:
    attempt = (await till.begin(await till.order())).attempt.id
    assert (await send(till, webhook(attempt))).status_code == 200
    assert await till.rows(INBOX) == [("webhook", "refused")]
    assert await till.work_off() == 0


async def test_of_a_payment_that_nobody_knows(till: Till) -> None:
    """It waits, is tried again with pauses, and is an exception at last, with its money."""
    await send(till, webhook(uuid4(), fact("authorized"), fact("captured", 700)))
    await till.work_off()
    assert await till.rows(INBOX) == [("webhook", "parked")]
    for _ in range(PARKED_TRIES):
        till.later(hours=2)
        await till.poll()
        await till.work_off()
    assert await till.rows(INBOX) == [("webhook", "refused")]
    assert await till.exceptions(None) == [("unknown_reference", 700, "USD", None)]
    assert await till.ledger(None) == {"provider_clearing": 700, "suspense": -700}


async def test_before_its_payment_is_known(till: Till) -> None:
    """It was parked, and is applied when the attempt has its reference."""
    order = await till.order()
    attempt = (await till.begin(order)).attempt.id
    await send(till, webhook(uuid4(), fact("captured"), payment="sim_9"))
    await till.work_off()
    assert await till.rows(INBOX) == [("webhook", "parked")]
    await send(till, webhook(attempt, fact("processing"), id="wh_2", payment="sim_9"))
    await till.work_off()
    till.later(minutes=1)
    await till.poll()
    await till.work_off()
    assert (await till.standing(order)).status is PaymentStatus.PAID
    assert await till.rows(INBOX) == [("webhook", "applied"), ("webhook", "applied")]


async def test_webhooks_alone_are_enough(till: Till) -> None:
    """The process died after each charge: nobody applied what the provider answered."""
    tokens = ("ok", "webhook_twice", "webhook_reordered", "webhook_late", "timeout_after_success", "authorize_only")
    orders = {token: await till.order() for token in tokens}
    for token, order in orders.items():
        await till.charge((await till.begin(order)).attempt.id, token)
    await till.work_off()
    till.later(seconds=10)
    await till.work_off()
    assert {token for token in tokens if not (await till.standing(orders[token])).is_covered} == {"webhook_late"}
    till.later(minutes=10)
    await till.work_off()
    for token, order in orders.items():
        standing = await till.standing(order)
        assert standing.status is (PaymentStatus.AUTHORIZED if token == "authorize_only" else PaymentStatus.PAID)
        assert await till.exceptions(order) == []


async def test_what_no_webhook_tells_is_asked_for(till: Till) -> None:
    orders = [await till.order(), await till.order()]
    for order, token in zip(orders, ("webhook_dropped", "timeout_after_success+webhook_dropped"), strict=True):
        await till.charge((await till.begin(order)).attempt.id, token)
    await till.poll()
    assert await till.work_off() == 0
    till.later(minutes=2)
    await till.poll()
    await till.poll()
    await till.work_off()
    assert {(await till.standing(order)).status for order in orders} == {PaymentStatus.PAID}
    assert await till.rows(INBOX) == [("poll", "applied")] * 2


async def test_what_is_delayed_comes(till: Till) -> None:
    orders = [await till.order(), await till.order()]
    for order, token in zip(orders, ("delayed", "delayed_decline"), strict=True):
        _, standing = await till.pay(order, token)
        assert standing.status is PaymentStatus.PENDING
    till.later(seconds=30)
    await till.work_off()
    assert [(await till.standing(order)).status for order in orders] == [PaymentStatus.PAID, PaymentStatus.FAILED]


async def test_what_never_reached_the_provider_expires(till: Till) -> None:
    """Asked, the provider never heard of it; the buyer may try again."""
    order = await till.order()
    begun = await till.begin(order)
    assert await till.charge(begun.attempt.id, "timeout_before") == ()
    assert await till.proceed(begun.attempt.id) == await till.standing(order)
    till.later(minutes=2)
    await till.poll()
    await till.work_off()
    standing = await till.standing(order)
    assert standing.latest is not None
    assert (standing.status, standing.latest.state) == (PaymentStatus.FAILED, AttemptState.EXPIRED)
    assert (await till.pay(order))[1].status is PaymentStatus.PAID


async def test_what_expired_and_was_charged_after_all(till: Till) -> None:
    """Asked before the late call arrived, the provider knew nothing. What was learned then holds no longer."""
    order = await till.order()
    attempt = (await till.begin(order)).attempt.id
    till.later(minutes=2)
    await till.poll()
    await till.apply(attempt, await till.charge(attempt))
    await till.work_off()
    assert set(await till.rows(INBOX)) == {("poll", "applied"), ("webhook", "applied")}
    standing = await till.standing(order)
    assert (standing.status, standing.is_covered) == (PaymentStatus.PAID, True)
    assert await till.exceptions(order) == []


async def test_what_was_taken_over_meanwhile_does_not_expire(till: Till) -> None:
    """Found abandoned, and taken over before that was applied: whoever took it over charges it. Left again, it ends."""
    order = await till.order()
    attempt = (await till.begin(order)).attempt.id
    till.later(minutes=2)
    await till.poll()
    learned = await service.fetch(till.context, attempt_id=attempt)
    assert [event.kind for event in learned] == [EventKind.EXPIRED]
    assert (await till.begin(order)).is_ours
    await till.work_off()
    # However late it is applied.
    till.later(minutes=2)
    standing = await till.apply(attempt, learned)
    assert standing.latest is not None
    assert (standing.status, standing.latest.state) == (PaymentStatus.PENDING, AttemptState.CREATED)
    assert await till.rows("SELECT 1 FROM payments.event") == []
    till.later(minutes=2)
    await till.poll()
    await till.work_off()
    assert (await till.standing(order)).status is PaymentStatus.FAILED


async def test_a_buyer_who_never_comes_back(till: Till) -> None:
    order = await till.order()
    _, standing = await till.pay(order, "3ds")
    till.later(minutes=31)
    await till.poll()
    await till.work_off()
    assert (await till.standing(order)).status is PaymentStatus.FAILED
    assert (await till.decide(standing, "approve")).status_code == 303
    assert (await till.standing(order)).status is PaymentStatus.FAILED


async def test_a_provider_that_is_away(till: Till) -> None:
    """Nothing is known, and nothing is lost: it is asked again, less and less often."""
    order = await till.order()
    begun = await till.begin(order)
    http, till.http = till.http, httpx2.AsyncClient(transport=Away(), base_url="http://test")
    assert await till.charge(begun.attempt.id) == ()
    for minutes in (2, 2, 4, 8):
        till.later(minutes=minutes)
        await till.poll()
    assert Away.asked == 3 + 4 * 3
    till.http = http
    till.later(minutes=16)
    assert (await till.begin(order)).is_ours
    assert (await till.apply(begun.attempt.id, await till.charge(begun.attempt.id))).status is PaymentStatus.PAID


async def test_one_that_breaks_keeps_no_other_from_being_asked_for(
    till: Till, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor what is to be given back. It is put off, and asked for again later."""
    orders = [await till.order() for _ in range(3)]
    attempts = [(await till.begin(order)).attempt.id for order in orders]
    for attempt in attempts:
        await till.charge(attempt, "webhook_dropped")
    back = [await till.order(), await till.order()]
    for order in back:
        await till.pay(order, "webhook_dropped")
    [broken], _ = [await till.close(order) for order in back]

    async def fetch(self: SimulatorProvider, payment: PaymentName) -> tuple[ProviderEvent, ...] | None:
        if payment.attempt_id == attempts[0]:
            raise ZeroDivisionError("a secret")
        return await whole[0](self, payment)

    async def refund(self: SimulatorProvider, request: MoveRequest) -> tuple[ProviderEvent, ...]:
        if request.key == broken:
            raise KeyError("a secret")
        return await whole[1](self, request)

    whole = SimulatorProvider.fetch, SimulatorProvider.refund
    till.later(minutes=2)
    with monkeypatch.context() as breaking:
        breaking.setattr(SimulatorProvider, "fetch", fetch)
        breaking.setattr(SimulatorProvider, "refund", refund)
        await till.poll()
        await till.work_off()
    pending, paid, refunded = PaymentStatus.PENDING, PaymentStatus.PAID, PaymentStatus.REFUNDED
    assert [(await till.standing(order)).status for order in orders] == [pending, paid, paid]
    assert [(await till.standing(order)).status for order in back] == [paid, refunded]
    logged = capsys.readouterr().out
    assert (logged.count("poll_failed"), logged.count("a secret")) == (2, 0)
    till.later(minutes=5)
    await till.poll()
    await till.work_off()
    assert [(await till.standing(order)).status for order in orders] == [paid, paid, paid]
    assert [(await till.standing(order)).status for order in back] == [refunded, refunded]


async def test_no_secrets_in_what_is_kept(till: Till, capsys: pytest.CaptureFixture[str]) -> None:
    order = await till.order()
    _, standing = await till.pay(order, "3ds")
    assert standing.latest is not None
    secret = standing.latest.client_secret
    assert secret
    await till.work_off()
    till.later(minutes=3)
    await till.poll()
    await till.work_off()
    for table in ("payments.event", "payments.inbox", "platform.outbox", "platform.audit"):
        [(found,)] = await till.rows(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
        assert secret not in found, table
    assert secret not in capsys.readouterr().out


class Away(httpx2.AsyncBaseTransport):
    """Nobody listens."""

    asked = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        Away.asked += 1
        raise httpx2.ConnectError("nobody listens", request=request)
