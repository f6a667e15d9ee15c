"""The audit and the log of events in the admin API."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.callers import Caller, admin_caller
from tests.factories.shop import NOW
from tests.platform.jobs.things import Ground, Happened, known

from mercer.platform.actors import Actor, ActorKind, Origin
from mercer.platform.jobs.dispatching import dispatch
from mercer.platform.transactions import transaction

ENTRIES = """query ($filter: AuditEntryFilter, $first: Int, $after: String) {
    auditEntries(filter: $filter, first: $first, after: $after) {
        totalCount pageInfo { endCursor hasNextPage }
        nodes { happenedAt actorKind actorId ip userAgent requestId api operation entity entityId changes reason }
    }
}"""
EVENTS = """query ($filter: LoggedEventFilter, $after: String) {
    events(filter: $filter, after: $after, first: 2) {
        pageInfo { endCursor } nodes { position name payload happenedAt requestId }
    }
}"""
ANN = Actor(kind=ActorKind.STAFF, id=UUID(int=1), permissions=frozenset())
ORIGIN = Origin(ip="192.0.2.1", user_agent="curl", request_id="abc", api="admin", operation="productUpdate")


async def change(ground: Ground, entity: str, id: int, *, days: int = 0, **context: Any) -> None:
    context = {"actor": ANN, "origin": ORIGIN, **context}
    async with transaction(ground.context(**context)) as inner:
        object.__setattr__(inner, "now", NOW + timedelta(days=days))
        inner.record(entity, UUID(int=id), {"name": ("Mug", "Big mug"), "tags": ([], [])}, reason="It is big.")


async def test_an_entry_tells_who_what_where_and_why(admin: Caller, ground: Ground) -> None:
    await change(ground, "Product", 7)
    (entry,) = (await admin(ENTRIES))["auditEntries"]["nodes"]
    assert entry == {
        "happenedAt": NOW.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "actorKind": "STAFF",
        "actorId": str(UUID(int=1)),
        "ip": "192.0.2.1",
        "userAgent": "curl",
        "requestId": "abc",
        "api": "admin",
        "operation": "productUpdate",
        "entity": "Product",
        "entityId": str(UUID(int=7)),
        "changes": {"name": ["Mug", "Big mug"]},
        "reason": "It is big.",
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"entity": {"eq": "Product"}}, [3, 2, 1]),
        ({"entity": {"in": ["Product", "Category"]}}, [4, 3, 2, 1]),
        ({"entity": {"eq": "Product"}, "entityId": {"eq": str(UUID(int=2))}}, [2]),
        ({"actorId": {"eq": str(UUID(int=1))}}, [3, 2, 1]),
        ({"operation": {"eq": "categoryUpdate"}}, [4]),
        ({"happenedAt": {"gte": "2026-11-24T00:00:00Z"}}, [4, 3, 2]),
        ({"happenedAt": {"gte": "2026-11-24T00:00:00Z", "lte": "2026-11-25T00:00:00Z"}}, [2]),
        ({"entity": {"eq": "'; DROP TABLE"}}, []),
        ({"entityId": {"eq": "no id"}}, []),
    ],
)
async def test_entries_are_found_the_newest_first(
    admin: Caller, ground: Ground, asked: dict[str, Any], found: list[int]
) -> None:
    for number in (1, 2, 3):
        await change(ground, "Product", number, days=number)
    other = Actor(kind=ActorKind.SYSTEM)
    await change(ground, "Category", 4, days=4, actor=other, origin=Origin(operation="categoryUpdate"))
    nodes = (await admin(ENTRIES, {"filter": asked}))["auditEntries"]["nodes"]
    assert [UUID(node["entityId"]).int for node in nodes] == found


async def test_pages_of_entries(admin: Caller, ground: Ground) -> None:
    for number in range(5):
        await change(ground, "Product", number)
    seen, after = [], None
    while True:
        page = (await admin(ENTRIES, {"first": 2, "after": after}))["auditEntries"]
        seen += [UUID(node["entityId"]).int for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert (seen, page["totalCount"]) == ([4, 3, 2, 1, 0], 5)


async def test_events_are_listed_by_position_once_they_have_one(admin: Caller, ground: Ground) -> None:
    async with transaction(ground.context(origin=ORIGIN)) as context:
        context.outdate("catalog")
    async with transaction(ground.context(origin=ORIGIN)) as context:
        for number in (1, 2, 3):
            context.announce(Happened(number=number))
    assert (await admin(EVENTS))["events"]["nodes"] == []
    await dispatch(ground.context(), known().handlers)
    first = (await admin(EVENTS))["events"]
    assert first["nodes"][0] == {
        "position": 2,
        "name": "platform.Happened",
        "payload": {"number": 1},
        "happenedAt": NOW.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "requestId": "abc",
    }
    second = (await admin(EVENTS, {"after": first["pageInfo"]["endCursor"]}))["events"]
    assert [node["position"] for node in (*first["nodes"], *second["nodes"])] == [2, 3, 4]
    assert (await admin(EVENTS, {"filter": {"name": {"eq": "catalog.Other"}}}))["events"]["nodes"] == []


@pytest.mark.parametrize("ask", [ENTRIES, EVENTS])
async def test_others_see_nothing_of_it(http: httpx2.AsyncClient, ask: str) -> None:
    refusals = []
    for caller in (Caller(http, "/admin/graphql", {}), admin_caller(http, role="merchandiser")):
        answer = await caller.send(ask)
        refusals.append((answer.status_code, answer.json()["errors"][0]["extensions"]["code"]))
    assert refusals == [(401, "UNAUTHENTICATED"), (403, "FORBIDDEN")]
