"""What `/metrics` tells of events and jobs."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.platform.gate import Gate
from tests.platform.jobs.things import Ground, first, known, prepared

from mercer.platform.jobs import metrics
from mercer.platform.jobs.cursors import next_events
from mercer.platform.jobs.dispatching import dispatch
from mercer.platform.jobs.metrics import WorkMetrics
from mercer.platform.observability.statements import counting_statements


async def figures(told: WorkMetrics) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families((await told.render()).decode())
    samples = (sample for family in families for sample in family.samples)
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


async def test_they_tell_what_waits_and_what_became_of_jobs(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "HOLDS_FOR_S", -1)
    told = WorkMetrics(ground.database)
    assert await figures(told) == {
        ("mercer_events_placed",): 0,
        ("mercer_events_lag_seconds",): 0,
        ("mercer_jobs_lag_seconds",): 0,
    }
    await ground.announce(1, 2)
    found = await figures(told)
    assert found["mercer_events_placed",] == 0
    assert found["mercer_events_lag_seconds",] > 0
    registry = known(handlers=[first])
    await dispatch(ground.context(), registry.handlers)
    async with next_events(ground.context(), reader="search", most=1):
        pass
    found = await figures(told)
    assert (found["mercer_events_placed",], found["mercer_events_lag_seconds",]) == (2, 0)
    assert found["mercer_jobs_lag_seconds",] > 0
    assert found["mercer_jobs", "handle:platform.first", "todo"] == 2
    assert found["mercer_events_unread", "search"] == 1
    await ground.worker(registry).work_off()
    found = await figures(told)
    assert found["mercer_jobs_lag_seconds",] == 0
    assert found["mercer_jobs", "handle:platform.first", "succeeded"] == 2


async def test_they_are_read_once_in_a_while(ground: Ground) -> None:
    told = WorkMetrics(ground.database)
    with counting_statements() as statements:
        for _ in range(5):
            await told.render()
    assert statements.total == 1


async def test_they_are_left_out_without_a_database(ground: Ground) -> None:
    assert ground.settings.database_url is not None
    async with Gate(ground.settings.database_url) as gate:
        through = ground.settings.model_copy(update={"database_url": gate.url})
        async with prepared(through) as far:
            await gate.shut()
            assert await WorkMetrics(far.database).render() == b""
