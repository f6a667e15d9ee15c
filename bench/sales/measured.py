"""Measures sales: each step beside its own statements sent bare, whole purchases, and how fast stock is sold."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from typing import Any

import orjson

from bench.datasets import Dataset, prepare
from bench.doors.people import copied
from bench.load import http_request
from bench.measuring import Asked, Slices, Way
from bench.sales import operations
from bench.sales.app import RECORD, TAKE
from bench.sales.dataset import variants
from bench.sales.guarded import Guarded, guarded_updates
from bench.sales.operations import Ready, Request, sent
from bench.sales.places import Shoppers, Store, a_store, shopping
from bench.sales.shoppers import Errand, Until, buy, value_of
from mercer.cli.terminal import say
from mercer.platform.settings import Settings

CALLERS = (1, 8)
"""How many buy at once."""

SKUS = 100
"""How many different things are sold where many are."""

MANUAL, SIMULATOR = "manual", "simulator"
OPEN = b'"OPEN"'


@dataclass(frozen=True)
class Amounts:
    """How much is measured: rounds, the requests of a round by one and by many callers, the seconds of purchases."""

    rounds: int
    few: int
    many: int
    seconds: float
    warm: int = 16
    counted: int = 3

    @property
    def carts(self) -> int:
        """How many carts a step needs."""
        return self.warm + self.counted + self.rounds * (self.few + self.many)


@dataclass(frozen=True)
class Step:
    """A step of a purchase: carts are brought so far first, each with so many things in it."""

    title: str
    until: Until
    request: Any
    things: int = 2
    most: int = 0
    """How many statements it may take."""
    marker: bytes = b'"Cart"'


@dataclass(frozen=True)
class Sale:
    """A step as it was measured, Mercer's way first."""

    title: str
    ways: list[Way]
    most: int


@dataclass
class Purchases:
    """Whole purchases, or completions alone, at so many callers on so many processes."""

    title: str
    workers: int
    callers: int
    slices: Slices = field(default_factory=Slices)
    simulator_s: float = 0


@dataclass(frozen=True)
class SalesReport:
    """What was measured of sales."""

    title: str
    steps: list[Sale]
    statements: list[tuple[str, int]]
    """Of each request of one purchase."""
    purchases: list[Purchases]
    completions: list[Purchases]
    guarded: list[Guarded]


async def measure_sales(settings: Settings, dataset: Dataset, amounts: Amounts, *, rebuild: bool) -> SalesReport:
    """Prepare the dataset if it is not there yet, and measure on copies of it."""
    url = await asyncio.to_thread(prepare, dataset, settings, rebuild=rebuild)
    ids = await asyncio.to_thread(variants, url, most=SKUS)
    async with shopping() as shoppers:
        say("Measuring the steps of a purchase …")
        steps = await _measure_steps(settings, dataset, shoppers, ids, amounts)
        say("Measuring purchases …")
        measuring = Measuring(settings, dataset, shoppers, ids, amounts)
        async with measuring.store(workers=1) as store:
            statements = await measuring.count(store)
            whole = await measuring.whole(store, workers=1)
        async with measuring.store(workers=2) as store:
            whole += await measuring.whole(store, workers=2)
            say("Measuring completions …")
            completions, guarded = await measuring.completions(store)
    return SalesReport(
        title=dataset.title,
        steps=steps,
        statements=statements,
        purchases=whole,
        completions=completions,
        guarded=guarded,
    )


def steps_of(ids: Sequence[str]) -> list[Step]:
    """The hot ones."""
    added = ids[-1:]
    return [
        Step("add to cart", Until.FILLED, partial(_add, added), things=1, most=8),
        Step("… with an address", Until.ADDRESSED, partial(_add, added)),
        Step("cartComplete", Until.READY, partial(_complete, MANUAL), most=25, marker=OPEN),
        Step("… simulator", Until.READY, partial(_complete, SIMULATOR), most=25, marker=OPEN),
    ]


def baskets(ids: Sequence[str], *, count: int, things: int) -> list[list[str]]:
    """What is bought: other things each time, so that nobody waits for another one's."""
    ring = cycle(ids[:-1])
    return [list(islice(ring, things)) for _ in range(count)]


def _add(added: Sequence[str], cart: Ready) -> Request:
    return operations.add(cart, added)


def _complete(provider: str, cart: Ready) -> Request:
    return operations.complete(cart, provider)


async def _measure_steps(
    settings: Settings, dataset: Dataset, shoppers: Shoppers, ids: Sequence[str], amounts: Amounts
) -> list[Sale]:
    """Fill carts, copy the database three times, and take the steps in two of them: by Mercer, and bare."""
    steps = steps_of(ids)
    with copied(settings, dataset.name, name=f"{dataset.name}_filled") as filled:
        carts = await _filled(settings, filled, shoppers, steps, ids, amounts)
        requests = [[step.request(cart) for cart in of] for step, of in zip(steps, carts, strict=True)]
        name = f"{dataset.name}_filled"
        with copied(settings, name, name=f"{name}_0") as first:
            async with a_store(settings, first, shoppers) as store:
                recorded = [await _recorded(store, each) for each in requests]
        with copied(settings, name, name=f"{name}_1") as one, copied(settings, name, name=f"{name}_2") as other:
            async with (
                a_store(settings, one, shoppers) as mercer,
                a_store(settings, other, shoppers, is_simulated=False) as bare,
            ):
                sales = []
                for step, asked, taken in zip(steps, requests, recorded, strict=True):
                    say(f"Measuring {step.title} …")
                    paths = [(await bare.send(Asked(TAKE, each))).json()["path"] for each in taken]
                    sales.append(await _measure_step(step, mercer, asked, bare, paths, amounts))
                return sales


async def _filled(
    settings: Settings,
    url: str,
    shoppers: Shoppers,
    steps: Sequence[Step],
    ids: Sequence[str],
    amounts: Amounts,
) -> list[list[Ready]]:
    """Carts for each step."""
    async with a_store(settings, url, shoppers, workers=2) as store:
        await _carts(store, baskets(ids, count=1, things=1), until=Until.BOUGHT)  # the channel's numbers have begun
        found = []
        for step in steps:
            given = baskets(ids, count=amounts.carts, things=step.things)
            found.append(await _carts(store, given, until=step.until))
        return found


async def _carts(store: Store, given: list[list[str]], *, until: Until) -> list[Ready]:
    errand = Errand(port=store.port, callers=max(CALLERS), baskets=given, until=until)
    returned, _ = await store.go(errand)
    assert not returned.failures, returned.failures[0]
    return returned.carts


async def _recorded(store: Store, requests: Sequence[Request]) -> list[bytes]:
    """What each request sends."""
    return [(await store.send(Asked(RECORD, *each))).content for each in requests]


@dataclass(frozen=True)
class _Sending:
    """One way of taking a step: where, and the requests, each of which is sent once."""

    way: Way
    store: Store
    asked: Sequence[Asked]
    marker: bytes

    async def send(self, part: slice, *, callers: int, is_measured: bool = True) -> None:
        port = self.store.port
        requests = [http_request(port, each.method, each.path, each.body, each.headers) for each in self.asked[part]]
        errand = Errand(port=port, callers=callers, requests=requests, marker=self.marker)
        returned, _ = await self.store.go(errand, self.way.slices[callers] if is_measured else None)
        assert is_measured or not returned.failures, returned.failures[0]

    async def count(self, part: slice) -> None:
        for each in self.asked[part]:
            answer, statements = await self.store.counted(each)
            assert self.marker in answer.content, answer.text
            self.way.statements = min(statements, self.way.statements or statements)
            self.way.size = len(answer.content)


async def _measure_step(
    step: Step, mercer: Store, asked: Sequence[Request], bare: Store, paths: Sequence[str], amounts: Amounts
) -> Sale:
    requests = [Asked(operations.SHOP, body, headers) for body, headers in asked]
    sendings = [
        _Sending(Way("mercer", requests[:1]), mercer, requests, step.marker),
        _Sending(Way("bare", [Asked(paths[0])]), bare, [Asked(path) for path in paths], b'{"'),
    ]
    begin = amounts.warm
    for each in sendings:
        await each.send(slice(0, begin), callers=max(CALLERS), is_measured=False)
        await each.count(slice(begin, begin + amounts.counted))
    begin += amounts.counted
    for turn in range(amounts.rounds):
        for callers, count in zip(CALLERS, (amounts.few, amounts.many), strict=True):
            for each in sendings if turn % 2 else reversed(sendings):
                await each.send(slice(begin, begin + count), callers=callers)
            begin += count
    return Sale(step.title, [each.way for each in sendings], step.most)


@dataclass(frozen=True)
class Measuring:
    """Measures whole purchases and completions, each on a fresh copy."""

    settings: Settings
    dataset: Dataset
    shoppers: Shoppers
    ids: Sequence[str]
    amounts: Amounts

    @asynccontextmanager
    async def store(self, *, workers: int) -> AsyncIterator[Store]:
        with copied(self.settings, self.dataset.name) as url:
            async with a_store(self.settings, url, self.shoppers, workers=workers) as store:
                await self._buy(store, callers=max(CALLERS), seconds=1, provider=SIMULATOR)
                yield store

    async def count(self, store: Store) -> list[tuple[str, int]]:
        """How many statements each request of a purchase takes, paid through the simulator."""
        taken: list[tuple[str, int]] = []

        async def ask(request: Request) -> Any:
            answer, statements = await store.counted(Asked(operations.SHOP, *request))
            taken.append((_name(request), statements))
            return value_of(answer.content)

        async for _ in buy(ask, list(self.ids[:2]), until=Until.BOUGHT, provider=SIMULATOR):
            pass
        return taken

    async def whole(self, store: Store, *, workers: int) -> list[Purchases]:
        """Whole purchases, for some seconds each."""
        found = [Purchases(provider, workers, callers) for provider in (SIMULATOR, MANUAL) for callers in CALLERS]
        for each in found:
            seconds = self.amounts.seconds
            await self._buy(store, callers=each.callers, seconds=seconds, provider=each.title, into=each)
        return found

    async def completions(self, store: Store) -> tuple[list[Purchases], list[Guarded]]:
        """How fast carts that are ready are bought, of one thing and of many; and how fast stock is taken bare."""
        count, rounds = self.amounts.many, self.amounts.rounds
        kinds = {
            "one SKU": ([[self.ids[0]]] * count * rounds, MANUAL),
            "many SKUs": (baskets(self.ids, count=count * rounds, things=1), MANUAL),
            "many, simulator": (baskets(self.ids, count=count * rounds, things=1), SIMULATOR),
        }
        found = [Purchases(title, 2, max(CALLERS)) for title in kinds]
        guarded = [Guarded("one SKU", self.ids[:1]), Guarded("many SKUs", self.ids[:-1])]
        carts = [await _carts(store, given, until=Until.READY) for given, _ in kinds.values()]
        for turn in range(rounds):
            for each, ready, (_, provider) in zip(found, carts, kinds.values(), strict=True):
                part = [
                    sent(store.port, operations.complete(cart, provider))
                    for cart in ready[turn * count : (turn + 1) * count]
                ]
                errand = Errand(port=store.port, callers=each.callers, requests=part, marker=OPEN)
                _, taken = await store.go(errand, each.slices)
                each.simulator_s += taken.simulator
            for updates in guarded:
                await guarded_updates(store.url, updates, clients=max(CALLERS), seconds=self.amounts.seconds / 4)
        return found, guarded

    async def _buy(
        self, store: Store, *, callers: int, seconds: float, provider: str, into: Purchases | None = None
    ) -> None:
        errand = Errand(
            port=store.port,
            callers=callers,
            seconds=seconds,
            baskets=baskets(self.ids, count=len(self.ids), things=2),
            is_repeated=True,
            provider=provider,
        )
        returned, taken = await store.go(errand, into.slices if into else None)
        assert not returned.failures, returned.failures[0]
        if into:
            into.simulator_s += taken.simulator


def _name(request: Request) -> str:
    """The name of a request's field: what stands before its first parenthesis within the first braces."""
    query: str = orjson.loads(request[0])["query"]
    return query.split("{", 1)[1].split("(", 1)[0].strip()
