"""The bench on a tiny catalogue: it need not say anything about speed, but it must run and compare what is alike."""

from pathlib import Path

import pytest
from bench.__main__ import measure_reads
from bench.datasets import bench_settings, prepare, seeded
from bench.measuring import Pace, generating
from bench.report import as_json, render

PRODUCTS = 60
STATEMENTS = {
    "listing": {"mercer": 1, "raw": 1, "naive": 7},
    "by price": {"mercer": 1, "raw": 1},
    "second page": {"mercer": 1, "raw": 1},
    "with totalCount": {"mercer": 1, "raw": 1},
    "product page": {"mercer": 1, "raw": 1, "naive": 10},
    "search": {"mercer": 1, "raw": 1},
    "category, facets": {"mercer": 1, "raw": 1},
    "all, facets": {"mercer": 1, "raw": 1},
}


async def test_measures_every_operation_in_every_way(
    database_url: str, valkey_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = bench_settings(database_url=database_url, valkey_url=valkey_url, data_dir=tmp_path)
    dataset = seeded(PRODUCTS)

    pace = Pace(rounds=1, slice_s=0.01, warm_s=0.01)
    async with generating() as generator:
        report = await measure_reads(settings, [dataset], generator, pace, rebuild=False)

    [subject] = report.subjects
    ways = {row.operation.name: {way.name: way for way in row.ways} for row in subject.measured}
    assert {name: {way: each.statements for way, each in row.items()} for name, row in ways.items()} == STATEMENTS
    assert all(
        way.slices[1].latencies_s and way.slices[1].failures == 0 for row in ways.values() for way in row.values()
    )
    assert render(report).count("\n60 seeded\n") == 1
    assert as_json(report)["datasets"]["60 seeded"]["listing"]["mercer"]["at 1"]["mercer / this"] == 1

    capsys.readouterr()
    prepare(dataset, settings, rebuild=False)
    assert capsys.readouterr().err == ""  # it is there already
