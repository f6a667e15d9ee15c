"""What somebody gives counts as he stands when it is his turn, not when his request came in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from tests.identity.people import CATALOGUE, Person, a_staff_member, acting, as_staff, rows

from mercer.identity import service
from mercer.identity.errors import PermissionsLacking
from mercer.platform.context import Context
from mercer.platform.permissions import NotSignedIn, PermissionMissing
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

Verb = Callable[[Context], Awaitable[Any]]

HELD = ("api_keys.manage", "products.read", "roles.manage", "staff.manage")
BLOCKED = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""
GIVEN = """SELECT (SELECT array_agg((id, is_active) ORDER BY id) FROM identity.staff)::text,
    (SELECT array_agg((staff_id, role_id) ORDER BY staff_id, role_id) FROM identity.staff_role)::text,
    (SELECT array_agg((id, name, permissions) ORDER BY id) FROM identity.role)::text,
    (SELECT array_agg((id, version) ORDER BY id) FROM identity.api_key)::text,
    (SELECT count(*) FROM platform.outbox WHERE name = 'identity.StaffRecoveryBegun')"""


@pytest.fixture
async def shop(shop_settings: Settings) -> AsyncIterator[Context]:
    """A shop with somebody who governs others, and room for those who wait."""
    async with acting(shop_settings.model_copy(update={"write_connections": 12})) as context:
        whole = replace(context, catalogue=CATALOGUE | {*HELD})
        async with transaction(whole) as inner:
            await service.create_role(inner, code="lead", name="Lead", permissions=HELD)
            await service.create_role(inner, code="clerk", name="Clerk", permissions=["products.read"])
            await service.create_role(inner, code="chief", name="Chief", permissions=["products.manage"])
        yield whole


async def in_turn(context: Context, first: Verb, *then: tuple[Context, Verb]) -> list[BaseException | None]:
    """What becomes of these, each in a transaction of its own that waits until the first one has committed."""
    tasks: list[asyncio.Task[None]] = []
    async with transaction(context) as inner:
        await first(inner)
        for own, verb in then:
            tasks.append(asyncio.create_task(_done(own, verb)))
            while (await rows(context, BLOCKED))[0][0] < len(tasks):
                assert not any(task.done() for task in tasks)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def _done(context: Context, verb: Verb) -> None:
    async with transaction(context) as inner:
        await verb(inner)


def _attempts(own: Person, other: Person, role_id: UUID, key_id: UUID) -> list[Verb]:
    """What somebody tries who is about to lose all that he may."""
    return [
        lambda c: service.set_staff_active(c, staff_id=own.id, is_active=True),
        lambda c: service.set_staff_roles(c, staff_id=own.id, roles=["lead"]),
        lambda c: service.set_staff_roles(c, staff_id=other.id, roles=["lead"]),
        lambda c: service.update_role(c, role_id=role_id, permissions=HELD),
        lambda c: service.delete_role(c, role_id=role_id),
        lambda c: service.create_role(c, code="sly", name="Sly", permissions=HELD),
        lambda c: service.recover_staff(c, staff_id=other.id),
        lambda c: service.create_api_key(c, name="Mine", permissions=["products.read"]),
        lambda c: service.rotate_api_key(c, api_key_id=key_id),
    ]


@pytest.mark.parametrize("is_deactivated", [False, True])
async def test_nobody_gives_what_was_taken_from_him_while_he_waited(shop: Context, *, is_deactivated: bool) -> None:
    own, other = await a_staff_member(shop, "lead"), await a_staff_member(shop)
    async with transaction(shop) as inner:
        spare = await service.create_role(inner, code="spare", name="Spare", permissions=["products.read"])
        key = (await service.create_api_key(inner, name="Sync", permissions=["products.read"])).id
    expected: list[tuple[Any, ...]] = []

    async def take(context: Context) -> None:
        if is_deactivated:
            await service.set_staff_active(context, staff_id=own.id, is_active=False)
        else:
            await service.set_staff_roles(context, staff_id=own.id, roles=[])
        found = await context.db.exec_driver_sql(GIVEN)
        expected.append(tuple(found.one()))

    caller = as_staff(shop, own, *HELD)
    outcomes = await in_turn(shop, take, *((caller, verb) for verb in _attempts(own, other, spare, key)))
    refused = NotSignedIn if is_deactivated else PermissionMissing
    assert [type(each) for each in outcomes] == [refused] * 9
    assert await rows(shop, GIVEN) == expected
    with pytest.raises(refused):
        await service.create_staff(caller, email="mine@example.com", name="Mine", roles=["lead"])


async def test_nobody_governs_whoever_was_given_more_while_he_waited(shop: Context) -> None:
    own, other = await a_staff_member(shop, "lead"), await a_staff_member(shop, "clerk")
    verbs: list[Verb] = [
        lambda c: service.update_staff(c, staff_id=other.id, email="mine@example.com"),
        lambda c: service.recover_staff(c, staff_id=other.id),
        lambda c: service.set_staff_roles(c, staff_id=other.id, roles=[]),
    ]

    async def give(context: Context) -> None:
        await service.set_staff_roles(context, staff_id=other.id, roles=["chief"])

    caller = as_staff(shop, own, *HELD)
    outcomes = await in_turn(shop, give, *((caller, verb) for verb in verbs))
    assert [type(each) for each in outcomes] == [PermissionsLacking] * 3
    held = "SELECT r.code FROM identity.staff_role s JOIN identity.role r ON r.id = s.role_id WHERE staff_id = :id"
    assert await rows(shop, held, id=other.id) == [("chief",)]
    kept = "SELECT email FROM identity.staff WHERE id = :id"
    assert await rows(shop, kept, id=other.id) == [(other.email,)]
