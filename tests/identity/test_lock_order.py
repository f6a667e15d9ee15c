"""What one account's owner does at once: the account's row is locked before its counts and tokens, by everybody."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from tests.identity.people import OTHER_PASSWORD, PASSWORD, Person, a_customer, acting, rows

from mercer.identity import service
from mercer.identity.models import Audience, TokenPurpose
from mercer.platform.context import Context
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

BLOCKED = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@pytest.fixture
async def roomy(shop_settings: Settings) -> AsyncIterator[Context]:
    async with acting(shop_settings.model_copy(update={"write_connections": 8})) as context:
        yield context


@asynccontextmanager
async def held(context: Context, person: Person) -> AsyncIterator[None]:
    """A customer's row, locked by somebody else."""
    async with context.database.transaction() as connection:
        await connection.execute(
            sa.text("SELECT FROM identity.customer WHERE id = :id FOR UPDATE"), {"id": str(person.id)}
        )
        yield


async def in_order(context: Context, person: Person, *doings: Awaitable[Any]) -> list[str]:
    """What becomes of these, each begun once the one before waits for the customer's row."""
    async with held(context, person):
        tasks = []
        for doing in doings:
            tasks.append(asyncio.ensure_future(doing))
            while (await rows(context, BLOCKED))[0][0] < len(tasks):
                assert not any(task.done() for task in tasks)
    return [type(each).__name__ for each in await asyncio.gather(*tasks, return_exceptions=True)]


async def a_token(context: Context, person: Person, purpose: TokenPurpose) -> str:
    async with transaction(context) as inner:
        return await service.issue_token(inner, customer_id=person.id, purpose=purpose)


async def test_a_reset_and_a_sign_in(roomy: Context) -> None:
    person = await a_customer(roomy)
    token = await a_token(roomy, person, TokenPurpose.RESET_PASSWORD)
    outcomes = await in_order(
        roomy,
        person,
        service.reset_password(roomy, token=token, password=OTHER_PASSWORD),
        service.sign_in(roomy, audience=Audience.SHOP, email=person.email, password=PASSWORD),
    )
    assert outcomes == ["int", "CredentialsWrong"]


async def test_two_resets(roomy: Context) -> None:
    person = await a_customer(roomy)
    tokens = [await a_token(roomy, person, TokenPurpose.RESET_PASSWORD) for _ in range(2)]
    resets = [service.reset_password(roomy, token=token, password=OTHER_PASSWORD) for token in tokens]
    assert await in_order(roomy, person, *resets) == ["int", "TokenUnusable"]
