"""What is not well-formed gets a clear, typed answer, and tells nothing of the inside."""

from collections.abc import AsyncIterator

import pytest
from tests.platform.http.serving import SHOP, client, errors_of

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Input is a zero-length, empty document"),
        (b"{", "unexpected end of data"),
        (b'{"query": "{ hello }"} x', "unexpected content after document"),
        (b'{"query": "{ hello }", "variables": {"x": NaN}}', "unexpected character, expected a JSON value"),
        (b'{"query": "{ hello }", "variables": {"x": 1e999}}', "number is infinity when parsed as double"),
        (b'{"query": "\xff\xfe"}', "str is not valid UTF-8: surrogates not allowed"),
        ('{"query": "{ hello }"}'.encode("utf-16"), "str is not valid UTF-8: surrogates not allowed"),
        (b'{"query": "\\ud800"}', "no low surrogate in string"),
        (b'{"query": "{ hello }", "variables": {"x": "\\udfff"}}', None),
        (b'{"query": "\x00"}', "unexpected control character in string"),
        (b"[" * 100_000, "depth limit exceeded"),
    ],
)
async def test_what_is_no_json_is_refused(body: bytes, reason: str | None) -> None:
    async with client() as http:
        answer = await http.post(SHOP, content=body, headers=JSON)
    assert answer.status_code == 400
    [(code, message)] = errors_of(answer)
    assert code == "BAD_REQUEST"
    assert message == f"The body is not JSON in UTF-8: {reason}." if reason else message.startswith("The body is not")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1", "A GraphQL request is an object."),
        (b"null", "A GraphQL request is an object."),
        (b"[[]]", "A GraphQL request is an object."),
        (b"{}", "The member 'query' must be a string."),
        (b'{"query": null}', "The member 'query' must be a string."),
        (b'{"query": {}}', "The member 'query' must be a string."),
        (b'{"query": "{ hello }", "operationName": 1}', "The member 'operationName' must be a string or null."),
        (b'{"query": "{ hello }", "variables": [7]}', "The member 'variables' must be an object or null."),
        (b'{"query": "{ hello }", "variables": "{}"}', "The member 'variables' must be an object or null."),
        (b'{"query": "{ hello }", "extensions": true}', "The member 'extensions' must be an object or null."),
        (
            b'{"query": "{ hello }", "variables": {"x": ' + b"[" * 80 + b"]" * 80 + b"}}",
            "Objects and lists may nest 64 times at most.",
        ),
    ],
)
async def test_json_that_is_no_graphql_request_is_refused(body: bytes, message: str) -> None:
    async with client() as http:
        answer = await http.post(SHOP, content=body, headers=JSON)
    assert (answer.status_code, errors_of(answer)) == (422, [("BAD_REQUEST", message)])


async def test_a_byte_order_mark_is_skipped() -> None:
    async with client() as http:
        answer = await http.post(SHOP, content=b'\xef\xbb\xbf{"query": "{ hello }"}', headers=JSON)
    assert answer.json() == {"data": {"hello": "Hello you"}}


async def test_wide_values_are_taken() -> None:
    values: list[dict[str, int]] = [{} for _ in range(1000)]
    async with client() as http:
        answer = await http.post(SHOP, json={"query": "{ hello }", "variables": {"unused": values}})
    assert answer.json() == {"data": {"hello": "Hello you"}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"query": "query ($n: String) { hello(name: $n) }", "variables": {"n": "a\\u0000"}}', "BAD_USER_INPUT"),
        (b'{"query": "{ hello }", "variables": {"a": [{"b\\u0000": 1}]}}', "BAD_USER_INPUT"),
        (b'{"query": "{ hello(name: \\"\\u0000\\") }"}', "BAD_USER_INPUT"),
        (b'{"query": "{ hello(name: \\"\\\\u0000\\") }"}', "GRAPHQL_VALIDATION_FAILED"),
        (b'{"query": "{ hello(name: \\"\\\\u{0}\\") }"}', "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_the_null_character_is_refused_wherever_it_stands(body: bytes, code: str) -> None:
    async with client() as http:
        answer = await http.post(SHOP, content=body, headers=JSON)
    assert (answer.status_code, errors_of(answer)) == (422, [(code, "A text may not hold the null character.")])


async def test_an_escaped_backslash_is_no_null_character() -> None:
    body = b'{"query": "query ($n: String) { hello(name: $n) }", "variables": {"n": "\\\\u0000"}}'
    async with client() as http:
        answer = await http.post(SHOP, content=body, headers=JSON)
    assert answer.json() == {"data": {"hello": "Hello \\u0000"}}


async def test_a_lone_surrogate_in_a_literal_is_refused() -> None:
    async with client() as http:
        answer = await http.post(SHOP, json={"query": r'{ hello(name: "\ud800") }'})
    assert answer.status_code == 400
    assert errors_of(answer) == [("GRAPHQL_PARSE_FAILED", r"Syntax Error: Invalid Unicode escape sequence: '\ud800'.")]


@pytest.mark.parametrize(
    ("query", "variables", "message"),
    [
        (
            "query ($n: Int) { hello(times: $n) }",
            b'{"n": 99999999999999999999999}',
            "Variable '$n' has invalid value: Int cannot represent non 32-bit signed integer value: 1e+23",
        ),
        (
            "query ($n: Int) { hello(times: $n) }",
            b'{"n": true}',
            "Variable '$n' has invalid value: Int cannot represent non-integer value: True",
        ),
    ],
)
async def test_numbers_that_do_not_fit_are_refused(query: str, variables: bytes, message: str) -> None:
    body = b'{"query": "%b", "variables": %b}' % (query.encode(), variables)
    async with client() as http:
        answer = await http.post(SHOP, content=body, headers=JSON)
    assert (answer.status_code, errors_of(answer)) == (422, [("BAD_USER_INPUT", message)])


@pytest.mark.parametrize(
    ("query_string", "status", "message"),
    [
        ("", 422, "The member 'query' must be a string."),
        ("query=%7Bhello%7D&query=%7Bhello%7D", 422, "The parameter 'query' is there twice."),
        ("query=%FF", 400, "The query parameters are not URL-encoded UTF-8."),
        ("query=%ED%A0%80", 400, "The query parameters are not URL-encoded UTF-8."),
        ("&".join(f"a{number}=1" for number in range(30)), 400, "The query parameters are not URL-encoded UTF-8."),
        (
            "query=%7Bhello%7D&variables=%7B",
            400,
            "The parameter 'variables' is not JSON in UTF-8: unexpected end of data.",
        ),
        ("query=%7Bhello%7D&variables=%5B7%5D", 422, "The member 'variables' must be an object or null."),
        ("query=%7Bhello%7D&extensions=1", 422, "The member 'extensions' must be an object or null."),
    ],
)
async def test_query_parameters_that_are_no_graphql_request_are_refused(
    query_string: str, status: int, message: str
) -> None:
    async with client() as http:
        answer = await http.get(f"{SHOP}?{query_string}")
    assert (answer.status_code, errors_of(answer)) == (status, [("BAD_REQUEST", message)])


async def test_a_null_character_in_query_parameters_is_refused() -> None:
    async with client() as http:
        answer = await http.get(SHOP, params={"query": '{ hello(name: "\0") }'})
    assert errors_of(answer) == [("GRAPHQL_VALIDATION_FAILED", "A text may not hold the null character.")]


async def test_a_body_that_says_that_it_is_too_large_is_refused() -> None:
    async with client(request_bytes=1000) as http:
        answer = await http.post(SHOP, content=b"", headers=JSON | {"content-length": "1001"})
    assert (answer.status_code, errors_of(answer)) == (413, [("BODY_TOO_LARGE", "The body has more than 1000 bytes.")])


async def test_a_body_that_grows_too_large_is_read_no_further() -> None:
    chunks_read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal chunks_read
        while True:
            chunks_read += 1
            yield b" " * 400

    async with client(request_bytes=1000) as http:
        answer = await http.post(SHOP, content=endless(), headers=JSON)
    assert (answer.status_code, errors_of(answer)) == (413, [("BODY_TOO_LARGE", "The body has more than 1000 bytes.")])
    assert chunks_read <= 4
