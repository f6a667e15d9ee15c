"""People whom a test may block, demote or sign out: its own, each with an address of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

import httpx2
import sqlalchemy as sa
from tests.callers import Caller
from tests.factories.shop import NOW

from mercer.identity import service
from mercer.identity.models import Audience, TokenPurpose
from mercer.identity.tables import customer
from mercer.platform.actors import SYSTEM, Actor, ActorKind, Origin
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction
from mercer.platform.valkey import Valkey

PASSWORD = "mild otters swim at dawn"
OTHER_PASSWORD = "four quiet lamps in fog"
CATALOGUE = frozenset({"products.read", "products.manage", "roles.manage", "roles.read", "staff.manage", "staff.read"})

_numbers = count()


@dataclass(frozen=True)
class Person:
    """Somebody with an account, and one open session."""

    id: UUID
    email: str
    token: str
    session_id: UUID

    def at(self, http: httpx2.AsyncClient) -> Caller:
        """Him, calling the API that his token is for."""
        path = "/shop/graphql" if self.token.startswith("mercer_shop_") else "/admin/graphql"
        return Caller(http, path, {"Authorization": f"Bearer {self.token}"})


@asynccontextmanager
async def acting(settings: Settings, *, now: datetime = NOW, actor: Actor = SYSTEM) -> AsyncIterator[Context]:
    """A context outside of any transaction, as a request has one."""
    assert settings.database_url is not None
    assert settings.valkey_url is not None
    database, valkey = Database(settings, url=settings.database_url), Valkey(settings.valkey_url)
    await database.open()
    try:
        yield Context(
            settings, database, now, actor=actor, origin=Origin(ip="192.0.2.7"), valkey=valkey, catalogue=CATALOGUE
        )
    finally:
        await valkey.close()
        await database.close()


def as_staff(context: Context, person: Person, *permissions: str) -> Context:
    """The context as this member of staff has it, with these permissions."""
    held = frozenset(permissions)
    actor = Actor(kind=ActorKind.STAFF, id=person.id, session_id=person.session_id, permissions=held)
    return replace(context, actor=actor)


def as_customer(context: Context, person: Person) -> Context:
    """The context as this customer has it."""
    return replace(context, actor=Actor(kind=ActorKind.CUSTOMER, id=person.id, session_id=person.session_id))


async def a_customer(context: Context, *, name: str = "Ada", is_verified: bool = True, email: str = "") -> Person:
    email = email or f"customer{next(_numbers)}@example.com"
    await service.register_customer(context, email=email, password=PASSWORD, name=name, language="en")
    async with transaction(context) as inner:
        found = sa.select(customer.c.id).where(customer.c.email_key == email.casefold())
        id = (await inner.db.scalars(found)).one()
        if is_verified:
            token = await service.issue_token(inner, customer_id=id, purpose=TokenPurpose.VERIFY_EMAIL)
            await service.verify_customer(inner, token=token)
        return await _with_session(inner, Audience.SHOP, id, email)


async def a_staff_member(context: Context, *roles: str, email: str = "") -> Person:
    email = email or f"staff{next(_numbers)}@example.com"
    id = await service.create_staff(context, email=email, name="Grace", password=PASSWORD, roles=roles)
    async with transaction(context) as inner:
        return await _with_session(inner, Audience.ADMIN, id, email)


async def another_session(context: Context, person: Person) -> Person:
    """The same person, signed in a second time."""
    audience = Audience.SHOP if person.token.startswith("mercer_shop_") else Audience.ADMIN
    async with transaction(context) as inner:
        return await _with_session(inner, audience, person.id, person.email)


async def _with_session(context: Context, audience: Audience, id: UUID, email: str) -> Person:
    opened = await service.open_session(context, audience=audience, owner_id=id)
    return Person(id, email, opened.token, opened.id)


async def rows(context: Context, sql: str, **values: Any) -> Sequence[tuple[Any, ...]]:
    """What a statement finds, once all is committed."""
    async with context.database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(sa.text(sql), values)]


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    """The status of a refused request, and why it was refused."""
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]
