"""Ways to Valkey that a test may shut, or let hang as if the network had swallowed it; and a Valkey of a test's own."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit, urlunsplit

from mercer.platform.embedded import binaries


class ValkeyGate:
    """Passes connections on to a Valkey that listens on a unix socket."""

    def __init__(self, valkey_url: str) -> None:
        self._parts = urlsplit(valkey_url)
        self._directory = Path(tempfile.mkdtemp(prefix="gate-"))
        self._open: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._flows = asyncio.Event()
        self._flows.set()

    @property
    def url(self) -> str:
        """Valkey, by way of the gate."""
        secret = self._parts.netloc
        return urlunsplit(self._parts._replace(netloc=secret, path=str(self._directory / "valkey.sock")))

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._pass, self._directory / "valkey.sock")

    async def shut(self) -> None:
        """Break all connections; refuse new ones."""
        if self._server is not None:
            self._server.close()
        (self._directory / "valkey.sock").unlink(missing_ok=True)
        for writer in self._open:
            writer.transport.abort()
        if self._passing:
            await asyncio.wait(self._passing)

    def hang(self) -> None:
        """Let nothing through in either direction, without a word."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        self.flow()
        await self.shut()
        shutil.rmtree(self._directory)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        far_reader, far_writer = await asyncio.open_unix_connection(unquote(self._parts.path))
        self._open |= {writer, far_writer}
        try:
            await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))
        finally:
            self._open -= {writer, far_writer}
            self._passing.discard(task)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


class OwnValkey:
    """A Valkey that can be killed and started again. It keeps nothing."""

    def __init__(self, directory: Path) -> None:
        self._socket = directory / "valkey.sock"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}?db=0"

    async def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        settings = ("--port", "0", "--save", "", "--appendonly", "no", "--unixsocket", str(self._socket))
        self._process = await asyncio.create_subprocess_exec(
            binaries.valkey(None), *settings, cwd=self._socket.parent, stdout=asyncio.subprocess.DEVNULL
        )

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def own_valkey() -> AsyncIterator[OwnValkey]:
    directory = Path(tempfile.mkdtemp(prefix="valkey-"))
    valkey = OwnValkey(directory)
    await valkey.start()
    try:
        yield valkey
    finally:
        await valkey.kill()
        shutil.rmtree(directory)
