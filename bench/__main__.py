"""`make bench`: prepares, measures, prints tables and writes them as JSON."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
import msgspec

from bench.datasets import REAL_SET, Dataset, bench_settings, prepare, real, seeded
from bench.doors.measured import DoorsReport, measure_doors
from bench.doors.report import doors_as_json, render_doors
from bench.measuring import Generator, Pace, Target, constant, generating, measure_all
from bench.operations import FIRST_PAGE, Choices, choose, counting, operations
from bench.report import Measured, Report, Subject, as_json, machine_json, machine_line, render
from bench.server import serving
from mercer.cli.terminal import say
from mercer.platform.embedded import servers
from mercer.platform.settings import Settings

RESULTS = "results.json"
SMALL = 2_000

THOROUGH = Pace(rounds=4, slice_s=0.3, warm_s=0.5)
QUICK = Pace(rounds=1, slice_s=0.25, warm_s=0.2)


async def bench(
    settings: Settings, datasets: Sequence[Dataset], pace: Pace, *, doors: Dataset | None, rebuild: bool
) -> tuple[Report | None, DoorsReport | None]:
    """Prepare the datasets that are not there yet, and measure all reads on each; then all doors on one of them."""
    async with servers(settings, command="make bench", say=say) as running, generating() as generator:
        within = running.within(settings)
        reads = await _measure_reads(within, datasets, generator, pace, rebuild=rebuild) if datasets else None
        if doors is None:
            return reads, None
        anew = rebuild and doors not in datasets
        return reads, await measure_doors(within, doors, generator, pace, rebuild=anew)


async def _measure_reads(
    settings: Settings, datasets: Sequence[Dataset], generator: Generator, pace: Pace, *, rebuild: bool
) -> Report:
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
    parser.add_argument("--rebuild", action="store_true", help="prepare the databases anew")
    chosen = parser.parse_args()
    settings = bench_settings()
    small, datasets = seeded(SMALL), list[Dataset]()
    if not chosen.doors:
        datasets = [small] if chosen.quick else _large()
    pace = QUICK if chosen.quick else THOROUGH
    reads, doors = asyncio.run(bench(settings, datasets, pace, doors=small, rebuild=chosen.rebuild))
    tables = [*([render(reads)] if reads else []), *([render_doors(doors)] if doors else [])]
    sys.stdout.write("\n\n".join([machine_line(), *tables]) + "\n")
    figures = machine_json() | (as_json(reads) if reads else {}) | (doors_as_json(doors) if doors else {})
    results = settings.data_dir / RESULTS
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    say(f"The figures are in {results}.")


def _large() -> list[Dataset]:
    generated = [seeded(20_000), seeded(200_000)]
    if REAL_SET.exists():
        return [real(), *generated]
    say(f"Without the real set: {REAL_SET} is not there.")
    return generated


if __name__ == "__main__":
    _main()
