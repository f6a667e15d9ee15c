"""Measures: short slices of load, the ways of answering one after the other, so that noise hits all alike."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import httpx2
import msgspec
import orjson

from bench.app import CONSTANT, CONSTANT_ANSWER, COUNTED, CPU, MERCER, NAIVE, PREPARE, ROUND_TRIPS, STATEMENTS
from bench.load import NUMBER, Order, Outcome, http_request, next_number
from bench.operations import Operation
from bench.server import ROOT

CONCURRENCIES = (1, 16)
"""How many callers ask at once, few and many, when reads are measured."""

MOST = 20_000
"""How many requests one slice may send."""

WARMING = 150
"""How many requests go before: enough that every connection has prepared the statement and settled on its plan."""

SLOW_S = 0.15
"""What takes longer is measured in one round only, because noise is small beside it."""

_LONGEST_LINE = 2**26


@dataclass(frozen=True)
class Pace:
    """How long to measure: rounds, the seconds of a slice, the seconds that warming up may take."""

    rounds: int
    slice_s: float
    warm_s: float


class DifferentAnswers(Exception):
    """Two ways of answering an operation do not say the same, so that comparing them would mean nothing."""


@dataclass
class Slices:
    """What was measured of one way at one concurrency. CPU is the API process's; `python_s` its main thread's share."""

    rates: list[float] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)
    failures: int = 0
    python_s: float = 0
    process_s: float = 0
    generator_s: float = 0
    database_s: float = 0


@dataclass(frozen=True)
class Asked:
    """One HTTP request: POST if it has a body. Where it says `NUMBER` each sending has another number."""

    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return "POST" if self.body else "GET"


@dataclass
class Way:
    """One way of answering an operation: `mercer`, `raw` … Callers at once take its requests in turn.

    `statements` are of SQL, `round_trips` those to Valkey; `size` is the body's, in bytes.
    """

    name: str
    asked: Sequence[Asked]
    statements: int = 0
    round_trips: int = 0
    size: int = 0
    slices: defaultdict[int, Slices] = field(default_factory=lambda: defaultdict(Slices))


class Generator:
    """The load generator's process."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._orders, self._outcomes = process.stdin, process.stdout

    async def carry_out(self, order: Order) -> Outcome:
        """Send the order's load, and wait for what came of it."""
        self._orders.write(msgspec.json.encode(order) + b"\n")
        return msgspec.json.decode(await self._outcomes.readline(), type=Outcome)


@asynccontextmanager
async def generating() -> AsyncIterator[Generator]:
    """Run the load generator for as long as the body."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", cwd=ROOT, stdin=PIPE, stdout=PIPE, limit=_LONGEST_LINE
    )
    assert process.stdin is not None
    try:
        yield Generator(process)
    finally:
        process.stdin.close()
        await process.wait()


@dataclass(frozen=True)
class Target:
    """The API on one dataset's database."""

    port: int
    client: httpx2.AsyncClient
    generator: Generator

    async def ask(self, operation: Operation) -> Any:
        """The `data` that Mercer answers."""
        return (await self.send(Asked(MERCER, _body(operation)))).json()["data"]

    async def ways(self, operation: Operation) -> list[Way]:
        """The ways to answer an operation. Raises `DifferentAnswers`."""
        body = _body(operation)
        prepared = (await self.send(Asked(PREPARE, body))).json()
        ways = [Way("mercer", [Asked(MERCER, body)]), Way("raw", [Asked(prepared["path"])])]
        if operation.has_naive:
            ways.append(Way("naive", [Asked(NAIVE, body)]))
        [expected, *others] = [await self.first_answer(way) for way in ways]
        [(field_name, value)] = expected["data"].items()
        for way, answer in zip(ways[1:], others, strict=True):
            found = answer if way.name == "raw" else answer["data"][field_name]
            if _without_cursors(found) != _without_cursors(value):
                raise DifferentAnswers(f"{operation.name}: {way.name} does not answer as Mercer does.")
        return ways

    async def measure(self, way: Way, *, connections: int, seconds: float) -> None:
        """Add one slice to what was measured of this way."""
        before = await self._cpu()
        outcome = await self._load(way, connections, seconds, MOST)
        after = await self._cpu()
        slices = way.slices[connections]
        slices.rates.append(len(outcome.latencies_s) / outcome.seconds)
        slices.latencies_s += outcome.latencies_s
        slices.failures += outcome.failures
        slices.python_s += after["python"] - before["python"]
        slices.process_s += after["process"] - before["process"]
        slices.generator_s += outcome.cpu_s

    async def warm(self, way: Way, *, connections: int, seconds: float) -> bool:
        """Let every connection prepare the statements. Says whether the way is so slow that it need not."""
        one = await self._load(way, 1, 0, 1)
        if one.seconds > SLOW_S:
            return True
        await self._load(way, connections, seconds, WARMING)
        return False

    async def first_answer(self, way: Way) -> Any:
        """The answer as JSON. Notes its size and its counts; what comes now and then (the channels) is left out."""
        [asked, *_] = way.asked
        answers = [await self.send(replace(asked, path=COUNTED + asked.path)) for _ in range(3)]
        way.statements = min(int(answer.headers[STATEMENTS]) for answer in answers)
        way.round_trips = min(int(answer.headers[ROUND_TRIPS]) for answer in answers)
        way.size = len(answers[0].content)
        return answers[0].json()

    async def send(self, asked: Asked, *, is_numbered: bool = True) -> httpx2.Response:
        """The answer to one request. Raises `HTTPStatusError`."""
        number = next_number() if is_numbered else NUMBER
        headers = {name: value.replace(NUMBER, number) for name, value in asked.headers.items()}
        if asked.body:
            headers["content-type"] = "application/json"
        answer = await self.client.request(
            asked.method,
            f"http://127.0.0.1:{self.port}{asked.path}",
            content=asked.body.replace(NUMBER.encode(), number.encode()),
            headers=headers,
        )
        answer.raise_for_status()
        return answer

    async def _load(self, way: Way, connections: int, seconds: float, most: int) -> Outcome:
        requests = [http_request(self.port, each.method, each.path, each.body, each.headers) for each in way.asked]
        return await self.generator.carry_out(Order(self.port, requests, way.size, connections, seconds, most))

    async def _cpu(self) -> dict[str, float]:
        found: dict[str, float] = (await self.send(Asked(CPU))).json()
        return found


async def measure_all(
    rows: Sequence[tuple[Target, Sequence[Way]]], pace: Pace, concurrencies: Sequence[int] = CONCURRENCIES
) -> None:
    """Measure every way on every target in turn, round by round, each round beginning with another way."""
    most = max(concurrencies)
    slow = [
        any([await target.warm(way, connections=most, seconds=pace.warm_s) for way in ways]) for target, ways in rows
    ]
    for turn in range(pace.rounds):
        taking_part = [row for row, is_slow in zip(rows, slow, strict=True) if turn == 0 or not is_slow]
        for (target, ways), connections in product(taking_part, concurrencies):
            first = turn % len(ways)
            for way in (*ways[first:], *ways[:first]):
                await target.measure(way, connections=connections, seconds=pace.slice_s)


def constant() -> Way:
    """A route that does nothing: what the server and the generator can do at most."""
    return Way("constant", [Asked(CONSTANT)], size=len(CONSTANT_ANSWER))


def _body(operation: Operation) -> bytes:
    return orjson.dumps({"query": operation.query, "variables": operation.variables})


def _without_cursors(answer: Any) -> Any:
    """Cursors are opaque: each way may write them as it likes."""
    if isinstance(answer, dict):
        return {name: _without_cursors(value) for name, value in answer.items() if name != "endCursor"}
    return [_without_cursors(item) for item in answer] if isinstance(answer, list) else answer
