"""The log as machines read it: one JSON object a line, whoever speaks."""

import asyncio
import sys

import orjson
import pytest

SPEAKING = """
import logging
import structlog
from mercer.platform.observability.logs import configure_logging
from mercer.platform.observability.requests import RequestRecord, current_request
from mercer.platform.settings import load_settings

key = "quJISYQtcIK2b1fOgnC9BNosOf+5ffIoA8JwmDAyxOU="
configure_logging(load_settings(environment="production", secret_keys=key, log_level="info"))
log = structlog.get_logger()
log.debug("too quiet")
log.info("outside")
current_request.set(RequestRecord(id="request-1", trace_id="trace-1"))
log.info("inside", path="/shop/graphql")
logging.getLogger("some.library").warning("a library says %s", "so")
logging.getLogger("some.library").info("too quiet")
logging.getLogger("psycopg.pool").error("told elsewhere")
try:
    1 / 0
except ZeroDivisionError as error:
    log.error("unexpected_failure", exc_info=error)
"""


@pytest.fixture
async def lines() -> list[dict[str, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SPEAKING, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert err == b""
    return [orjson.loads(line) for line in out.splitlines()]


async def test_each_line_is_json(lines: list[dict[str, str]]) -> None:
    for line in lines:
        assert line.pop("timestamp").endswith("Z")
    failure = lines.pop()
    request = {"request_id": "request-1", "trace_id": "trace-1"}
    assert lines == [
        {"event": "outside", "level": "info"},
        {"event": "inside", "level": "info", "path": "/shop/graphql"} | request,
        {"event": "a library says so", "level": "warning", "logger": "some.library"} | request,
    ]
    assert failure["exception"].endswith("ZeroDivisionError: division by zero")
