"""The bench of the doors on a tiny catalogue: it must run, compare what is alike, and count right."""

from pathlib import Path

import pytest
from bench.datasets import bench_settings, seeded
from bench.doors.measured import measure_doors
from bench.doors.report import doors_as_json, render_doors
from bench.measuring import Pace, generating

ROUND_TRIPS = {
    # A session is asked for by one, a mutation counted by one, and what it outdates told by one.
    "cached listing": {"mercer": 0, "plain": 0},
    "cached, by GET": {"mercer": 0, "plain": 0},
    "productUpdate": {"mercer": 3, "bare": 0},
    "… with a key": {"mercer": 3, "bare": 0},
    "stockAdjust": {"mercer": 3, "bare": 0},
    "sessionCreate": {"mercer": 1, "hash": 0},
    "me": {"signed in": 1},
    "listing": {"signed in": 1, "guest": 0},
}


async def test_measures_every_door_beside_what_it_needs(
    database_url: str, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TIME_COST", "LANES"):
        monkeypatch.setenv(f"MERCER_PASSWORD_{name}", "1")
    monkeypatch.setenv("MERCER_PASSWORD_MEMORY_KIB", "8")
    settings = bench_settings(database_url=database_url, valkey_url=valkey_url, data_dir=tmp_path)
    pace = Pace(rounds=1, slice_s=0.01, warm_s=0.01)

    async with generating() as generator:
        report = await measure_doors(settings, seeded(40), generator, pace, rebuild=False, events=20)

    ways = {door.title: {way.name: way for way in door.ways} for door in report.doors}
    statements = {title: {way: each.statements for way, each in row.items()} for title, row in ways.items()}
    assert statements["cached listing"] == statements["cached, by GET"] == {"mercer": 0, "plain": 0}
    for title in ("productUpdate", "… with a key", "stockAdjust"):
        assert statements[title]["mercer"] == statements[title]["bare"] > 0
    assert statements["… with a key"]["mercer"] == statements["productUpdate"]["mercer"] + 2
    assert statements["sessionCreate"]["hash"] == 0
    assert statements["me"] == {"signed in": 1}
    assert statements["listing"] == {"signed in": 1, "guest": 1}
    round_trips = {title: {way: each.round_trips for way, each in row.items()} for title, row in ways.items()}
    assert round_trips == ROUND_TRIPS
    slices = [way.slices[callers] for row in ways.values() for way in row.values() for callers in (1, 8)]
    assert all(each.latencies_s and each.failures == 0 for each in slices)
    assert report.events.events == 20
    assert 0 <= report.events.median_lag_s <= report.events.p95_lag_s <= report.events.longest_lag_s

    assert "SQL statements +0, round trips to Valkey +1." in render_doors(report)
    assert doors_as_json(report)["doors"]["me"]["signed in"]["round trips to Valkey"] == 1
