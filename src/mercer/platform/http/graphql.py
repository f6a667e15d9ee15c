"""The GraphQL endpoint: GraphQL over HTTP, edition of September 2026, and batches."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from graphql import DocumentNode, GraphQLError, GraphQLFormattedError, GraphQLSchema
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from mercer.platform.cache.sharing import Made, SharedAnswers
from mercer.platform.cache.shelf import Kept, Key
from mercer.platform.errors import RequestRefused
from mercer.platform.graphql.documents import Documents, Operation
from mercer.platform.graphql.failures import cause_of, describe_failure, describe_refusal
from mercer.platform.graphql.limits.cost import check_cost
from mercer.platform.http.explorer import send_explorer
from mercer.platform.http.kept import Reply, reply
from mercer.platform.http.media import AnswerType, check_request_type, choose_answer_type, prefers_html
from mercer.platform.http.requests import ClientGone, GraphQLRequest, parse_body, parse_query_string, read_body
from mercer.platform.observability.requests import current_request
from mercer.platform.permissions import PUBLIC
from mercer.platform.settings import Settings

PARTIAL_SUCCESS = 294
"""The status of an answer with data and errors."""

NOT_BEGUN = 422
"""The status of an answer without data: the variables do not fit the operation."""

SERVER_AT_FAULT = 500
"""From this status on, trying the same request again may help."""


class Execute(Protocol):
    """Carries out one operation of an API. The answer's JSON has `data`, unless the operation could not begin."""

    async def __call__(
        self,
        document: DocumentNode,
        /,
        *,
        operation_name: str | None,
        variables: Mapping[str, Any],
        context: Any,
        format_error: Callable[[GraphQLError], GraphQLFormattedError],
    ) -> bytes: ...


@dataclass(frozen=True)
class ServedApi:
    """One GraphQL API, and where it is found. `make_context` and `admit` may raise `RequestRefused`."""

    name: str
    path: str
    schema: GraphQLSchema
    execute: Execute
    make_context: Callable[[Request], Awaitable[Any]]
    admit: Callable[[Operation, Any], Awaitable[None]]
    """Turns away who may not send this operation."""
    shared: SharedAnswers | None = None
    """Its cached answers. None when none are kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON for one request, and the status if it is the only one."""

    body: bytes
    status: int = 200
    kept: Kept | None = None
    """The same as an answer that may be kept, if it may."""


class GraphQLEndpoint:
    """An ASGI application that answers the GraphQL requests of one API."""

    def __init__(self, api: ServedApi, *, settings: Settings) -> None:
        self._api = api
        self._settings = settings
        self._documents = Documents(api.schema, settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        record = current_request.get()
        if record is not None:
            record.api = self._api.name
        headers = dict(scope["headers"])
        accept = headers.get(b"accept", b"")
        if scope["method"] == "GET" and not self._settings.is_production and prefers_html(accept):
            await send_explorer(send)
            return
        try:
            answer_type = choose_answer_type(accept)
            text = await self._read(scope, receive, headers)
            context = await self._api.make_context(Request(scope, receive))
            answer = await self._find_answer(text, context, method=scope["method"])
        except ClientGone:
            return
        except RequestRefused as refused:
            await _send(send, self._refusal(refused), AnswerType.GRAPHQL, headers=refused.headers.items())
        else:
            own = context.reply_headers
            if answer.kept is not None:
                asked = headers.get(b"if-none-match")
                sent = reply(
                    answer.kept, answer_type, method=scope["method"], if_none_match=asked, is_personal=bool(own)
                )
                await _send_reply(send, sent, own)
            else:
                await _send(send, answer, answer_type, headers=own, is_bodiless=scope["method"] == "HEAD")

    async def _read(self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
        """What was asked, as it was sent."""
        if scope["method"] in ("GET", "HEAD"):
            query_string: bytes = scope["query_string"]
            return query_string
        if scope["method"] != "POST":
            raise _method_not_allowed("Send a GraphQL request with POST, or a query with GET.", allow="GET, HEAD, POST")
        check_request_type(headers.get(b"content-type", b""), headers.get(b"content-encoding", b"identity"))
        return await read_body(receive, limit=self._settings.request_bytes, announced=headers.get(b"content-length"))

    async def _find_answer(self, text: bytes, context: Any, *, method: str) -> Answer:
        """The answer as it is kept, or made now."""
        key = None
        if self._api.shared is not None and context.refused is None:
            key = self._api.shared.key(text, context, is_get=method != "POST")
            kept = self._api.shared.find(key, context)
            if kept is not None:
                _record(kept.operation)
                return Answer(kept.body, kept=kept)
        if method != "POST":
            return await self._answer(parse_query_string(text), context, method=method, spent=[], key=key)
        requests = parse_body(text, batch_limit=self._settings.query_batch)
        if isinstance(requests, list):
            return await self._answer_batch(requests, context)
        return await self._answer(requests, context, method=method, spent=[], key=key)

    async def _answer(
        self, request: GraphQLRequest, context: Any, *, method: str, spent: list[int], key: Key | None = None
    ) -> Answer:
        """Carry out one request. What the requests of one batch cost is added up in `spent`.

        Under `key` the answer may be kept, if anybody may be given it.
        """
        document = self._documents.get(request.query)
        operation = document.operation(request.operation_name)
        name = operation.label
        _record(name)
        if method != "POST" and not operation.is_query:
            raise _method_not_allowed("A mutation is sent with POST.", allow="POST")
        spent.append(operation.cost_with(request.variables))
        check_cost(sum(spent), limit=self._settings.query_cost)
        await self._api.admit(operation, context)
        failures: list[GraphQLError] = []

        def format_error(failure: GraphQLError) -> GraphQLFormattedError:
            failures.append(failure)
            return describe_failure(failure, self._settings)

        async def execute(context: Any) -> tuple[bytes, bool]:
            body = await self._api.execute(
                document.node,
                operation_name=operation.name,
                variables=request.variables,
                context=context,
                format_error=format_error,
            )
            return body, bool(failures)

        shared = self._api.shared
        if shared is not None and key is not None and operation.is_query and operation.needs <= {PUBLIC}:
            made = await shared.make(key, context, execute, operation=name)
        else:
            made = Made((await execute(context))[0])
        if not failures:
            return Answer(made.body, kept=made.kept)
        # Of several mutations, some may have been committed: then the answer is told whatever befell the others.
        return Answer(made.body, PARTIAL_SUCCESS if len(operation.mutations) > 1 else _status(failures))

    async def _answer_batch(self, requests: list[GraphQLRequest], context: Any) -> Answer:
        """Carry out several requests, one after the other, each refused by itself.

        When the server is at fault, all are refused, unless mutations have been carried out: that must be told.
        """
        answers: list[Answer] = []
        spent: list[int] = []
        has_mutated = False
        for request in requests:
            try:
                answers.append(await self._answer(request, context, method="POST", spent=spent))
                has_mutated |= not self._documents.get(request.query).operation(request.operation_name).is_query
            except RequestRefused as refused:
                if refused.status >= SERVER_AT_FAULT and not has_mutated:
                    raise
                answers.append(self._refusal(refused))
        return Answer(b"[" + b",".join(answer.body for answer in answers) + b"]")

    def _refusal(self, refused: RequestRefused) -> Answer:
        return Answer(orjson.dumps({"errors": describe_refusal(refused, self._settings)}), refused.status)


def _record(operation: str) -> None:
    record = current_request.get()
    if record is not None:
        record.operation = operation


def _status(failures: list[GraphQLError]) -> int:
    """The status of an answer with these errors. Raises the `RequestRefused` for which the server is at fault."""
    for failure in failures:
        cause = cause_of(failure)
        if isinstance(cause, RequestRefused) and cause.status >= SERVER_AT_FAULT:
            raise cause
    return PARTIAL_SUCCESS if any(failure.path for failure in failures) else NOT_BEGUN


def _method_not_allowed(message: str, *, allow: str) -> RequestRefused:
    return RequestRefused(message, code="METHOD_NOT_ALLOWED", status=405, headers={"Allow": allow})


async def _send_reply(send: Send, sent: Reply, own: Iterable[tuple[str, str]]) -> None:
    lines = [*sent.lines, *((name.lower().encode(), value.encode()) for name, value in own)]
    await send({"type": "http.response.start", "status": sent.status, "headers": lines})
    await send({"type": "http.response.body", "body": sent.body})


async def _send(
    send: Send,
    answer: Answer,
    answer_type: AnswerType,
    *,
    headers: Iterable[tuple[str, str]] = (),
    is_bodiless: bool = False,
) -> None:
    is_success = answer.status in (200, PARTIAL_SUCCESS)
    label = answer_type if is_success else AnswerType.GRAPHQL
    # 294 has a meaning only beside the media type that defines it.
    status = 200 if is_success and answer_type is AnswerType.JSON else answer.status
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", label.value),
                (b"content-length", b"%d" % len(answer.body)),
                (b"cache-control", b"no-store"),
                (b"vary", b"Accept"),
                *((name.lower().encode(), value.encode()) for name, value in headers),
            ],
        }
    )
    await send({"type": "http.response.body", "body": b"" if is_bodiless else answer.body})
