"""What machines ask: is it alive, is it ready, what has it measured."""

from collections.abc import Awaitable, Callable

import psycopg
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mercer.platform.database import Database
from mercer.platform.errors import RequestRefused
from mercer.platform.jobs.metrics import WorkMetrics
from mercer.platform.observability.metrics import MEDIA_TYPE, render_metrics
from mercer.platform.valkey import Valkey


def probes(*, database: Database, valkey: Valkey, is_migrated: Callable[[], Awaitable[bool]]) -> list[Route]:
    """`/livez`: the process answers. `/readyz`: it can serve. `/metrics`: for Prometheus."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> Response:
        state = await _database_state(database, is_migrated)
        is_ready = state == "ready"
        parts = {
            "status": "ready" if is_ready else "not ready",
            "database": state,
            # Answers go on without Valkey, so it does not decide.
            "valkey": "ready" if await valkey.ping() else "unavailable",
        }
        return JSONResponse(parts, status_code=200 if is_ready else 503)

    work = WorkMetrics(database)

    async def metrics(_request: Request) -> Response:
        return Response(render_metrics() + await work.render(), media_type=MEDIA_TYPE)

    return [Route("/livez", live), Route("/readyz", ready), Route("/metrics", metrics)]


async def _database_state(database: Database, is_migrated: Callable[[], Awaitable[bool]]) -> str:
    try:
        await database.fetch_value("select 1")
        return "ready" if await is_migrated() else "not migrated"
    except (RequestRefused, psycopg.OperationalError):
        return "unavailable"
