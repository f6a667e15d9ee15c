"""Measures the doors: each operation as Mercer carries it out, beside the least that it needs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2

from bench.app import PREPARE
from bench.datasets import Dataset, prepare
from bench.doors.app import HASH
from bench.doors.cached import PLAIN
from bench.doors.events import EventFigures, run_events
from bench.doors.operations import ADMIN, KEYED, SHOP, adjust, listing, listing_by_get, me, rename, sign_in
from bench.doors.people import CUSTOMER, copied, places, staff_email, store_people
from bench.measuring import Asked, DifferentAnswers, Generator, Pace, Target, Way, measure_all
from bench.server import serving
from mercer.cli.terminal import say
from mercer.platform.settings import Settings

CALLERS = (1, 8)
"""How many call at once, each with a product and an account of his own."""

Headers = dict[str, str]


@dataclass(frozen=True)
class Door:
    """One operation, Mercer's way first."""

    title: str
    ways: list[Way]
    patience: int = 1
    """How many times as long it is measured, because it takes long."""


@dataclass(frozen=True)
class DoorsReport:
    """What was measured of all doors."""

    title: str
    doors: list[Door]
    events: EventFigures


@dataclass(frozen=True)
class _People:
    """What each caller shows to be let in."""

    staff: list[Headers]
    customer: Headers


async def measure_doors(
    settings: Settings, dataset: Dataset, generator: Generator, pace: Pace, *, rebuild: bool, events: int = 2_000
) -> DoorsReport:
    """Prepare the dataset if it is not there yet, and measure all doors on copies of it."""
    await asyncio.to_thread(prepare, dataset, settings, rebuild=rebuild)
    doors: list[Door] = []
    with copied(settings, dataset.name) as url:
        on_copy = settings.model_copy(update={"database_url": url})
        await store_people(on_copy, staff=max(CALLERS))
        async with _target(on_copy, generator, app="cached") as target:
            doors += await _measured(target, await _cached(target), pace)
        async with _target(on_copy, generator, app="doors") as target:
            people = await _signed_in(target)
            doors += await _measured(target, await _mutations(target, people, url), pace)
            doors += await _measured(target, await _sessions(target, people), pace)
    say("Measuring events …")
    with copied(settings, dataset.name) as url:
        figures = await run_events(settings.model_copy(update={"database_url": url}), events)
    return DoorsReport(title=dataset.title, doors=doors, events=figures)


@asynccontextmanager
async def _target(settings: Settings, generator: Generator, *, app: str) -> AsyncIterator[Target]:
    assert settings.database_url is not None
    assert settings.valkey_url is not None
    async with (
        httpx2.AsyncClient(trust_env=False, timeout=60) as client,
        serving(settings.database_url, settings.valkey_url, app=app) as port,
    ):
        yield Target(port, client, generator)


async def _measured(target: Target, doors: list[Door], pace: Pace) -> list[Door]:
    for door in doors:
        say(f"Measuring {door.title} …")
        patient = replace(pace, slice_s=pace.slice_s * door.patience)
        await measure_all([(target, door.ways)], patient, CALLERS)
    return doors


async def _cached(target: Target) -> list[Door]:
    doors = [
        Door("cached listing", [Way("mercer", [listing()]), Way("plain", [listing(PLAIN)])]),
        Door("cached, by GET", [Way("mercer", [listing_by_get()]), Way("plain", [listing_by_get(PLAIN)])]),
    ]
    for door in doors:
        mercer, plain = door.ways
        answer = await target.first_answer(mercer)
        if mercer.statements or await target.first_answer(plain) != answer:
            raise DifferentAnswers(f"{door.title}: the answer does not come from the cache, or the route has another.")
    return doors


async def _signed_in(target: Target) -> _People:
    async def sign(path: str, email: str) -> Headers:
        answer = (await target.send(sign_in(path, email))).json()
        return {"authorization": f"Bearer {answer['data']['sessionCreate']['token']}"}

    staff = [await sign(ADMIN, staff_email(number)) for number in range(max(CALLERS))]
    return _People(staff=staff, customer=await sign(SHOP, CUSTOMER))


async def _mutations(target: Target, people: _People, database_url: str) -> list[Door]:
    callers = list(zip(places(database_url, callers=len(people.staff)), people.staff, strict=True))
    asked = {
        "productUpdate": [rename(place, "Kettle", headers) for place, headers in callers],
        "… with a key": [rename(place, "Teapot", {**headers, **KEYED}) for place, headers in callers],
        "stockAdjust": [adjust(place, headers) for place, headers in callers],
    }
    return [Door(title, await _beside_its_sql(target, title, each)) for title, each in asked.items()]


async def _beside_its_sql(target: Target, title: str, asked: Sequence[Asked]) -> list[Way]:
    """A mutation, and its statements sent bare: each caller's are his own."""
    paths = []
    for each in asked:
        unnumbered = Asked(PREPARE, each.body, each.headers)
        paths.append((await target.send(unnumbered, is_numbered=False)).json()["path"])
    mercer, bare = Way("mercer", asked), Way("bare", [Asked(path) for path in paths])
    [result] = (await target.first_answer(mercer))["data"].values()
    for each in bare.asked:
        # Each caller's, for a request that changes nothing sends less.
        alone = Way("bare", [each])
        row = {"__typename": result["__typename"], **await target.first_answer(alone)}
        if _shape(result) != _shape(row) or mercer.statements != alone.statements:
            raise DifferentAnswers(f"{title}: {result} by {mercer.statements} statements, {row} by {alone.statements}.")
        bare.statements, bare.size = alone.statements, alone.size
    return [mercer, bare]


def _shape(result: dict[str, Any]) -> list[tuple[str, int]]:
    """The fields, with the length of each value: numbers in them differ."""
    return sorted((name, len(str(value))) for name, value in result.items())


async def _sessions(target: Target, people: _People) -> list[Door]:
    emails = [staff_email(number) for number in range(max(CALLERS))]
    guest, customer = Way("guest", [listing()]), Way("signed in", [listing(headers=people.customer)])
    signing_in = Way("mercer", [sign_in(ADMIN, each) for each in emails])
    doors = [
        Door("sessionCreate", [signing_in, Way("hash", [Asked(HASH)])], patience=6),
        Door("me", [Way("signed in", [me(headers) for headers in people.staff])]),
        Door("listing", [customer, guest]),
    ]
    for way in [way for door in doors for way in door.ways]:
        await target.first_answer(way)
    return doors
