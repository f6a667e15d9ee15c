"""Servers killed under reads and writes: nothing is lost, nothing stale is shown, nobody stays who signed out."""

import json
import logging
import re
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from uuid import uuid4

from tests.cli.conftest import Mercer, Up

Start = Callable[..., Up]
log = logging.getLogger(__name__)
RETRY_S = 0.02
SESSIONS = 24

RENAME = """mutation ($id: ID!, $name: String!) {
    productUpdate(id: $id, input: {name: $name}) { __typename ... on Product { name } }
}"""
SHOWN = "query ($id: ID!) { product(id: $id) { name } }"
CHANGES = """query ($id: ID!, $after: String) {
    auditEntries(filter: {entityId: {eq: $id}, operation: {eq: "productUpdate"}}, first: 100, after: $after) {
        nodes { changes } pageInfo { hasNextPage endCursor }
    }
}"""
SIGN_IN = """mutation ($email: String!, $password: String!) {
    sessionCreate(email: $email, password: $password) { ... on Session { token } ... on Error { code } }
}"""
QUICK = {
    "password_memory_kib": "8",
    "password_time_cost": "1",
    "password_lanes": "1",
    "mutations_per_minute": "1000000",
}


@dataclass
class Client:
    """Sends GraphQL over HTTP, one request on each connection, and counts what came of them."""

    port: int
    seen: Counter[str] = field(default_factory=Counter)
    name: str = field(default_factory=lambda: uuid4().hex[:8])

    def send(self, api: str, query: str, variables: dict[str, Any], **headers: str) -> tuple[str, Any]:
        """`answered` with the data, `refused` with 503, `unreachable`, or the status and code of another error."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{api}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json", **headers},
        )
        data = None
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                data, outcome = json.loads(answer.read())["data"], "answered"
        except urllib.error.HTTPError as error:
            code = json.loads(error.read())["errors"][0]["extensions"]["code"]
            outcome = "refused" if (error.code, code) == (503, "UNAVAILABLE") else f"{error.code} {code}"
        except (OSError, HTTPException):
            outcome = "unreachable"
        self.seen[outcome] += 1
        return outcome, data


@dataclass
class Outage:
    """Writers, each with a product of his own, and people who sign out, while something is killed."""

    port: int
    token: str
    products: list[str]
    sessions: list[str]
    written: dict[str, list[str]] = field(default_factory=dict)
    """The names that each product was given, in order, all of them confirmed."""
    ended: list[str] = field(default_factory=list)
    """Tokens whose end was confirmed."""
    wrong: list[str] = field(default_factory=list)
    client: Client = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.client = Client(self.port)

    @contextmanager
    def running(self) -> Iterator[None]:
        work = [threading.Thread(target=self._write, args=(product,)) for product in self.products]
        work += [threading.Thread(target=self._sign_out), threading.Thread(target=self._try_ended)]
        for each in work:
            each.start()
        try:
            yield
        finally:
            self._stop.set()
            for each in work:
                each.join()

    def wait_for(self, count: int) -> None:
        """Wait until each product was renamed so often, and as many people have signed out."""
        while min(len(self.ended), *map(len, self.written.values())) < min(count, SESSIONS):
            self._pause()

    def _write(self, product: str) -> None:
        """Rename it again and again, each time until it is confirmed, and look at once how shoppers see it."""
        names = self.written.setdefault(product, [])
        while not self._stop.is_set():
            name = f"{self.client.name} {product[-4:]} {len(names)}"
            self._until_answered("admin", RENAME, {"id": product, "name": name}, key=name)
            names.append(name)
            shown = self._until_answered("shop", SHOWN, {"id": product})["product"]["name"]
            if shown != name:
                self.wrong.append(f"{name} was confirmed, {shown} was shown")

    def _until_answered(self, api: str, query: str, variables: dict[str, Any], *, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key} if key else {}
        while True:
            outcome, data = self.client.send(api, query, variables, **headers)
            if outcome == "answered":
                return data
            if outcome not in {"refused", "unreachable"}:
                self.wrong.append(outcome)
            self._pause()

    def _sign_out(self) -> None:
        """End one session after the other, each used just before, so that it is cached."""
        for token in self.sessions:
            while not self._stop.is_set():
                self._ask_as(token, "{ me { __typename } }")
                outcome = self._ask_as(token, "mutation { sessionEnd { __typename } }")
                if outcome in {"answered", "401 UNAUTHENTICATED"}:
                    self.ended.append(token)
                    break
            self._pause()

    def _try_ended(self) -> None:
        while not self._stop.is_set():
            self.try_ended()
            self._pause()

    def try_ended(self) -> None:
        """Whoever signed out stays out."""
        for token in list(self.ended):
            if self._ask_as(token, "{ me { __typename } }") == "answered":
                self.wrong.append("somebody was let in who had signed out")

    def _ask_as(self, token: str, query: str) -> str:
        return self.client.send("admin", query, {}, Authorization=f"Bearer {token}")[0]

    def _pause(self) -> None:
        self._stop.wait(RETRY_S)


def test_reads_and_writes_during_kills(up: Start, mercer: Mercer) -> None:
    running = up(log_level="error", **QUICK)
    for command, name in (("postgres", "PostgreSQL"), ("valkey-server", "Valkey")):
        outage = prepared(running, mercer.port)
        with outage.running():
            outage.wait_for(3)
            running.child(command).kill()
            running.hear(f"{name} is back.")
            outage.wait_for(3 + max(map(len, outage.written.values())))
        log.info("%s: %s, %d sessions ended", name, dict(outage.client.seen), len(outage.ended))
        outage.try_ended()

        assert outage.wrong == []
        assert len(outage.ended) > 2
        for product, names in outage.written.items():
            assert renamings(outage, product) == names


def prepared(running: Up, port: int) -> Outage:
    """Somebody of the demonstration's staff, signed in many times, and two products for him to rename."""
    found = re.search(r"Staff +(\S+), password (\S+)", "".join(running.said))
    assert found is not None
    client = Client(port)
    tokens = []
    for _ in range(SESSIONS + 1):
        _, data = client.send("admin", SIGN_IN, {"email": found[1], "password": found[2]})
        tokens.append(data["sessionCreate"]["token"])
    _, data = client.send("shop", "{ products(first: 2) { nodes { id } } }", {})
    products = [each["id"] for each in data["products"]["nodes"]]
    return Outage(port, tokens[0], products, tokens[1:], written={product: [] for product in products})


def renamings(outage: Outage, product: str) -> list[str]:
    """What a product was renamed to by this test, as the audit tells it, in order."""
    names: list[str] = []
    after = None
    while True:
        headers = {"Authorization": f"Bearer {outage.token}"}
        _, data = outage.client.send("admin", CHANGES, {"id": product, "after": after}, **headers)
        page = data["auditEntries"]
        names += [each["changes"]["name"][1] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return names[::-1][-len(outage.written[product]) :]
        after = page["pageInfo"]["endCursor"]
