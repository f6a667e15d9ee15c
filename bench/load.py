"""The load generator: a process of its own that sends requests over and over on connections kept alive.

It reads orders as lines of JSON from its input and writes a line of JSON for each.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from itertools import count
from time import perf_counter, process_time, time_ns
from types import MappingProxyType
from typing import Any

import msgspec
import uvloop

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "

NUMBER = "number0000000000"
"""Where a request has this it gets a number, of as many digits, that no other request has, nor had in another run."""

_numbers = count(time_ns() // 1000)


def next_number() -> str:
    """What is put in the place of `NUMBER`."""
    return str(next(_numbers))


class Order(msgspec.Struct):
    """Send requests, each the bytes of a whole one, until the time or the number is up. Connections take them in turn.

    An answer whose body is not of `size` bytes has failed.
    """

    port: int
    requests: list[bytes]
    size: int
    connections: int
    seconds: float
    most: int


class Outcome(msgspec.Struct):
    """What came of an order: how long each good answer took. `cpu_s` is the generator's own share."""

    seconds: float
    latencies_s: list[float]
    failures: int
    cpu_s: float


class Caller(asyncio.Protocol):
    """One connection: sends its request, waits for the whole answer, sends it again."""

    def __init__(self, request: bytes, expected: int, goes_on: Callable[[], bool]) -> None:
        self.parts = request.split(NUMBER.encode())
        self.expected = expected
        self.goes_on = goes_on
        self.latencies: list[float] = []
        self.failures = 0
        self.done = asyncio.get_running_loop().create_future()
        self._answer = b""
        self._size = 0
        self._is_good = True
        self._sent = 0.0

    def itself(self) -> "Caller":
        return self

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer = self._answer + data if self._answer else data
        if not self._size:
            end = self._answer.find(HEAD_END)
            if end < 0:
                return
            head = self._answer[:end].lower()
            at = head.index(LENGTH) + len(LENGTH)
            size = int(head[at:].split(b"\r\n", 1)[0])
            self._size = end + len(HEAD_END) + size
            self._is_good = size == self.expected
        if len(self._answer) < self._size:
            return
        if self._is_good:
            self.latencies.append(perf_counter() - self._sent)
        else:
            self.failures += 1
        if self.goes_on():
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None:
            self.failures += 1
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        request = self.parts[0] if len(self.parts) == 1 else next_number().encode().join(self.parts)
        self._answer, self._size, self._sent = b"", 0, perf_counter()
        self._transport.write(request)


async def carry_out(order: Order) -> Outcome:
    """Send the order's requests over its connections, each waiting for one answer before it asks again."""
    loop = asyncio.get_running_loop()
    started, cpu = perf_counter(), process_time()
    left = order.most

    def goes_on() -> bool:
        nonlocal left
        left -= 1
        return left >= order.connections and perf_counter() - started < order.seconds

    callers = [
        Caller(order.requests[number % len(order.requests)], order.size, goes_on) for number in range(order.connections)
    ]
    for caller in callers:
        await loop.create_connection(caller.itself, "127.0.0.1", order.port)
    await asyncio.gather(*(caller.done for caller in callers))
    return Outcome(
        seconds=perf_counter() - started,
        latencies_s=[latency for caller in callers for latency in caller.latencies],
        failures=sum(caller.failures for caller in callers),
        cpu_s=process_time() - cpu,
    )


def http_request(
    port: int, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """The bytes of an HTTP request to this machine."""
    head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if body:
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


def main() -> None:
    for line in sys.stdin.buffer:
        outcome = uvloop.run(carry_out(msgspec.json.decode(line, type=Order)))
        sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
