"""The audit for somebody who sees only what he did himself."""

from uuid import UUID

import httpx2
from tests.bounded_staff import somebody
from tests.callers import Caller
from tests.operations.test_logs_api import change
from tests.platform.jobs.things import Ground

from mercer.platform.actors import Actor, ActorKind
from mercer.platform.settings import Settings

ENTRIES = "query ($filter: AuditEntryFilter) { auditEntries(filter: $filter) { totalCount nodes { actorId } } }"
EVENTS = "{ events { totalCount } }"


async def test_only_ones_own_entries(ground: Ground, admin: Caller, fresh: Settings, http: httpx2.AsyncClient) -> None:
    caller = somebody(fresh, http, "audit.read", bounds={"audit.read": {"is_own": True}})
    me = (await caller("{ me { id } }"))["me"]["id"]
    own = Actor(kind=ActorKind.STAFF, id=UUID(me))
    await change(ground, "Product", 7)
    await change(ground, "Product", 8, actor=own)
    await change(ground, "Product", 9, actor=Actor(kind=ActorKind.SYSTEM))
    assert (await caller(ENTRIES))["auditEntries"] == {"totalCount": 1, "nodes": [{"actorId": me}]}
    others = {"filter": {"actorId": {"eq": str(UUID(int=1))}}}
    assert (await caller(ENTRIES, others))["auditEntries"] == {"totalCount": 0, "nodes": []}
    assert (await admin(ENTRIES))["auditEntries"]["totalCount"] == 3
