"""What surrounds every request: its id, the log, the metrics, headers, other sites."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from structlog.testing import capture_logs
from tests.platform.http.serving import SHOP, SHOP_PAGE, Asking, client

from mercer.platform.observability.requests import current_request

HELLO = {"query": "query Greeting { hello }"}


async def test_a_request_gets_an_id() -> None:
    async with client() as http:
        answers = [await http.post(SHOP, json=HELLO) for _ in range(2)]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert all(re.fullmatch("[0-9a-f]{24}", id) for id in ids)
    assert ids[0] != ids[1]


async def test_an_id_from_outside_is_kept() -> None:
    async with client() as http:
        answer = await http.post(SHOP, json=HELLO, headers={"x-request-id": "proxy-0123.abc_"})
    assert answer.headers["x-request-id"] == "proxy-0123.abc_"


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "has space in it", "has\ttab-in-it", 'quote"inside', "ünicode-id"]
)
async def test_an_id_that_could_harm_the_log_is_replaced(given: str) -> None:
    async with client() as http:
        answer = await http.post(SHOP, json=HELLO, headers={b"x-request-id": given.encode()})
    assert re.fullmatch("[0-9a-f]{24}", answer.headers["x-request-id"])


async def test_a_request_is_one_line_in_the_log() -> None:
    variables = {"name": "someone@example.com"}
    async with client() as http:
        with capture_logs() as lines:
            await http.post(
                SHOP, json={"query": "query Greet($name: String) { hello(name: $name) }", "variables": variables}
            )
    [line] = lines
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": SHOP,
        "api": "shop",
        "operation": "Greet",
        "status": 200,
        "statements": 0,
    }


@pytest.mark.parametrize(
    ("query", "operation"),
    [("{ hello }", "hello"), ("{ again: hello }", "hello"), ("{ ...A } fragment A on Query { hello }", "anonymous")],
)
async def test_an_operation_without_a_name_goes_by_its_first_field(query: str, operation: str) -> None:
    async with client() as http:
        with capture_logs() as lines:
            await http.post(SHOP, json={"query": query})
    assert [line["operation"] for line in lines] == [operation]


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c"),
        ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", None),
        ("nonsense", None),
    ],
)
async def test_a_request_joins_its_callers_trace(traceparent: str, trace_id: str | None) -> None:
    seen: list[str | None] = []

    async def remember(_request: Request) -> Asking:
        record = current_request.get()
        assert record is not None
        seen.append(record.trace_id)
        return Asking("default")

    async with client(make_context=remember) as http:
        await http.post(SHOP, json=HELLO, headers={"traceparent": traceparent})
    assert seen == [trace_id]


async def test_probes_are_not_worth_a_line_of_level_info() -> None:
    async with client() as http:
        with capture_logs() as lines:
            await http.get("/livez")
    assert [line["log_level"] for line in lines] == ["debug"]


async def test_every_answer_has_security_headers() -> None:
    async with client() as http:
        for path in (SHOP, "/livez", "/nowhere"):
            headers = (await http.get(path)).headers
            assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
            assert (headers["referrer-policy"], headers["cross-origin-opener-policy"]) == ("no-referrer", "same-origin")


async def test_pages_of_the_shop_may_call_it() -> None:
    asked = {"origin": SHOP_PAGE, "access-control-request-method": "POST"}
    async with client() as http:
        preflight = await http.options(SHOP, headers=asked | {"access-control-request-headers": "x-mercer-channel"})
        answer = await http.post(SHOP, json=HELLO, headers={"origin": SHOP_PAGE})
    for headers in (preflight.headers, answer.headers):
        assert headers["access-control-allow-origin"] == SHOP_PAGE
        assert headers["access-control-allow-credentials"] == "true"
    assert preflight.status_code == 200
    assert answer.headers["access-control-expose-headers"] == "ETag, Retry-After, X-Request-Id"


async def test_other_pages_may_not_read_answers() -> None:
    other = {"origin": "https://other.example"}
    async with client() as http:
        preflight = await http.options(SHOP, headers=other | {"access-control-request-method": "POST"})
        answer = await http.post(SHOP, json=HELLO, headers=other)
    assert preflight.status_code == 400
    assert "access-control-allow-origin" not in preflight.headers
    assert "access-control-allow-origin" not in answer.headers


async def test_requests_are_counted_by_api_operation_and_status() -> None:
    async with client() as http:
        for _ in range(3):
            await http.post(SHOP, json={"query": "query CountedOnce { hello }"})
        exposition = (await http.get("/metrics")).text
    samples = {
        (sample.name, sample.labels.get("operation")): sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.labels.get("api") == "shop"
    }
    assert samples["mercer_requests_total", "CountedOnce"] == 3
    assert samples["mercer_request_seconds_count", None] >= 3
    assert samples["mercer_sql_statements_count", None] >= 3


async def test_a_person_at_a_browser_gets_the_explorer() -> None:
    browser = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    async with client() as http:
        page = await http.get(SHOP, headers=browser)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<title>Mercer explorer</title>" in page.text
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    assert not re.findall(r"""(?:src|href)=(?!"data:)|@import|url\(|https?://""", page.text), "the page loads nothing"


async def test_in_production_there_is_no_explorer() -> None:
    async with client(environment="production") as http:
        answer = await http.get(SHOP, headers={"accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (422, "BAD_REQUEST")
