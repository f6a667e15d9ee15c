"""Webhooks of payment providers: signed, stored, answered at once, and applied afterwards by jobs."""

import asyncio
from functools import partial

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mercer.payments import service
from mercer.payments.errors import ProviderUnavailable, WebhookNotSigned, WebhookNotUnderstood
from mercer.platform.actors import SYSTEM
from mercer.platform.errors import DomainError, RequestRefused
from mercer.platform.graphql.failures import describe_refusal
from mercer.platform.http.requests import ClientGone, read_body
from mercer.platform.module import MakeContext
from mercer.platform.settings import Settings

LARGEST_BYTES = 256_000

ARRIVAL_S = 15
"""How long a webhook may take to arrive."""

_STATUS = {ProviderUnavailable: 404, WebhookNotSigned: 401, WebhookNotUnderstood: 422}
_CODES = {
    ProviderUnavailable: "PROVIDER_UNKNOWN",
    WebhookNotSigned: "SIGNATURE_INVALID",
    WebhookNotUnderstood: "WEBHOOK_NOT_UNDERSTOOD",
}


def payment_routes(settings: Settings, make_context: MakeContext) -> list[BaseRoute]:
    """`POST /payments/webhooks/{provider}`."""
    answer = partial(_guarded, settings, make_context)
    return [Route("/payments/webhooks/{provider}", answer, methods=["POST"])]


async def _guarded(settings: Settings, make_context: MakeContext, request: Request) -> Response:
    """An answer, or the refusal in the shape that GraphQL's errors have."""
    try:
        return await _receive(make_context, request)
    except RequestRefused as refused:
        body = orjson.dumps({"errors": describe_refusal(refused, settings)})
        headers = {"Cache-Control": "no-store", **refused.headers}
        return Response(body, refused.status, headers, "application/json; charset=utf-8")
    except ClientGone:
        return Response(status_code=400)


async def _receive(make_context: MakeContext, request: Request) -> Response:
    body = await _body(request)
    # Whoever shows the provider's signature is the provider, whatever else he shows.
    context = (await make_context(request)).with_actor(SYSTEM)
    try:
        provider = request.path_params["provider"]
        await service.receive_webhook(context, provider=provider, body=body, headers=request.headers)
    except (ProviderUnavailable, WebhookNotSigned, WebhookNotUnderstood) as refused:
        raise _refusal(refused) from None
    return JSONResponse({"received": True}, 200, {"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes:
    announced = request.headers.get("content-length")
    try:
        async with asyncio.timeout(ARRIVAL_S):
            return await read_body(
                request.receive, limit=LARGEST_BYTES, announced=announced.encode() if announced else None
            )
    except TimeoutError:
        raise RequestRefused("The webhook took too long to arrive.", code="TIMEOUT", status=408) from None


def _refusal(refused: DomainError) -> RequestRefused:
    return RequestRefused(refused.message, code=_CODES[type(refused)], status=_STATUS[type(refused)])
