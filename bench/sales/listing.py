"""The list of orders that staff look at: each filter and each order, how long it takes and how it is carried out."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson
import psycopg

from bench.datasets import Dataset, prepare
from bench.doors.operations import sign_in
from bench.doors.people import copied, staff_email, store_people
from bench.measuring import Asked, Generator, Pace, Target, Way, measure_all
from bench.sales.app import EXPLAIN
from bench.server import serving
from mercer.cli.terminal import say
from mercer.platform.settings import Settings

ADMIN = "/admin/graphql"
CALLERS = (1, 8)

_ROW = (
    "nodes { id number status paymentStatus fulfilmentStatus email createdAt total { gross } } pageInfo { endCursor }"
)
_PAGE = f"""query Orders($filter: OrderFilter, $sort: OrderSort, $after: String) {{
    orders(first: 50, filter: $filter, sort: $sort, after: $after) {{ {_ROW} }} }}"""
_COUNT = "query Count($filter: OrderFilter) { orders(filter: $filter) { totalCount } }"


@dataclass(frozen=True)
class Listed:
    """One way of asking for the list. `scans` names the tables of orders that it reads from end to end."""

    title: str
    ways: list[Way]
    scans: tuple[str, ...]
    is_count: bool


@dataclass(frozen=True)
class OrdersReport:
    """What was measured of the list of orders."""

    title: str
    listed: list[Listed]


async def measure_orders(
    settings: Settings, dataset: Dataset, generator: Generator, pace: Pace, *, rebuild: bool
) -> OrdersReport:
    """Prepare the orders if they are not there yet, and ask for them in each way."""
    await asyncio.to_thread(prepare, dataset, settings, rebuild=rebuild)
    with copied(settings, dataset.name) as url:
        on_copy = settings.model_copy(update={"database_url": url})
        await store_people(on_copy, staff=1)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ANALYZE")
        async with _target(on_copy, generator) as (target, headers):
            listed = []
            for title, query, variables in list(questions(await _known(target, headers))):
                say(f"Measuring orders, {title} …")
                listed.append(await _listed(target, title, query, variables, headers, pace))
    return OrdersReport(title=dataset.title, listed=listed)


def questions(known: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What is asked: title, query, variables. Most leave many; some leave few, far back, or none."""
    since, until = known["since"], known["until"]
    filters: dict[str, Any] = {
        "number": {"number": {"eq": known["number"]}},
        "email": {"email": {"eq": known["email"]}},
        "email begins": {"email": {"startsWith": known["email"][:7]}},
        "customer, none": {"customer": {"eq": known["id"]}},
        "channel": {"channel": {"eq": known["channel"]}},
        "status, many": {"status": {"in": ["COMPLETED"]}},
        "status, few": {"status": {"in": ["OPEN"]}},
        "status, none": {"status": {"in": ["ON_HOLD"]}},
        "statuses": {"status": {"in": ["OPEN", "CANCELLED"]}},
        "payment": {"paymentStatus": {"in": ["REFUNDED"]}},
        "fulfilment": {"fulfilmentStatus": {"in": ["PARTIAL"]}},
        "created": {"createdAt": {"gte": since, "lte": until}},
        "placed": {"placedAt": {"gte": since, "lte": until}},
        "total": {"total": {"gte": "500.00"}},
        "total, none": {"total": {"gte": "900000.00"}},
        "country": {"country": {"eq": "NL"}},
        "country, none": {"country": {"eq": "JP"}},
        "sku": {"sku": {"eq": known["sku"]}},
        "sku, none": {"sku": {"eq": "NO-SUCH"}},
        "to be shipped": {"status": {"in": ["OPEN"]}, "paymentStatus": {"in": ["PAID"]}, "country": {"eq": "DE"}},
    }
    yield "all", _PAGE, {}
    yield "oldest first", _PAGE, {"sort": {"field": "CREATED_AT", "direction": "ASC"}}
    yield "second page", _PAGE, {"after": known["after"]}
    yield "… of a status", _PAGE, {"after": known["after"], "filter": filters["status, many"]}
    for title, asked in filters.items():
        yield title, _PAGE, {"filter": asked}
    yield "totalCount", _COUNT, {}
    for title in ("status, many", "email", "country", "sku"):
        yield f"… {title}", _COUNT, {"filter": filters[title]}


@asynccontextmanager
async def _target(settings: Settings, generator: Generator) -> Any:
    assert settings.database_url is not None
    assert settings.valkey_url is not None
    async with (
        httpx2.AsyncClient(trust_env=False, timeout=120) as client,
        serving(settings.database_url, settings.valkey_url, app="sales") as port,
    ):
        target = Target(port, client, generator)
        told = (await target.send(sign_in(ADMIN, staff_email(0)))).json()
        yield target, {"authorization": f"Bearer {told['data']['sessionCreate']['token']}"}


async def _known(target: Target, headers: Mapping[str, str]) -> dict[str, Any]:
    """Values that orders have: of one in the middle of them."""
    query = """query { orders(first: 50) { nodes {
        id number email createdAt channel { id } lines { sku } } pageInfo { endCursor } } }"""
    page = (await _ask(target, headers, query, {}))["orders"]
    order = page["nodes"][-1]
    return {
        "id": order["id"],
        "number": order["number"],
        "email": order["email"],
        "channel": order["channel"]["id"],
        "sku": order["lines"][0]["sku"],
        "since": order["createdAt"],
        "until": page["nodes"][0]["createdAt"],
        "after": page["pageInfo"]["endCursor"],
    }


async def _listed(
    target: Target, title: str, query: str, variables: dict[str, Any], headers: Mapping[str, str], pace: Pace
) -> Listed:
    asked = Asked(ADMIN, _body(query, variables), headers)
    explained = (await target.send(Asked(EXPLAIN, asked.body, headers))).json()
    ways = [Way("mercer", [asked]), Way("raw", [Asked(explained["path"])])]
    for way in ways:
        told = await target.first_answer(way)
        assert "errors" not in told, told["errors"]
    await measure_all([(target, ways)], pace, CALLERS)
    scans = {each for [plan] in explained["plans"] for each in _scans(plan["Plan"])}
    return Listed(title, ways, tuple(sorted(scans)), is_count=query is _COUNT)


async def _ask(target: Target, headers: Mapping[str, str], query: str, variables: dict[str, Any]) -> Any:
    told = (await target.send(Asked(ADMIN, _body(query, variables), headers))).json()
    assert "errors" not in told, told["errors"]
    return told["data"]


def _scans(plan: Mapping[str, Any]) -> Iterator[str]:
    """The tables of orders that a plan reads from end to end."""
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in {"order", "line", "timeline", "tax_line"}:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scans(part)


def _body(query: str, variables: dict[str, Any]) -> bytes:
    return orjson.dumps({"query": query, "variables": variables})
