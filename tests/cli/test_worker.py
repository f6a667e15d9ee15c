"""`mercer worker`, alone and under `mercer up`."""

import signal
from collections.abc import Callable

import psutil
from tests.cli.conftest import Mercer, Up
from tests.keys import SECRET_KEY
from tests.processes import still_running

Start = Callable[..., Up]


def test_it_works_on_the_servers_of_a_running_up_and_stops_when_asked(up: Start, mercer: Mercer) -> None:
    up(log_level="error")
    process = mercer.start("worker", environment="production", secret_keys=SECRET_KEY)
    assert process.stdout is not None
    assert "worker_started" in next(line for line in process.stdout if "worker_st" in line)
    process.send_signal(signal.SIGTERM)
    printed, said = process.communicate()
    assert (process.returncode, "worker_stopped" in printed, "Traceback" in said) == (0, True, False)


def test_up_runs_one_starts_it_again_and_stops_it(up: Start) -> None:
    running = up(log_level="error")
    running.child("mercer worker").kill()
    running.hear("The worker was ended by SIGKILL. Starting it again")
    running.hear("The worker is back.")
    worker = running.child("mercer worker")
    assert running.stop() == 0
    assert still_running([worker], patience=0) == []


def test_it_ends_with_a_killed_supervisor(up: Start) -> None:
    running = up(log_level="error")
    worker = psutil.Process(running.child("mercer worker").pid)
    running.process.kill()
    running.process.communicate()
    assert still_running([worker]) == []
