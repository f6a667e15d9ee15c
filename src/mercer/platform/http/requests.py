"""From the bytes of an HTTP request to GraphQL requests, each well-formed, or a refusal that says what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive

from mercer.platform.errors import BadUserInput, RequestRefused

JSON_NESTING = 64
"""How many objects and lists of a request may lie within each other."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PARAMETERS = 20
"""How many query parameters a GET request may have."""


class ClientGone(Exception):
    """The client hung up before it had sent its request."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One well-formed GraphQL request, with a document that nobody has looked at yet."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)


async def read_body(receive: Receive, *, limit: int, announced: bytes | None) -> bytes:
    """Read the body, `limit` bytes at most; `announced` is what `Content-Length` says.

    Raises `RequestRefused` with 413, `ClientGone`.
    """
    if announced is not None and announced.isdigit() and int(announced[:20]) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def parse_body(body: bytes, *, batch_limit: int) -> list[GraphQLRequest] | GraphQLRequest:
    """The request in this JSON, or several in a list. Raises `RequestRefused`."""
    members = _parse_json(body.removeprefix(BYTE_ORDER_MARK), what="The body")
    if not isinstance(members, list):
        return _request(members)
    if not 1 <= len(members) <= batch_limit:
        raise RequestRefused(
            f"A batch has 1 to {batch_limit} requests. This one has {len(members)}.", code="BATCH_TOO_LARGE", status=422
        )
    return [_request(each) for each in members]


def parse_query_string(query_string: bytes) -> GraphQLRequest:
    """The request in the query parameters of a GET. Raises `RequestRefused`."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS
        )
    except ValueError:  # UnicodeDecodeError is one
        raise RequestRefused("The query parameters are not URL-encoded UTF-8.", code="BAD_REQUEST") from None
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _malformed(f"The parameter {name!r} is there twice.")
        members[name] = value
    for name in ("variables", "extensions"):
        if members.get(name):
            members[name] = _parse_json(members[name].encode(), what=f"The parameter {name!r}")
    optional = ("operationName", "variables", "extensions")
    return _request({name: value for name, value in members.items() if value != "" or name not in optional})


def _parse_json(text: bytes, *, what: str) -> Any:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RequestRefused(f"{what} is not JSON in UTF-8: {error.msg}.", code="BAD_REQUEST") from None
    if text.count(b"{") + text.count(b"[") > JSON_NESTING:
        _check_nesting(value)
    if b"\\u0000" in text:
        _check_characters(value)
    return value


def _request(members: Any) -> GraphQLRequest:
    if not isinstance(members, dict):
        raise _malformed("A GraphQL request is an object.")
    query = members.get("query")
    if not isinstance(query, str):
        raise _malformed("The member 'query' must be a string.")
    operation_name = members.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _malformed("The member 'operationName' must be a string or null.")
    variables = members.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise _malformed("The member 'variables' must be an object or null.")
    extensions = members.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise _malformed("The member 'extensions' must be an object or null.")
    return GraphQLRequest(query, operation_name or None, variables or {})


def _check_nesting(value: object) -> None:
    level = [value]
    for _ in range(JSON_NESTING):
        level = [inner for each in level for inner in _inner(each)]
        if not level:
            return
    raise _malformed(f"Objects and lists may nest {JSON_NESTING} times at most.")


def _check_characters(value: object) -> None:
    level = [value]
    while level:
        if any(isinstance(each, str) and "\0" in each for each in level):
            raise BadUserInput("A text may not hold the null character.")
        level = [inner for each in level for inner in _inner(each)]


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else ()


def _malformed(message: str) -> RequestRefused:
    return RequestRefused(message, code="BAD_REQUEST", status=422)


def _too_large(limit: int) -> RequestRefused:
    return RequestRefused(f"The body has more than {limit} bytes.", code="BODY_TOO_LARGE", status=413)
