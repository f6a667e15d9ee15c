"""What clients see while processes are killed under load: right answers, or quick refusals until it is back."""

import json
import logging
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException

import psutil
from tests.cli.conftest import Mercer, Up
from tests.processes import still_running

Start = Callable[..., Up]
log = logging.getLogger(__name__)
CLIENTS = 2
PATIENCE_S = 60
RETRY_S = 0.02
QUERY = json.dumps(
    {"query": "{ products(first: 5, sort: {field: NAME}) { nodes { name variants { sku } } totalCount } }"}
)


class Load:
    """Clients that ask the same question all the time, and what they were answered."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/shop/graphql"
        self.seen: Counter[str] = Counter()
        self.answers: set[bytes] = set()
        self.longest_s = 0.0
        self._stop = threading.Event()

    def ask(self) -> str:
        """Ask once: `answered`, `refused` with 503, or `unreachable`. Anything else is its own name."""
        request = urllib.request.Request(self.url, QUERY.encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                self.answers.add(answer.read())
                return "answered"
        except urllib.error.HTTPError as error:
            code = json.loads(error.read())["errors"][0]["extensions"]["code"]
            return "refused" if (error.code, code) == (503, "UNAVAILABLE") else f"{error.code} {code}"
        except (OSError, HTTPException):
            return "unreachable"

    def until(self, outcome: str) -> float:
        """Wait for this outcome; return how long it took, in seconds."""
        began = time.monotonic()
        while self.ask() != outcome:
            assert time.monotonic() - began < PATIENCE_S, (self.ask(), self.seen)
        return time.monotonic() - began

    @contextmanager
    def running(self) -> Iterator[None]:
        clients = [threading.Thread(target=self._run) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            yield
        finally:
            self._stop.set()
            for client in clients:
                client.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            outcome = self.ask()
            self.seen[outcome] += 1
            self.longest_s = max(self.longest_s, time.monotonic() - began)
            if outcome != "answered":
                self._stop.wait(RETRY_S)


def test_clients_during_kills(up: Start, mercer: Mercer) -> None:
    running = up(log_level="error")
    load = Load(mercer.port)
    assert load.ask() == "answered"
    for command, name in (("postgres", "PostgreSQL"), ("valkey-server", "Valkey"), ("mercer serve", "The API")):
        during = Load(mercer.port)
        with during.running():
            running.child(command).kill()
            running.hear(f"{name} is back.")
            back = load.until("answered")
        log.info("%s: %s, longest %.2f s, answered %.2f s after", name, during.seen, during.longest_s, back)
        assert set(during.seen) <= {"answered", "refused", "unreachable"}
        assert during.answers <= load.answers
        if name == "Valkey":
            assert set(during.seen) == {"answered"}
    assert len(load.answers) == 1


def test_clients_during_a_kill_of_everything(up: Start, mercer: Mercer) -> None:
    running = up(log_level="error")
    load = Load(mercer.port)
    assert load.ask() == "answered"
    tree = [psutil.Process(running.process.pid), *psutil.Process(running.process.pid).children(recursive=True)]
    during = Load(mercer.port)
    with during.running():
        for process in tree:
            with suppress(psutil.NoSuchProcess):  # PostgreSQL's own workers come and go
                process.send_signal(signal.SIGKILL)
        running.process.communicate()
        assert still_running(tree) == []
        up(log_level="error")
        back = load.until("answered")
    log.info("Everything: %s, longest %.2f s, answered %.2f s after", during.seen, during.longest_s, back)
    assert set(during.seen) <= {"answered", "refused", "unreachable"}
    assert load.answers | during.answers == load.answers
    assert len(load.answers) == 1
