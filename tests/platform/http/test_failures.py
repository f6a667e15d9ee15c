"""What goes wrong inside becomes an answer that tells the client what to do, and nothing else."""

import pytest
from starlette.requests import Request
from structlog.testing import capture_logs
from tests.platform.http.serving import ADMIN, GRAPHQL, SHOP, TOKEN, Asking, Trouble, client, errors_of

from mercer.platform.errors import DatabaseUnavailable, StatementTimedOut

SECRET = "password=hunter2"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ("production", "Something went wrong on our side."),
        ("development", f"Something went wrong on our side. RuntimeError: {SECRET}"),
    ],
)
async def test_a_bug_is_logged_once_under_the_id_that_the_client_reads(environment: str, message: str) -> None:
    Trouble.raised = RuntimeError(SECRET)
    async with client(environment=environment) as http:
        with capture_logs() as lines:
            answer = await http.post(SHOP, json={"query": "{ hello trouble }"})
    assert answer.status_code == 294
    assert errors_of(answer) == [("INTERNAL", message)]
    assert answer.json()["data"] == {"hello": "Hello you", "trouble": None}
    [line] = [line for line in lines if line["event"] == "unexpected_failure"]
    assert line["error_id"] == answer.headers["x-request-id"]
    assert (line["path"], line["exc_info"]) == (["trouble"], Trouble.raised)


async def test_a_bug_outside_of_fields_is_answered_too() -> None:
    async def fail(_request: Request) -> Asking:
        raise RuntimeError(SECRET)

    async with client(make_context=fail, environment="production") as http:
        with capture_logs() as lines:
            answer = await http.post(SHOP, json={"query": "{ hello }"})
    assert (answer.status_code, errors_of(answer)) == (500, [("INTERNAL", "Something went wrong on our side.")])
    assert [line["event"] for line in lines] == ["unexpected_failure", "request"]
    assert lines[1]["status"] == 500


async def test_a_bug_fails_a_test() -> None:
    Trouble.raised = RuntimeError(SECRET)
    async with client() as http:
        with pytest.raises(RuntimeError, match=SECRET):
            await http.post(SHOP, json={"query": "{ trouble }"})


async def test_without_a_database_the_whole_answer_is_unavailable() -> None:
    Trouble.raised = DatabaseUnavailable()
    async with client() as http:
        answer = await http.post(SHOP, json={"query": "{ hello trouble }"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert errors_of(answer) == [("UNAVAILABLE", "The service is briefly unavailable. Please try again.")]
    assert "data" not in answer.json()


async def test_a_statement_that_takes_too_long_is_told_as_such() -> None:
    Trouble.raised = StatementTimedOut()
    async with client() as http:
        answer = await http.post(SHOP, json={"query": "{ trouble }"})
    assert (answer.status_code, errors_of(answer)) == (
        503,
        [("TIMEOUT", "The request took too long. Ask for less, or filter more.")],
    )


async def test_who_is_turned_away_is_told_how_to_come_in() -> None:
    async with client() as http:
        answer = await http.post(ADMIN, json={"query": "{ hello }"})
        admitted = await http.post(ADMIN, json={"query": "{ hello }"}, headers={"authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="mercer"')
    assert answer.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert errors_of(answer) == [("UNAUTHENTICATED", "Sign in to do this.")]
    assert admitted.json() == {"data": {"hello": "Hello you"}}
