"""The simulator's HTTP side: what shops call, and the page on which buyers approve payments. Not in production."""

import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from html import escape
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from mercer.platform.context import Context
from mercer.platform.errors import DomainError, RequestRefused
from mercer.platform.http.requests import ClientGone, read_body
from mercer.platform.module import MakeContext
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction
from mercer.simulator import service
from mercer.simulator.errors import (
    SimulatedKeyReused,
    SimulatedPaymentUnknown,
    SimulatedRequestInvalid,
    SimulatedStateInvalid,
    SimulatedTimeout,
)
from mercer.simulator.jobs import deliver, settle
from mercer.simulator.models import KEY, KEY_HEADER, Behaviour, FactKind, Order, Payment
from mercer.values.currency import CurrencyUnknown, to_decimal

LARGEST_BYTES = 64_000

_REFUSALS = {
    SimulatedPaymentUnknown: (404, "not_found"),
    SimulatedKeyReused: (409, "key_reused"),
    SimulatedRequestInvalid: (400, "request_invalid"),
    SimulatedStateInvalid: (422, "state_invalid"),
    SimulatedTimeout: (504, "timeout"),
}

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Simulator</title>
<style>body{{font:1.1rem system-ui;max-width:26rem;margin:4rem auto;padding:0 1rem}}button{{font:inherit;padding:.6rem
1.2rem;margin-right:.6rem}}</style>
<h1>Simulated bank</h1><p>{text}</p>{form}</html>
"""
_FORM = """<form method="post"><button name="decision" value="approve">Approve</button>
<button name="decision" value="refuse">Refuse</button></form>"""


class _Ordered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reference: str
    amount: int
    currency: str
    label: str
    is_captured_at_once: bool
    token: str
    return_url: str | None = None


class _Moved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount: int
    currency: str


def simulator_routes(settings: Settings, make_context: MakeContext) -> list[BaseRoute]:
    """`/simulator/v1/…` and `/simulator/pay/{id}`; none in production."""
    if settings.is_production:
        return []
    called = partial(_called, make_context)
    payment = "/simulator/v1/payments/by-reference/{reference}"
    return [
        Route("/simulator/v1/payments", partial(called, _start), methods=["POST"]),
        Route("/simulator/v1/payments/{id:uuid}", partial(called, _show), methods=["GET"]),
        Route(payment, partial(called, _show), methods=["GET"]),
        Route(f"{payment}/capture", partial(called, _capture), methods=["POST"]),
        Route(f"{payment}/void", partial(called, _void), methods=["POST"]),
        Route(f"{payment}/refunds", partial(called, _refund), methods=["POST"]),
        Route("/simulator/pay/{id:uuid}", partial(_shown, partial(_page, make_context)), methods=["GET"]),
        Route("/simulator/pay/{id:uuid}", partial(_shown, partial(_decide, make_context)), methods=["POST"]),
    ]


async def _called(
    make_context: MakeContext, answer: Callable[[Context, Request], Awaitable[Payment]], request: Request
) -> Response:
    """A payment, or the refusal as `{"code": …, "message": …}`."""
    if not hmac.compare_digest(request.headers.get(KEY_HEADER, "").encode(), KEY.encode()):
        return _json(401, {"code": "key_wrong", "message": "Show the simulator's key."})
    context = await make_context(request)
    try:
        payment = await answer(context, request)
    except DomainError as refused:
        status, code = _REFUSALS[type(refused)]
        return _json(status, {"code": code, "message": refused.message})
    except RequestRefused as refused:
        return _json(refused.status, {"code": refused.code, "message": refused.message})
    except ClientGone:
        return Response(status_code=400)
    return _json(200, service.describe(payment, context))


async def _start(context: Context, request: Request) -> Payment:
    given = await _read(request, _Ordered)
    order = Order(key=_key(request), **msgspec.structs.asdict(given))
    async with transaction(context) as inner:
        payment = await service.start_payment(inner, order=order, tell=deliver, settle=settle)
    if Behaviour.TIMEOUT_AFTER_SUCCESS in payment.behaviours:
        raise SimulatedTimeout
    return payment


async def _show(context: Context, request: Request) -> Payment:
    async with transaction(context) as inner:
        return await service.find_payment(inner, tell=deliver, **request.path_params)


async def _capture(context: Context, request: Request) -> Payment:
    given, reference = await _read(request, _Moved), request.path_params["reference"]
    async with transaction(context) as inner:
        return await service.capture_payment(
            inner, reference=reference, key=_key(request), amount=given.amount, tell=deliver
        )


async def _void(context: Context, request: Request) -> Payment:
    async with transaction(context) as inner:
        return await service.void_payment(
            inner, reference=request.path_params["reference"], key=_key(request), tell=deliver
        )


async def _refund(context: Context, request: Request) -> Payment:
    given, reference = await _read(request, _Moved), request.path_params["reference"]
    async with transaction(context) as inner:
        payment, is_first = await service.refund_payment(
            inner, reference=reference, key=_key(request), amount=given.amount, currency=given.currency, tell=deliver
        )
    if is_first and Behaviour.REFUND_TIMEOUT in payment.behaviours:
        raise SimulatedTimeout
    return payment


async def _shown(answer: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    """A page, or one that says why there is none."""
    try:
        return await answer(request)
    except SimulatedPaymentUnknown:
        return HTMLResponse(_PAGE.format(text="There is no such payment.", form=""), 404, _HEADERS)
    except RequestRefused as refused:
        return HTMLResponse(_PAGE.format(text=escape(refused.message), form=""), refused.status, _HEADERS)
    except ClientGone:
        return Response(status_code=400)


async def _page(make_context: MakeContext, request: Request) -> Response:
    context = await make_context(request)
    async with transaction(context) as inner:
        payment = await service.find_payment(inner, id=request.path_params["id"], tell=deliver)
    is_waiting = {fact.kind for fact in payment.facts} == {FactKind.REQUIRES_ACTION}
    asked = f"Do you approve {_amount(payment)} for {escape(payment.label)}?"
    text = asked if is_waiting else "This payment is decided."
    return HTMLResponse(_PAGE.format(text=text, form=_FORM if is_waiting else ""), 200, _HEADERS)


async def _decide(make_context: MakeContext, request: Request) -> Response:
    decision = (await _body(request)).decode("ascii", "replace").removeprefix("decision=")
    if decision not in {"approve", "refuse"}:
        return HTMLResponse(_PAGE.format(text="Approve or refuse.", form=_FORM), 422, _HEADERS)
    context, is_approved = await make_context(request), decision == "approve"
    async with transaction(context) as inner:
        payment = await service.decide_payment(
            inner, id=request.path_params["id"], is_approved=is_approved, tell=deliver
        )
    if payment.return_url is None:
        return HTMLResponse(_PAGE.format(text="Thank you. Go back to the shop.", form=""), 200, _HEADERS)
    return RedirectResponse(payment.return_url, 303, _HEADERS)


async def _body(request: Request) -> bytes:
    announced = request.headers.get("content-length")
    return await read_body(request.receive, limit=LARGEST_BYTES, announced=announced.encode() if announced else None)


async def _read(request: Request, kind: type[Any]) -> Any:
    """The body. Raises `SimulatedRequestInvalid`."""
    try:
        return msgspec.json.decode(await _body(request), type=kind)
    except msgspec.MsgspecError:
        raise SimulatedRequestInvalid from None


def _key(request: Request) -> str:
    """Raises `SimulatedRequestInvalid`."""
    key = request.headers.get("idempotency-key", "")
    if not key:
        raise SimulatedRequestInvalid
    return key


def _amount(payment: Payment) -> str:
    try:
        return escape(f"{to_decimal(payment.amount, payment.currency)} {payment.currency}")
    except CurrencyUnknown:
        return escape(f"{payment.amount} {payment.currency}")


def _json(status: int, body: Any) -> Response:
    return Response(msgspec.json.encode(body), status, {"Cache-Control": "no-store"}, "application/json")
