"""Metrics of several processes, and of clients that name their operations as they like."""

import asyncio
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from mercer.platform.observability import metrics

COUNTING = """
import os, sys
from pathlib import Path
from mercer.platform.observability import metrics

metrics.share_metrics(Path(sys.argv[1]))
for worker in range(2):
    if os.fork() == 0:
        metrics.DATABASE_CONNECTIONS.labels("reads").inc()
        metrics.observe_request(api="shop", operation="A", status=200, seconds=0.01, statements=1)
        os._exit(0)
    os.wait()
metrics.DATABASE_CONNECTIONS.labels("reads").inc()
metrics.observe_request(api="shop", operation="A", status=200, seconds=0.01, statements=3)
sys.stdout.write(metrics.render_metrics().decode())
"""


async def test_one_process_tells_for_all(tmp_path: Path) -> None:
    (tmp_path / "counter_1.db").write_bytes(b"left by an earlier run")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", COUNTING, tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert err == b""
    samples = {
        sample.name: sample.value
        for family in text_string_to_metric_families(out.decode())
        for sample in family.samples
        if "le" not in sample.labels
    }
    assert samples["mercer_requests_total"] == 3
    assert samples["mercer_sql_statements_sum"] == 5
    assert samples["mercer_database_connections_in_use"] == 1, "dead processes use none"


def test_operation_names_have_an_end() -> None:
    for number in range(2 * metrics.OPERATION_NAMES):
        metrics.observe_request(api="flood", operation=f"Operation{number}", status=200, seconds=0.01, statements=1)
    names = {
        sample.labels["operation"]
        for family in text_string_to_metric_families(metrics.render_metrics().decode())
        for sample in family.samples
        if sample.name == "mercer_requests_total" and sample.labels["api"] == "flood"
    }
    assert "other" in names
    assert len(names) <= metrics.OPERATION_NAMES + 1
