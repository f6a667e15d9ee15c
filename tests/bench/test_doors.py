"""The bench of the doors on a tiny catalogue: it must run, compare what is alike, and count right."""

from pathlib import Path

from bench.datasets import bench_settings, seeded
from bench.doors.measured import measure_doors
from bench.doors.report import doors_as_json, render_doors
from bench.measuring import Pace, generating

STATEMENTS = {
    "cached listing": {"mercer": 0, "plain": 0},
    "cached, by GET": {"mercer": 0, "plain": 0},
    "productUpdate": {"mercer": 6, "bare": 6},
    "… with a key": {"mercer": 8, "bare": 8},
    "stockAdjust": {"mercer": 9, "bare": 9},
    "sessionCreate": {"mercer": 12, "hash": 0},
    "me": {"signed in": 1},
    "listing": {"signed in": 1, "guest": 1},
}
ROUND_TRIPS = {
    "sessionCreate": {"mercer": 0, "hash": 0},
    "me": {"signed in": 1},
    "listing": {"signed in": 1, "guest": 0},
}


async def test_measures_every_door_beside_what_it_needs(database_url: str, valkey_url: str, tmp_path: Path) -> None:
    settings = bench_settings(database_url=database_url, valkey_url=valkey_url, data_dir=tmp_path)
    pace = Pace(rounds=1, slice_s=0.01, warm_s=0.01)

    async with generating() as generator:
        report = await measure_doors(settings, seeded(40), generator, pace, rebuild=False, events=20)

    ways = {door.title: {way.name: way for way in door.ways} for door in report.doors}
    assert {title: {way: each.statements for way, each in row.items()} for title, row in ways.items()} == STATEMENTS
    counted = {
        title: {way: each.round_trips for way, each in row.items() if each.round_trips is not None}
        for title, row in ways.items()
    }
    assert {title: row for title, row in counted.items() if row} == ROUND_TRIPS
    slices = [way.slices[callers] for row in ways.values() for way in row.values() for callers in (1, 8)]
    assert all(each.latencies_s and each.failures == 0 for each in slices)
    assert report.events.events == 20
    assert 0 <= report.events.median_lag_s <= report.events.p95_lag_s <= report.events.longest_lag_s

    assert "To be signed in costs a request" in render_doors(report)
    assert doors_as_json(report)["doors"]["me"]["signed in"]["round trips to Valkey"] == 1
