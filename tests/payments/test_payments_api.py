"""Payments by the admin API: what is read, and what staff do, as every caller."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.callers import Caller, admin_caller, shop_caller
from tests.payments.till import Till

from mercer.payments.models import PaymentStatus
from mercer.payments.service import moving

RECEIVE = """mutation($orderId: ID!, $amount: Decimal!, $reference: String!) {
    paymentReceive(orderId: $orderId, amount: $amount, reference: $reference) {
        __typename
        ... on PaymentAttempt { provider state captured { amount currency } }
        ... on Error { path } ... on InvalidInput { fields { path message } } } }"""
CAPTURE = """mutation($attemptId: ID!, $amount: Decimal) {
    paymentCapture(attemptId: $attemptId, amount: $amount) {
        __typename
        ... on PaymentAttempt { state captured { amount } }
        ... on CaptureTooLarge { available } ... on NotCapturable { attemptState } ... on ProviderRefusedIt { reason }
        ... on InvalidInput { fields { path } } } }"""
REFUND = """mutation($id: ID!) { paymentExceptionRefund(id: $id) {
    __typename ... on PaymentException { resolution refunds { kind state amount { amount } } } } }"""
RESOLVE = """mutation($id: ID!, $note: String!) { paymentExceptionResolve(id: $id, note: $note) {
    __typename ... on PaymentException { resolution note } ... on InvalidInput { fields { message } } } }"""
OFFER = """mutation($input: PaymentOfferInput!) { paymentOfferSet(input: $input) {
    __typename ... on PaymentOffer { provider capture isActive position channel { code } }
    ... on InvalidInput { fields { message } } } }"""
PAYMENT = """query($id: ID!) { payment(orderId: $id) {
    amount { amount currency } label closedAt
    attempts { provider state capture amount { amount } authorized { amount } captured { amount } refunded { amount }
        declineCode declineMessage isRetryable method events { kind amount { amount } accepted { amount } details }
        refunds { kind state } }
    exceptions { kind amount { amount } } } }"""


async def receive(till: Till, order: object, amount: str, reference: str = "Transfer 7") -> Any:
    return await till.change(RECEIVE, {"orderId": str(order), "amount": amount, "reference": reference})


async def test_money_by_hand(till: Till) -> None:
    order = await till.order()
    await till.pay(order, provider="manual")
    first = await receive(till, order, "40.00")
    assert first == {
        "__typename": "PaymentAttempt",
        "provider": "manual",
        "state": "PARTIALLY_CAPTURED",
        "captured": {"amount": "40.00", "currency": "USD"},
    }
    standing = await till.standing(order)
    assert (standing.status, standing.is_covered) == (PaymentStatus.PARTIALLY_PAID, True)
    assert (await receive(till, order, "60"))["state"] == "CAPTURED"
    assert (await till.standing(order)).status is PaymentStatus.PAID
    assert (await receive(till, order, "0.01"))["captured"]["amount"] == "100.01"
    assert await till.exceptions(order) == [("surplus_capture", 1, "USD", None)]
    assert await till.ledger(order) == {"provider_clearing": 10_001, "receivable": -10_000, "suspense": -1}
    assert [name for name, _ in await till.events()].count("payments.PaymentChanged") == 3
    audit = await till.rows("SELECT entity, changes, reason, actor_kind FROM platform.audit ORDER BY id")
    assert audit == [
        ("Payment", {"captured": [0, 4_000]}, "Transfer 7", "staff"),
        ("Payment", {"captured": [4_000, 10_000]}, "Transfer 7", "staff"),
        ("Payment", {"captured": [10_000, 10_001]}, "Transfer 7", "staff"),
    ]


async def test_money_by_hand_for_an_order_that_a_card_did_not_pay(till: Till) -> None:
    order, closed = await till.order(), await till.order()
    await till.pay(order, "decline")
    assert (await receive(till, order, "100.00"))["state"] == "CAPTURED"
    assert (await till.standing(order)).status is PaymentStatus.PAID
    await till.close(closed)
    await receive(till, closed, "100.00")
    assert await till.exceptions(closed) == [("late_capture", 10_000, "USD", None)]


async def test_money_that_cannot_be_received(till: Till) -> None:
    order = await till.order()
    for amount in ("0", "-1", "0.001", "10000000000000.01"):
        refused = await receive(till, order, amount)
        assert refused["__typename"] == "InvalidInput", amount
    assert (await receive(till, order, "1", " "))["__typename"] == "InvalidInput"
    assert (await receive(till, uuid4(), "1"))["__typename"] == "PaymentNotFound"
    assert (await receive(till, "nothing", "1"))["__typename"] == "PaymentNotFound"
    given = {"orderId": str(order), "amount": "1", "reference": "T"}
    assert (await till.admin(RECEIVE, given))["paymentReceive"]["__typename"] == "IdempotencyKeyMissing"
    assert (await till.standing(order)).status is PaymentStatus.NONE
    assert await till.ledger(order) == {}


async def test_the_same_money_is_received_once(busy: Till) -> None:
    order = await busy.order()
    given = {"orderId": str(order), "amount": "10", "reference": "T"}
    answers = await busy.at_once(busy.change(RECEIVE, given, idempotency_key="once") for _ in range(20))
    assert all(answer == answers[0] for answer in answers)
    assert (await busy.standing(order)).captured == 1_000


async def test_captures(capturing: Till) -> None:
    """What is authorised is taken when staff say so, in parts."""
    till = capturing
    order = await till.order()
    attempt, standing = await till.pay(order)
    assert standing.status is PaymentStatus.AUTHORIZED

    async def capture(amount: str | None) -> Any:
        return await till.change(CAPTURE, {"attemptId": str(attempt), "amount": amount})

    assert await capture("100.01") == {"__typename": "CaptureTooLarge", "available": "100.00"}
    assert (await capture("-1"))["__typename"] == "InvalidInput"
    part = {"__typename": "PaymentAttempt", "state": "PARTIALLY_CAPTURED", "captured": {"amount": "30.00"}}
    assert await capture("30.00") == part
    assert (await till.standing(order)).is_covered
    whole = {"__typename": "PaymentAttempt", "state": "CAPTURED", "captured": {"amount": "100.00"}}
    assert await capture(None) == whole
    assert await capture(None) == {"__typename": "NotCapturable", "attemptState": "captured"}
    assert (await till.change(CAPTURE, {"attemptId": str(uuid4())}))["__typename"] == "AttemptNotFound"
    assert await till.ledger(order) == {"provider_clearing": 10_000, "receivable": -10_000}
    assert await till.exceptions(order) == []
    await till.work_off()
    assert (await till.standing(order)).captured == 10_000


async def test_the_same_capture_takes_once(capturing: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the process died between the provider's answer and the note of it."""
    order = await capturing.order()
    attempt, _ = await capturing.pay(order, "webhook_dropped")
    given = {"attemptId": str(attempt), "amount": "30.00"}
    with monkeypatch.context() as dying:
        dying.setattr(moving, "apply_events", _die)
        with pytest.raises(Died):
            await capturing.change(CAPTURE, given, idempotency_key="once")
    assert (await capturing.standing(order)).captured == 0
    assert await capturing.rows("SELECT amount FROM simulator.fact WHERE kind = 'captured'") == [(3_000,)]
    first = await capturing.change(CAPTURE, given, idempotency_key="once")
    assert await capturing.change(CAPTURE, given, idempotency_key="once") == first
    assert (await capturing.standing(order)).captured == 3_000
    assert await capturing.rows("SELECT amount FROM simulator.fact WHERE kind = 'captured'") == [(3_000,)]


async def test_a_promise_by_hand_is_taken_once(busy: Till) -> None:
    """By several at once, each with a key of his own: no provider refuses those who come too late."""
    order = await busy.order()
    attempt, _ = await busy.pay(order, provider="manual")
    answers = await busy.at_once(busy.change(CAPTURE, {"attemptId": str(attempt)}) for _ in range(8))
    assert sorted(answer["__typename"] for answer in answers) == ["NotCapturable"] * 7 + ["PaymentAttempt"]
    standing = await busy.standing(order)
    assert (standing.captured, standing.surplus) == (10_000, 0)
    assert await busy.exceptions(order) == []


async def test_a_capture_that_the_provider_refuses(capturing: Till) -> None:
    """It knows that the promise is over, and nobody told us."""
    order = await capturing.order()
    attempt, _ = await capturing.pay(order, "webhook_dropped")
    headers = {"Simulator-Key": "simulator-key-of-nobody", "Idempotency-Key": str(uuid4())}
    await capturing.http.post(f"/simulator/v1/payments/by-reference/{attempt}/void", headers=headers)
    refused = await capturing.change(CAPTURE, {"attemptId": str(attempt)})
    assert refused == {"__typename": "ProviderRefusedIt", "reason": "state_invalid"}
    assert (await capturing.standing(order)).captured == 0


async def surplus(till: Till) -> tuple[UUID, str]:
    order = await till.order()
    await till.pay(order, "amount_lie_more")
    [(found,)] = await till.rows(
        "SELECT id FROM payments.exception WHERE order_id = :order AND kind = 'surplus_capture'", order=order
    )
    return order, str(found)


async def test_a_surplus_is_given_back(till: Till) -> None:
    order, exception = await surplus(till)
    done = await till.change(REFUND, {"id": exception}, idempotency_key="once")
    assert done == {
        "__typename": "PaymentException",
        "resolution": "REFUNDED",
        "refunds": [{"kind": "REFUND", "state": "SUCCEEDED", "amount": {"amount": "0.01"}}],
    }
    assert await till.change(REFUND, {"id": exception}, idempotency_key="once") == done
    assert (await till.change(REFUND, {"id": exception}))["__typename"] == "PaymentExceptionResolved"
    standing = await till.standing(order)
    assert (standing.status, standing.captured, standing.refunded) == (PaymentStatus.PAID, 10_000, 0)
    assert await till.ledger(order) == {"provider_clearing": 10_000, "receivable": -10_000}


async def test_a_surplus_is_given_back_once(busy: Till) -> None:
    order, exception = await surplus(busy)
    done = await busy.at_once(busy.change(REFUND, {"id": exception}) for _ in range(10))
    assert {each["__typename"] for each in done} <= {"PaymentException", "PaymentExceptionResolved"}
    assert await busy.rows("SELECT amount FROM simulator.fact WHERE kind = 'refunded'") == [(1,)]
    assert await busy.ledger(order) == {"provider_clearing": 10_000, "receivable": -10_000}


async def test_an_exception_is_settled_elsewhere(till: Till) -> None:
    order, exception = await surplus(till)
    assert (await till.change(RESOLVE, {"id": exception, "note": " "}))["__typename"] == "InvalidInput"
    done = await till.change(RESOLVE, {"id": exception, "note": "Given back in cash"})
    assert done == {"__typename": "PaymentException", "resolution": "NOTED", "note": "Given back in cash"}
    assert (await till.change(RESOLVE, {"id": exception, "note": "x"}))["__typename"] == "PaymentExceptionResolved"
    assert (await till.change(REFUND, {"id": exception}))["__typename"] == "PaymentExceptionResolved"
    assert (await till.change(REFUND, {"id": str(uuid4())}))["__typename"] == "PaymentExceptionNotFound"
    [(mismatch,)] = await till.rows("SELECT id FROM payments.exception WHERE kind = 'amount_mismatch'")
    assert (await till.change(REFUND, {"id": str(mismatch)}))["__typename"] == "PaymentExceptionNotRefundable"
    assert (await till.ledger(order))["suspense"] == -1


async def test_what_staff_read(till: Till) -> None:
    order = await till.order()
    await till.pay(order, "decline_hard")
    await till.pay(order, "amount_lie_more")
    found = await till.admin(PAYMENT, {"id": str(order)})
    zero = {"amount": "0.00"}
    first, second = found["payment"]["attempts"]
    assert first == {
        "provider": "simulator",
        "state": "FAILED",
        "capture": "AUTOMATIC",
        "amount": {"amount": "100.00"},
        "authorized": zero,
        "captured": zero,
        "refunded": zero,
        "declineCode": "stolen_card",
        "declineMessage": "The card was refused.",
        "isRetryable": False,
        "method": {"kind": "card", "brand": "simulated", "last_digits": "4242"},
        "events": first["events"],
        "refunds": [],
    }
    assert [event["kind"] for event in first["events"]] == ["DECLINED"]
    accepted = [(event["kind"], event["amount"]["amount"], event["accepted"]["amount"]) for event in second["events"]]
    assert sorted(accepted) == [("AUTHORIZED", "100.01", "0.00"), ("CAPTURED", "100.01", "100.00")]
    assert sorted(each["kind"] for each in found["payment"]["exceptions"]) == ["AMOUNT_MISMATCH", "SURPLUS_CAPTURE"]
    listed = await till.admin("""{
        all: paymentExceptions { totalCount nodes { kind } }
        open: paymentExceptions(filter: {isResolved: {eq: false}, kind: {in: [SURPLUS_CAPTURE]}}) {
            nodes { kind orderId attempt { state } } }
        resolved: paymentExceptions(filter: {isResolved: {eq: true}}) { totalCount }
        other: paymentExceptions(filter: {orderId: {eq: "01890000-0000-7000-8000-000000000000"}}) { totalCount }
    }""")
    assert listed["all"]["totalCount"] == 2
    surplus = {"kind": "SURPLUS_CAPTURE", "orderId": str(order), "attempt": {"state": "CAPTURED"}}
    assert listed["open"]["nodes"] == [surplus]
    assert (listed["resolved"]["totalCount"], listed["other"]["totalCount"]) == (0, 0)


async def test_which_ways_to_pay_a_channel_has(till: Till) -> None:
    providers = "{ paymentProviders { code } }"
    assert await till.shop(providers) == {"paymentProviders": [{"code": "simulator"}, {"code": "manual"}]}
    given: dict[str, Any] = {
        "channelId": str(till.channels["us"]),
        "provider": "simulator",
        "isActive": False,
        "position": 5,
    }
    assert await till.change(OFFER, {"input": given}) == {
        "__typename": "PaymentOffer",
        "provider": "simulator",
        "capture": "AUTOMATIC",
        "isActive": False,
        "position": 5,
        "channel": {"code": "us"},
    }
    assert await till.shop(providers) == {"paymentProviders": [{"code": "manual"}]}
    assert len((await till.shop(providers, x_mercer_channel="eu"))["paymentProviders"]) == 2
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"provider": "stripe"}, "ProviderUnavailable"),
        ({"channelId": str(uuid4())}, "ChannelNotFound"),
        ({"position": -1}, "InvalidInput"),
        ({"position": 1_001}, "InvalidInput"),
    ]
    for change, answer in wrong:
        assert (await till.change(OFFER, {"input": given | change}))["__typename"] == answer
    offers = await till.admin("{ paymentOffers { nodes { provider isActive position } totalCount } }")
    assert offers["paymentOffers"]["totalCount"] == 4


@pytest.mark.parametrize(
    ("role", "status", "code"),
    [(None, 401, "UNAUTHENTICATED"), ("merchandiser", 403, "FORBIDDEN"), ("analyst", 403, "FORBIDDEN")],
)
async def test_who_may_not(till: Till, role: str | None, status: int, code: str) -> None:
    order, exception = await surplus(till)
    attempt = (await till.standing(order)).latest
    assert attempt is not None
    caller = Caller(till.http, "/admin/graphql", {}) if role is None else admin_caller(till.http, role=role)
    before = await till.standing(order), await till.rows("SELECT * FROM payments.offer ORDER BY id")
    for asked, given in (
        (RECEIVE, {"orderId": str(order), "amount": "1", "reference": "T"}),
        (CAPTURE, {"attemptId": str(attempt.id)}),
        (REFUND, {"id": exception}),
        (RESOLVE, {"id": exception, "note": "n"}),
        (OFFER, {"input": {"channelId": str(till.channels["us"]), "provider": "manual"}}),
    ):
        answer = await caller.send(asked, given, idempotency_key="a key")
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (status, code)
    assert (await till.standing(order), await till.rows("SELECT * FROM payments.offer ORDER BY id")) == before
    assert await till.rows("SELECT 1 FROM platform.audit UNION SELECT 1 FROM payments.refund") == []
    if role is None:
        answer = await caller.send(PAYMENT, {"id": str(order)})
        assert answer.status_code == 401
        shopper = await shop_caller(till.http, customer="customer").send(PAYMENT, {"id": str(order)})
        assert shopper.status_code == 422


class Died(Exception):
    """The process is gone."""


async def _die(*_: object, **__: object) -> None:
    raise Died
