"""Where the embedded servers keep their data, logs, secrets and sockets."""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mercer.platform.embedded.account import Account, make_directories, private_directory, server_account
from mercer.platform.embedded.binaries import SHARED
from mercer.platform.embedded.errors import Unreachable
from mercer.platform.settings import Settings

LONGEST_SOCKET = 103
"""Bytes that a unix socket's path may have on macOS. Linux allows four more."""


class Secrets(msgspec.Struct):
    """The servers' passwords: made once, readable only by who starts them."""

    superuser: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(24))
    application: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(24))
    valkey: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(24))


@dataclass(frozen=True)
class Home:
    """The directories of one pair of servers."""

    directory: Path
    account: Account | None

    @property
    def lock(self) -> Path:
        return self.directory / "lock"

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def postgresql(self) -> Path:
        return self.directory / "postgresql"

    @property
    def valkey(self) -> Path:
        return self.directory / "valkey"

    @property
    def sockets(self) -> Path:
        """A private directory, below the data if that is not too deep for a socket."""
        near = self.directory / "run"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
            return near
        key = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"mercer-{key}"

    def secrets(self) -> Secrets:
        """The passwords. They are made at the first call."""
        path = self.directory / "secrets.json"
        if not path.exists():
            partial = path.with_suffix(".partial")
            partial.touch(mode=0o600)
            partial.write_bytes(msgspec.json.encode(Secrets()))
            partial.rename(path)
        return msgspec.json.decode(path.read_bytes(), type=Secrets)


def open_home(settings: Settings) -> Home:
    """The directories of these settings' data directory, made if need be. Raises `Unreachable`."""
    account = server_account()
    directory = settings.data_dir.absolute()
    if account is not None and "data_dir" not in settings.model_fields_set:
        directory = _shared(directory)
    _make(directory, account)
    home = Home(directory, account)
    home.logs.mkdir(mode=0o700, exist_ok=True)
    return home


def prepare_sockets(home: Home) -> None:
    """Make the sockets' directory. Raises `Unreachable` if another user has taken its name."""
    path = home.sockets
    owner = home.account.uid if home.account else os.geteuid()
    if path.is_symlink() or (path.exists() and path.stat().st_uid not in {owner, os.geteuid()}):
        raise Unreachable(f"{path} belongs to somebody else. Choose a shorter MERCER_DATA_DIR.")
    private_directory(path, home.account)


def _shared(directory: Path) -> Path:
    """Root's place for the data of one clone: readable by name, unique by path."""
    key = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    return SHARED / f"{directory.parent.name[:24]}-{key}"


def _make(directory: Path, account: Account | None) -> None:
    # The servers' user must pass through to its own directories; nobody may list this one.
    make_directories(directory, mode=0o700 if account is None else 0o711)
    barrier = account.barrier(directory) if account else None
    if account is not None and barrier is not None:
        raise Unreachable(
            f"PostgreSQL does not run as root, and the user {account.name} may not pass through {barrier}.\n"
            "Choose another MERCER_DATA_DIR, or leave it out: the data is then kept under /var/lib/mercer."
        )
