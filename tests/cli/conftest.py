import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psutil
import pytest


@dataclass(frozen=True)
class Mercer:
    """Runs `mercer` on a data directory and a port of its own."""

    data_dir: Path
    port: int

    def start(self, *command: str, **settings: str) -> subprocess.Popen[str]:
        """Start a command. What it says to people can be read."""
        own = {"MERCER_DATA_DIR": str(self.data_dir), "MERCER_PORT": str(self.port)}
        return subprocess.Popen(
            [sys.executable, "-m", "mercer", *command],
            env=os.environ | own | {f"MERCER_{name.upper()}": value for name, value in settings.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str, **settings: str) -> tuple[int, str, str]:
        """Run a command to its end. Returns its status and what it printed, results and words."""
        process = self.start(*command, **settings)
        printed, said = process.communicate()
        return process.returncode, printed, said

    def get(self, path: str) -> int:
        """The status of the API's answer. Waits until there is one."""
        while True:
            try:
                return httpx2.get(f"http://127.0.0.1:{self.port}{path}", timeout=10).status_code
            except httpx2.TransportError:
                continue


@dataclass(frozen=True)
class Up:
    """A running `mercer up`."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    """What was heard so far."""

    def hear(self, text: str) -> str:
        """Wait until it says this. Returns the whole line."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if text in line:
                return line.rstrip("\n")
        raise AssertionError(f"it ended without saying {text!r}")

    def child(self, name: str) -> psutil.Process:
        """Its child of this name."""
        return next(one for one in psutil.Process(self.process.pid).children() if name in " ".join(one.cmdline()))

    def stop(self) -> int:
        """Stop it as Ctrl-C does. Returns its status."""
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()
        return self.process.returncode


@pytest.fixture(scope="session")
def mercer() -> Iterator[Mercer]:
    directory = Path(tempfile.mkdtemp(prefix="mercer-test-"))
    directory.chmod(0o711)
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    yield Mercer(directory / "data", port)
    shutil.rmtree(directory)


@pytest.fixture
def up(mercer: Mercer) -> Iterator[Callable[..., Up]]:
    """Starts `mercer up` and waits until it runs. What still runs at the end is stopped."""
    started: list[Up] = []

    def start(**settings: str) -> Up:
        started.append(Up(mercer.start("up", **settings)))
        started[-1].hear("Ctrl-C stops it.")
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()
