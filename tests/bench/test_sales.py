"""The bench of sales on a tiny shop: it must run, compare what is alike, and stay within its statements."""

from pathlib import Path

import pytest
from bench.datasets import bench_settings
from bench.measuring import Pace, generating
from bench.sales.dataset import market
from bench.sales.listing import measure_orders
from bench.sales.measured import Amounts, measure_sales
from bench.sales.past import past_orders
from bench.sales.report import orders_as_json, render_orders, render_sales, sales_as_json

AMOUNTS = Amounts(rounds=1, few=1, many=4, seconds=0.5, warm=2, counted=1)


@pytest.mark.timeout(400)  # many servers are started, one after the other
async def test_measures_each_step_beside_its_statements(database_url: str, valkey_url: str, tmp_path: Path) -> None:
    settings = bench_settings(database_url=database_url, valkey_url=valkey_url, data_dir=tmp_path)

    report = await measure_sales(settings, market(40), AMOUNTS, rebuild=False)

    statements = {each.title: [way.statements for way in each.ways] for each in report.steps}
    assert all(mercer == bare > 0 for mercer, bare in statements.values())
    assert all(each.ways[0].statements <= each.most for each in report.steps if each.most)
    slices = [way.slices[callers] for each in report.steps for way in each.ways for callers in (1, 8)]
    slices += [each.slices for each in (*report.purchases, *report.completions)]
    assert all(each.latencies_s and each.failures == 0 for each in slices)
    assert [name for name, _ in report.statements] == [
        "cartCreate",
        "cartLinesAdd",
        "cartCustomerSet",
        "cartAddressesSet",
        "cartShippingMethodSet",
        "cart",
        "cartComplete",
    ]
    assert all(rate > 0 for each in report.guarded for rate in each.rates)
    assert "Guarded UPDATE by pgbench, one SKU" in render_sales(report)
    assert sales_as_json(report)["sales"]["steps"]["cartComplete"]["bare"]["at 8"]["failures"] == 0


async def test_measures_the_list_of_orders(database_url: str, valkey_url: str, tmp_path: Path) -> None:
    settings = bench_settings(database_url=database_url, valkey_url=valkey_url, data_dir=tmp_path)
    pace = Pace(rounds=1, slice_s=0.01, warm_s=0.01)

    async with generating() as generator:
        report = await measure_orders(settings, past_orders(300), generator, pace, rebuild=False)

    assert all(way.statements == 1 for each in report.listed for way in each.ways if way.name == "raw")
    assert all(way.slices[1].latencies_s and way.slices[1].failures == 0 for each in report.listed for way in each.ways)
    assert "second page" in render_orders(report)
    assert set(orders_as_json(report)["list of orders"]["sku"]) == {"scans", "mercer", "raw"}
