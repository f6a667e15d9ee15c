"""`make bench`: prepares, measures, prints a table and writes it as JSON."""

import argparse
import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from itertools import product

import httpx2
import msgspec

from bench.datasets import REAL_SET, Dataset, bench_settings, prepare, real, seeded
from bench.measuring import CONCURRENCIES, Target, Way, constant, generating
from bench.operations import FIRST_PAGE, Choices, choose, counting, operations
from bench.report import Measured, Report, Subject, as_json, render
from bench.server import serving
from mercer.cli.terminal import say
from mercer.platform.embedded import Servers, servers
from mercer.platform.settings import Settings

RESULTS = "results.json"


@dataclass(frozen=True)
class Pace:
    """How long to measure: rounds, the seconds of a slice, the seconds that warming up may take."""

    rounds: int
    slice_s: float
    warm_s: float


THOROUGH = Pace(rounds=4, slice_s=0.3, warm_s=0.5)
QUICK = Pace(rounds=1, slice_s=0.25, warm_s=0.2)


async def bench(settings: Settings, datasets: Sequence[Dataset], pace: Pace, *, rebuild: bool) -> Report:
    """Prepare the datasets that are not there yet, and measure all operations on each."""
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(servers(settings, command="make bench", say=say))
        within = running.within(settings)
        urls = [await asyncio.to_thread(prepare, each, within, rebuild=rebuild) for each in datasets]
        targets = await stack.enter_async_context(_targets(urls, running))
        ceiling = constant()
        await _measure_all([(targets[0], [ceiling])], pace)
        subjects = []
        for dataset, url, target in zip(datasets, urls, targets, strict=True):
            asked = operations(await _choices(target, url))
            measured = [Measured(operation, await target.ways(operation)) for operation in asked]
            subjects.append(Subject(dataset.title, measured))
        for rows in zip(*(subject.measured for subject in subjects), strict=True):
            say(f"Measuring {rows[0].operation.name} …")
            await _measure_all([(target, row.ways) for target, row in zip(targets, rows, strict=True)], pace)
    return Report(ceiling=ceiling, subjects=subjects)


@asynccontextmanager
async def _targets(urls: Sequence[str], running: Servers) -> AsyncIterator[list[Target]]:
    async with AsyncExitStack() as stack:
        generator = await stack.enter_async_context(generating())
        client = await stack.enter_async_context(httpx2.AsyncClient(trust_env=False, timeout=60))
        targets = []
        for url in urls:
            port = _free_port()
            await stack.enter_async_context(serving(url, running.valkey_url, port))
            targets.append(Target(port, client, generator))
        yield targets


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


async def _measure_all(rows: Sequence[tuple[Target, Sequence[Way]]], pace: Pace) -> None:
    """Measure every way on every target in turn, round by round, each round beginning with another way."""
    slow = [any([await target.warm(way, seconds=pace.warm_s) for way in ways]) for target, ways in rows]
    for turn in range(pace.rounds):
        taking_part = [row for row, is_slow in zip(rows, slow, strict=True) if turn == 0 or not is_slow]
        for (target, ways), connections in product(taking_part, CONCURRENCIES):
            first = turn % len(ways)
            for way in (*ways[first:], *ways[:first]):
                await target.measure(way, connections=connections, seconds=pace.slice_s)


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the hot operations.")
    parser.add_argument("--quick", action="store_true", help="2,000 seeded products and one short round")
    parser.add_argument("--rebuild", action="store_true", help="prepare the databases anew")
    chosen = parser.parse_args()
    settings = bench_settings()
    if chosen.quick:
        datasets, pace = [seeded(2_000)], QUICK
    else:
        datasets, pace = [seeded(20_000), seeded(200_000)], THOROUGH
        if REAL_SET.exists():
            datasets.insert(0, real())
        else:
            say(f"Without the real set: {REAL_SET} is not there.")
    report = asyncio.run(bench(settings, datasets, pace, rebuild=chosen.rebuild))
    sys.stdout.write(f"{render(report)}\n")
    results = settings.data_dir / RESULTS
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_bytes(msgspec.json.format(msgspec.json.encode(as_json(report))))
    say(f"The figures are in {results}.")


if __name__ == "__main__":
    _main()
