"""The endpoint as the specification GraphQL over HTTP (September 2026) wants it."""

from typing import Any

import pytest
from tests.platform.http.serving import GRAPHQL, SHOP, Trouble, client, errors_of

from mercer.platform.errors import BadUserInput, DatabaseUnavailable

JSON = "application/json"
AS_GRAPHQL = f"{GRAPHQL}; charset=utf-8"
AS_JSON = f"{JSON}; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (GRAPHQL, AS_GRAPHQL),
        (JSON, AS_JSON),
        (f"{GRAPHQL}, {JSON};q=0.9", AS_GRAPHQL),
        (f"{JSON}, {GRAPHQL}", AS_GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.5", AS_JSON),
        ("*/*", AS_GRAPHQL),
        ("", AS_GRAPHQL),
        ("application/*;q=0.2", AS_GRAPHQL),
        (f"{GRAPHQL};q=0, {JSON}", AS_JSON),
        (f"text/plain, {JSON}; charset=utf-8", AS_JSON),
        (f"{JSON};q=nonsense, {GRAPHQL};q=0.1", AS_GRAPHQL),
    ],
)
async def test_the_answer_is_of_the_type_that_the_client_prefers(accept: str, content_type: str) -> None:
    async with client() as http:
        answer = await http.post(SHOP, json={"query": "{ hello }"}, headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert answer.content == b'{"data":{"hello":"Hello you"}}'
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", "image/png, text/*", f"{GRAPHQL};q=0", "nonsense"])
async def test_a_client_that_takes_neither_type_is_refused(accept: str) -> None:
    async with client(environment="production") as http:
        answer = await http.post(SHOP, json={"query": "{ hello }"}, headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (406, AS_GRAPHQL)
    assert errors_of(answer) == [("NOT_ACCEPTABLE", f"Answers are {GRAPHQL} or {JSON}. Accept one of them.")]


@pytest.mark.parametrize(("accept", "status", "content_type"), [(GRAPHQL, 294, AS_GRAPHQL), (JSON, 200, AS_JSON)])
async def test_data_with_errors_is_a_partial_success(accept: str, status: int, content_type: str) -> None:
    Trouble.raised = BadUserInput("Not like this.")
    async with client() as http:
        answer = await http.post(SHOP, json={"query": "{ hello trouble }"}, headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)
    assert answer.json() == {
        "errors": [
            {
                "message": "Not like this.",
                "locations": [{"line": 1, "column": 9}],
                "path": ["trouble"],
                "extensions": {"code": "BAD_USER_INPUT", "errorId": answer.headers["x-request-id"]},
            }
        ],
        "data": {"hello": "Hello you", "trouble": None},
    }


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize(
    ("body", "status", "code", "message"),
    [
        ({"query": "{"}, 400, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        ({"query": ""}, 400, "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>."),
        ({"query": "{ nope }"}, 422, "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'nope' on type 'Query'."),
        ({"query": "subscription { a }"}, 422, "GRAPHQL_VALIDATION_FAILED", None),
        (
            {"query": "query A { hello } query B { hello }"},
            422,
            "OPERATION_NOT_FOUND",
            "The document has several operations: name the one to run.",
        ),
        (
            {"query": "query A { hello }", "operationName": "B"},
            422,
            "OPERATION_NOT_FOUND",
            "The document has no operation named 'B'.",
        ),
        (
            {"query": "query ($n: Int!) { hello(times: $n) }", "variables": {"n": "two"}},
            422,
            "BAD_USER_INPUT",
            "Variable '$n' has invalid value: Int cannot represent non-integer value: 'two'",
        ),
        (
            {"query": "query ($n: Int!) { hello(times: $n) }"},
            422,
            "BAD_USER_INPUT",
            "Variable '$n' has invalid value: Expected a value of non-null type 'Int!' to be provided.",
        ),
    ],
)
async def test_what_cannot_be_executed_says_why(
    accept: str, body: dict[str, Any], status: int, code: str, message: str | None
) -> None:
    async with client() as http:
        answer = await http.post(SHOP, json=body, headers={"accept": accept})
    # A client that only takes plain JSON learns from this label that the answer is really GraphQL's.
    assert (answer.status_code, answer.headers["content-type"]) == (status, AS_GRAPHQL)
    [(found_code, found_message)] = errors_of(answer)
    assert found_code == code
    assert message is None or found_message == message
    assert "data" not in answer.json()


async def test_errors_of_a_document_have_locations() -> None:
    async with client() as http:
        answer = await http.post(SHOP, json={"query": "{\n  nope\n  neither\n}"})
    assert [error["locations"] for error in answer.json()["errors"]] == [
        [{"line": 2, "column": 3}],
        [{"line": 3, "column": 3}],
    ]


async def test_optional_members_may_be_null_and_unknown_ones_are_ignored() -> None:
    body = {"query": "{ hello }", "operationName": None, "variables": None, "extensions": None, "more": 1}
    async with client() as http:
        answer = await http.post(SHOP, json=body)
    assert answer.json() == {"data": {"hello": "Hello you"}}


@pytest.mark.parametrize(
    "content_type", [JSON, f"{JSON}; charset=UTF-8", f'{JSON};charset="utf-8"', "Application/JSON"]
)
async def test_json_in_utf8_is_taken(content_type: str) -> None:
    async with client() as http:
        answer = await http.post(
            SHOP, content='{"query": "{ hello(name: \\"Zoë\\") }"}', headers={"content-type": content_type}
        )
    assert answer.json() == {"data": {"hello": "Hello Zoë"}}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/graphql"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": f"{JSON}; charset=utf-16"},
        {"content-type": JSON, "content-encoding": "gzip"},
    ],
)
async def test_other_request_types_are_refused(headers: dict[str, str]) -> None:
    async with client() as http:
        answer = await http.post(SHOP, content=b'{"query": "{ hello }"}', headers=headers)
    assert (answer.status_code, answer.headers["accept-post"]) == (415, JSON)
    assert errors_of(answer) == [("UNSUPPORTED_MEDIA_TYPE", f"Send the request as {JSON} in UTF-8, not compressed.")]


async def test_a_query_may_be_sent_by_get() -> None:
    parameters = {"query": "query A($n: String) { hello(name: $n) }", "variables": '{"n": "Zoë"}', "operationName": "A"}
    async with client() as http:
        answer = await http.get(SHOP, params=parameters)
        assert (answer.status_code, answer.json()) == (200, {"data": {"hello": "Hello Zoë"}})
        empty = await http.get(
            SHOP, params={"query": "{ hello }", "variables": "", "operationName": "", "extensions": ""}
        )
        assert (empty.status_code, empty.json()) == (200, {"data": {"hello": "Hello you"}})
        named_null = await http.get(SHOP, params={"query": "query null { hello }", "operationName": "null"})
        assert named_null.json() == {"data": {"hello": "Hello you"}}
        head = await http.head(SHOP, params={"query": "{ hello }"})
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "30")


async def test_a_mutation_is_not_sent_by_get() -> None:
    async with client() as http:
        by_get = await http.get(SHOP, params={"query": "mutation { touch }"})
        by_post = await http.post(SHOP, json={"query": "mutation { touch }"})
    assert (by_get.status_code, by_get.headers["allow"]) == (405, "POST")
    assert errors_of(by_get) == [("METHOD_NOT_ALLOWED", "A mutation is sent with POST.")]
    assert by_post.json() == {"data": {"touch": "touched"}}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(method: str) -> None:
    async with client() as http:
        answer = await http.request(method, SHOP, json={"query": "{ hello }"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert errors_of(answer) == [("METHOD_NOT_ALLOWED", "Send a GraphQL request with POST, or a query with GET.")]


async def test_a_batch_is_answered_in_order_and_each_request_by_itself() -> None:
    queries = ["{ hello }", "{ nope }", "mutation { touch }"]
    async with client() as http:
        answer = await http.post(SHOP, json=[{"query": query} for query in queries])
    hello, refused, touched = answer.json()
    assert answer.status_code == 200
    assert (hello, touched) == ({"data": {"hello": "Hello you"}}, {"data": {"touch": "touched"}})
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]


async def test_a_batch_fails_as_a_whole_when_the_server_is_at_fault() -> None:
    Trouble.raised = DatabaseUnavailable()
    async with client() as http:
        answer = await http.post(SHOP, json=[{"query": "{ hello }"}, {"query": "{ trouble }"}])
    assert (answer.status_code, errors_of(answer)) == (
        503,
        [("UNAVAILABLE", "The service is briefly unavailable. Please try again.")],
    )


async def test_a_batch_tells_of_the_mutations_that_were_carried_out() -> None:
    Trouble.raised = DatabaseUnavailable()
    queries = ["mutation { touch }", "{ trouble }"]
    async with client() as http:
        answer = await http.post(SHOP, json=[{"query": query} for query in queries])
    touched, failed = answer.json()
    assert (answer.status_code, touched) == (200, {"data": {"touch": "touched"}})
    assert [error["extensions"]["code"] for error in failed["errors"]] == ["UNAVAILABLE"]


@pytest.mark.parametrize("size", [0, 4])
async def test_a_batch_has_a_limit(size: int) -> None:
    async with client(query_batch=3) as http:
        answer = await http.post(SHOP, json=[{"query": "{ hello }"}] * size)
    assert answer.status_code == 422
    assert errors_of(answer) == [("BATCH_TOO_LARGE", f"A batch has 1 to 3 requests. This one has {size}.")]


async def test_what_a_batch_costs_is_added_up() -> None:
    async with client(query_cost=3) as http:
        answer = await http.post(SHOP, json=[{"query": "{ a: hello b: hello }"}] * 2)
    first, second = answer.json()
    assert first == {"data": {"a": "Hello you", "b": "Hello you"}}
    assert [error["extensions"]["code"] for error in second["errors"]] == ["TOO_EXPENSIVE"]


async def test_the_context_is_made_from_the_request() -> None:
    async with client() as http:
        answer = await http.post(SHOP, json={"query": "{ channel }"}, headers={"x-mercer-channel": "eu"})
    assert answer.json() == {"data": {"channel": "eu"}}
