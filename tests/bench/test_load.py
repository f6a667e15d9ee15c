"""The load generator against a server that answers in pieces, and one that listens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing

import pytest
from bench.load import NUMBER, Order, carry_out, http_request

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _serving(answer: Answer) -> AsyncIterator[int]:
    """A server that answers requests without a body so, until its clients have gone. Yields its port."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await answer(head, writer)

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.ensure_future(converse(reader, writer)))

    serving: list[asyncio.Future[None]] = []
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        ended = await asyncio.gather(*serving, return_exceptions=True)
    assert {type(each) for each in ended} == {asyncio.IncompleteReadError}


async def _in_pieces(_head: bytes, writer: asyncio.StreamWriter) -> None:
    for piece in (b"HTTP/1.1 200 OK\r\nCont", b"ent-Length: 10\r\n\r\n0123", b"456789"):
        writer.write(piece)
        await writer.drain()


@pytest.mark.parametrize(("size", "good", "failures"), [(10, 5, 0), (11, 0, 5)])
async def test_sends_as_many_as_ordered_and_takes_answers_of_another_size_for_failures(
    size: int, good: int, failures: int
) -> None:
    async with _serving(_in_pieces) as port:
        outcome = await carry_out(
            Order(port, [http_request(port, "GET", "/")], size, connections=2, seconds=60, most=5)
        )

    assert (len(outcome.latencies_s), outcome.failures) == (good, failures)


async def test_connections_take_the_requests_in_turn_and_number_each_sending_anew() -> None:
    asked: list[bytes] = []

    async def listen(head: bytes, writer: asyncio.StreamWriter) -> None:
        asked.append(head.split(b" ")[1])
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    async with _serving(listen) as port:
        requests = [http_request(port, "GET", f"/{name}/{NUMBER}") for name in ("a", "b")]
        await carry_out(Order(port, requests, 2, connections=4, seconds=60, most=12))

    assert len(set(asked)) == 12
    assert {each[:3] for each in asked} == {b"/a/", b"/b/"}
    assert {len(each) for each in asked} == {len(f"/a/{NUMBER}")}
    assert all(each[3:].isdigit() for each in asked)
