"""Whoever is refused is logged: who he is, what he asked for, the permission that it needs, and what he lacked."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs
from tests.callers import Caller
from tests.identity.people import Person, a_staff_member, rows

from mercer.app import PERMISSIONS, PLACES
from mercer.identity import service
from mercer.identity.models import AskedBound
from mercer.platform.context import Context
from mercer.platform.permissions import Dimension
from mercer.platform.transactions import transaction

ROLE = """mutation SomeName { roleCreate(input: {code: "sly", name: "Sly", permissions: []}) { __typename } }"""
WAREHOUSE = """mutation { warehouseCreate(input: {code: "yard", name: "Yard", country: "DE"}) { __typename } }"""
LIMITS = {"stock.manage": frozenset({Dimension.OWN})}


async def _holder(context: Context, *permissions: str, is_limited: bool = False, needs_factor: bool = False) -> Person:
    """Somebody who has a role with these permissions, all of them limited if any is."""
    known = replace(context, catalogue=PERMISSIONS, dimensions=LIMITS, places=PLACES)
    bounds = [AskedBound(permission=each, is_own=True) for each in permissions] if is_limited else []
    async with transaction(known) as inner:
        await service.create_role(
            inner, code="holder", name="Holder", permissions=permissions, bounds=bounds, needs_factor=needs_factor
        )
    return await a_staff_member(context, "holder")


async def _denied(caller: Caller, query: str) -> list[dict[str, Any]]:
    with capture_logs() as lines:
        assert "errors" in (await caller.send(query)).json()
    told = [dict(line) for line in lines if line["event"] == "denied"]
    assert all(line.pop("log_level") == "warning" for line in told)
    return told


def _line(person: Person, *, permission: str | None, lacks: str, operation: str, **more: str) -> dict[str, Any]:
    line = {"event": "denied", "actor_kind": "staff", "actor_id": str(person.id)}
    return line | {"permission": permission, "lacks": lacks, "operation": operation, **more}


async def test_a_missing_permission(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await _holder(context, "roles.read")
    caller = person.at(own_http)
    assert await _denied(caller, ROLE) == [
        _line(person, permission="roles.manage", lacks="permission", operation="roleCreate")
    ]
    assert await _denied(caller, "query SomeName { staffMembers { totalCount } }") == [
        _line(person, permission="staff.read", lacks="permission", operation="SomeName")
    ]
    assert await _denied(caller, "{ roles { totalCount } jobs { totalCount } }") == [
        _line(person, permission="jobs.read", lacks="permission", operation="roles")
    ]


async def test_a_limited_permission(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await _holder(context, "stock.manage", is_limited=True)
    denied = _line(person, permission="stock.manage", lacks="scope", operation="warehouseCreate", dimension="own")
    assert await _denied(person.at(own_http), WAREHOUSE) == [denied]


async def test_a_missing_second_factor(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await _holder(context, "roles.manage", needs_factor=True)
    denied = _line(person, permission="roles.manage", lacks="second_factor", operation="roleCreate")
    assert await _denied(person.at(own_http), ROLE) == [denied]


async def test_a_second_factor_that_would_go_further(context: Context, own_http: httpx2.AsyncClient) -> None:
    """He has the permission, but only within limits that a role lifts for whoever signs in with a second factor."""
    await _holder(context, "stock.manage", is_limited=True)
    async with transaction(replace(context, catalogue=PERMISSIONS)) as inner:
        await service.create_role(inner, code="more", name="More", permissions=["stock.manage"], needs_factor=True)
    person = await a_staff_member(context, "holder", "more")
    denied = _line(
        person, permission="stock.manage", lacks="second_factor", operation="warehouseCreate", dimension="own"
    )
    assert await _denied(person.at(own_http), WAREHOUSE) == [denied]
    answer = await person.at(own_http).send(WAREHOUSE)
    assert answer.json()["errors"][0]["extensions"]["code"] == "SECOND_FACTOR_REQUIRED"


async def test_somebody_who_has_not_shown_who_he_is(context: Context, own_http: httpx2.AsyncClient) -> None:
    person = await _holder(context, "roles.manage")
    await rows(
        context,
        "UPDATE identity.session SET confirmed_at = '2020-01-01Z' WHERE staff_id = :id RETURNING 1",
        id=person.id,
    )
    denied = _line(person, permission="roles.manage", lacks="fresh_factor", operation="roleCreate")
    assert await _denied(person.at(own_http), ROLE) == [denied]


async def test_a_key_that_asks_for_what_is_somebodys_own(context: Context, own_http: httpx2.AsyncClient) -> None:
    async with transaction(replace(context, catalogue=PERMISSIONS)) as inner:
        made = await service.create_api_key(inner, name="Robot", permissions=["products.read"])
    caller = Caller(own_http, "/admin/graphql", {"Authorization": f"Bearer {made.key}"})
    [line] = await _denied(caller, "{ me { id } }")
    assert line == {
        "event": "denied",
        "actor_kind": "api_key",
        "actor_id": str(made.id),
        "permission": None,
        "lacks": "account",
        "operation": "me",
    }


@pytest.mark.parametrize("query", ["{ me { id } }", ROLE])
async def test_whoever_is_not_signed_in_lacks_nothing_yet(nobody: Caller, query: str) -> None:
    assert await _denied(nobody, query) == []
