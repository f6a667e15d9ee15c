"""The shoppers: a process of its own that fills carts and buys, on connections kept alive.

It reads errands as lines of JSON from its input and writes a line of JSON for each. `bench.load` sends the same request
over and over; here each is sent once, and what is asked next depends on what was answered.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from enum import StrEnum
from itertools import cycle
from time import perf_counter, process_time
from typing import Any

import msgspec
import orjson
import uvloop

from bench.load import HEAD_END, LENGTH
from bench.sales import operations
from bench.sales.operations import Ready, Request, sent


class Until(StrEnum):
    """How far a cart is brought."""

    FILLED = "filled"
    """It has a line."""
    ADDRESSED = "addressed"
    """It has lines, a mail address, and where it goes."""
    READY = "ready"
    """It can be bought."""
    BOUGHT = "bought"


class Errand(msgspec.Struct, kw_only=True):
    """What so many callers do at once, each one thing after the other, until the time or the work is up.

    Either `requests` are sent, each once: an answer without `marker` has failed. Or carts are brought as far as
    `until`: of each basket the first variant is what the cart begins with, and the others are added.
    """

    port: int
    callers: int
    seconds: float = 3_600
    requests: list[bytes] = []
    marker: bytes = b""
    baskets: list[list[str]] = []
    is_repeated: bool = False
    """Whether the baskets are begun again until the time is up."""
    until: Until = Until.BOUGHT
    provider: str = "manual"


class Returned(msgspec.Struct):
    """What came of an errand: how long each good request or purchase took. `cpu_s` is the shoppers' own share."""

    seconds: float
    latencies_s: list[float]
    failures: list[str]
    cpu_s: float
    carts: list[Ready]


class Failed(Exception):
    """An answer was not what was asked for."""


class Connection(asyncio.Protocol):
    """One connection, on which one request at a time is answered."""

    def __init__(self) -> None:
        self._answer = b""
        self._waiting: asyncio.Future[bytes] | None = None

    @classmethod
    async def to(cls, port: int) -> "Connection":
        _, made = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return made

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._answer += data
        end = self._answer.find(HEAD_END)
        if end < 0:
            return
        head = self._answer[:end].lower()
        size = int(head[head.index(LENGTH) + len(LENGTH) :].split(b"\r\n", 1)[0])
        begin = end + len(HEAD_END)
        if len(self._answer) >= begin + size and self._waiting is not None:
            self._waiting.set_result(self._answer[begin:])

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error or Failed("the connection was closed"))

    async def send(self, request: bytes) -> bytes:
        """The body of the answer."""
        self._answer, self._waiting = b"", asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        self._transport.close()


async def buy(
    ask: Callable[[Request], Awaitable[Any]], basket: list[str], *, until: Until, provider: str
) -> AsyncIterator[Ready]:
    """Bring a cart as far as is asked for, a request after the other. Yields it as it is after each."""
    first, *others = basket
    created = await ask(operations.create([first]))
    cart = Ready(created["cart"]["id"], created["token"])
    yield cart
    if until is Until.FILLED:
        return
    if others:
        await ask(operations.add(cart, others))
        yield cart
    await ask(operations.email(cart))
    yield cart
    methods = (await ask(operations.address(cart)))["shippingMethods"]
    yield cart
    if until is Until.ADDRESSED:
        return
    await ask(operations.method(cart, methods[0]["id"]))
    yield cart
    cart = Ready(cart.id, cart.token, (await ask(operations.read(cart)))["total"]["gross"])
    yield cart
    if until is Until.BOUGHT:
        await ask(operations.complete(cart, provider))
        yield cart


def value_of(answer: bytes) -> Any:
    """The value of an answer's one field. Raises `Failed`."""
    told = orjson.loads(answer)
    if "errors" in told:
        raise Failed(str(told["errors"])[:300])
    [value] = told["data"].values()
    if value is None or value.get("__typename") not in {"CartCreated", "Cart", "Order"}:
        raise Failed(str(value)[:300])
    return value


async def carry_out(errand: Errand) -> Returned:
    """Do what the errand says."""
    returned = Returned(seconds=0, latencies_s=[], failures=[], cpu_s=0, carts=[])
    started, cpu = perf_counter(), process_time()
    work = _work(errand, until=started + errand.seconds)
    connections = [await Connection.to(errand.port) for _ in range(errand.callers)]
    await asyncio.gather(*(_shop(each, work, errand, returned) for each in connections))
    returned.seconds, returned.cpu_s = perf_counter() - started, process_time() - cpu
    for each in connections:
        each.close()
    return returned


def _work(errand: Errand, *, until: float) -> Iterator[bytes | list[str]]:
    given: Sequence[bytes | list[str]] = errand.requests or errand.baskets
    for each in cycle(given) if errand.is_repeated else given:
        if perf_counter() >= until:
            return
        yield each


async def _shop(connection: Connection, work: Iterator[bytes | list[str]], errand: Errand, returned: Returned) -> None:
    async def ask(request: Request) -> Any:
        return value_of(await connection.send(sent(errand.port, request)))

    for each in work:
        begun = perf_counter()
        try:
            if isinstance(each, bytes):
                _check(await connection.send(each), errand.marker)
            else:
                async for cart in buy(ask, each, until=errand.until, provider=errand.provider):
                    last = cart
                returned.carts.append(last)
        except Failed as failed:
            returned.failures.append(str(failed))
        else:
            returned.latencies_s.append(perf_counter() - begun)


def _check(answer: bytes, marker: bytes) -> None:
    if marker not in answer:
        raise Failed(answer[:300].decode(errors="replace"))


def main() -> None:
    for line in sys.stdin.buffer:
        returned = uvloop.run(carry_out(msgspec.json.decode(line, type=Errand)))
        sys.stdout.buffer.write(msgspec.json.encode(returned) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
