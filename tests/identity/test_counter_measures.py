"""What shuts others out ends the changes of address that they began, and what was mailed."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.identity.apps import with_app
from tests.identity.mailed import mailed, mailed_of_change
from tests.identity.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Person,
    a_customer,
    a_staff_member,
    acting,
    another_session,
    as_customer,
    rows,
)
from tests.identity.test_lock_order import in_order

from mercer.identity import service
from mercer.identity.errors import TokenUnusable
from mercer.identity.models import TokenPurpose
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

WANTED = "thief@example.org"
EMAIL = "SELECT email FROM identity.customer WHERE id = :id"


@pytest.fixture
async def roomy(shop_settings: Settings) -> AsyncIterator[Context]:
    async with acting(shop_settings.model_copy(update={"write_connections": 8})) as context:
        yield context


async def _confirm(context: Context, token: str) -> None:
    async with transaction(context) as inner:
        await service.confirm_email_change(inner, token=token)


async def _end_others(context: Context, person: Person) -> None:
    async with transaction(as_customer(context, person)) as inner:
        await service.revoke_other_sessions(inner)


async def _end_all(context: Context, person: Person) -> None:
    async with transaction(context) as inner:
        await service.end_customer_sessions(inner, customer_id=person.id)


async def _block_for_a_moment(context: Context, person: Person) -> None:
    for verb in (service.block_customer, service.unblock_customer):
        async with transaction(context) as inner:
            await verb(inner, customer_id=person.id)


async def _change_password(context: Context, person: Person) -> None:
    await service.change_password(as_customer(context, person), current=PASSWORD, new=OTHER_PASSWORD)


async def _add_app(context: Context, person: Person) -> None:
    await with_app(context, person)


COUNTER_MEASURES = [_change_password, _end_others, _end_all, _block_for_a_moment, _add_app]


@pytest.mark.parametrize("counter", COUNTER_MEASURES, ids=lambda verb: verb.__name__)
async def test_what_shuts_others_out_ends_their_change(
    context: Context, counter: Callable[[Context, Person], Awaitable[None]]
) -> None:
    """Though the mail was written only after it."""
    person = await a_customer(context)
    thief = as_customer(context, await another_session(context, person))
    await service.request_email_change(thief, email=WANTED)
    await counter(context, person)
    token = await mailed_of_change(context, person, TokenPurpose.CHANGE_EMAIL)
    with pytest.raises(TokenUnusable):
        await _confirm(context, token)
    assert await rows(context, EMAIL, id=person.id) == [(person.email,)]


async def test_whose_session_has_ended_asks_for_nothing(roomy: Context) -> None:
    """Though his request was let in before: it waits for the account, and the password is changed first."""
    person = await a_customer(roomy)
    thief = await another_session(roomy, person)
    outcomes = await in_order(
        roomy,
        person,
        _end_others(roomy, person),
        service.request_email_change(as_customer(roomy, thief), email=WANTED),
    )
    assert outcomes == ["NoneType", "SessionUnknown"]
    assert await rows(roomy, "SELECT count(*) FROM identity.email_change") == [(0,)]


async def test_a_change_asked_for_before_is_ended_by_whoever_waits_for_it(roomy: Context) -> None:
    person = await a_customer(roomy)
    thief = await another_session(roomy, person)
    asking = service.request_email_change(as_customer(roomy, thief), email=WANTED)
    assert await in_order(roomy, person, asking, _end_others(roomy, person)) == ["str", "NoneType"]
    assert await rows(roomy, "SELECT ended_at IS NOT NULL FROM identity.email_change") == [(True,)]


@pytest.mark.parametrize("purpose", [TokenPurpose.ACCEPT_INVITATION, TokenPurpose.RECOVER_STAFF])
async def test_no_token_outlives_that_a_member_of_staff_was_not_active(context: Context, purpose: TokenPurpose) -> None:
    person = await a_staff_member(context)
    token = await mailed(context, person, purpose)
    for is_active in (False, True):
        async with transaction(context) as inner:
            await service.set_staff_active(inner, staff_id=person.id, is_active=is_active)
    before = await rows(context, "SELECT password_hash FROM identity.staff WHERE id = :id", id=person.id)
    with pytest.raises(TokenUnusable):
        await service.set_staff_password(context, token=token, password=OTHER_PASSWORD)
    assert await rows(context, "SELECT password_hash FROM identity.staff WHERE id = :id", id=person.id) == before
