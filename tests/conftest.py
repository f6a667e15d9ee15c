"""Fixtures for every test: a real PostgreSQL and Valkey, started once a run, with a database for each worker."""

import os
from pathlib import Path
from subprocess import Popen

import hypothesis
import pytest
from tests import servers

pytest_plugins = ["tests.fixtures", "tests.selling", "tests.checkout.stores"]

# A busy machine is no fault, and a run is the same as the last one. `EXAMPLES=5000` looks further, with other seeds.
hypothesis.settings.register_profile(
    "mercer",
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    max_examples=int(os.environ.get("EXAMPLES", "100")),
)
hypothesis.settings.load_profile("mercer")

_DIRECTORY = "TEST_SERVERS"
_RUNNING = pytest.StashKey[tuple[Path, "Popen[bytes]"]]()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    # A developer's own settings are not the tests'. Workers inherit what is left.
    for name in [name for name in os.environ if name.startswith("MERCER_")]:
        del os.environ[name]
    directory, process = servers.start()
    config.stash[_RUNNING] = directory, process
    os.environ[_DIRECTORY] = str(directory)


def pytest_unconfigure(config: pytest.Config) -> None:
    if running := config.stash.get(_RUNNING, None):
        servers.stop(*running)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def database_url(worker_id: str) -> str:
    """This worker's own database: migrated, and empty until a test fills it."""
    found = servers.addresses(Path(os.environ[_DIRECTORY]))
    return servers.copy_database(found["database_url"], f"test_{worker_id}")


@pytest.fixture(scope="session")
def valkey_url(worker_id: str) -> str:
    """This worker's own numbered database in Valkey."""
    found = servers.addresses(Path(os.environ[_DIRECTORY]))
    number = 1 + int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    return found["valkey_url"].replace("?db=0", f"?db={number}")
