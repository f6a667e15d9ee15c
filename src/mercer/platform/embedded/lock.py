"""One holder per data directory. The kernel frees the lock of a process that dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mercer.platform.embedded.errors import EmbeddedError


@dataclass(frozen=True)
class Holder:
    """Who holds a data directory. The addresses are there while others may use its servers."""

    pid: int
    command: str
    since: datetime
    database_url: str | None = field(default=None, repr=False)
    valkey_url: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"process {self.pid} (`{self.command}`, since {self.since:%Y-%m-%d %H:%M:%S} UTC)"


class DataDirectoryInUse(EmbeddedError):
    """Another process runs the servers of this data directory."""

    def __init__(self, directory: Path, holder: Holder | None) -> None:
        self.holder = holder
        super().__init__(
            f"The data directory {directory} is in use by {holder or 'another process'}.\n"
            "Stop that one first, or choose another directory with MERCER_DATA_DIR."
        )


@dataclass(frozen=True)
class Lock:
    """A lock that is held. Its file says by whom."""

    descriptor: int
    holder: Holder

    def write(self, holder: Holder) -> None:
        """Say who holds it, for those who come later."""
        record = msgspec.json.encode(holder)
        os.pwrite(self.descriptor, record, 0)
        os.ftruncate(self.descriptor, len(record))


@contextmanager
def held(path: Path, *, command: str) -> Iterator[Lock]:
    """Hold the lock file `path`. Raises `DataDirectoryInUse` at once if another process has it."""
    # Close-on-exec, or the servers would inherit the lock and outlive us with it.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataDirectoryInUse(path.parent, _read(descriptor)) from None
        lock = Lock(descriptor, Holder(os.getpid(), command, datetime.now(UTC)))
        lock.write(lock.holder)
        yield lock
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> Holder | None:
    try:
        return msgspec.json.decode(os.pread(descriptor, 65536, 0), type=Holder)
    except msgspec.DecodeError:
        return None  # it is being written
