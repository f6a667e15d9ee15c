"""`mercer up`: starts everything, keeps it running, stops all of it."""

import signal
import socket
from collections.abc import Callable

import httpx2
import psutil
from tests.cli.conftest import Mercer, Up
from tests.processes import still_running

Start = Callable[[], Up]


def test_it_runs_until_it_is_stopped(up: Start, mercer: Mercer) -> None:
    running = up()
    tree = psutil.Process(running.process.pid).children(recursive=True)
    assert (mercer.get("/livez"), mercer.get("/readyz")) == (200, 200)
    assert running.stop() == 0
    assert still_running(tree, patience=0) == []


def test_it_stops_when_nobody_listens_any_more(up: Start) -> None:
    running = up()
    tree = psutil.Process(running.process.pid).children(recursive=True)
    for stream in (running.process.stdout, running.process.stderr):
        assert stream is not None
        stream.close()
    running.process.send_signal(signal.SIGHUP)
    assert running.process.wait() == 0
    assert still_running(tree, patience=0) == []


def test_the_second_says_who_runs(up: Start, mercer: Mercer) -> None:
    first = up()
    status, _, said = mercer.run("up")
    holder = f"The data directory {mercer.data_dir} is in use by process {first.process.pid} (`mercer up`, since "
    assert (status, holder in said, "Traceback" in said) == (1, True, False)
    assert mercer.get("/livez") == 200


def test_each_process_may_be_killed(up: Start, mercer: Mercer) -> None:
    running = up()
    for command, name in (("postgres", "PostgreSQL"), ("valkey-server", "Valkey"), ("mercer serve", "The API")):
        running.child(command).kill()
        running.hear(f"{name} was ended by SIGKILL. Starting it again")
        running.hear(f"{name} is back.")
    (worker,) = running.child("mercer serve").children()
    worker.kill()
    assert still_running([worker]) == []
    assert mercer.get("/livez") == 200
    assert running.stop() == 0


def test_the_api_ends_with_a_killed_supervisor(up: Start, mercer: Mercer) -> None:
    first = up()
    tree = psutil.Process(first.process.pid).children(recursive=True)
    first.process.kill()
    first.process.communicate()
    assert still_running(tree) == []
    up()
    assert mercer.get("/livez") == 200


def test_commands_use_what_runs(up: Start, mercer: Mercer) -> None:
    up()
    assert mercer.run("migrate") == (0, "", "The database is up to date.\n")
    assert mercer.run("migrate", "--check") == (0, "", "")


def test_commands_run_the_servers_themselves(mercer: Mercer) -> None:
    status, printed, said = mercer.run("migrate")
    assert (status, printed, said.splitlines()[-1]) == (0, "", "The database is up to date.")


def test_a_wrong_setting_stops_the_start(mercer: Mercer) -> None:
    status, _, said = mercer.run("up", workers="many")
    assert (status, said.splitlines()[0]) == (2, "Mercer cannot start with these settings:")
    assert said.splitlines()[1].startswith("  MERCER_WORKERS: ")
    assert "Traceback" not in said


def test_a_taken_port_stops_the_start(mercer: Mercer) -> None:
    with socket.create_server(("127.0.0.1", mercer.port)):
        status, _, said = mercer.run("up")
    assert status == 1
    assert f"The API cannot listen on 127.0.0.1, port {mercer.port}: Address already in use." in said
    assert "Traceback" not in said


def test_the_account_that_is_shown_opens_the_admin_api(up: Start, mercer: Mercer) -> None:
    running = up()
    (shown,) = [line.split() for line in running.said if "Staff " in line and "password" in line]
    email, password = shown[1].rstrip(","), shown[-1]
    query = """mutation ($email: String!, $password: String!) { sessionCreate(email: $email, password: $password) {
        ... on Session { token } } }"""
    url = f"http://127.0.0.1:{mercer.port}/admin/graphql"
    asked = {"query": query, "variables": {"email": email, "password": password}}
    token = httpx2.post(url, json=asked, timeout=30).json()["data"]["sessionCreate"]["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx2.post(url, json={"query": "{ me { email } }"}, headers=headers, timeout=30)
    assert answer.json() == {"data": {"me": {"email": email}}}
    assert httpx2.post(url, json={"query": "{ me { email } }"}, timeout=30).status_code == 401


def test_production_does_not_start_without_a_key(mercer: Mercer) -> None:
    for keys, said_first in (("", "production needs a key"), ("c2hvcnQ=", "must be keys of 32 random bytes")):
        for command in ("up", "serve", "worker"):
            status, _, said = mercer.run(command, environment="production", secret_keys=keys)
            assert status == 2
            assert said.splitlines()[1].startswith(f"  MERCER_SECRET_KEYS: {said_first}")
            assert "Traceback" not in said
            assert "c2hvcnQ=" not in said
