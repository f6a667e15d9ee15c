"""What `/metrics` tells: requests, SQL statements and database connections, for all API processes together."""

import os
from collections import defaultdict
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE = CONTENT_TYPE_LATEST

OPERATION_NAMES = 200
"""How many operation names of one API are told apart. Clients choose them, so there may be no end of them."""

REGISTRY = CollectorRegistry()

REQUESTS = Counter("mercer_requests", "HTTP requests answered.", ("api", "operation", "status"), registry=REGISTRY)
REQUEST_SECONDS = Histogram(
    "mercer_request_seconds",
    "How long answers took.",
    ("api",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
SQL_STATEMENTS = Histogram(
    "mercer_sql_statements",
    "SQL statements sent for one request.",
    ("api",),
    buckets=(0, 1, 2, 3, 5, 8, 13, 21, 34, 55),
    registry=REGISTRY,
)
DATABASE_CONNECTIONS = Gauge(
    "mercer_database_connections_in_use",
    "Connections to PostgreSQL at work.",
    ("pool",),
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
DATABASE_CONNECTIONS_LIMIT = Gauge(
    "mercer_database_connections_limit",
    "Connections to PostgreSQL that there may be.",
    ("pool",),
    multiprocess_mode="livesum",
    registry=REGISTRY,
)

_operation_names: defaultdict[str, set[str]] = defaultdict(set)


def share_metrics(directory: Path) -> None:
    """Let this process, and those that it starts, count into files in `directory`, so that each can tell for all.

    Call it in the parent of the API's processes, before anything is counted. What earlier runs left is removed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for leftover in directory.glob("*.db"):
        leftover.unlink()
    os.environ[DIRECTORY_VARIABLE] = str(directory)
    # The library itself looks at the variable only once, when it is imported.
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]


def observe_request(*, api: str, operation: str, status: int, seconds: float, statements: int) -> None:
    """Count one answered request. `operation` is the client's name for it."""
    REQUESTS.labels(api, _bounded(operation, api), str(status)).inc()
    REQUEST_SECONDS.labels(api).observe(seconds)
    SQL_STATEMENTS.labels(api).observe(statements)


def render_metrics() -> bytes:
    """All metrics in the text format of Prometheus."""
    directory = os.environ.get(DIRECTORY_VARIABLE)
    if directory is None:
        return generate_latest(REGISTRY)
    _forget_dead_processes(Path(directory))
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _forget_dead_processes(directory: Path) -> None:
    """Take the gauges of processes that are gone out of the sums."""
    for process in {file.stem.rpartition("_")[2] for file in directory.glob("gauge_live*.db")}:
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            mark_process_dead(process)  # type: ignore[no-untyped-call]


def _bounded(operation: str, api: str) -> str:
    names = _operation_names[api]
    if operation not in names:
        if len(names) >= OPERATION_NAMES:
            return "other"
        names.add(operation)
    return operation
