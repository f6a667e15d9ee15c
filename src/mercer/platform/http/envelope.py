"""What every request gets: an id, a trace, a line in the log, its place in the metrics, and an answer in any case."""

import re
from collections.abc import Mapping
from time import perf_counter

import orjson
import structlog
from graphql import GraphQLFormattedError
from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mercer.platform.graphql.failures import describe_failure
from mercer.platform.observability.metrics import observe_request
from mercer.platform.observability.requests import RequestRecord, current_request, new_id
from mercer.platform.observability.statements import counting_statements
from mercer.platform.observability.tracing import TRACER, callers_trace, trace_id_of, traceparent
from mercer.platform.settings import Settings

SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
"""What a request's id may look like when the caller, or a proxy, gives it."""

PROBES = frozenset({"/livez", "/readyz", "/metrics"})

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

log = structlog.get_logger()


class Envelope:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        headers = dict(scope["headers"])
        record = RequestRecord(id=_id(headers), is_probe=scope["path"] in PROBES)
        token = current_request.set(record)
        span_of = TRACER.start_as_current_span("request", context=callers_trace(headers), kind=SpanKind.SERVER)
        try:
            with counting_statements() as statements, span_of as span:
                record.trace_id = trace_id_of(span)
                record.traceparent = traceparent()
                await self._answer(record, scope, receive, send)
                span.update_name(f"{record.api} {record.operation}")
            _tell(record, scope, seconds=perf_counter() - started, statements=statements.total)
        finally:
            current_request.reset(token)

    async def _answer(self, record: RequestRecord, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def send_sealed(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                record.status = message["status"]
                own = ((b"x-request-id", record.id.encode()), *SECURITY_HEADERS)
                message["headers"] = [*message.get("headers", ()), *own]
            await send(message)

        try:
            await self._app(scope, receive, send_sealed)
        except Exception as failure:
            description = describe_failure(failure, self._settings)
            if has_begun:
                raise
            await _send_failure(send_sealed, description)


def _id(headers: Mapping[bytes, bytes]) -> str:
    given = headers.get(b"x-request-id")
    return given.decode() if given is not None and SANE_ID.fullmatch(given) else new_id()


def _tell(record: RequestRecord, scope: Scope, *, seconds: float, statements: int) -> None:
    observe_request(
        api=record.api, operation=record.operation, status=record.status, seconds=seconds, statements=statements
    )
    tell = log.debug if record.is_probe else log.info
    tell(
        "request",
        method=scope["method"],
        path=scope["path"],
        api=record.api,
        operation=record.operation,
        status=record.status,
        ms=round(seconds * 1000, 2),
        statements=statements,
    )


async def _send_failure(send: Send, description: GraphQLFormattedError) -> None:
    body = orjson.dumps({"errors": [description]})
    content = ((b"content-type", b"application/json; charset=utf-8"), (b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": 500, "headers": [*content]})
    await send({"type": "http.response.body", "body": body})
