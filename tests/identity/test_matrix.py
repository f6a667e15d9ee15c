"""Everybody against every mutation: allowed or refused as the catalogue says, and a refusal changes nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import httpx2
import pytest
from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.factories.shop import a_shop
from tests.fixtures import writing
from tests.identity import matrix
from tests.identity.matrix import Party, calls
from tests.identity.people import Person, a_staff_member, acting, rows
from tests.people import ROLES

from mercer.app import ADMIN, DIMENSIONS, PERMISSIONS, PLACES, SHOP
from mercer.identity import service
from mercer.identity.models import AskedBound
from mercer.identity.rules.bounds import resolved
from mercer.identity.rules.roles import READY_ROLES
from mercer.platform.context import Context
from mercer.platform.permissions import ENTRY, PUBLIC, SIGNED_IN, Dimension
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

MUTATIONS = list(calls(ADMIN.schema))
GUARDED = [call for call in MUTATIONS if call.needs not in {PUBLIC, ENTRY}]
ENDING = {"sessionEnd", "sessionRevokeOthers"}
"""They would end the sessions of those who call."""

PROGRAM_MAY = frozenset(each for each in PERMISSIONS if not each.startswith(("api_keys.", "roles.", "staff.")))


@asynccontextmanager
async def _shop(settings: Settings) -> AsyncIterator[tuple[Context, httpx2.AsyncClient]]:
    """The small shop: the program itself, and a client of the application."""
    async with writing(settings) as context:
        await a_shop(context)
    async with acting(settings) as context, calling(settings) as http:
        yield replace(context, catalogue=PERMISSIONS, dimensions=DIMENSIONS, places=PLACES), http


def _role(http: httpx2.AsyncClient, role: str) -> Party:
    held = resolved(READY_ROLES[role].permissions, catalogue=PERMISSIONS)
    return Party(role, admin_caller(http, role=role), held)


async def _program(context: Context, http: httpx2.AsyncClient, *permissions: str) -> Party:
    """A program with an API key that has these permissions."""
    async with transaction(context) as inner:
        made = await service.create_api_key(inner, name="Robot", permissions=permissions)
    caller = Caller(http, "/admin/graphql", {"Authorization": f"Bearer {made.key}"})
    return Party("program", caller, frozenset(permissions), is_program=True)


async def _somebody_limited(context: Context) -> Person:
    """A member of staff who has each permission that can be limited, for one channel, one warehouse and no money."""
    [[channel_id], *_] = await rows(context, "SELECT id FROM channels.channel ORDER BY code")
    [[warehouse_id], *_] = await rows(context, "SELECT id FROM inventory.warehouse ORDER BY code")
    bounds = [_bound(name, within, channel_id, warehouse_id) for name, within in DIMENSIONS.items()]
    async with transaction(context) as inner:
        await service.create_role(inner, code="limited", name="Limited", permissions=sorted(DIMENSIONS), bounds=bounds)
    return await a_staff_member(context, "limited")


def _bound(permission: str, within: frozenset[Dimension], channel_id: UUID, warehouse_id: UUID) -> AskedBound:
    return AskedBound(
        permission=permission,
        channel_ids=(channel_id,) if Dimension.CHANNEL in within else None,
        warehouse_ids=(warehouse_id,) if Dimension.WAREHOUSE in within else None,
        is_own=Dimension.OWN in within,
    )


async def test_no_mutation_is_carried_out_for_whoever_may_not(fresh: Settings) -> None:
    """As a guest, as each role, as somebody whose role is limited, and with an API key: nothing changes."""
    async with _shop(fresh) as (context, http):
        limited = (await _somebody_limited(context)).at(http)
        parties = [
            Party("guest", Caller(http, "/admin/graphql", {}), is_signed_in=False),
            *(_role(http, role) for role in ROLES),
            Party("limited", limited, frozenset(DIMENSIONS)),
            await _program(context, http, "products.read"),
        ]
        customer = Caller(http, "/admin/graphql", shop_caller(http, customer="customer").headers)
        for party in parties:
            await party.caller.send("{ __typename }")  # it is noted that he was there
        before = await matrix.snapshot(fresh)
        for party in parties:
            denied = [call for call in GUARDED if not party.may(call)]
            assert await matrix.mismatches(party, denied) == [], party.name
        for call in GUARDED:
            assert (await customer.send(call.query, call.variables)).status_code == 401, call.name
        assert await matrix.snapshot(fresh) == before


async def test_every_mutation_is_carried_out_for_whoever_may(fresh: Settings) -> None:
    """By each role, and by a program that may do all that programs may: the schema knows the answer."""
    async with _shop(fresh) as (context, http):
        for party in [*(_role(http, role) for role in ROLES), await _program(context, http, *PROGRAM_MAY)]:
            allowed = [call for call in GUARDED if call.needs in party.permissions and call.name not in ENDING]
            assert await matrix.mismatches(party, allowed) == [], party.name


async def test_limits_hold_in_every_mutation(fresh: Settings) -> None:
    """What is not in his channel or warehouse is not found or refused, by name of the limit; and nothing changes."""
    async with _shop(fresh) as (context, http):
        limited = (await _somebody_limited(context)).at(http)
        await limited.send("{ __typename }")
        before = await matrix.snapshot(fresh)
        for call in GUARDED:
            if call.needs in DIMENSIONS:
                sent = await limited.send(call.query, call.variables, idempotency_key=call.name)
                answered = matrix.refusal(sent)
                told = f"This needs the permission {call.needs}; yours is limited by "
                assert answered is None or answered[2].startswith(told), call.name
        after = await matrix.snapshot(fresh)
        assert {table for table in before if before[table] != after[table]} <= {"platform.idempotency"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE identity.session SET confirmed_at = '2020-01-01Z'", "FRESH_FACTOR_REQUIRED"),
        ("UPDATE identity.role SET needs_factor = true", "SECOND_FACTOR_REQUIRED"),
    ],
)
async def test_an_administrator_who_has_not_shown_enough(fresh: Settings, change: str, code: str) -> None:
    """Long ago who he is, or never a second factor that his role needs: he is told so, and nothing changes."""
    async with _shop(fresh) as (context, http):
        administrator = (await a_staff_member(context, "administrator")).at(http)
        await rows(context, f"{change} RETURNING 1")
        await administrator.send("{ __typename }")
        before = await matrix.snapshot(fresh)
        for call in GUARDED:
            if call.is_for_the_fresh if code == "FRESH_FACTOR_REQUIRED" else isinstance(call.needs, str):
                answered = matrix.refusal(await administrator.send(call.query, call.variables))
                assert answered is not None, call.name
                assert answered[:2] == (403, code), call.name
        assert await matrix.snapshot(fresh) == before


async def test_guests_may_do_nothing_with_an_account(fresh: Settings) -> None:
    async with _shop(fresh) as (_, http):
        refused = [
            call for root in ("Query", "Mutation") for call in calls(SHOP.schema, root) if call.needs is SIGNED_IN
        ]
        guest = Party("guest", shop_caller(http), is_signed_in=False)
        await guest.caller.send("{ __typename }")
        before = await matrix.snapshot(fresh)
        assert await matrix.mismatches(guest, refused) == []
        assert await matrix.snapshot(fresh) == before
