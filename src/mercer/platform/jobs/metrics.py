"""What `/metrics` tells of the work beside requests. It is read from the database, which all processes share."""

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.metrics_core import GaugeMetricFamily

from mercer.platform.database import Database
from mercer.platform.errors import RequestRefused

HOLDS_FOR_S = 5.0
"""How long figures are told again before they are read anew."""

FIGURES = """
SELECT json_build_object(
    'placed', (SELECT position FROM platform.dispatcher),
    'unplaced_seconds', (
        SELECT extract(epoch FROM clock_timestamp() - min(uuid_extract_timestamp(id)))
        FROM platform.outbox WHERE position IS NULL
    ),
    'ready_seconds', (
        SELECT extract(epoch FROM clock_timestamp() - min(coalesce(scheduled_at, (
            SELECT min(at) FROM procrastinate.procrastinate_events WHERE job_id = job.id AND type = 'deferred'
        ))))
        FROM procrastinate.procrastinate_jobs AS job
        WHERE status = 'todo' AND coalesce(scheduled_at, '-infinity') <= now()
    ),
    'jobs', (
        SELECT coalesce(json_agg(counted), '[]') FROM (
            SELECT task_name AS name, status, count(*) AS number
            FROM procrastinate.procrastinate_jobs GROUP BY task_name, status
        ) AS counted
    ),
    'readers', (
        SELECT coalesce(json_agg(json_build_object('name', name, 'behind', head.position - cursor.position)), '[]')
        FROM platform.cursor, platform.dispatcher AS head
    )
)
"""


class WorkMetrics:
    """The figures of one database, read when they are asked for, at most every few seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_at = float("-inf")
        self._told = b""
        self._reading = asyncio.Lock()

    async def render(self) -> bytes:
        """The figures in the text format of Prometheus. Nothing when the database is away."""
        async with self._reading:
            now = asyncio.get_running_loop().time()
            if now - self._read_at > HOLDS_FOR_S:
                self._told = await self._read()
                self._read_at = now
        return self._told

    async def _read(self) -> bytes:
        try:
            figures = orjson.loads(await self._database.fetch_value(FIGURES))
        except RequestRefused:
            return b""
        registry = CollectorRegistry()
        registry.register(_Figures(figures))
        return generate_latest(registry)


class _Figures:
    def __init__(self, figures: dict[str, Any]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        figures = self._figures
        yield _one("mercer_events_placed", "Rows of the outbox that have their position.", figures["placed"])
        yield _one(
            "mercer_events_lag_seconds", "How long the oldest committed event waits.", figures["unplaced_seconds"]
        )
        yield _one("mercer_jobs_lag_seconds", "How long the oldest ready job waits.", figures["ready_seconds"])
        jobs = GaugeMetricFamily("mercer_jobs", "Jobs by state, as long as they are kept.", labels=("job", "state"))
        for each in figures["jobs"]:
            jobs.add_metric((each["name"], each["status"]), each["number"])
        yield jobs
        readers = GaugeMetricFamily("mercer_events_unread", "Events that a reader is behind.", labels=("reader",))
        for each in figures["readers"]:
            readers.add_metric((each["name"],), each["behind"])
        yield readers


def _one(name: str, help: str, value: float | None) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help, value=value or 0)
