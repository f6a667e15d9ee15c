"""Devices that are known: few of an account, and none after its credentials changed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from tests.identity.mailed import mailed, mailed_of_change
from tests.identity.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Person,
    a_customer,
    a_staff_member,
    another_session,
    as_customer,
    rows,
)

from mercer.identity import service
from mercer.identity.models import Audience, OpenedSession, TokenPurpose
from mercer.identity.service.known_devices import is_known_device
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

COUNT = "SELECT count(*) FROM identity.known_device"
NEW = "new@example.org"


async def _device(context: Context, email: str, audience: Audience = Audience.SHOP, shown: str | None = None) -> str:
    opened = await service.sign_in(context, audience=audience, email=email, password=PASSWORD, device=shown)
    assert isinstance(opened, OpenedSession)
    assert opened.device_token is not None
    return opened.device_token


async def _is_known(context: Context, email: str, token: str, audience: Audience = Audience.SHOP) -> bool:
    async with transaction(context) as inner:
        return await is_known_device(inner, audience=audience, account=email, token=token)


async def _reset(context: Context, person: Person) -> None:
    token = await mailed(context, person, TokenPurpose.RESET_PASSWORD)
    await service.reset_password(context, token=token, password=OTHER_PASSWORD)


async def _change(context: Context, person: Person) -> None:
    asking = as_customer(context, await another_session(context, person))
    await service.change_password(asking, current=PASSWORD, new=OTHER_PASSWORD)


async def _move(context: Context, person: Person) -> None:
    asking = as_customer(context, await another_session(context, person))
    await service.request_email_change(asking, email=NEW)
    token = await mailed_of_change(context, person, TokenPurpose.CHANGE_EMAIL)
    async with transaction(context) as inner:
        await service.confirm_email_change(inner, token=token)


@pytest.mark.parametrize("change", [_reset, _change, _move], ids=lambda verb: verb.__name__)
async def test_none_is_known_after_credentials_changed(
    context: Context, change: Callable[[Context, Person], Awaitable[None]]
) -> None:
    person, other = await a_customer(context), await a_customer(context)
    device, others = await _device(context, person.email), await _device(context, other.email)
    assert await _is_known(context, person.email, device)
    await change(context, person)
    assert not await _is_known(context, person.email, device)
    assert await _is_known(context, other.email, others)


async def test_none_is_known_after_a_change_was_undone(context: Context) -> None:
    person = await a_customer(context)
    await _move(context, person)
    device = await _device(context, NEW)
    token = await mailed_of_change(context, person, TokenPurpose.UNDO_EMAIL_CHANGE)
    async with transaction(context) as inner:
        await service.undo_email_change(inner, token=token)
    assert not await _is_known(context, NEW, device)


@pytest.mark.parametrize("way", ["password", "address"])
async def test_none_of_staffs_is_known_after_credentials_changed(context: Context, way: str) -> None:
    person = await a_staff_member(context)
    device = await _device(context, person.email, Audience.ADMIN)
    if way == "password":
        token = await mailed(context, person, TokenPurpose.RECOVER_STAFF)
        await service.set_staff_password(context, token=token, password=OTHER_PASSWORD)
    else:
        async with transaction(context) as inner:
            await service.update_staff(inner, staff_id=person.id, email=NEW)
    assert not await _is_known(context, person.email, device, Audience.ADMIN)


async def test_a_device_that_is_shown_is_replaced(context: Context) -> None:
    person = await a_customer(context)
    first = await _device(context, person.email)
    second = await _device(context, person.email, shown=first)
    assert [await _is_known(context, person.email, each) for each in (first, second)] == [False, True]
    assert await rows(context, COUNT) == [(1,)]


async def test_ten_are_known_of_an_account(context: Context) -> None:
    person, other = await a_customer(context), await a_customer(context)
    others = await _device(context, other.email)
    devices = [
        await _device(replace(context, now=context.now.replace(minute=number)), person.email) for number in range(11)
    ]
    known = [await _is_known(context, person.email, each) for each in devices]
    assert known == [False] + [True] * 10
    assert await _is_known(context, other.email, others)
