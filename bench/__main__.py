"""`make bench`: prepares, measures, prints tables and writes them as JSON."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import msgspec

from bench.datasets import REAL_SET, Dataset, bench_settings, prepare, real, seeded
from bench.doors.measured import measure_doors
from bench.doors.report import doors_as_json, render_doors
from bench.measuring import Generator, Pace, Target, constant, generating, measure_all
from bench.operations import FIRST_PAGE, Choices, choose, counting, operations
from bench.report import Measured, Report, Subject, as_json, machine_json, machine_line, render
from bench.sales.dataset import market
from bench.sales.listing import measure_orders
from bench.sales.measured import Amounts, measure_sales
from bench.sales.past import past_orders
from bench.sales.report import orders_as_json, render_orders, render_sales, sales_as_json
from bench.server import serving
from mercer.cli.terminal import say
from mercer.platform.embedded import servers
from mercer.platform.settings import Settings

RESULTS = "results.json"
SMALL = 2_000

THOROUGH = Pace(rounds=4, slice_s=0.3, warm_s=0.5)
QUICK = Pace(rounds=1, slice_s=0.25, warm_s=0.2)


BRIEF_SALES = Amounts(rounds=1, few=16, many=32, seconds=2)
THOROUGH_SALES = Amounts(rounds=3, few=12, many=40, seconds=6, warm=64)
"""Warmed so that each of its connections has prepared what it sends: psycopg does so at the fifth time."""
ORDERS = 500_000
FEW_ORDERS = 5_000


@dataclass(frozen=True)
class Parts:
    """What is measured."""

    datasets: Sequence[Dataset]
    """Of which the reads are."""
    doors: Dataset | None = None
    sales: Dataset | None = None
    orders: Dataset | None = None
    amounts: Amounts = BRIEF_SALES


@dataclass
class Findings:
    """What was measured, as text and as JSON."""

    tables: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def add(self, table: str, figures: dict[str, Any]) -> None:
        self.tables.append(table)
        self.figures |= figures


async def bench_all(settings: Settings, parts: Parts, pace: Pace, *, rebuild: bool) -> Findings:
    """Measure each part, with the servers that all of them need."""
    found = Findings()
    async with servers(settings, command="make bench", say=say) as running, generating() as generator:
        within = running.within(settings)
        if parts.datasets:
            reads = await measure_reads(within, parts.datasets, generator, pace, rebuild=rebuild)
            found.add(render(reads), as_json(reads))
        if parts.doors is not None:
            anew = rebuild and parts.doors not in parts.datasets
            doors = await measure_doors(within, parts.doors, generator, pace, rebuild=anew)
            found.add(render_doors(doors), doors_as_json(doors))
        if parts.sales is not None:
            sales = await measure_sales(within, parts.sales, parts.amounts, rebuild=rebuild)
            found.add(render_sales(sales), sales_as_json(sales))
        if parts.orders is not None:
            orders = await measure_orders(within, parts.orders, generator, pace, rebuild=rebuild)
            found.add(render_orders(orders), orders_as_json(orders))
    return found


async def measure_reads(
    settings: Settings, datasets: Sequence[Dataset], generator: Generator, pace: Pace, *, rebuild: bool
) -> Report:
    """Prepare the datasets that are not there yet, and measure all reads on each."""
    urls = [await asyncio.to_thread(prepare, each, settings, rebuild=rebuild) for each in datasets]
    async with _targets(urls, settings, generator) as targets:
        ceiling = constant()
        await measure_all([(targets[0], [ceiling])], pace)
        subjects = []
        for dataset, url, target in zip(datasets, urls, targets, strict=True):
            asked = operations(await _choices(target, url))
            measured = [Measured(operation, await target.ways(operation)) for operation in asked]
            subjects.append(Subject(dataset.title, measured))
        for rows in zip(*(subject.measured for subject in subjects), strict=True):
            say(f"Measuring {rows[0].operation.name} …")
            await measure_all([(target, row.ways) for target, row in zip(targets, rows, strict=True)], pace)
    return Report(ceiling=ceiling, subjects=subjects)


@asynccontextmanager
async def _targets(urls: Sequence[str], settings: Settings, generator: Generator) -> AsyncIterator[list[Target]]:
    assert settings.valkey_url is not None
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx2.AsyncClient(trust_env=False, timeout=60))
        ports = [await stack.enter_async_context(serving(url, settings.valkey_url)) for url in urls]
        yield [Target(port, client, generator) for port in ports]


async def _choices(target: Target, url: str) -> Choices:
    slug, word, category = await asyncio.to_thread(choose, url)
    first = await target.ask(FIRST_PAGE)
    hits = await target.ask(counting(search=word))
    size = await target.ask(counting(filter={"category": {"slug": category}}))
    return Choices(
        slug=slug,
        word=word,
        hits=hits["products"]["totalCount"],
        category=category,
        size=size["products"]["totalCount"],
        cursor=first["products"]["pageInfo"]["endCursor"],
    )


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the hot operations.")
    parser.add_argument("--quick", action="store_true", help=f"{SMALL:,} seeded products and one short round")
    parser.add_argument("--doors", action="store_true", help="the doors alone: what writes, and what is cached")
    parser.add_argument("--sales", action="store_true", help="sales alone: carts, purchases, and the list of orders")
    parser.add_argument("--rebuild", action="store_true", help="prepare the databases anew")
    chosen = parser.parse_args()
    settings = bench_settings()
    parts, pace = _chosen(chosen), QUICK if chosen.quick else THOROUGH
    found = asyncio.run(bench_all(settings, parts, pace, rebuild=chosen.rebuild))
    sys.stdout.write("\n\n".join([machine_line(), *found.tables]) + "\n")
    figures = machine_json() | found.figures
    results = settings.data_dir / RESULTS
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    say(f"The figures are in {results}.")


def _chosen(chosen: argparse.Namespace) -> Parts:
    """All parts, or the one that was asked for."""
    is_all = not chosen.doors and not chosen.sales
    small, datasets = seeded(SMALL), list[Dataset]()
    if is_all:
        datasets = [small] if chosen.quick else _large()
    return Parts(
        datasets=datasets,
        doors=small if is_all or chosen.doors else None,
        sales=market(SMALL) if is_all or chosen.sales else None,
        orders=past_orders(FEW_ORDERS if chosen.quick else ORDERS) if is_all or chosen.sales else None,
        amounts=BRIEF_SALES if chosen.quick else THOROUGH_SALES,
    )


def _large() -> list[Dataset]:
    generated = [seeded(20_000), seeded(200_000)]
    if REAL_SET.exists():
        return [real(), *generated]
    say(f"Without the real set: {REAL_SET} is not there.")
    return generated


if __name__ == "__main__":
    _main()
