"""A way to PostgreSQL that a test may shut and open again, as if the server went away and came back."""

import asyncio
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

SOCKET = ".s.PGSQL.5432"


class Gate:
    """Passes connections on to a PostgreSQL that listens on a unix socket."""

    def __init__(self, database_url: str) -> None:
        self._database = conninfo_to_dict(database_url)
        self._directory = Path(tempfile.mkdtemp(prefix="gate-"))
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The database, by way of the gate."""
        user, password = (quote(str(self._database[name]), safe="") for name in ("user", "password"))
        return f"postgresql://{user}:{password}@/{self._database['dbname']}?host={self._directory}"

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._pass, self._directory / SOCKET)

    async def shut(self) -> None:
        """Break all connections; refuse new ones."""
        if self._server is not None:
            self._server.close()
        (self._directory / SOCKET).unlink(missing_ok=True)
        self.break_connections()

    def break_connections(self) -> None:
        """Break all connections, as a restart of the server does."""
        for writer in self._open:
            writer.transport.abort()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.shut()
        shutil.rmtree(self._directory)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._database["host"], self._database.get("port") or 5432
        far_reader, far_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        self._open |= {writer, far_writer}
        try:
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        finally:
            self._open -= {writer, far_writer}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
