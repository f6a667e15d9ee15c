"""The operating-system user that runs the servers. PostgreSQL refuses root, so root needs another."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "mercer"


@dataclass(frozen=True)
class Account:
    """An unprivileged user."""

    name: str
    uid: int
    gid: int

    def barrier(self, path: Path) -> Path | None:
        """The first directory on the way into `path` that this user may not pass."""
        return next((step for step in reversed((path, *path.parents)) if not self._passes(step)), None)

    def _passes(self, path: Path) -> bool:
        found = path.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & 0o100)
        if found.st_gid == self.gid:
            return bool(found.st_mode & 0o010)
        return bool(found.st_mode & 0o001)


def server_account() -> Account | None:
    """The user that the servers run as when we are root. None: they run as we do.

    Creates the system user `mercer`, and takes `nobody` where that cannot be done.
    """
    if os.geteuid() != 0:
        return None
    entry = _entry(NAME)
    if entry is None:
        _create()
        entry = _entry(NAME) or pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def private_directory(path: Path, account: Account | None) -> Path:
    """Make `path` a directory that only `account` may enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)
    return path


def make_directories(path: Path, *, mode: int) -> None:
    """Make `path` and what is missing above it, with exactly this mode. What exists is left as it is."""
    for missing in reversed([step for step in (path, *path.parents) if not step.exists()]):
        missing.mkdir(exist_ok=True)
        missing.chmod(mode)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _create() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    # It fails when another start has just done it, which is as good.
    subprocess.run([*command, "--shell", "/usr/sbin/nologin", NAME], check=False, capture_output=True)  # noqa: S603
