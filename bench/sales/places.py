"""Where sales are measured: an API on a copy of a database, those who buy there, and the CPU that each part takes."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import msgspec
import psutil
import psycopg

from bench.app import COUNTED, CPU, STATEMENTS
from bench.measuring import Asked, Slices
from bench.sales.shoppers import Errand, Returned
from bench.server import ROOT, serving
from mercer.platform.settings import Environment, Settings

_LONGEST_LINE = 2**26


class Shoppers:
    """The shoppers' process."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._errands, self._returned = process.stdin, process.stdout

    async def go(self, errand: Errand) -> Returned:
        """Send them on an errand, and wait for them."""
        self._errands.write(msgspec.json.encode(errand) + b"\n")
        return msgspec.json.decode(await self._returned.readline(), type=Returned)


@asynccontextmanager
async def shopping() -> AsyncIterator[Shoppers]:
    """Run the shoppers for as long as the body."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.sales.shoppers", cwd=ROOT, stdin=PIPE, stdout=PIPE, limit=_LONGEST_LINE
    )
    assert process.stdin is not None
    try:
        yield Shoppers(process)
    finally:
        process.stdin.close()
        await process.wait()


@dataclass(frozen=True)
class Cpu:
    """Seconds taken so far."""

    api: float
    database: float
    simulator: float


@dataclass(frozen=True)
class Store:
    """An API with all its processes, on a database of its own; the simulated provider is a program beside it."""

    url: str
    port: int
    client: httpx2.AsyncClient
    shoppers: Shoppers
    server: psutil.Process
    postmaster: psutil.Process
    simulator: psutil.Process | None

    async def go(self, errand: Errand, slices: Slices | None = None) -> tuple[Returned, Cpu]:
        """Send the shoppers on an errand here; what it took is added to `slices`."""
        before = self.cpu()
        returned = await self.shoppers.go(errand)
        after = self.cpu()
        taken = Cpu(after.api - before.api, after.database - before.database, after.simulator - before.simulator)
        if slices is not None:
            slices.rates.append(len(returned.latencies_s) / returned.seconds)
            slices.latencies_s += returned.latencies_s
            slices.failures += len(returned.failures)
            slices.process_s += taken.api
            slices.database_s += taken.database
            slices.generator_s += returned.cpu_s
        return returned, taken

    def cpu(self) -> Cpu:
        """What the API's processes, PostgreSQL's and the provider's have taken."""
        simulated = _taken(self.simulator) if self.simulator else 0
        return Cpu(_taken(self.server), _taken(self.postmaster), simulated)

    async def send(self, asked: Asked) -> httpx2.Response:
        """One answer. Raises `HTTPStatusError`."""
        answer = await self.client.request(
            asked.method,
            f"http://127.0.0.1:{self.port}{asked.path}",
            content=asked.body,
            headers={"content-type": "application/json", **asked.headers},
        )
        answer.raise_for_status()
        return answer

    async def counted(self, asked: Asked) -> tuple[httpx2.Response, int]:
        """One answer, and how many statements it took."""
        answer = await self.send(replace(asked, path=COUNTED + asked.path))
        return answer, int(answer.headers[STATEMENTS])


@asynccontextmanager
async def a_store(
    settings: Settings, url: str, shoppers: Shoppers, *, workers: int = 1, is_simulated: bool = True
) -> AsyncIterator[Store]:
    """Serve a database for as long as the body. Where nothing `is_simulated`, no provider runs beside."""
    assert settings.valkey_url is not None
    fixed: dict[str, Any] = {"environment": Environment.DEVELOPMENT, "app": "sales"}  # production has no simulator
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx2.AsyncClient(trust_env=False, timeout=60))
        simulator = None
        if is_simulated:
            beside = await stack.enter_async_context(serving(url, settings.valkey_url, **fixed))
            simulator = await _server(client, beside)
            fixed["public_url"] = f"http://127.0.0.1:{beside}"
        port = await stack.enter_async_context(serving(url, settings.valkey_url, workers=workers, **fixed))
        server = await _server(client, port)
        yield Store(url, port, client, shoppers, server, _postmaster(url), simulator)


async def _server(client: httpx2.AsyncClient, port: int) -> psutil.Process:
    told = (await client.get(f"http://127.0.0.1:{port}{CPU}")).json()
    return psutil.Process(told["server"])


def _postmaster(url: str) -> psutil.Process:
    with psycopg.connect(url) as connection:
        found = psutil.Process(connection.info.backend_pid).parent()
    assert found is not None, "PostgreSQL runs on this machine"
    return found


def _taken(process: psutil.Process) -> float:
    """The CPU seconds of a process and all its children, those that have ended among them."""
    times = process.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in process.children():
        try:
            total += _taken(child)
        except psutil.NoSuchProcess:
            continue
    return float(total)
