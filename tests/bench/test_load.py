"""The load generator against a server that answers in pieces."""

import asyncio
from contextlib import closing

import pytest
from bench.load import Order, carry_out, http_request


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with closing(writer):
        while await reader.readuntil(b"\r\n\r\n"):
            for piece in (b"HTTP/1.1 200 OK\r\nCont", b"ent-Length: 10\r\n\r\n0123", b"456789"):
                writer.write(piece)
                await writer.drain()


async def _send(*, size: int) -> tuple[int, int]:
    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.ensure_future(_answer(reader, writer)))

    serving: list[asyncio.Future[None]] = []
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        outcome = await carry_out(
            Order(port, [http_request(port, "GET", "/")], size, connections=2, seconds=60, most=5)
        )
        ended = await asyncio.gather(*serving, return_exceptions=True)
    assert [type(each) for each in ended] == [asyncio.IncompleteReadError] * 2
    return len(outcome.latencies_s), outcome.failures


@pytest.mark.parametrize(("size", "good", "failures"), [(10, 5, 0), (11, 0, 5)])
async def test_sends_as_many_as_ordered_and_takes_answers_of_another_size_for_failures(
    size: int, good: int, failures: int
) -> None:
    assert await _send(size=size) == (good, failures)
