import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.platform.embedded.holder import Holder, hold


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty directory that the servers' user may pass through, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="mercer-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def initialised() -> Iterator[Path]:
    """A data directory with a table of one row, to be copied: making one takes a second."""
    path = Path(tempfile.mkdtemp(prefix="mercer-test-"))
    path.chmod(0o711)
    holder = hold(path)
    holder.sql("CREATE TABLE kept (id int PRIMARY KEY)")
    holder.sql("INSERT INTO kept VALUES (1)")
    assert holder.stop() == 0
    yield path
    shutil.rmtree(path)


@pytest.fixture
def data_dir(place: Path, initialised: Path) -> Path:
    """A data directory of one's own. Its table `kept` has one row."""
    subprocess.run(["cp", "-a", initialised, place / "data"], check=True)  # with its owners, if we are root
    return place / "data"


@pytest.fixture
def run(data_dir: Path) -> Iterator[Callable[[], Holder]]:
    """Starts holders of `data_dir`. What still runs at the end is stopped."""
    started: list[Holder] = []

    def start() -> Holder:
        started.append(hold(data_dir))
        return started[-1]

    yield start
    for holder in started:
        if holder.process.poll() is None:
            holder.stop()
